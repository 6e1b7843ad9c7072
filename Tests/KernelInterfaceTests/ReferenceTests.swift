import KernelChecks
import KernelInterface
import Testing

/// The references by hand, since everything else is measured against them.
@Suite("References")
struct ReferenceTests {
  /// A dense blocked tensor from planes.
  private func blocked(_ planes: [[Float]]) -> Memory {
    let pixels = planes[0].count
    let memory = Memory(blockedCount(channels: planes.count, pixels: pixels), .nan)
    for (channel, plane) in planes.enumerated() {
      for (pixel, value) in plane.enumerated() {
        memory.start[blockedOffset(channel: channel, pixel: pixel, plane: pixels)] = value
      }
    }
    return memory
  }

  private let window = WindowGeometry(
    inputHeight: 3, inputWidth: 3, kernelHeight: 3, kernelWidth: 3, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)

  @Test("a 1×1 convolution of two channels")
  func pointwise() {
    let input = blocked([[1, 2], [3, 4]])
    let weights = PackedWeights(
      convolution: [10, 1, 0, -1], outputs: 2, inputs: 2, kernelHeight: 1, kernelWidth: 1, for: ReferenceKernels.self)
    let bias = PackedWeights.paddedBias([0.5, 0], columns: 2, for: ReferenceKernels.self)
    let output = BlockedResult(channels: 2, plane: 2)
    let runs = ChannelRun.dense(channels: 2, offset: 0, plane: 2)
    ReferenceKernels.pointwise(
      PointwiseWork(
        pixels: 0..<2, panels: 0..<2, outputChannels: 2, base: input.constant, runs: runs, runCount: 1,
        inputChannels: 2, weights: weights.pointer, epilogue: Epilogue(bias: bias.pointer, activation: .leakyRelu(0.5)),
        output: output.memory.start, outputPlane: 2))
    #expect(output.values == [13.5, 24.5, -1.5, -2])
  }

  @Test("a 3×3 convolution with zeros around, dense and from planes")
  func dense() {
    let values: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    let kernel: [Float] = [0, 1, 0, 0, 0, 0, 0, 0, 2]
    // The value above, and twice the one below on the right.
    let expected: [Float] = [10, 12, 0, 1 + 16, 2 + 18, 3, 4, 5, 6]
    let bias = PackedWeights.paddedBias(nil, columns: 1, for: ReferenceKernels.self)
    let input = blocked([values])
    let runs = ChannelRun.dense(channels: 1, offset: 0, plane: 9)
    let output = BlockedResult(channels: 1, plane: 9)
    let weights = PackedWeights(
      convolution: kernel, outputs: 1, inputs: 1, kernelHeight: 3, kernelWidth: 3, for: ReferenceKernels.self)
    ReferenceKernels.dense(
      DenseWork(
        geometry: window, rows: 0..<3, panels: 0..<1, outputChannels: 1, base: input.constant, runs: runs, runCount: 1,
        inputChannels: 1, weights: weights.pointer, epilogue: Epilogue(bias: bias.pointer), output: output.memory.start,
        outputPlane: 9, scratch: output.memory.start, bandRows: 1))
    #expect(output.values == expected)
    let plain = Memory(values)
    let second = BlockedResult(channels: 1, plane: 9)
    ReferenceKernels.planesConvolution(
      PlanesWork(
        geometry: window, rows: 0..<3, panels: 0..<1, outputChannels: 1, input: plain.constant, inputPlanes: 1,
        weights: weights.pointer, epilogue: Epilogue(bias: bias.pointer), output: second.memory.start, outputPlane: 9,
        scratch: second.memory.start, bandRows: 1))
    #expect(second.values == expected)
  }

  @Test("pooling counts what the model says it counts")
  func pooling() {
    let input = blocked([[1, 2, 3, 4, 5, 6, 7, 8, 9]])
    func pool(_ pooling: Pooling) -> [Float] {
      let output = BlockedResult(channels: 1, plane: 9)
      ReferenceKernels.pool(
        PoolWork(
          pooling: pooling, geometry: window, rows: 0..<3, blocks: 0..<1, channels: 1, base: input.constant,
          blockOffsets: [0], output: output.memory.start, outputPlane: 9))
      return output.values
    }
    #expect(pool(.maximum) == [5, 6, 6, 8, 9, 9, 8, 9, 9])
    #expect(pool(.average)[0] == 3)
    #expect(pool(.averageWithPadding)[0] == Float(12) / 9)
    #expect(pool(.average)[4] == 5)
  }

  @Test("activations at known points")
  func activations() {
    func value(_ x: Float, _ f: Activation) -> Float { ReferenceKernels.value(x, f) }
    #expect(value(-2, .none) == -2)
    #expect(value(-2, .relu) == 0)
    #expect(value(7, .relu6) == 6)
    #expect(value(-2, .leakyRelu(0.1)) == -0.2)
    #expect(value(3, .leakyRelu(0.1)) == 3)
    #expect([-3, 0, 3].map { value($0, .clip(-1, 2)) } == [-1, 0, 2])
    #expect([-3, 0, 3].map { value($0, .clip(-.infinity, 2)) } == [-3, 0, 2])
    #expect([-4, 0, 4].map { value($0, .hardSwish) } == [0, 0, 4])
    #expect([-4, 0, 4].map { value($0, .hardSigmoid()) } == [0, 0.5, 1])
    #expect(value(0, .sigmoid) == 0.5)
    #expect(value(-100, .sigmoid) < .leastNormalMagnitude)
    #expect(abs(value(1, .silu) - 0.731_058_6) < 1e-6)
    #expect(value(.nan, .relu6).isNaN)
    #expect(Activation.none.isNone && !Activation.relu.isNone && !Activation.silu.isNone)
  }
}

@Suite("Layouts")
struct LayoutTests {
  @Test("a view's runs never cross a block")
  func runs() {
    #expect(
      ChannelRun.dense(channels: 20, offset: 7, plane: 10)
        == [ChannelRun(offset: 7, count: 16), ChannelRun(offset: 167, count: 4)])
    #expect(blockedOffset(channel: 17, pixel: 3, plane: 10) == (10 + 3) * 16 + 1)
    #expect(blockedCount(channels: 17, pixels: 10) == 320)
  }

  @Test("panels hold depth after depth, and the last is as narrow as its vectors allow")
  func panels() {
    for level in Level.usable {
      let (vector, panel) = (level.kernels.vectorWidth, level.kernels.panelWidth)
      let columns = panel + 1
      let packed = PackedWeights(depth: 3, columns: columns, for: level.kernels) { Float($0 * 100 + $1 + 1) }
      #expect(packed.panelCount == 2)
      #expect(packed.values.count == (panel + vector) * 3)
      #expect(packed.pointer[panel + 2] == 103)
      #expect(packed.pointer[panel * 3 + 2 * vector] == Float(200 + panel + 1))
      #expect(packed.pointer[panel * 3 + 2 * vector + 1] == 0)
      #expect(UInt(bitPattern: packed.pointer) % 64 == 0)
    }
  }

  @Test("a window's outputs follow from its padding, stride and dilation")
  func windows() {
    let g = WindowGeometry(
      inputHeight: 416, inputWidth: 320, kernelHeight: 3, kernelWidth: 3, strideY: 2, strideX: 2, padTop: 1, padLeft: 1,
      padBottom: 1, padRight: 1)
    #expect((g.outputHeight, g.outputWidth) == (208, 160))
    let dilated = WindowGeometry(
      inputHeight: 10, inputWidth: 10, kernelHeight: 3, kernelWidth: 3, dilationY: 2, dilationX: 3)
    #expect((dilated.outputHeight, dilated.outputWidth) == (6, 4))
    #expect(dilated.paddedRows(2) == 6)
    #expect(dilated.paddedWidth == 10)
  }
}
