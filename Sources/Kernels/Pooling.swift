import KernelInterface

@inline(always)
func poolWindows(_ work: PoolWork) {
  for block in work.blocks {
    let channels = least(16, work.channels &- block &* 16)
    var lane = 0
    while lane < channels {
      let input = work.base + (work.blockOffsets[block] &+ lane)
      let output = work.output + (block &* work.outputPlane &* 16 &+ lane)
      for row in work.rows {
        if work.pooling == .maximum {
          maximumRow(work.geometry, row, input, output)
        } else {
          averageRow(work.geometry, row, input, output, countsPadding: work.pooling == .averageWithPadding)
        }
      }
      lane &+= FloatVector.count
    }
  }
}

/// Taps `from ..< to` of a window that fall on the map, for one axis.
@inline(always)
private func taps(_ start: Int, _ kernel: Int, _ dilation: Int, _ size: Int) -> (from: Int, to: Int) {
  let first = start < 0 ? (0 &- start &+ dilation &- 1) / dilation : 0
  let end = least(kernel, most(0, (size &- start &+ dilation &- 1) / dilation))
  return (least(first, end), end)
}

@inline(never)
private func maximumRow(
  _ g: WindowGeometry, _ row: Int, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
) {
  let top = row &* g.strideY &- g.padTop
  let (fromY, toY) = taps(top, g.kernelHeight, g.dilationY, g.inputHeight)
  for x in 0..<g.outputWidth {
    let left = x &* g.strideX &- g.padLeft
    let (fromX, toX) = taps(left, g.kernelWidth, g.dilationX, g.inputWidth)
    var most = FloatVector(repeating: fromY < toY && fromX < toX ? -Float.infinity : 0)
    for ky in fromY..<toY {
      let line = input + (((top &+ ky &* g.dilationY) &* g.inputWidth &+ left) &* 16)
      for kx in fromX..<toX { most = most.clamped(from: FloatVector(line + (kx &* g.dilationX &* 16))) }
    }
    most.store(output + ((row &* g.outputWidth &+ x) &* 16))
  }
}

@inline(never)
private func averageRow(
  _ g: WindowGeometry, _ row: Int, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
  countsPadding: Bool
) {
  let top = row &* g.strideY &- g.padTop
  let (fromY, toY) = taps(top, g.kernelHeight, g.dilationY, g.inputHeight)
  let paddedY = taps(0, g.kernelHeight, g.dilationY, g.inputHeight &+ g.padBottom &- top).to
  for x in 0..<g.outputWidth {
    let left = x &* g.strideX &- g.padLeft
    let (fromX, toX) = taps(left, g.kernelWidth, g.dilationX, g.inputWidth)
    let paddedX = taps(0, g.kernelWidth, g.dilationX, g.inputWidth &+ g.padRight &- left).to
    var sum = FloatVector()
    for ky in fromY..<toY {
      let line = input + (((top &+ ky &* g.dilationY) &* g.inputWidth &+ left) &* 16)
      for kx in fromX..<toX { sum = sum + FloatVector(line + (kx &* g.dilationX &* 16)) }
    }
    let count = countsPadding ? paddedY &* paddedX : (toY &- fromY) &* (toX &- fromX)
    let divisor = FloatVector(repeating: Float(most(1, count)))
    (sum / divisor).store(output + ((row &* g.outputWidth &+ x) &* 16))
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
