/// Makes a `Graph` of a decoded model: orders the nodes, infers every shape and folds what is constant, in one walk.
struct GraphBuilder {
  private var graph = Graph()
  private var names: [String: ValueID] = [:]
  private let initializers: InitializerReader
  private let file: ModelFile
  private let operatorSet: Int
  private let budget: MemoryBudget

  /// Results larger than this are computed at run time, even where all inputs are constant.
  private static let foldingLimit = 64 << 20

  static func graph(
    of file: ModelFile, inputShapes: [String: [Int]], budget: MemoryBudget
  ) throws(NetworkError) -> Graph {
    var builder = try GraphBuilder(file, budget)
    try builder.addInitializers()
    try builder.addInputs(inputShapes)
    for node in try builder.sortedNodes() { try builder.add(node.proto, name: node.name) }
    try builder.addOutputs()
    builder.graph.removeDeadNodes()
    return builder.graph
  }

  private init(_ file: ModelFile, _ budget: MemoryBudget) throws(NetworkError) {
    self.file = file
    self.budget = budget
    operatorSet = try file.operatorSet
    initializers = InitializerReader(folder: file.folder, budget: budget)
  }

  private mutating func addInitializers() throws(NetworkError) {
    guard file.model.graph.sparseInitializer.isEmpty else {
      throw .malformed(reason: "it has sparse initialisers, which are not supported")
    }
    for proto in file.model.graph.initializer {
      guard names[proto.name] == nil, !proto.name.isEmpty else {
        throw .malformed(reason: "the initialiser '\(proto.name)' is there twice or has no name")
      }
      names[proto.name] = graph.addConstant(proto.name, try initializers.read(proto))
    }
  }

  private mutating func addInputs(_ shapes: [String: [Int]]) throws(NetworkError) {
    var unknown = Set(shapes.keys)
    let initialised = Set(names.keys)
    for proto in file.model.graph.input {
      unknown.remove(proto.name)
      // Before IR version 4 initialisers were listed as inputs too.
      if initialised.contains(proto.name) { continue }
      guard names[proto.name] == nil, !proto.name.isEmpty else {
        throw .malformed(reason: "the input '\(proto.name)' is there twice or has no name")
      }
      guard case .tensorType(let tensor) = proto.type.value, let element = ElementType(tensor.elemType) else {
        throw .input(name: proto.name, reason: "it is not a tensor of a supported element type")
      }
      let shape = try inputShape(proto.name, tensor, override: shapes[proto.name])
      guard let type = TensorType(element, shape), type.bytes <= budget.limit else {
        throw .input(name: proto.name, reason: "its shape \(shape) is negative or too large")
      }
      let value = graph.addValue(proto.name, type)
      names[proto.name] = value
      graph.inputs.append(value)
    }
    if let name = unknown.min() { throw .input(name: name, reason: "the model has no such input") }
  }

  private func inputShape(
    _ name: String, _ tensor: Onnx_TypeProto.Tensor, override: [Int]?
  ) throws(NetworkError) -> [Int] {
    if let override {
      guard !tensor.hasShape || tensor.shape.dim.count == override.count else {
        throw .input(
          name: name, reason: "it has \(tensor.shape.dim.count) dimensions and the given shape \(override.count)")
      }
      return override
    }
    guard tensor.hasShape else { throw .input(name: name, reason: "its shape is unknown; give it with inputShapes") }
    var shape: [Int] = []
    for (index, side) in tensor.shape.dim.enumerated() {
      switch side.value {
      case .dimValue(let value): shape.append(Int(value))
      case .dimParam(let label):
        throw .input(name: name, reason: "dimension \(index) ('\(label)') is open; give its shape with inputShapes")
      case nil: throw .input(name: name, reason: "dimension \(index) is open; give its shape with inputShapes")
      }
    }
    return shape
  }

  /// The nodes in an order in which each follows what it reads, with names for messages.
  private func sortedNodes() throws(NetworkError) -> [(proto: Onnx_NodeProto, name: String)] {
    let nodes = file.model.graph.node
    func title(_ index: Int) -> String {
      if !nodes[index].name.isEmpty { return nodes[index].name }
      return nodes[index].output.first(where: { !$0.isEmpty }) ?? "number \(index)"
    }
    var maker: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.output where !output.isEmpty {
        guard names[output] == nil, maker.updateValue(index, forKey: output) == nil else {
          throw .malformed(reason: "the value '\(output)' is made twice")
        }
      }
    }
    var waitsFor = [Int](repeating: 0, count: nodes.count)
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.input where !input.isEmpty && names[input] == nil {
        guard let source = maker[input] else {
          throw .malformed(
            reason:
              "the node \(title(index)) (\(node.opType)) reads '\(input)', which neither a node, an input nor an initialiser makes"
          )
        }
        waitsFor[index] += 1
        readers[source].append(index)
      }
    }
    // The model's own order where it is right: the next ready node is the one that comes first.
    var order: [Int] = []
    var ready = nodes.indices.filter { waitsFor[$0] == 0 }
    var next = 0
    while next < ready.count {
      let index = ready[next]
      next += 1
      order.append(index)
      for reader in readers[index] {
        waitsFor[reader] -= 1
        if waitsFor[reader] == 0 { ready.append(reader) }
      }
    }
    guard order.count == nodes.count else {
      let index = waitsFor.firstIndex { $0 > 0 }!
      throw .malformed(reason: "the node \(title(index)) (\(nodes[index].opType)) is part of a cycle")
    }
    if isInOrder(nodes, maker) { order = Array(nodes.indices) }
    return order.map { (nodes[$0], title($0)) }
  }

  private func isInOrder(_ nodes: [Onnx_NodeProto], _ maker: [String: Int]) -> Bool {
    for (index, node) in nodes.enumerated() {
      for input in node.input { if let source = maker[input], source >= index { return false } }
    }
    return true
  }

  private mutating func add(_ proto: Onnx_NodeProto, name: String) throws(NetworkError) {
    guard isStandardDomain(proto.domain), let load = operatorLoaders[proto.opType] else {
      let domain = isStandardDomain(proto.domain) ? "" : " of domain \(proto.domain)"
      throw .unsupported(node: name, operatorType: proto.opType, reason: "the operator \(proto.opType)\(domain)")
    }
    var inputs: [InputInfo?] = []
    for input in proto.input {
      guard !input.isEmpty else {
        inputs.append(nil)
        continue
      }
      let value = names[input]!
      inputs.append(InputInfo(value: value, type: graph.values[value].type, constant: graph.values[value].constant))
    }
    let reader = try NodeReader(
      proto, name: name, operatorSet: operatorSet, inputs: inputs, initializers: initializers)
    let results = try load(reader)
    try reader.finish()
    guard results.count >= proto.output.lastIndex(where: { !$0.isEmpty }).map({ $0 + 1 }) ?? 0 else {
      throw .unsupported(node: name, operatorType: proto.opType, reason: "output \(results.count)")
    }
    for (output, result) in zip(proto.output, results) where !output.isEmpty {
      names[output] = try value(result, output: output, node: name, operatorType: proto.opType)
    }
  }

  private mutating func value(
    _ result: NodeResult, output: String, node: String, operatorType: String
  ) throws(NetworkError) -> ValueID {
    switch result {
    case .alias(let value): return value
    case .constant(let tensor): return graph.addConstant(output, tensor)
    case .computed(let operation, let inputs, let type):
      let constants = inputs.compactMap { graph.values[$0].constant }
      if constants.count == inputs.count, type.bytes <= Self.foldingLimit {
        try budget.take(type.bytes, for: "constants up to \(output)")
        let result = Tensor(type) { output in
          withExtendedLifetime(constants) { operation.run(constants.map(\.view), output) }
        }
        return graph.addConstant(output, result)
      }
      let value = graph.addValue(output, type)
      graph.nodes.append(Graph.Node(name: node, operation: operation, inputs: inputs, output: value))
      return value
    }
  }

  private mutating func addOutputs() throws(NetworkError) {
    for proto in file.model.graph.output {
      guard let value = names[proto.name] else {
        throw .malformed(reason: "nothing makes the output '\(proto.name)'")
      }
      graph.outputs.append((proto.name, value))
    }
    guard !graph.outputs.isEmpty else { throw .malformed(reason: "it has no outputs") }
  }
}
