import KernelInterface

@inline(always)
func poolWindows(_ work: PoolWork) {
  for block in work.blocks {
    let channels = least(16, work.channels &- block &* 16)
    let lanes = (channels &+ FloatVector.count &- 1) / FloatVector.count &* FloatVector.count
    let input = work.base + work.blockOffsets[block]
    let output = work.output + (block &* work.outputPlane &* 16)
    for row in work.rows {
      switch work.pooling {
      case .maximum: poolRow(work.geometry, row, lanes, input, output, MaximumPool.self)
      case .average: poolRow(work.geometry, row, lanes, input, output, AveragePool.self)
      case .averageWithPadding: poolRow(work.geometry, row, lanes, input, output, PaddedAveragePool.self)
      }
    }
  }
}

/// What pooling makes of a window, as a type, so that loops are compiled for it.
private protocol WindowPool {
  static var initial: Float { get }
  static func adding(_ sum: FloatVector, _ value: FloatVector) -> FloatVector
  /// `taps` lie on the map, `padded` on the map and its padding.
  static func result(_ sum: FloatVector, taps: Int, padded: Int) -> FloatVector
}

private enum MaximumPool: WindowPool {
  static var initial: Float { @inline(always) get { -Float.infinity } }
  @inline(always) static func adding(_ sum: FloatVector, _ value: FloatVector) -> FloatVector {
    sum.clamped(from: value)
  }
  @inline(always) static func result(_ sum: FloatVector, taps: Int, padded: Int) -> FloatVector { sum }
}

private enum AveragePool: WindowPool {
  static var initial: Float { @inline(always) get { 0 } }
  @inline(always) static func adding(_ sum: FloatVector, _ value: FloatVector) -> FloatVector { sum + value }
  @inline(always) static func result(_ sum: FloatVector, taps: Int, padded: Int) -> FloatVector {
    sum / FloatVector(repeating: Float(taps))
  }
}

private enum PaddedAveragePool: WindowPool {
  static var initial: Float { @inline(always) get { 0 } }
  @inline(always) static func adding(_ sum: FloatVector, _ value: FloatVector) -> FloatVector { sum + value }
  @inline(always) static func result(_ sum: FloatVector, taps: Int, padded: Int) -> FloatVector {
    sum / FloatVector(repeating: Float(padded))
  }
}

/// Taps `from ..< to` of a window that fall on the map, for one axis.
@inline(always)
private func taps(_ start: Int, _ kernel: Int, _ dilation: Int, _ size: Int) -> (from: Int, to: Int) {
  // Without dilation no division: it would cost more than the window.
  let first = start >= 0 ? 0 : dilation == 1 ? 0 &- start : (0 &- start &+ dilation &- 1) / dilation
  let room = most(0, size &- start)
  let end = least(kernel, dilation == 1 ? room : (room &+ dilation &- 1) / dilation)
  return (least(first, end), end)
}

@inline(never)
private func poolRow<Pool: WindowPool>(
  _ g: WindowGeometry, _ row: Int, _ lanes: Int, _ input: UnsafePointer<Float>,
  _ output: UnsafeMutablePointer<Float>, _: Pool.Type
) {
  let top = row &* g.strideY &- g.padTop
  let (fromY, toY) = taps(top, g.kernelHeight, g.dilationY, g.inputHeight)
  let paddedY = taps(0, g.kernelHeight, g.dilationY, g.inputHeight &+ g.padBottom &- top).to
  let line = g.dilationY &* g.inputWidth &* 16
  let tap = g.dilationX &* 16
  for x in 0..<g.outputWidth {
    let left = x &* g.strideX &- g.padLeft
    let (fromX, toX) = taps(left, g.kernelWidth, g.dilationX, g.inputWidth)
    let paddedX = taps(0, g.kernelWidth, g.dilationX, g.inputWidth &+ g.padRight &- left).to
    let count = (toY &- fromY) &* (toX &- fromX)
    let first = (top &+ fromY &* g.dilationY) &* g.inputWidth &+ left &+ fromX &* g.dilationX
    let width = toX &- fromX
    let target = output + ((row &* g.outputWidth &+ x) &* 16)
    var lane = 0
    while lane < lanes {
      var sum = FloatVector(repeating: count == 0 ? 0 : Pool.initial)
      var pixels = input + (first &* 16 &+ lane)
      for _ in fromY..<toY {
        if width == 3 {
          sum = Pool.adding(sum, FloatVector(pixels))
          sum = Pool.adding(sum, FloatVector(pixels + tap))
          sum = Pool.adding(sum, FloatVector(pixels + (2 &* tap)))
        } else {
          for kx in 0..<width { sum = Pool.adding(sum, FloatVector(pixels + (kx &* tap))) }
        }
        pixels += line
      }
      let result = count == 0 ? sum : Pool.result(sum, taps: count, padded: paddedY &* paddedX)
      result.store(target + lane)
      lane &+= FloatVector.count
    }
  }
}

/// Four sums for each vector, so that additions need not wait for one another.
@inline(never)
func poolGlobally(
  _ pooling: Pooling, pixels: Int, blocks: Range<Int>, base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>,
  output: UnsafeMutablePointer<Float>
) {
  for block in blocks {
    var lane = 0
    while lane < 16 {
      let input = base + (blockOffsets[block] &+ lane)
      let target = output + (block &* 16 &+ lane)
      if pooling == .maximum {
        var most = FloatVector(repeating: -Float.infinity)
        for pixel in 0..<pixels { most = most.clamped(from: FloatVector(input + (pixel &* 16))) }
        most.store(target)
      } else {
        var (a, b, c, d) = (FloatVector(), FloatVector(), FloatVector(), FloatVector())
        var pixel = 0
        while pixel &+ 4 <= pixels {
          let first = input + (pixel &* 16)
          a = a + FloatVector(first)
          b = b + FloatVector(first + 16)
          c = c + FloatVector(first + 32)
          d = d + FloatVector(first + 48)
          pixel &+= 4
        }
        while pixel < pixels {
          a = a + FloatVector(input + (pixel &* 16))
          pixel &+= 1
        }
        (((a + b) + (c + d)) / FloatVector(repeating: Float(pixels))).store(target)
      }
      lane &+= FloatVector.count
    }
  }
}
