/// Index of a value in `Graph.values`.
typealias ValueID = Int

/// A network as data: values and the nodes that make them, in an order in which each node follows what it reads.
///
/// Every value has one maker: a graph input, a constant or one node. Every node makes one value; ONNX nodes with several
/// outputs become several nodes. Shapes are known.
struct Graph: Sendable {
  struct Value: Sendable {
    var name: String
    var type: TensorType
    var constant: Tensor?
  }

  struct Node: Sendable {
    var name: String
    var operation: any Operation
    var inputs: [ValueID]
    var output: ValueID
  }

  var values: [Value] = []
  var nodes: [Node] = []
  var inputs: [ValueID] = []
  /// With the names under which the model publishes them: two outputs may be the same value.
  var outputs: [(name: String, value: ValueID)] = []

  mutating func addValue(_ name: String, _ type: TensorType, constant: Tensor? = nil) -> ValueID {
    values.append(Value(name: name, type: type, constant: constant))
    return values.count - 1
  }

  mutating func addConstant(_ name: String, _ tensor: Tensor) -> ValueID {
    addValue(name, tensor.type, constant: tensor)
  }

  func shape(_ value: ValueID) -> [Int] { values[value].type.shape }

  func constant(_ value: ValueID) -> Tensor? { values[value].constant }

  /// For each value, the indices of the nodes that read it, once for each reading.
  func readers() -> [[Int]] {
    var readers = [[Int]](repeating: [], count: values.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { readers[input].append(index) }
    }
    return readers
  }

  /// For each value, the index of the node that makes it, or nil.
  func makers() -> [Int?] {
    var makers = [Int?](repeating: nil, count: values.count)
    for (index, node) in nodes.enumerated() { makers[node.output] = index }
    return makers
  }

  /// Reads of each value, the graph's outputs included.
  func useCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: values.count)
    for node in nodes { for input in node.inputs { counts[input] += 1 } }
    for output in outputs { counts[output.value] += 1 }
    return counts
  }

  /// Drops nodes and constants that no output depends on.
  mutating func removeDeadNodes() {
    var needed = [Bool](repeating: false, count: values.count)
    for output in outputs { needed[output.value] = true }
    var kept: [Node] = []
    for node in nodes.reversed() where needed[node.output] {
      for input in node.inputs { needed[input] = true }
      kept.append(node)
    }
    nodes = kept.reversed()
    // Weights that were folded into others are not kept.
    for value in values.indices where !needed[value] { values[value].constant = nil }
  }

  /// Which of this type's promises is broken; nil for a sound graph.
  var brokenInvariant: String? {
    var made = Set(inputs)
    for (id, value) in values.enumerated() where value.constant != nil { made.insert(id) }
    for node in nodes {
      for input in node.inputs where !made.contains(input) { return "\(node.name) reads what is not made yet" }
      guard made.insert(node.output).inserted else { return "\(node.name) makes a value for the second time" }
    }
    for output in outputs where !made.contains(output.value) { return "nothing makes the output \(output.name)" }
    return nil
  }
}
