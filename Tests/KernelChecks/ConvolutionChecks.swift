import KernelInterface

func checkPointwise(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(1)
  var worst: Float = 0
  for inputs in awkwardChannels {
    for outputs in awkwardChannels {
      let pixels = [1, 2, 5, 7, 12, 13, 25, 49, 169, 700][random.integer(0...9)]
      let arrangement = RandomView.Arrangement.allCases[random.integer(0...3)]
      guard pixels < 500 || inputs == 116 else { continue }
      worst = Swift.max(worst, pointwise(kernels, inputs, outputs, pixels, arrangement, &random))
    }
  }
  return worst
}

private func pointwise(
  _ kernels: any KernelSet.Type, _ inputs: Int, _ outputs: Int, _ pixels: Int, _ arrangement: RandomView.Arrangement,
  _ random: inout Seeded
) -> Float {
  let view = RandomView(channels: inputs, pixels: pixels, arrangement, &random)
  let weights = random.values(inputs * outputs, scale: 1 / Float(inputs).squareRoot())
  let tail = RandomEpilogue(channels: outputs, pixels: pixels, &random)

  func run(_ set: any KernelSet.Type, _ cuts: (PackedWeights) -> [(Range<Int>, Range<Int>)]) -> BlockedResult? {
    let packed = PackedWeights(
      convolution: weights, outputs: outputs, inputs: inputs, kernelHeight: 1, kernelWidth: 1, for: set)
    let bias = PackedWeights.paddedBias(tail.bias, columns: outputs, for: set)
    let result = BlockedResult(channels: outputs, plane: pixels)
    for (pixelRange, panels) in cuts(packed) {
      set.pointwise(
        PointwiseWork(
          pixels: pixelRange, panels: panels, outputChannels: outputs, base: view.memory.constant, runs: view.runs,
          runCount: view.runs.count, inputChannels: inputs, weights: packed.pointer,
          epilogue: tail.epilogue(bias: bias), output: result.memory.start, outputPlane: pixels))
      if cuts(packed).count == 1,
        !result.isUntouched(outside: pixelRange, blocks: blocks(ofPanels: panels, packed))
      {
        return nil
      }
    }
    withExtendedLifetime((packed, bias, tail)) {}
    return result
  }

  let (pixelParts, seed) = (parts(0..<pixels, &random), random)
  return compare(
    whole: run(kernels) { [(0..<pixels, 0..<$0.panelCount)] },
    inParts: run(kernels) { packed in
      var random = seed
      let panelParts = parts(0..<packed.panelCount, &random)
      return pixelParts.flatMap { pixels in panelParts.map { (pixels, $0) } }
    },
    onePart: run(kernels) { [(pixelParts[0], $0.panelCount - 1..<$0.panelCount)] },
    reference: run(ReferenceKernels.self) { [(0..<pixels, 0..<$0.panelCount)] })
}

/// The difference from the reference; infinite if parts differ from the whole, or if a part wrote elsewhere.
func compare(
  whole: BlockedResult?, inParts: BlockedResult?, onePart: BlockedResult?, reference: BlockedResult?
) -> Float {
  guard let whole, let inParts, onePart != nil, let reference else { return .infinity }
  guard zip(whole.values, inParts.values).allSatisfy({ $0.bitPattern == $1.bitPattern }) else { return .infinity }
  return difference(whole.values, reference.values)
}

/// Windows that networks have, and some that they hardly have.
func geometries(_ height: Int, _ width: Int) -> [WindowGeometry] {
  func window(_ kernel: (Int, Int), _ stride: Int, _ pad: (Int, Int, Int, Int), dilation: Int = 1) -> WindowGeometry? {
    let fits =
      height + pad.0 + pad.2 > (kernel.0 - 1) * dilation && width + pad.1 + pad.3 > (kernel.1 - 1) * dilation
    guard fits else { return nil }
    return WindowGeometry(
      inputHeight: height, inputWidth: width, kernelHeight: kernel.0, kernelWidth: kernel.1, strideY: stride,
      strideX: stride, dilationY: dilation, dilationX: dilation, padTop: pad.0, padLeft: pad.1, padBottom: pad.2,
      padRight: pad.3)
  }
  return [
    window((3, 3), 1, (1, 1, 1, 1)), window((3, 3), 2, (1, 1, 1, 1)), window((3, 3), 2, (0, 0, 1, 1)),
    window((5, 5), 1, (2, 2, 2, 2)), window((5, 5), 2, (2, 2, 2, 2)), window((5, 5), 2, (1, 2, 2, 3)),
    window((3, 3), 1, (0, 0, 0, 0)), window((3, 3), 1, (2, 2, 2, 2), dilation: 2), window((1, 1), 2, (0, 0, 0, 0)),
    window((7, 7), 3, (3, 3, 3, 3)), window((1, 5), 1, (0, 2, 0, 2)), window((4, 2), 2, (1, 0, 2, 1)),
    window((6, 6), 2, (2, 2, 2, 2)), window((3, 3), 1, (4, 0, 0, 4)),
  ].compactMap { $0 }
}

let maps = [(1, 1), (1, 7), (5, 3), (13, 13), (9, 26)]

func checkDense(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(2)
  var worst: Float = 0
  for (height, width) in maps {
    for geometry in geometries(height, width) {
      let inputs = [1, 3, 12, 16, 17, 33][random.integer(0...5)]
      let outputs = [1, 7, 16, 24, 33][random.integer(0...4)]
      worst = Swift.max(worst, dense(kernels, geometry, inputs, outputs, &random))
    }
  }
  return worst
}

private func dense(
  _ kernels: any KernelSet.Type, _ g: WindowGeometry, _ inputs: Int, _ outputs: Int, _ random: inout Seeded
) -> Float {
  let view = RandomView(
    channels: inputs, pixels: g.inputPixels, RandomView.Arrangement.allCases[random.integer(0...3)], &random)
  let weights = random.values(g.taps * inputs * outputs, scale: 1 / Float(g.taps * inputs).squareRoot())
  let tail = RandomEpilogue(channels: outputs, pixels: g.outputPixels, &random)
  let bandRows = random.integer(1...3)
  let scratch = Memory(DenseWork.scratchCount(g, inputChannels: inputs, bandRows: bandRows), .nan)

  func run(_ set: any KernelSet.Type, _ cuts: (PackedWeights) -> [(Range<Int>, Range<Int>)]) -> BlockedResult? {
    let packed = PackedWeights(
      convolution: weights, outputs: outputs, inputs: inputs, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth,
      for: set)
    let bias = PackedWeights.paddedBias(tail.bias, columns: outputs, for: set)
    let result = BlockedResult(channels: outputs, plane: g.outputPixels)
    for (rows, panels) in cuts(packed) {
      set.dense(
        DenseWork(
          geometry: g, rows: rows, panels: panels, outputChannels: outputs, base: view.memory.constant,
          runs: view.runs, runCount: view.runs.count, inputChannels: inputs, weights: packed.pointer,
          epilogue: tail.epilogue(bias: bias), output: result.memory.start, outputPlane: g.outputPixels,
          scratch: scratch.start, bandRows: bandRows))
      let pixels = rows.lowerBound * g.outputWidth..<rows.upperBound * g.outputWidth
      guard scratch.guardsAreWhole else { return nil }
      if cuts(packed).count == 1, !result.isUntouched(outside: pixels, blocks: blocks(ofPanels: panels, packed)) {
        return nil
      }
    }
    withExtendedLifetime((packed, bias, tail)) {}
    return result
  }

  let (rowParts, seed) = (parts(0..<g.outputHeight, &random), random)
  return compare(
    whole: run(kernels) { [(0..<g.outputHeight, 0..<$0.panelCount)] },
    inParts: run(kernels) { packed in
      var random = seed
      let panelParts = parts(0..<packed.panelCount, &random)
      return rowParts.flatMap { rows in panelParts.map { (rows, $0) } }
    },
    onePart: run(kernels) { [(rowParts[0], $0.panelCount - 1..<$0.panelCount)] },
    reference: run(ReferenceKernels.self) { [(0..<g.outputHeight, 0..<$0.panelCount)] })
}

func checkPlanes(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(3)
  var worst: Float = 0
  for (height, width) in maps + [(31, 45)] {
    for g in geometries(height, width) {
      let (inputs, outputs) = (random.integer(1...4), [1, 8, 16, 24, 33][random.integer(0...4)])
      let input = Memory(random.values(inputs * g.inputPixels))
      let weights = random.values(g.taps * inputs * outputs, scale: 1 / Float(g.taps * inputs).squareRoot())
      let tail = RandomEpilogue(channels: outputs, pixels: g.outputPixels, &random)
      let bandRows = random.integer(1...3)
      let scratch = Memory(PlanesWork.scratchCount(g, inputPlanes: inputs, bandRows: bandRows), .nan)
      func run(_ set: any KernelSet.Type, _ cuts: [Range<Int>]) -> BlockedResult? {
        let packed = PackedWeights(
          planes: weights, outputs: outputs, inputs: inputs, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth,
          for: set)
        let bias = PackedWeights.paddedBias(tail.bias, columns: outputs, for: set)
        let result = BlockedResult(channels: outputs, plane: g.outputPixels)
        for rows in cuts {
          set.planesConvolution(
            PlanesWork(
              geometry: g, rows: rows, panels: 0..<packed.panelCount, outputChannels: outputs, input: input.constant,
              inputPlanes: inputs, weights: packed.pointer, epilogue: tail.epilogue(bias: bias),
              output: result.memory.start, outputPlane: g.outputPixels, scratch: scratch.start, bandRows: bandRows))
          let pixels = rows.lowerBound * g.outputWidth..<rows.upperBound * g.outputWidth
          let blocks = 0..<(outputs + 15) / 16
          guard scratch.guardsAreWhole else { return nil }
          if cuts.count == 1, !result.isUntouched(outside: pixels, blocks: blocks) { return nil }
        }
        withExtendedLifetime((packed, bias, tail)) {}
        return result
      }
      let rowParts = parts(0..<g.outputHeight, &random)
      worst = Swift.max(
        worst,
        compare(
          whole: run(kernels, [0..<g.outputHeight]), inParts: run(kernels, rowParts),
          onePart: run(kernels, [rowParts[0]]), reference: run(ReferenceKernels.self, [0..<g.outputHeight])))
    }
  }
  return worst
}

func checkDepthwise(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(4)
  var worst: Float = 0
  for (height, width) in maps + [(2, 2), (3, 4), (4, 5), (4, 6), (8, 8), (3, 9), (6, 12), (5, 17)] {
    for g in geometries(height, width) {
      let channels = awkwardChannels[random.integer(0...8)]
      let view = RandomView(
        channels: channels, pixels: g.inputPixels, random.integer(0...1) == 0 ? .dense : .aligned, &random)
      let weights = packDepthwise(
        random.values(channels * g.taps, scale: 1 / Float(g.taps).squareRoot()), channels: channels,
        kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth)
      let tail = RandomEpilogue(channels: channels, pixels: g.outputPixels, &random)
      let blocks = 0..<(channels + 15) / 16
      func run(_ set: any KernelSet.Type, _ cuts: [(Range<Int>, Range<Int>)]) -> BlockedResult? {
        let bias = PackedWeights.paddedBias(tail.bias, columns: channels, for: set)
        let result = BlockedResult(channels: channels, plane: g.outputPixels)
        for (rows, blocks) in cuts {
          set.depthwise(
            DepthwiseWork(
              geometry: g, rows: rows, blocks: blocks, channels: channels, base: view.memory.constant,
              blockOffsets: view.blockOffsets, weights: weights.pointer, epilogue: tail.epilogue(bias: bias),
              output: result.memory.start, outputPlane: g.outputPixels))
          let pixels = rows.lowerBound * g.outputWidth..<rows.upperBound * g.outputWidth
          if cuts.count == 1, !result.isUntouched(outside: pixels, blocks: blocks) { return nil }
        }
        withExtendedLifetime((bias, tail)) {}
        return result
      }
      let (rowParts, blockParts) = (parts(0..<g.outputHeight, &random), parts(blocks, &random))
      worst = Swift.max(
        worst,
        compare(
          whole: run(kernels, [(0..<g.outputHeight, blocks)]),
          inParts: run(kernels, rowParts.flatMap { rows in blockParts.map { (rows, $0) } }),
          onePart: run(kernels, [(rowParts[0], blockParts[0])]),
          reference: run(ReferenceKernels.self, [(0..<g.outputHeight, blocks)])))
    }
  }
  return worst
}

func checkMultiply(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(5)
  var worst: Float = 0
  for rows in [1, 2, 5, 7, 13, 25] {
    for columns in [1, 3, 8, 15, 17, 31, 40] {
      let depth = [1, 2, 7, 64, 100][random.integer(0...4)]
      let (aStride, outputStride) = (depth + random.integer(0...3), columns + random.integer(0...3))
      let a = Memory(random.values(rows * aStride))
      let (b, biasValues) = (
        random.values(depth * columns, scale: 1 / Float(depth).squareRoot()), random.values(columns)
      )
      let activation = activations[random.integer(0...activations.count - 1)]
      func run(_ set: any KernelSet.Type, _ cuts: [Range<Int>]) -> [Float]? {
        let packed = PackedWeights(depth: depth, columns: columns, for: set) { b[$0 * columns + $1] }
        let bias = PackedWeights.paddedBias(biasValues, columns: columns, for: set)
        let output = Memory(rows * outputStride)
        for rows in cuts {
          for panel in 0..<packed.panelCount {
            set.multiply(
              MatrixWork(
                rows: rows, panels: panel..<panel + 1, columns: columns, depth: depth, a: a.constant, aStride: aStride,
                weights: packed.pointer, bias: bias.pointer, activation: activation, output: output.start,
                outputStride: outputStride))
          }
        }
        withExtendedLifetime((packed, bias)) {}
        let outside = (0..<output.count).filter { $0 % outputStride >= columns }
        guard output.guardsAreWhole, outside.allSatisfy({ output.start[$0] == Memory.untouched }) else { return nil }
        return output.values
      }
      guard let whole = run(kernels, [0..<rows]), let inParts = run(kernels, parts(0..<rows, &random)),
        let reference = run(ReferenceKernels.self, [0..<rows]), whole == inParts
      else { return .infinity }
      let isTrue = (0..<reference.count).map { $0 % outputStride < columns }
      worst = Swift.max(
        worst,
        difference(zip(whole, isTrue).map { $1 ? $0 : 0 }, zip(reference, isTrue).map { $1 ? $0 : 0 }))
    }
  }
  return worst
}
