import KernelChecks
import KernelInterface

/// What the kernels reach of the core's peak: `kernel-benchmark [LEVEL [TABLE]]`.
///
/// Only useful operations count (a multiply-add is two): work on padding is loss.
@main
struct KernelBenchmark {
  static let tables: [(name: String, run: @Sendable (Level) -> Void)] = [
    ("pointwise", pointwise), ("depthwise", depthwise), ("dense", dense), ("first", firstLayer), ("rest", rest),
    ("pictures", pictures),
  ]

  static func main() {
    let wanted = Array(CommandLine.arguments.dropFirst())
    print(
      "\(processorName()); shortest of many runs, one thread; peak: \(Level.usable.map { "\($0.name) \(Int($0.floatPeak))" }.joined(separator: ", ")) operations a cycle"
    )
    if !Level.missing.isEmpty { print("not run here: \(Level.missing.joined(separator: ", "))") }
    for level in Level.usable where wanted.isEmpty || wanted[0] == level.name {
      for table in tables where wanted.count < 2 || wanted[1] == table.name {
        print("\n\(level.name), \(table.name)")
        table.run(level)
      }
    }
  }

  /// One line: what, µs, Gop/s, share of peak.
  static func line(_ name: String, _ seconds: Double, operations: Double, _ level: Level, _ clock: Double) {
    let rate = operations / seconds
    row(
      [name, (seconds * 1e6).text(), (rate / 1e9).text(), (rate / clock / level.floatPeak).percent], [34, 9, 8, 6])
  }

  static func header(_ first: String) { row([first, "µs", "Gop/s", "peak"], [34, 9, 8, 6]) }

  /// The 1×1 convolutions of NanoDet-Plus-m at 416 × 416 that make up nine tenths of its 1×1 work: how often, inputs,
  /// outputs, side of the map.
  static let pointwiseShapes: [(times: Int, inputs: Int, outputs: Int, side: Int)] = [
    (16, 116, 116, 26), (8, 232, 232, 13), (7, 58, 58, 52), (1, 192, 96, 52), (2, 96, 96, 52), (1, 116, 116, 52),
    (1, 232, 232, 26), (1, 116, 96, 52), (1, 96, 112, 52), (2, 192, 96, 26), (1, 192, 48, 52), (3, 96, 96, 26),
    (1, 24, 58, 104), (1, 232, 96, 26), (2, 192, 48, 26), (1, 96, 48, 52), (1, 464, 96, 13),
  ]

  static func pointwise(_ level: Level) {
    header("times in → out, map")
    let clock = clockRate()
    var (time, operations) = (0.0, 0.0)
    for shape in pointwiseShapes {
      let seconds = pointwise(level.kernels, shape.inputs, shape.outputs, shape.side * shape.side, .leakyRelu(0.1))
      let work = Double(2 * shape.inputs * shape.outputs * shape.side * shape.side)
      time += seconds * Double(shape.times)
      operations += work * Double(shape.times)
      line(
        "\(shape.times) · \(shape.inputs) → \(shape.outputs), \(shape.side)²", seconds, operations: work, level, clock)
    }
    line("all", time, operations: operations, level, clock)
    let silu = pointwise(level.kernels, 96, 96, 52 * 52, .silu)
    line("96 → 96, 52² with SiLU", silu, operations: Double(2 * 96 * 96 * 52 * 52), level, clock)
  }

  static func pointwise(
    _ kernels: any KernelSet.Type, _ inputs: Int, _ outputs: Int, _ pixels: Int, _ activation: Activation
  ) -> Double {
    var random = Seeded(1)
    let view = RandomView(channels: inputs, pixels: pixels, .dense, &random)
    let weights = PackedWeights(
      convolution: random.values(inputs * outputs), outputs: outputs, inputs: inputs, kernelHeight: 1, kernelWidth: 1,
      for: kernels)
    let bias = PackedWeights.paddedBias(random.values(outputs), columns: outputs, for: kernels)
    let output = BlockedResult(channels: outputs, plane: pixels)
    return shortest {
      kernels.pointwise(
        PointwiseWork(
          pixels: 0..<pixels, panels: 0..<weights.panelCount, outputChannels: outputs, base: view.memory.constant,
          runs: view.runs, runCount: view.runs.count, inputChannels: inputs, weights: weights.pointer,
          epilogue: Epilogue(bias: bias.pointer, activation: activation), output: output.memory.start,
          outputPlane: pixels))
    }
  }

  static func depthwise(_ level: Level) {
    header("size, step, channels, map")
    let clock = clockRate()
    var (time, operations) = (0.0, 0.0)
    for (size, step, channels, side) in [
      (3, 1, 116, 26), (3, 1, 58, 52), (3, 2, 58, 104), (3, 2, 116, 52), (3, 2, 232, 26), (3, 1, 232, 13),
      (5, 1, 192, 52), (5, 1, 96, 52), (5, 1, 192, 26), (5, 1, 96, 26), (5, 1, 192, 13), (5, 1, 96, 13), (5, 1, 96, 7),
      (5, 2, 96, 52), (5, 2, 96, 26), (5, 2, 96, 13),
    ] {
      let g = WindowGeometry(
        inputHeight: side, inputWidth: side, kernelHeight: size, kernelWidth: size, strideY: step, strideX: step,
        padTop: size / 2, padLeft: size / 2, padBottom: size / 2, padRight: size / 2)
      let seconds = depthwise(level.kernels, g, channels)
      let work = Double(2 * size * size * channels * g.outputPixels)
      time += seconds
      operations += work
      line("\(size)×\(size), \(step), \(channels), \(side)²", seconds, operations: work, level, clock)
    }
    line("all", time, operations: operations, level, clock)
  }

  static func depthwise(_ kernels: any KernelSet.Type, _ g: WindowGeometry, _ channels: Int) -> Double {
    var random = Seeded(2)
    let view = RandomView(channels: channels, pixels: g.inputPixels, .dense, &random)
    let weights = packDepthwise(
      random.values(channels * g.taps), channels: channels, kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth)
    let bias = PackedWeights.paddedBias(random.values(channels), columns: channels, for: kernels)
    let output = BlockedResult(channels: channels, plane: g.outputPixels)
    let offsets = view.blockOffsets
    return shortest {
      kernels.depthwise(
        DepthwiseWork(
          geometry: g, rows: 0..<g.outputHeight, blocks: 0..<offsets.count, channels: channels,
          base: view.memory.constant, blockOffsets: offsets, weights: weights.pointer,
          epilogue: Epilogue(bias: bias.pointer, activation: .leakyRelu(0.1)), output: output.memory.start,
          outputPlane: g.outputPixels))
    }
  }

  static func dense(_ level: Level) {
    header("3×3, step, in → out, map")
    let clock = clockRate()
    for (step, inputs, outputs, side) in [
      (1, 64, 64, 52), (1, 32, 64, 80), (2, 64, 128, 52), (1, 128, 128, 13), (1, 16, 16, 104),
    ] {
      let g = WindowGeometry(
        inputHeight: side, inputWidth: side, kernelHeight: 3, kernelWidth: 3, strideY: step, strideX: step, padTop: 1,
        padLeft: 1, padBottom: 1, padRight: 1)
      let seconds = dense(level.kernels, g, inputs, outputs)
      let work = Double(2 * 9 * inputs * outputs * g.outputPixels)
      line("3×3, \(step), \(inputs) → \(outputs), \(side)²", seconds, operations: work, level, clock)
    }
  }

  static func dense(_ kernels: any KernelSet.Type, _ g: WindowGeometry, _ inputs: Int, _ outputs: Int) -> Double {
    var random = Seeded(3)
    let view = RandomView(channels: inputs, pixels: g.inputPixels, .dense, &random)
    let weights = PackedWeights(
      convolution: random.values(g.taps * inputs * outputs), outputs: outputs, inputs: inputs,
      kernelHeight: g.kernelHeight, kernelWidth: g.kernelWidth, for: kernels)
    let bias = PackedWeights.paddedBias(random.values(outputs), columns: outputs, for: kernels)
    let output = BlockedResult(channels: outputs, plane: g.outputPixels)
    let band = DenseWork.bandRows(g, inputChannels: inputs)
    let scratch = Memory(DenseWork.scratchCount(g, inputChannels: inputs, bandRows: band))
    return shortest {
      kernels.dense(
        DenseWork(
          geometry: g, rows: 0..<g.outputHeight, panels: 0..<weights.panelCount, outputChannels: outputs,
          base: view.memory.constant, runs: view.runs, runCount: view.runs.count, inputChannels: inputs,
          weights: weights.pointer, epilogue: Epilogue(bias: bias.pointer, activation: .relu),
          output: output.memory.start, outputPlane: g.outputPixels, scratch: scratch.start, bandRows: band))
    }
  }

  static func firstLayer(_ level: Level) {
    header("planes → channels, window, picture")
    let clock = clockRate()
    for (outputs, size, step, side) in [(24, 3, 2, 416), (16, 3, 2, 416), (16, 6, 2, 416), (64, 7, 2, 224)] {
      let pad = (size - 1) / 2
      let g = WindowGeometry(
        inputHeight: side, inputWidth: side, kernelHeight: size, kernelWidth: size, strideY: step, strideX: step,
        padTop: pad, padLeft: pad, padBottom: pad, padRight: pad)
      var random = Seeded(4)
      let input = Memory(random.values(3 * g.inputPixels))
      let weights = PackedWeights(
        planes: random.values(g.taps * 3 * outputs), outputs: outputs, inputs: 3, kernelHeight: size, kernelWidth: size,
        for: level.kernels)
      let bias = PackedWeights.paddedBias(random.values(outputs), columns: outputs, for: level.kernels)
      let output = BlockedResult(channels: outputs, plane: g.outputPixels)
      let band = PlanesWork.bandRows(g, inputPlanes: 3)
      let scratch = Memory(PlanesWork.scratchCount(g, inputPlanes: 3, bandRows: band))
      let seconds = shortest {
        level.kernels.planesConvolution(
          PlanesWork(
            geometry: g, rows: 0..<g.outputHeight, panels: 0..<weights.panelCount, outputChannels: outputs,
            input: input.constant, inputPlanes: 3, weights: weights.pointer,
            epilogue: Epilogue(bias: bias.pointer, activation: .leakyRelu(0.1)), output: output.memory.start,
            outputPlane: g.outputPixels, scratch: scratch.start, bandRows: band))
      }
      let work = Double(2 * g.taps * 3 * outputs * g.outputPixels)
      line("3 → \(outputs), \(size)×\(size) step \(step), \(side)²", seconds, operations: work, level, clock)
    }
  }

  /// What lies between the convolutions: µs, and values a nanosecond.
  static func rest(_ level: Level) {
    let widths = [44, 9, 12]
    row(["what", "µs", "values/ns"], widths)
    let kernels = level.kernels
    var random = Seeded(5)
    func report(_ name: String, _ values: Int, _ body: () -> Void) {
      let seconds = shortest(budget: 0.1, body)
      row([name, (seconds * 1e6).text(), (Double(values) / seconds / 1e9).text(2)], widths)
    }
    let view = RandomView(channels: 96, pixels: 52 * 52, .dense, &random)
    let offsets = view.blockOffsets
    let count = 96 * 52 * 52
    let output = BlockedResult(channels: 112, plane: 104 * 104)
    for (name, f) in [
      ("leaky ReLU", Activation.leakyRelu(0.1)), ("hard-swish", .hardSwish), ("sigmoid", .sigmoid), ("SiLU", .silu),
    ] {
      report("\(name), 96 × 52²", count) {
        kernels.activate(f, count: count, input: view.memory.constant, output: output.memory.start)
      }
    }
    report("add, 96 × 52²", count) {
      kernels.binary(
        .add, count: count, view.memory.constant, view.memory.constant, .equal, activation: .none,
        output: output.memory.start)
    }
    let stem = RandomView(channels: 24, pixels: 208 * 208, .dense, &random)
    let g = WindowGeometry(
      inputHeight: 208, inputWidth: 208, kernelHeight: 3, kernelWidth: 3, strideY: 2, strideX: 2, padTop: 1, padLeft: 1,
      padBottom: 1, padRight: 1)
    report("maximum pooling 3×3 step 2, 24 × 208²", 24 * 104 * 104) {
      kernels.pool(
        PoolWork(
          pooling: .maximum, geometry: g, rows: 0..<104, blocks: 0..<2, channels: 24, base: stem.memory.constant,
          blockOffsets: stem.blockOffsets, output: output.memory.start, outputPlane: 104 * 104))
    }
    let first = (0..<104).map { Int32(max(0, $0 - 1) / 2) }
    let second = first.map { min(51, $0 + 1) }
    let weight = (0..<104).map { $0 % 2 == 0 ? Float(0.75) : 0.25 }
    first.withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        weight.withUnsafeBufferPointer { weight in
          let table = AxisTable(first: first.baseAddress!, second: second.baseAddress!, weight: weight.baseAddress!)
          for isLinear in [false, true] {
            report("resize \(isLinear ? "bilinear" : "nearest"), 96, 52² → 104²", 96 * 104 * 104) {
              kernels.resize(
                ResizeWork(
                  isLinear: isLinear, inputWidth: 52, outputWidth: 104, vertical: table, horizontal: table,
                  rows: 0..<104, blocks: 0..<6, channels: 96, base: view.memory.constant, blockOffsets: offsets,
                  output: output.memory.start, outputPlane: 104 * 104))
            }
          }
        }
      }
    }
    func copy(_ view: RandomView, stride: Int) -> CopyWork {
      CopyWork(
        pixels: 0..<view.pixels, base: view.memory.constant, runs: view.runs, runCount: view.runs.count,
        output: output.memory.start, outputStride: stride)
    }
    let head = RandomView(channels: 112, pixels: 52 * 52, .dense, &random)
    report("rows from blocks, 112 × 52²", 112 * 52 * 52) { kernels.rowsFromBlocked(copy(head, stride: 112)) }
    report("planes from blocks, 112 × 52²", 112 * 52 * 52) { kernels.planesFromBlocked(copy(head, stride: 52 * 52)) }
    report("gather of whole blocks, 112 × 52²", 112 * 52 * 52) { kernels.gather(copy(head, stride: 52 * 52)) }
    let shuffled = RandomView(channels: 112, pixels: 52 * 52, .singles, &random)
    report("gather of single channels, 112 × 52²", 112 * 52 * 52) { kernels.gather(copy(shuffled, stride: 52 * 52)) }
    report("blocks from planes, 96 × 52²", count) {
      kernels.blockedFromPlanes(
        channels: 96, pixels: 0..<52 * 52, input: view.memory.constant, planeStride: 52 * 52,
        output: output.memory.start, outputPlane: 52 * 52)
    }
    report("softmax, 10000 rows of 8", 80_000) {
      kernels.softmax(
        rows: 0..<10_000, count: 8, input: view.memory.constant, inputStride: 8, output: output.memory.start,
        outputStride: 8)
    }
  }

  /// Pictures of YUV 4:2:0 to normalised planes.
  static func pictures(_ level: Level) {
    let widths = [34, 9]
    row(["picture → tensor", "µs"], widths)
    for (width, height, tensorWidth, tensorHeight) in [
      (1920, 1080, 512, 288), (1920, 1080, 416, 416), (1920, 1080, 640, 640), (3840, 2160, 416, 416),
      (640, 360, 416, 416),
    ] {
      guard
        let converter = try? PictureConverter(
          width: width, height: height, chroma: ChromaLayout(.yuv420),
          colours: PictureColours(matrix: .bt709, isFullRange: false), tensorWidth: tensorWidth,
          tensorHeight: tensorHeight,
          normalisation: PictureNormalisation(
            order: .bgr, mean: [103.53, 116.28, 123.675], scale: [1 / 57.375, 1 / 57.12, 1 / 58.395]))
      else { continue }
      var random = Seeded(6)
      let y = (0..<width * height).map { _ in UInt8.random(in: 16...235, using: &random) }
      let u = (0..<width * height / 4).map { _ in UInt8.random(in: 16...240, using: &random) }
      let v = (0..<width * height / 4).map { _ in UInt8.random(in: 16...240, using: &random) }
      var tensor = [Float](repeating: 0, count: 3 * tensorWidth * tensorHeight)
      let seconds = shortest {
        var span = tensor.mutableSpan
        converter.write(
          y: y.span, yStride: width, u: u.span, v: v.span, chromaStride: width / 2, into: &span, kernels: level.kernels)
      }
      row(["\(width) × \(height) → \(tensorWidth) × \(tensorHeight)", (seconds * 1e6).text(0)], widths)
    }
  }
}
