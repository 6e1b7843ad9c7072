import KernelInterface

/// Makes sums and products with constants scales and shifts, averages over a map global pooling, and joins slices of slices.
func simplifyArithmetic(_ graph: inout Graph, _: MemoryBudget) {
  let context = GraphContext(graph)
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    switch node.operation {
    case let binary as Binary where binary.element == .float32:
      if let (operation, input) = affine(binary.function, node, graph) {
        graph.nodes[index].operation = operation
        graph.nodes[index].inputs = [input]
      }
    case let reduction as Reduction
    where (reduction.kind == .mean || reduction.kind == .maximum) && reduction.axes.sorted() == [2, 3]:
      let (from, to) = (graph.values[node.inputs[0]].type, graph.values[node.output].type)
      if from.element == .float32, from.count > 0, from.shape.count == 4, to.shape.count == 4 {
        graph.nodes[index].operation = GlobalPool(pooling: reduction.kind == .mean ? .average : .maximum)
      }
    case let slice as Slice:
      guard let (inner, maker) = context.operation(node.inputs[0], in: graph, as: Slice.self) else { break }
      graph.nodes[index].operation = Slice(
        starts: slice.starts.indices.map { inner.starts[$0] + slice.starts[$0] * inner.steps[$0] },
        steps: slice.steps.indices.map { inner.steps[$0] * slice.steps[$0] }, input: inner.input, output: slice.output)
      graph.nodes[index].inputs = maker.inputs
    default: break
    }
  }
}

/// `x · scale + shift`, for each channel or for all, of an operation with a constant.
private func affine(
  _ function: BinaryFunction, _ node: Graph.Node, _ graph: Graph
) -> (any Operation, ValueID)? {
  let shape = graph.shape(node.output)
  for (x, other) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
    guard graph.constant(x) == nil, graph.shape(x) == shape else { continue }
    let isSecond = x == node.inputs[1]
    func parameters(_ value: Float) -> (scale: Float, shift: Float)? {
      switch function {
      case .add: (1, value)
      case .subtract: isSecond ? (-1, value) : (1, -value)
      case .multiply: (value, 0)
      case .divide: isSecond || value == 0 ? nil : (1 / value, 0)
      default: nil
      }
    }
    if let value = graph.scalar(other) {
      guard let (scale, shift) = parameters(value) else { return nil }
      return (Elementwise(function: .affine(scale: scale, shift: shift)), x)
    }
    if let values = graph.perChannel(other, like: shape) {
      let pairs = values.compactMap(parameters)
      guard pairs.count == values.count else { return nil }
      return (ChannelAffine(factors: pairs.map(\.scale), offsets: pairs.map(\.shift)), x)
    }
  }
  return nil
}
