/// Folds YOLOX's focus into the convolution behind it.
///
/// Four slices with step 2, joined along the channels, then k × k: the same as 2k × 2k with twice the step on the picture itself.
func foldFocus(_ graph: inout Graph, budget: MemoryBudget) {
  let context = GraphContext(graph)
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let convolution = node.operation as? Convolution, convolution.group == 1,
      convolution.window.kernel.count == 2, convolution.window.dilations == [1, 1],
      let weights = graph.constant(node.inputs[1]), let values = weights.floats,
      let (concat, join) = context.operation(node.inputs[0], in: graph, as: Concat.self), concat.axis == 1,
      join.inputs.count == 4
    else { continue }
    var picture: ValueID?
    var corners: [(y: Int, x: Int)] = []
    for input in join.inputs {
      guard let (slice, maker) = context.operation(input, in: graph, as: Slice.self), slice.steps == [1, 1, 2, 2],
        slice.starts[..<2] == [0, 0], slice.starts[2...].allSatisfy({ (0...1).contains($0) }),
        slice.output[..<2] == slice.input[..<2], slice.input[2] == 2 * slice.output[2],
        slice.input[3] == 2 * slice.output[3], picture == nil || picture == maker.inputs[0]
      else { break }
      picture = maker.inputs[0]
      corners.append((slice.starts[2], slice.starts[3]))
    }
    guard let picture, corners.count == 4 else { continue }
    guard budget.takes(weights.type.bytes) else { return }
    let (outputs, inputs) = (weights.shape[0], graph.shape(picture)[1])
    let (height, width) = (weights.shape[2], weights.shape[3])
    var folded = [Float](repeating: 0, count: values.count)
    for m in 0..<outputs {
      for (part, corner) in corners.enumerated() {
        for c in 0..<inputs {
          for y in 0..<height {
            for x in 0..<width {
              let target = ((m * inputs + c) * 2 * height + 2 * y + corner.y) * 2 * width + 2 * x + corner.x
              folded[target] = values[((m * 4 * inputs + part * inputs + c) * height + y) * width + x]
            }
          }
        }
      }
    }
    // A corner that is there twice would overwrite the other.
    guard Set(corners.map { $0.y * 2 + $0.x }).count == 4 else { continue }
    var wide = convolution
    wide.window.kernel = [2 * height, 2 * width]
    wide.window.strides = convolution.window.strides.map { 2 * $0 }
    wide.window.before = convolution.window.before.map { 2 * $0 }
    wide.window.after = convolution.window.after.map { 2 * $0 }
    wide.window.input = Array(graph.shape(picture)[2...])
    graph.nodes[index].operation = wide
    graph.nodes[index].inputs[0] = picture
    graph.nodes[index].inputs[1] = graph.addConstant(
      node.name + ".weights", Tensor(floats: folded, shape: [outputs, inputs, 2 * height, 2 * width]))
  }
}
