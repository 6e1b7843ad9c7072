import KernelInterface

extension Planner {
  /// Plans a node on blocked tensors, or as a view of such; false where it must be, or had better be, row-major.
  mutating func planBlocked(_ node: Graph.Node) throws(NetworkError) -> Bool {
    guard isMap(node.output), node.inputs.allSatisfy({ graph.values[$0].type.element == .float32 }) else {
      return false
    }
    switch node.operation {
    case let convolution as Convolution: return try planConvolution(node, convolution)
    case let concat as Concat:
      guard concat.axis == 1, node.inputs.allSatisfy(isMap), node.inputs.contains(where: { blocked[$0] != nil }) else {
        return false
      }
      let shape = graph.shape(node.output)
      var joined = View(height: shape[2], width: shape[3])
      for input in node.inputs { joined.append(view(input)) }
      try setPart(node, joined)
      return true
    case let slice as Slice:
      guard let view = blocked[node.inputs[0]], let (axis, range) = slice.singleAxis, axis == 1 else { return false }
      try setPart(node, view.channels(range))
      return true
    case let selection as ChannelSelection:
      guard let view = blocked[node.inputs[0]] else { return false }
      try setPart(node, view.selecting(selection.order))
      return true
    case let elementwise as Elementwise:
      guard blocked[node.inputs[0]] != nil else { return false }
      planActivation(node, elementwise.function)
      return true
    case let affine as ChannelAffine:
      guard blocked[node.inputs[0]] != nil else { return false }
      planAffine(node, affine)
      return true
    case let binary as Binary: return planBinary(node, binary)
    case let pool as Pool: return planPool(node, pool)
    case let pool as GlobalPool: return planGlobalPool(node, pool)
    case let resample as Resample: return planResample(node, resample)
    default: return false
    }
  }

  /// Lists of channels stay small.
  private static var maximumChannels: Int { 1 << 16 }

  /// Sets a view of other values' buffers.
  private mutating func setPart(_ node: Graph.Node, _ view: View) throws(NetworkError) {
    try budget.take(MemoryLayout<View.Piece>.stride * view.pieces.count, for: "the view \(node.name)")
    setView(node.output, view)
  }

  /// Whether the value is of the form that can be blocked: floats `[1, c, h, w]`, not empty.
  private func isMap(_ value: ValueID) -> Bool {
    let type = graph.values[value].type
    return type.element == .float32 && type.shape.count == 4 && type.shape[0] == 1 && type.count > 0
      && type.shape[1] <= Self.maximumChannels
  }

  /// Where the results of a step on whole blocks go: over its input, if that is spent, or to a buffer of their own. Sets the
  /// output's view.
  private mutating func sameBlocks(
    _ node: Graph.Node, _ input: View, height: Int, width: Int, inPlace: Bool
  ) -> (from: [View.Block], to: [View.Block]) {
    let (blocks, slots) = input.blocks()
    if inPlace, isSpent(input) {
      setView(node.output, input)
      return (blocks, blocks)
    }
    let buffer = addBuffer(bytes: 64 * blocks.count * height * width)
    var view = View(height: height, width: width)
    for slot in slots { view.append(View.Piece(buffer: buffer, slot: slot, count: 1)) }
    setView(node.output, view)
    return (blocks, blocks.indices.map { View.Block(buffer: buffer, index: $0) })
  }

  private mutating func planActivation(_ node: Graph.Node, _ function: ElementwiseFunction) {
    let input = compact(node.inputs[0])
    let (from, to) = sameBlocks(node, input, height: input.height, width: input.width, inPlace: true)
    let step = ActivationStep(kernels: kernels, function: function, pixels: input.pixels, blocks: Array(zip(from, to)))
    add(step, node, touching: (from + to).map(\.buffer), note: from == to ? "blocked, in place" : "blocked")
  }

  private mutating func planAffine(_ node: Graph.Node, _ affine: ChannelAffine) {
    let input = compact(node.inputs[0])
    let slots = input.blocks().slots
    let (from, to) = sameBlocks(node, input, height: input.height, width: input.width, inPlace: true)
    func perSlot(_ values: [Float]) -> AlignedFloats {
      AlignedFloats(count: from.count * 16) { target in
        for (channel, slot) in slots.enumerated() { target[slot] = values[channel] }
      }
    }
    let product = BinaryStep(
      kernels: kernels, operation: .multiply, pixels: input.pixels, first: from,
      second: .perChannel(perSlot(affine.factors)), output: to)
    add(product, node, touching: (from + to).map(\.buffer), note: "blocked, scale")
    let sum = BinaryStep(
      kernels: kernels, operation: .add, pixels: input.pixels, first: to,
      second: .perChannel(perSlot(affine.offsets)), output: to)
    add(sum, node, touching: to.map(\.buffer), note: "blocked, shift")
  }

  private mutating func planBinary(_ node: Graph.Node, _ binary: Binary) -> Bool {
    let shape = graph.shape(node.output)
    let (a, b) = (node.inputs[0], node.inputs[1])
    let operation: BinaryOperation
    let reversed: BinaryOperation
    switch binary.function {
    case .add: (operation, reversed) = (.add, .add)
    case .subtract: (operation, reversed) = (.subtract, .subtractFrom)
    case .multiply: (operation, reversed) = (.multiply, .multiply)
    case .divide: (operation, reversed) = (.divide, .divideInto)
    case .minimum: (operation, reversed) = (.minimum, .minimum)
    case .maximum: (operation, reversed) = (.maximum, .maximum)
    default: return false
    }
    if graph.shape(a) == shape, graph.shape(b) == shape, graph.constant(a) == nil, graph.constant(b) == nil {
      guard blocked[a] != nil || blocked[b] != nil else { return false }
      var (first, second) = (compact(a), compact(b))
      if first.blocks().slots != second.blocks().slots {
        if !first.isAligned { first = gathered(first, a) }
        if !second.isAligned { second = gathered(second, b) }
      }
      let other = second.blocks().blocks
      // Over the first, unless a block of it is the second's under another number.
      let place = Dictionary(uniqueKeysWithValues: zip(first.blocks().blocks, 0...))
      let inPlace = other.indices.allSatisfy { place[other[$0]] == nil || place[other[$0]] == $0 }
      let (from, to) = sameBlocks(node, first, height: first.height, width: first.width, inPlace: inPlace)
      let step = BinaryStep(
        kernels: kernels, operation: operation, pixels: first.pixels, first: from, second: .equal(other), output: to)
      add(step, node, touching: (from + to + other).map(\.buffer), note: from == to ? "blocked, in place" : "blocked")
      return true
    }
    for (map, gate, operation) in [(a, b, operation), (b, a, reversed)] {
      guard blocked[map] != nil, graph.shape(map) == shape, graph.constant(gate) == nil,
        graph.shape(gate) == [1, shape[1], 1, 1]
      else { continue }
      var input = compact(map)
      var factors = view(gate)
      if !input.isAligned { input = gathered(input, map) }
      if !factors.isAligned { factors = gathered(factors, gate) }
      let (from, to) = sameBlocks(node, input, height: input.height, width: input.width, inPlace: true)
      let gates = factors.blocks().blocks
      let step = BinaryStep(
        kernels: kernels, operation: operation, pixels: input.pixels, first: from, second: .gate(gates), output: to)
      add(step, node, touching: (from + to + gates).map(\.buffer), note: from == to ? "blocked, in place" : "blocked")
      return true
    }
    return planConstantOperand(node, [(a, b, operation), (b, a, reversed)])
  }

  /// A map and a constant for each channel or for all.
  private mutating func planConstantOperand(
    _ node: Graph.Node, _ orders: [(map: ValueID, constant: ValueID, operation: BinaryOperation)]
  ) -> Bool {
    let shape = graph.shape(node.output)
    for (map, constant, operation) in orders {
      guard blocked[map] != nil, graph.shape(map) == shape, let values = graph.perChannel(constant, like: shape) else {
        continue
      }
      let input = compact(map)
      let slots = input.blocks().slots
      let (from, to) = sameBlocks(node, input, height: input.height, width: input.width, inPlace: true)
      let second: BinaryStep.Second =
        graph.scalar(constant).map { .scalar($0) }
        ?? .perChannel(
          AlignedFloats(count: from.count * 16) { target in
            for (channel, slot) in slots.enumerated() { target[slot] = values[channel] }
          })
      let step = BinaryStep(
        kernels: kernels, operation: operation, pixels: input.pixels, first: from, second: second, output: to)
      add(step, node, touching: (from + to).map(\.buffer), note: from == to ? "blocked, in place" : "blocked")
      return true
    }
    return false
  }

  private mutating func planPool(_ node: Graph.Node, _ pool: Pool) -> Bool {
    guard blocked[node.inputs[0]] != nil, let geometry = WindowGeometry(pool.window) else { return false }
    let input = compact(node.inputs[0])
    let (from, to) = sameBlocks(
      node, input, height: geometry.outputHeight, width: geometry.outputWidth, inPlace: false)
    let step = PoolStep(kernels: kernels, pooling: pool.pooling, geometry: geometry, blocks: from, output: to[0].buffer)
    add(step, node, touching: (from + to).map(\.buffer), note: "blocked")
    return true
  }

  private mutating func planGlobalPool(_ node: Graph.Node, _ pool: GlobalPool) -> Bool {
    guard blocked[node.inputs[0]] != nil else { return false }
    let input = compact(node.inputs[0])
    let (from, to) = sameBlocks(node, input, height: 1, width: 1, inPlace: false)
    let step = GlobalPoolStep(
      kernels: kernels, pooling: pool.pooling, pixels: input.pixels, blocks: from, output: to[0].buffer)
    add(step, node, touching: (from + to).map(\.buffer), note: "blocked")
    return true
  }

  private mutating func planResample(_ node: Graph.Node, _ resample: Resample) -> Bool {
    guard blocked[node.inputs[0]] != nil, resample.axes[0].isIdentity(1),
      resample.axes[1].isIdentity(resample.input[1]), let vertical = ResizeStep.Axis(resample.axes[2]),
      let horizontal = ResizeStep.Axis(resample.axes[3])
    else { return false }
    let input = compact(node.inputs[0])
    let (from, to) = sameBlocks(
      node, input, height: vertical.first.count, width: horizontal.first.count, inPlace: false)
    let step = ResizeStep(
      kernels: kernels, isLinear: !resample.isNearest, inputHeight: input.height, inputWidth: input.width,
      vertical: vertical, horizontal: horizontal, blocks: from, output: to[0].buffer)
    add(
      step, node, touching: (from + to).map(\.buffer), note: resample.isNearest ? "blocked, nearest" : "blocked, linear"
    )
    return true
  }
}

extension ResizeStep.Axis {
  /// Nil where an output has more than two taps, or taps whose weights do not add up to 1, or none.
  fileprivate init?(_ axis: Resample.Axis) {
    guard axis.taps <= 2, axis.outside.isEmpty else { return nil }
    first = (0..<axis.count).map { axis.indices[$0 * axis.taps] }
    second = (0..<axis.count).map { axis.indices[$0 * axis.taps + axis.taps - 1] }
    weight = (0..<axis.count).map { axis.taps == 1 ? 0 : axis.weights[$0 * 2 + 1] }
    if axis.taps == 2 {
      guard (0..<axis.count).allSatisfy({ abs(axis.weights[$0 * 2] + axis.weights[$0 * 2 + 1] - 1) < 1e-6 }) else {
        return nil
      }
    }
  }
}

extension WindowGeometry {
  /// The kernels' form of a window on two axes; nil for others, and for sizes that no network has.
  init?(_ window: Window) {
    guard window.kernel.count == 2 else { return nil }
    for axis in 0..<2 {
      let reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1
      guard reach <= 4096, window.strides[axis] <= 4096, window.before[axis] <= 4096, window.after[axis] <= 4096,
        window.input[axis] > 0, window.input[axis] <= 1 << 20, window.output[axis] > 0,
        window.input[axis] + window.before[axis] + window.after[axis] >= reach
      else { return nil }
    }
    self.init(
      inputHeight: window.input[0], inputWidth: window.input[1], kernelHeight: window.kernel[0],
      kernelWidth: window.kernel[1], strideY: window.strides[0], strideX: window.strides[1],
      dilationY: window.dilations[0], dilationX: window.dilations[1], padTop: window.before[0],
      padLeft: window.before[1], padBottom: window.after[0], padRight: window.after[1])
    outputHeight = window.output[0]
    outputWidth = window.output[1]
  }
}
