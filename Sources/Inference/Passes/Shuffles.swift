/// Channels in another order, some perhaps left out or repeated: output channel `i` is input channel `order[i]`.
struct ChannelSelection: Operation {
  let order: [Int]
  var title: String { "ChannelShuffle" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let pixels = y.shape.dropFirst(2).reduce(1, *)
    let channels = x[0].shape[1]
    for n in 0..<y.shape[0] {
      for (i, channel) in order.enumerated() {
        (y[Float.self] + (n * order.count + i) * pixels)
          .update(from: x[0][Float.self] + (n * channels + channel) * pixels, count: pixels)
      }
    }
  }
}

/// Recognises channel shuffles: Reshape to `[n, a, b, h, w]`, Transpose of a and b, Reshape back.
func recogniseShuffles(_ graph: inout Graph, budget: MemoryBudget) {
  let context = GraphContext(graph)
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    let shape = graph.shape(node.output)
    guard node.operation is Reshape, shape.count == 4, graph.values[node.output].type.element == .float32,
      let (transpose, middle) = context.operation(node.inputs[0], in: graph, as: Transpose.self),
      transpose.order == [0, 2, 1, 3, 4],
      let (_, first) = context.operation(middle.inputs[0], in: graph, as: Reshape.self),
      graph.shape(first.inputs[0]) == shape
    else { continue }
    let split = graph.shape(first.output)
    guard split[0] == shape[0], split[3] == shape[2], split[4] == shape[3] else { continue }
    let (a, b) = (split[1], split[2])
    guard budget.takes(MemoryLayout<Int>.stride * a * b) else { return }
    graph.nodes[index].operation = ChannelSelection(order: (0..<a * b).map { $0 % a * b + $0 / a })
    graph.nodes[index].inputs = [first.inputs[0]]
  }
}
