import KernelInterface

/// Turns a graph into a plan: chooses layouts, makes views of what needs no computing, and places buffers.
struct Planner {
  let graph: Graph
  let kernels: any KernelSet.Type
  let budget: MemoryBudget

  var entries: [Plan.Entry] = []
  var buffers: [ArenaLayout.Request] = []
  /// Where each value lies as a row-major tensor, once something needs it so.
  var plain: [Place?]

  static func plan(
    _ graph: Graph, kernels: any KernelSet.Type, budget: MemoryBudget
  ) throws(NetworkError) -> Plan {
    var planner = Planner(graph: graph, kernels: kernels, budget: budget)
    return try planner.make()
  }

  private init(graph: Graph, kernels: any KernelSet.Type, budget: MemoryBudget) {
    self.graph = graph
    self.kernels = kernels
    self.budget = budget
    plain = graph.values.map { $0.constant.map(Place.constant) }
  }

  private mutating func make() throws(NetworkError) -> Plan {
    var inputs: [BufferID] = []
    for input in graph.inputs {
      let buffer = addBuffer(bytes: graph.values[input].type.bytes)
      inputs.append(buffer)
      plain[input] = .buffer(buffer, byteOffset: 0)
    }
    for node in graph.nodes { try plan(node) }
    var outputs: [Place] = []
    for output in graph.outputs { outputs.append(plainPlace(output.value)) }
    // Inputs keep their contents from run to run, outputs until the next run.
    let end = entries.count
    for buffer in inputs { buffers[buffer].lifetime = 0...end }
    for case .buffer(let buffer, _) in outputs { touch(buffer, end) }
    guard let layout = ArenaLayout(buffers) else {
      throw .tooLarge(what: "the arena", bytes: Int.max, limit: budget.limit)
    }
    guard layout.bytes <= budget.limit else {
      throw .tooLarge(what: "the arena", bytes: layout.bytes, limit: budget.limit)
    }
    return Plan(
      entries: entries, offsets: layout.offsets, arenaBytes: layout.bytes,
      scratchBytes: entries.map(\.step.scratchBytes).max() ?? 0, inputs: inputs, outputs: outputs,
      outputTypes: graph.outputs.map { graph.values[$0.value].type }, parameterCount: parameterCount)
  }

  /// Floats in the constants that the nodes read.
  private var parameterCount: Int {
    var seen: Set<ValueID> = []
    var count = 0
    for node in graph.nodes {
      for input in node.inputs where seen.insert(input).inserted {
        if let constant = graph.constant(input), constant.type.element == .float32 { count += constant.count }
      }
    }
    return count
  }

  // MARK: Buffers

  mutating func addBuffer(bytes: Int) -> BufferID {
    buffers.append(ArenaLayout.Request(bytes: bytes, lifetime: entries.count...entries.count))
    return buffers.count - 1
  }

  mutating func touch(_ buffer: BufferID, _ step: Int) {
    let life = buffers[buffer].lifetime
    buffers[buffer].lifetime = min(life.lowerBound, step)...max(life.upperBound, step)
  }

  mutating func touch(_ place: Place) {
    if case .buffer(let buffer, _) = place { touch(buffer, entries.count) }
  }

  // MARK: Plain nodes

  private mutating func plan(_ node: Graph.Node) throws(NetworkError) {
    let type = graph.values[node.output].type
    if node.operation is Reshape {
      plain[node.output] = plainPlace(node.inputs[0])
      return
    }
    let inputs = node.inputs.map { (place: plainPlace($0), type: graph.values[$0].type) }
    let output = Place.buffer(addBuffer(bytes: type.bytes), byteOffset: 0)
    plain[node.output] = output
    add(
      PlainStep(operation: node.operation, inputs: inputs, output: output, outputType: type), node, inputs: inputs.map(\.place),
      output: output, note: "plain")
  }

  /// Where the value lies as a row-major tensor.
  mutating func plainPlace(_ value: ValueID) -> Place {
    if let place = plain[value] { return place }
    preconditionFailure("a value is read before it is made")
  }

  mutating func add(_ step: any Step, _ node: Graph.Node, inputs: [Place], output: Place, note: String) {
    for place in inputs { touch(place) }
    touch(output)
    let bytes = node.inputs.reduce(graph.values[node.output].type.bytes) { $0 + graph.values[$1].type.bytes }
    entries.append(
      Plan.Entry(
        step: step, name: node.name, operatorType: node.operation.title, shape: graph.shape(node.output),
        multiplyAdds: multiplyAdds(node), bytes: bytes, note: note))
  }

  private func multiplyAdds(_ node: Graph.Node) -> Int {
    switch node.operation {
    case let convolution as Convolution:
      let x = graph.shape(node.inputs[0])
      return convolution.multiplyAdds(batch: x[0], channels: x[1], outputs: graph.shape(node.output)[1])
    case let product as MatrixProduct:
      return [product.starts.count, product.rows, product.columns, product.depth]
        .reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    default: return 0
    }
  }
}
