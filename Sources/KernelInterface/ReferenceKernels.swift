private import Glibc

/// Every kernel as one would say it: a value at a time, no vectors. Panels are one column wide, so packed weights are
/// simply `[column][depth]`.
///
/// Slow, for tests and for a machine whose kernels are in doubt.
public enum ReferenceKernels: KernelSet {
  public static var vectorWidth: Int { 1 }
  public static var panelWidth: Int { 1 }
  public static var tileRows: Int { 1 }

  /// One value through an activation.
  public static func value(_ x: Float, _ f: Activation) -> Float {
    switch f.kind {
    case .linear:
      let bent = f.alpha * x + f.beta
      let raised = x < bent ? bent : x
      return raised > f.high ? f.high : raised
    case .hardSigmoid: return unit(f.alpha * x + f.beta)
    case .hardSwish: return x * unit(f.alpha * x + f.beta)
    case .sigmoid: return Float(1 / (1 + exp(-Double(x))))
    case .silu: return Float(Double(x) / (1 + exp(-Double(x))))
    case .exponential: return Float(exp(Double(x)))
    }
  }

  private static func unit(_ x: Float) -> Float {
    let raised = x < 0 ? 0 : x
    return raised > 1 ? 1 : raised
  }

  /// One value of an operation of two.
  static func value(_ a: Float, _ operation: BinaryOperation, _ b: Float) -> Float {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: a < b ? b : a
    case .minimum: a > b ? b : a
    case .subtractFrom: b - a
    case .divideInto: b / a
    }
  }

  /// The offset of each channel of a view at pixel 0.
  static func places(_ runs: UnsafePointer<ChannelRun>, _ runCount: Int) -> [Int] {
    (0..<runCount).flatMap { i in (0..<runs[i].count).map { runs[i].offset + $0 } }
  }

  /// `sum` with bias, residual and activation into a channel of a pixel.
  private static func store(
    _ sum: Float, _ epilogue: Epilogue, channel: Int, pixel: Int, output: UnsafeMutablePointer<Float>, plane: Int
  ) {
    var value = sum + epilogue.bias[channel]
    let residual = epilogue.residual.map {
      $0[blockedOffset(channel: channel, pixel: pixel, plane: epilogue.residualPlane)]
    }
    if let residual, !epilogue.addsAfterActivation { value += residual }
    value = Self.value(value, epilogue.activation)
    if let residual, epilogue.addsAfterActivation { value += residual }
    output[blockedOffset(channel: channel, pixel: pixel, plane: plane)] = value
  }

  public static func pointwise(_ work: PointwiseWork) {
    let places = places(work.runs, work.runCount)
    for channel in work.panels {
      let weights = work.weights + channel * work.inputChannels
      for pixel in work.pixels {
        var sum: Float = 0
        for (k, place) in places.enumerated() { sum += work.base[place + pixel * 16] * weights[k] }
        store(sum, work.epilogue, channel: channel, pixel: pixel, output: work.output, plane: work.outputPlane)
      }
    }
  }

  public static func dense(_ work: DenseWork) {
    let (g, places) = (work.geometry, places(work.runs, work.runCount))
    for channel in work.panels {
      let weights = work.weights + channel * g.taps * places.count
      forEachOutput(g, work.rows) { y, x in
        var sum: Float = 0
        forEachTap(g, y, x) { tap, pixel in
          for (k, place) in places.enumerated() {
            sum += work.base[place + pixel * 16] * weights[tap * places.count + k]
          }
        }
        store(
          sum, work.epilogue, channel: channel, pixel: y * g.outputWidth + x, output: work.output,
          plane: work.outputPlane)
      }
    }
  }

  public static func planesConvolution(_ work: PlanesWork) {
    let g = work.geometry
    for channel in work.panels {
      let weights = work.weights + channel * g.taps * work.inputPlanes
      forEachOutput(g, work.rows) { y, x in
        var sum: Float = 0
        for plane in 0..<work.inputPlanes {
          forEachTap(g, y, x) { tap, pixel in
            sum += work.input[plane * g.inputPixels + pixel] * weights[plane * g.taps + tap]
          }
        }
        store(
          sum, work.epilogue, channel: channel, pixel: y * g.outputWidth + x, output: work.output,
          plane: work.outputPlane)
      }
    }
  }

  public static func depthwise(_ work: DepthwiseWork) {
    let g = work.geometry
    forEachChannel(work.blocks, work.channels) { block, lane in
      let input = work.base + work.blockOffsets[block] + lane
      let weights = work.weights + block * g.taps * 16 + lane
      forEachOutput(g, work.rows) { y, x in
        var sum: Float = 0
        forEachTap(g, y, x) { tap, pixel in sum += input[pixel * 16] * weights[tap * 16] }
        store(
          sum, work.epilogue, channel: block * 16 + lane, pixel: y * g.outputWidth + x, output: work.output,
          plane: work.outputPlane)
      }
    }
  }

  public static func pool(_ work: PoolWork) {
    let g = work.geometry
    forEachChannel(work.blocks, work.channels) { block, lane in
      let input = work.base + work.blockOffsets[block] + lane
      forEachOutput(g, work.rows) { y, x in
        var (sum, most, taps): (Float, Float, Int) = (0, -.infinity, 0)
        forEachTap(g, y, x) { _, pixel in
          sum += input[pixel * 16]
          most = value(most, .maximum, input[pixel * 16])
          taps += 1
        }
        let divisor = work.pooling == .averageWithPadding ? paddedTaps(g, y, x) : taps
        let pixel = y * g.outputWidth + x
        work.output[blockedOffset(channel: block * 16 + lane, pixel: pixel, plane: work.outputPlane)] =
          taps == 0 ? 0 : work.pooling == .maximum ? most : sum / Float(divisor)
      }
    }
  }

  /// Taps of a window on the map and its padding.
  static func paddedTaps(_ g: WindowGeometry, _ y: Int, _ x: Int) -> Int {
    let rows = (0..<g.kernelHeight).count {
      y * g.strideY + $0 * g.dilationY < g.padTop + g.inputHeight + g.padBottom
    }
    let columns = (0..<g.kernelWidth).count {
      x * g.strideX + $0 * g.dilationX < g.padLeft + g.inputWidth + g.padRight
    }
    return rows * columns
  }

  public static func globalPool(
    _ pooling: Pooling, pixels: Int, blocks: Range<Int>, base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>,
    output: UnsafeMutablePointer<Float>
  ) {
    for block in blocks {
      for lane in 0..<16 {
        let values = (0..<pixels).map { base[blockOffsets[block] + $0 * 16 + lane] }
        output[block * 16 + lane] =
          pooling == .maximum
          ? values.reduce(-.infinity) { value($0, .maximum, $1) }
          : Float(values.reduce(0) { $0 + Double($1) } / Double(pixels))
      }
    }
  }

  public static func resize(_ work: ResizeWork) {
    forEachChannel(work.blocks, work.channels) { block, lane in
      let input = work.base + work.blockOffsets[block] + lane
      func at(_ y: Int32, _ x: Int32) -> Float { input[(Int(y) * work.inputWidth + Int(x)) * 16] }
      for y in work.rows {
        for x in 0..<work.outputWidth {
          let (top, left) = (work.vertical.first[y], work.horizontal.first[x])
          var result = at(top, left)
          if work.isLinear {
            let (bottom, right) = (work.vertical.second[y], work.horizontal.second[x])
            let (v, h) = (work.vertical.weight[y], work.horizontal.weight[x])
            let above = (1 - h) * at(top, left) + h * at(top, right)
            let below = (1 - h) * at(bottom, left) + h * at(bottom, right)
            result = (1 - v) * above + v * below
          }
          let pixel = y * work.outputWidth + x
          work.output[blockedOffset(channel: block * 16 + lane, pixel: pixel, plane: work.outputPlane)] = result
        }
      }
    }
  }

  public static func binary(
    _ operation: BinaryOperation, count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ second: SecondOperand, activation: Activation, output: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count {
      let other =
        switch second {
        case .equal: b[i]
        case .perChannel: b[i % 16]
        case .scalar: b[0]
        }
      output[i] = value(value(a[i], operation, other), activation)
    }
  }

  public static func activate(
    _ activation: Activation, count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count { output[i] = value(input[i], activation) }
  }

  public static func gather(_ work: CopyWork) {
    for (channel, place) in places(work.runs, work.runCount).enumerated() {
      for pixel in work.pixels {
        work.output[blockedOffset(channel: channel, pixel: pixel, plane: work.outputStride)] =
          work.base[place + pixel * 16]
      }
    }
  }

  public static func planesFromBlocked(_ work: CopyWork) {
    for (channel, place) in places(work.runs, work.runCount).enumerated() {
      for pixel in work.pixels { work.output[channel * work.outputStride + pixel] = work.base[place + pixel * 16] }
    }
  }

  public static func rowsFromBlocked(_ work: CopyWork) {
    for (channel, place) in places(work.runs, work.runCount).enumerated() {
      for pixel in work.pixels { work.output[pixel * work.outputStride + channel] = work.base[place + pixel * 16] }
    }
  }

  public static func blockedFromPlanes(
    channels: Int, pixels: Range<Int>, input: UnsafePointer<Float>, planeStride: Int,
    output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {
    for channel in 0..<(channels + 15) / 16 * 16 {
      for pixel in pixels {
        output[blockedOffset(channel: channel, pixel: pixel, plane: outputPlane)] =
          channel < channels ? input[channel * planeStride + pixel] : 0
      }
    }
  }

  public static func softmax(
    rows: Range<Int>, count: Int, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>,
    outputStride: Int
  ) {
    for row in rows {
      let x = input + row * inputStride
      let most = (0..<count).reduce(-Float.infinity) { Swift.max($0, x[$1]) }
      let powers = (0..<count).map { exp(Double(x[$0] - most)) }
      let sum = powers.reduce(0, +)
      for i in 0..<count { output[row * outputStride + i] = Float(powers[i] / sum) }
    }
  }

  public static func multiply(_ work: MatrixWork) {
    for row in work.rows {
      for column in work.panels {
        var sum: Float = 0
        for k in 0..<work.depth {
          sum += work.a[row * work.aStride + k] * work.weights[column * work.depth + k]
        }
        work.output[row * work.outputStride + column] = value(sum + work.bias[column], work.activation)
      }
    }
  }

  public static func pictureRow(_ row: PictureRow) {
    for i in 0..<row.count {
      // The last 16 outputs have entries of their own, which say the same as those of the vectors before.
      let entry = i / 16 * 16 + 16 <= row.count ? i : (row.count + 15) / 16 * 16 - row.count + i
      let y = sample(row.y, row.luma, entry)
      let u = sample(row.u, row.chroma, entry)
      let v = sample(row.v, row.chroma, entry)
      row.planes.0[i] = colour(row.colours, y, u, v)
      row.planes.1[i] = colour(row.colours + 6, y, u, v)
      row.planes.2[i] = colour(row.colours + 12, y, u, v)
    }
  }

  private static func sample(_ source: PictureRow.Source, _ table: PickTable, _ entry: Int) -> Float {
    let offset = Int(table.offsets[entry])
    let (first, second) = (Int32(table.weights[2 * entry]), Int32(table.weights[2 * entry + 1]))
    func across(_ row: UnsafePointer<UInt8>) -> Float {
      Float(Int32(row[offset]) * first + Int32(row[offset + 1]) * second)
    }
    return across(source.above) * source.weightAbove + across(source.below) * source.weightBelow
  }

  /// A normalised colour from levels of Y, U and V; `factors` as in `PictureRow.colours`.
  static func colour(_ factors: UnsafePointer<Float>, _ y: Float, _ u: Float, _ v: Float) -> Float {
    let level = factors[3] + factors[0] * y + factors[1] * u + factors[2] * v
    return Swift.min(Swift.max(level, 0), 255) * factors[4] + factors[5]
  }

  private static func forEachOutput(_ g: WindowGeometry, _ rows: Range<Int>, _ body: (_ y: Int, _ x: Int) -> Void) {
    for y in rows {
      for x in 0..<g.outputWidth { body(y, x) }
    }
  }

  /// The taps of an output that fall on the map, and the pixels they meet.
  private static func forEachTap(
    _ g: WindowGeometry, _ y: Int, _ x: Int, _ body: (_ tap: Int, _ pixel: Int) -> Void
  ) {
    for ky in 0..<g.kernelHeight {
      let row = y * g.strideY + ky * g.dilationY - g.padTop
      guard (0..<g.inputHeight).contains(row) else { continue }
      for kx in 0..<g.kernelWidth {
        let column = x * g.strideX + kx * g.dilationX - g.padLeft
        guard (0..<g.inputWidth).contains(column) else { continue }
        body(ky * g.kernelWidth + kx, row * g.inputWidth + column)
      }
    }
  }

  private static func forEachChannel(_ blocks: Range<Int>, _ channels: Int, _ body: (_ block: Int, _ lane: Int) -> Void)
  {
    for block in blocks {
      for lane in 0..<Swift.min(16, channels - block * 16) { body(block, lane) }
    }
  }
}
