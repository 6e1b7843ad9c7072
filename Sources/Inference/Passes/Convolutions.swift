import KernelInterface

/// Cuts a convolution whose output is only read in parts, one of them by an activation, into one for each part.
func splitConvolutions(_ graph: inout Graph, budget: MemoryBudget) {
  let readers = graph.readers()
  let published = Set(graph.outputs.map(\.value))
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let convolution = node.operation as? Convolution, convolution.group == 1, !convolution.hasResidual,
      !published.contains(node.output), readers[node.output].count > 1,
      let weights = graph.constant(node.inputs[1]), let values = weights.floats
    else { continue }
    let bias = convolution.hasBias ? graph.constant(node.inputs[2])?.floats : []
    let slices = readers[node.output].compactMap { reader -> (node: Int, range: Range<Int>)? in
      guard let (axis, range) = (graph.nodes[reader].operation as? Slice)?.singleAxis, axis == 1 else { return nil }
      return (reader, range)
    }.sorted { $0.range.lowerBound < $1.range.lowerBound }
    guard let bias, slices.count == readers[node.output].count,
      zip(slices, slices.dropFirst()).allSatisfy({ $0.range.upperBound <= $1.range.lowerBound }),
      slices.contains(where: { slice in
        readers[graph.nodes[slice.node].output].contains { graph.nodes[$0].operation is Elementwise }
      })
    else { continue }
    guard budget.takes(weights.type.bytes + 4 * bias.count) else { return }
    let each = values.count / weights.shape[0]
    for slice in slices {
      let part = Tensor(
        floats: Array(values[slice.range.lowerBound * each..<slice.range.upperBound * each]),
        shape: [slice.range.count] + weights.shape[1...])
      graph.nodes[slice.node].operation = convolution
      graph.nodes[slice.node].inputs = [node.inputs[0], graph.addConstant(node.name + ".weights", part)]
      if convolution.hasBias {
        let part = Tensor(floats: Array(bias[slice.range]), shape: [slice.range.count])
        graph.nodes[slice.node].inputs.append(graph.addConstant(node.name + ".bias", part))
      }
    }
  }
}

/// Lets convolutions add a residual and apply the activation behind them while their sums are at hand.
func fuseConvolutions(_ graph: inout Graph, _: MemoryBudget) {
  let context = GraphContext(graph)
  let positions = graph.makers()
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    switch node.operation {
    case let elementwise as Elementwise:
      guard let activation = elementwise.function.activation, context.isUsedOnce(node.inputs[0]),
        let (convolution, maker) = context.operation(node.inputs[0], in: graph, as: Convolution.self),
        convolution.activation.isNone, !convolution.addsAfterActivation
      else { break }
      var fused = convolution
      fused.activation = activation
      graph.nodes[index].operation = fused
      graph.nodes[index].inputs = maker.inputs
      graph.nodes[index].name = maker.name
    case let binary as Binary where binary.function == .add && binary.element == .float32:
      let (a, b) = (node.inputs[0], node.inputs[1])
      guard a != b, graph.shape(a) == graph.shape(b) else { break }
      // The later of the two: its residual is certainly there.
      let later = (positions[a] ?? -1) > (positions[b] ?? -1) ? (a, b) : (b, a)
      for (value, residual) in [later, (later.1, later.0)] {
        guard context.isUsedOnce(value),
          let (convolution, maker) = context.operation(value, in: graph, as: Convolution.self),
          !convolution.hasResidual, graph.constant(residual) == nil
        else { continue }
        var fused = convolution
        fused.hasResidual = true
        fused.addsAfterActivation = !convolution.activation.isNone
        graph.nodes[index].operation = fused
        graph.nodes[index].inputs = maker.inputs + [residual]
        graph.nodes[index].name = maker.name
        break
      }
    default: break
    }
  }
}
