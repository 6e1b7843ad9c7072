import KernelInterface

extension Planner {
  /// Plans a convolution on blocked tensors; false where its form has no kernel.
  mutating func planConvolution(_ node: Graph.Node, _ convolution: Convolution) throws(NetworkError) -> Bool {
    guard let geometry = WindowGeometry(convolution.window), let weights = graph.constant(node.inputs[1]),
      let values = weights.floats, graph.constant(node.inputs[0]) == nil
    else { return false }
    var bias: [Float]?
    if convolution.hasBias {
      guard let floats = graph.constant(node.inputs[2])?.floats else { return false }
      bias = floats
    }
    let (channels, outputs) = (graph.shape(node.inputs[0])[1], weights.shape[0])
    let group = convolution.group
    let isDepthwise = group > 1 && group == channels && outputs == channels
    guard group == 1 || isDepthwise || group <= 16 && !convolution.hasResidual else { return false }
    // A small product of a tensor that is row-major anyway is not worth two changes of layout.
    if blocked[node.inputs[0]] == nil, channels > 4 || geometry.taps == 1,
      convolution.multiplyAdds(batch: 1, channels: channels, outputs: outputs) < 4 * (channels + outputs)
        * geometry.outputPixels
    {
      return false
    }
    try budget.take(4 * (values.count / outputs + 2) * (outputs + 31), for: "packed weights of \(node.name)")
    if isDepthwise {
      planDepthwise(node, convolution, geometry, values, bias)
    } else if group == 1 {
      guard scratchFits(geometry, channels) else { return false }
      let input: Input
      if blocked[node.inputs[0]] == nil, channels <= 4, let place = plain[node.inputs[0]] {
        input = .planes(place, graph.values[node.inputs[0]].type)
      } else {
        input = .view(view(node.inputs[0]))
      }
      setView(node.output, planOne(node, convolution, geometry, input, values, bias, outputs))
    } else {
      // Each group is a convolution of its own, from a part of the input's view to a buffer of its own.
      let (inputs, each) = (channels / group, outputs / group)
      guard scratchFits(geometry, inputs) else { return false }
      let whole = view(node.inputs[0])
      var joined = View(height: geometry.outputHeight, width: geometry.outputWidth)
      for g in 0..<group {
        let part = values.count / group
        joined.append(
          planOne(
            node, convolution, geometry, .view(whole.channels(g * inputs..<(g + 1) * inputs)),
            Array(values[g * part..<(g + 1) * part]), bias.map { Array($0[g * each..<(g + 1) * each]) }, each))
      }
      setView(node.output, joined)
    }
    return true
  }

  private enum Input {
    case view(View)
    case planes(Place, TensorType)
  }

  /// Whether a padded band of the input is of a size that anyone would want.
  private func scratchFits(_ geometry: WindowGeometry, _ channels: Int) -> Bool {
    let (floats, overflow) = (geometry.paddedRows(1) * geometry.paddedWidth).multipliedReportingOverflow(
      by: channels + 15)
    return !overflow && floats <= budget.limit / 64
  }

  /// One dense convolution. Returns a view of its result.
  private mutating func planOne(
    _ node: Graph.Node, _ convolution: Convolution, _ geometry: WindowGeometry, _ input: Input, _ weights: [Float],
    _ bias: [Float]?, _ outputs: Int
  ) -> View {
    let (residual, buffer) = residualAndBuffer(node, convolution, outputs, geometry)
    let output = ConvolutionOutput(
      buffer: buffer, channels: outputs, height: geometry.outputHeight, width: geometry.outputWidth,
      bias: PackedWeights.paddedBias(bias, columns: outputs, for: kernels), activation: convolution.activation,
      residual: residual, addsAfterActivation: convolution.addsAfterActivation)
    let taps = geometry.taps
    let step: any Step
    var touched = [buffer] + (residual.map { [$0.buffer] } ?? [])
    var kind = "\(geometry.kernelHeight)×\(geometry.kernelWidth)"
    switch input {
    case .planes(let place, let type):
      let packed = PackedWeights(
        planes: weights, outputs: outputs, inputs: type.shape[1], kernelHeight: geometry.kernelHeight,
        kernelWidth: geometry.kernelWidth, for: kernels)
      step = PlanesStep(
        kernels: kernels, geometry: geometry, input: place, inputType: type, weights: packed, output: output)
      touched += place.buffers
      kind += " from planes"
    case .view(let view):
      // The order of a sum is free, so channels are read as they lie.
      let (sorted, order) = view.inMemoryOrder()
      let inputs = order.count
      let packed = PackedWeights(depth: taps * inputs, columns: outputs, for: kernels) { k, n in
        weights[(n * inputs + order[k % inputs]) * taps + k / inputs]
      }
      touched += sorted.buffers
      if taps == 1, geometry.strideX == 1, geometry.strideY == 1, geometry.outputPixels == geometry.inputPixels,
        geometry.padTop == 0, geometry.padLeft == 0
      {
        step = PointwiseStep(kernels: kernels, input: sorted, weights: packed, output: output)
      } else {
        step = DenseStep(kernels: kernels, geometry: geometry, input: sorted, weights: packed, output: output)
      }
      if sorted.pieces.count > 1 { kind += ", \(sorted.pieces.count) pieces" }
    }
    add(step, node, touching: touched, note: kind + note(convolution))
    return View(buffer: buffer, channels: outputs, height: geometry.outputHeight, width: geometry.outputWidth)
  }

  private mutating func planDepthwise(
    _ node: Graph.Node, _ convolution: Convolution, _ geometry: WindowGeometry, _ weights: [Float], _ bias: [Float]?
  ) {
    var input = compact(node.inputs[0])
    // A residual lies as the result does, so the result must be whole blocks in order.
    if convolution.hasResidual, !input.isAligned { input = gathered(input, node.inputs[0]) }
    let (blocks, slots) = input.blocks()
    let taps = geometry.taps
    let packed = AlignedFloats(count: blocks.count * taps * 16) { target in
      for (channel, slot) in slots.enumerated() {
        for tap in 0..<taps { target[(slot / 16 * taps + tap) * 16 + slot % 16] = weights[channel * taps + tap] }
      }
    }
    let shifts = AlignedFloats(count: max(blocks.count * 16, kernels.panelWidth)) { target in
      for (channel, slot) in slots.enumerated() { target[slot] = bias?[channel] ?? 0 }
    }
    let (residual, buffer) = residualAndBuffer(node, convolution, blocks.count * 16, geometry)
    let output = ConvolutionOutput(
      buffer: buffer, channels: blocks.count * 16, height: geometry.outputHeight, width: geometry.outputWidth,
      bias: shifts, activation: convolution.activation, residual: residual,
      addsAfterActivation: convolution.addsAfterActivation)
    let step = DepthwiseStep(kernels: kernels, geometry: geometry, blocks: blocks, weights: packed, output: output)
    add(
      step, node, touching: blocks.map(\.buffer) + [buffer] + (residual.map { [$0.buffer] } ?? []),
      note: "depthwise \(geometry.kernelHeight)×\(geometry.kernelWidth)" + note(convolution))
    var view = View(height: geometry.outputHeight, width: geometry.outputWidth)
    for slot in slots { view.append(View.Piece(buffer: buffer, slot: slot, count: 1)) }
    setView(node.output, view)
  }

  /// The residual's first block, and the buffer for the result: the residual's own where nobody else needs it any more.
  private mutating func residualAndBuffer(
    _ node: Graph.Node, _ convolution: Convolution, _ outputs: Int, _ geometry: WindowGeometry
  ) -> (View.Block?, BufferID) {
    let bytes = 4 * blockedCount(channels: outputs, pixels: geometry.outputPixels)
    guard convolution.hasResidual else { return (nil, addBuffer(bytes: bytes)) }
    let value = node.inputs[node.inputs.count - 1]
    let block = denseBlock(value)
    // What is added after the activation is read when the result is already stored.
    if !convolution.addsAfterActivation, block.index == 0, buffers[block.buffer].bytes == bytes,
      value != node.inputs[0],
      viewers[block.buffer].allSatisfy({ remaining[$0] == 0 }),
      blocked[node.inputs[0]]?.buffers.contains(block.buffer) != true
    {
      return (block, block.buffer)
    }
    return (block, addBuffer(bytes: bytes))
  }

  private func note(_ convolution: Convolution) -> String {
    var text = convolution.window.strides.contains { $0 != 1 } ? ", step \(convolution.window.strides[0])" : ""
    if convolution.hasResidual, !convolution.addsAfterActivation { text += " + residual" }
    if !convolution.activation.isNone { text += " + \(name(convolution.activation))" }
    if convolution.hasResidual, convolution.addsAfterActivation { text += " + residual" }
    return text
  }

  private func name(_ activation: Activation) -> String {
    switch activation.kind {
    case .linear where activation.alpha == 0: activation.high == .infinity ? "ReLU" : "clip"
    case .linear: "leaky ReLU"
    case .hardSigmoid: "hard sigmoid"
    case .hardSwish: "hard swish"
    case .sigmoid: "sigmoid"
    case .silu: "SiLU"
    case .exponential: "exp"
    }
  }
}
