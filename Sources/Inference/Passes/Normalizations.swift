import KernelInterface

/// Folds scales and shifts of a convolution's output, batch normalisation above all, into its weights.
func foldNormalizations(_ graph: inout Graph, budget: MemoryBudget) {
  let context = GraphContext(graph)
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let x = node.inputs.first, context.isUsedOnce(x),
      let (convolution, maker) = context.operation(x, in: graph, as: Convolution.self),
      convolution.activation.isNone, !convolution.hasResidual,
      let weights = graph.constant(maker.inputs[1]), let values = weights.floats
    else { continue }
    let outputs = weights.shape[0]
    let (factors, offsets): ([Float], [Float])
    switch node.operation {
    case let affine as ChannelAffine: (factors, offsets) = (affine.factors, affine.offsets)
    case let elementwise as Elementwise:
      guard case .affine(let scale, let shift) = elementwise.function else { continue }
      (factors, offsets) = ([Float](repeating: scale, count: outputs), [Float](repeating: shift, count: outputs))
    default: continue
    }
    var bias = [Float](repeating: 0, count: outputs)
    if convolution.hasBias {
      guard let old = graph.constant(maker.inputs[2])?.floats else { continue }
      bias = old
    }
    guard budget.takes(weights.type.bytes + 4 * outputs) else { return }
    let each = values.count / outputs
    let scaled = values.indices.map { values[$0] * factors[$0 / each] }
    for m in 0..<outputs { bias[m] = bias[m] * factors[m] + offsets[m] }
    var folded = convolution
    folded.hasBias = true
    graph.nodes[index].operation = folded
    graph.nodes[index].inputs = [
      maker.inputs[0], graph.addConstant(maker.name + ".weights", Tensor(floats: scaled, shape: weights.shape)),
      graph.addConstant(maker.name + ".bias", Tensor(floats: bias, shape: [outputs])),
    ]
  }
}

/// Lets convolutions pad with zeros themselves.
func foldPadding(_ graph: inout Graph, _: MemoryBudget) {
  let context = GraphContext(graph)
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard var convolution = node.operation as? Convolution,
      let (pad, maker) = context.operation(node.inputs[0], in: graph, as: Pad.self), pad.value == 0,
      (pad.before + pad.after).allSatisfy({ (0...1024).contains($0) }),
      pad.before[..<2].allSatisfy({ $0 == 0 }), pad.after[..<2].allSatisfy({ $0 == 0 })
    else { continue }
    for axis in convolution.window.kernel.indices {
      convolution.window.before[axis] += pad.before[axis + 2]
      convolution.window.after[axis] += pad.after[axis + 2]
    }
    convolution.window.input = Array(graph.shape(maker.inputs[0])[2...])
    graph.nodes[index].operation = convolution
    graph.nodes[index].inputs[0] = maker.inputs[0]
  }
}
