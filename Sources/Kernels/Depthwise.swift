import KernelInterface

/// One block of a depthwise convolution.
struct DepthwiseBlock {
  let geometry: WindowGeometry
  /// Vectors that hold true channels.
  let vectors: Int
  /// The block's pixel 0.
  let input: UnsafePointer<Float>
  /// `[ky][kx][16]`
  let weights: UnsafePointer<Float>
  let bias: UnsafePointer<Float>
  let linear: Activation
  let residual: UnsafePointer<Float>?
  let output: UnsafeMutablePointer<Float>
}

@inline(always)
func convolveDepthwise(_ work: DepthwiseWork) {
  let g = work.geometry
  let finish = Finish(work.epilogue, output: work.output, plane: work.outputPlane)
  let isPlain = g.dilationY == 1 && g.dilationX == 1 && g.strideY == g.strideX && g.kernelHeight == g.kernelWidth
  for number in work.blocks {
    let channel = number &* 16
    let vectors = (least(16, work.channels &- channel) &+ FloatVector.count &- 1) / FloatVector.count
    var other: UnsafePointer<Float>?
    if let residual = finish.earlyResidual {
      other = residual + place(channel: channel, pixel: 0, plane: work.epilogue.residualPlane)
    }
    let block = DepthwiseBlock(
      geometry: g, vectors: vectors, input: work.base + work.blockOffsets[number],
      weights: work.weights + (g.kernelHeight &* g.kernelWidth &* channel), bias: work.epilogue.bias + channel,
      linear: finish.linear, residual: other,
      output: work.output + place(channel: channel, pixel: 0, plane: work.outputPlane))
    if isPlain && g.kernelWidth == 3 && g.strideX == 1 {
      Depthwise<3, 1>.run(block, work.rows)
    } else if isPlain && g.kernelWidth == 3 && g.strideX == 2 {
      Depthwise<3, 2>.run(block, work.rows)
    } else if isPlain && g.kernelWidth == 5 && g.strideX == 1 {
      Depthwise<5, 1>.run(block, work.rows)
    } else if isPlain && g.kernelWidth == 5 && g.strideX == 2 {
      Depthwise<5, 2>.run(block, work.rows)
    } else {
      block.runAny(work.rows)
    }
    finish.run(
      channel: channel, width: vectors &* FloatVector.count, pixel: work.rows.lowerBound &* g.outputWidth,
      count: (work.rows.upperBound &- work.rows.lowerBound) &* g.outputWidth)
  }
}

extension DepthwiseBlock {
  /// Any geometry: right, one output at a time.
  @inline(never)
  func runAny(_ wanted: Range<Int>) {
    let g = geometry
    let constants = FunctionConstants(linear)
    for row in wanted {
      let top = row &* g.strideY &- g.padTop
      for x in 0..<g.outputWidth {
        let pixel = (row &* g.outputWidth &+ x) &* 16
        let left = x &* g.strideX &- g.padLeft
        var lane = 0
        while lane < vectors &* FloatVector.count {
          var sum = FloatVector(bias + lane)
          if let residual { sum = sum + FloatVector(residual + (pixel &+ lane)) }
          for ky in 0..<g.kernelHeight {
            let y = top &+ ky &* g.dilationY
            if y < 0 || y >= g.inputHeight { continue }
            let line = input + (y &* g.inputWidth &* 16 &+ lane)
            for kx in 0..<g.kernelWidth {
              let column = left &+ kx &* g.dilationX
              if column < 0 || column >= g.inputWidth { continue }
              let factor = FloatVector(weights + ((ky &* g.kernelWidth &+ kx) &* 16 &+ lane))
              sum = sum.adding(FloatVector(line + (column &* 16)), times: factor)
            }
          }
          constants.linear(sum).store(output + (pixel &+ lane))
          lane &+= FloatVector.count
        }
      }
    }
  }
}

/// Square kernels without dilation. The map is cut in strips of up to 8 outputs: neighbouring outputs share each input,
/// which is loaded once for each row of the kernel, and the factors of that row stay in registers.
enum Depthwise<let size: Int, let step: Int> {
  @inline(never)
  static func run(_ block: DepthwiseBlock, _ wanted: Range<Int>) {
    let width = block.geometry.outputWidth
    // Strips of nearly equal width, so that no output is left to a slower path.
    let strips = (width &+ 7) / 8
    let narrow = width / strips
    let wider = width &- narrow &* strips
    var x = 0
    for i in 0..<strips {
      let count = i < wider ? narrow &+ 1 : narrow
      switch count {
      case 1: strip(block, wanted, x, Depthwise<1, 1>.self)
      case 2: strip(block, wanted, x, Depthwise<2, 1>.self)
      case 3: strip(block, wanted, x, Depthwise<3, 1>.self)
      case 4: strip(block, wanted, x, Depthwise<4, 1>.self)
      case 5: strip(block, wanted, x, Depthwise<5, 1>.self)
      case 6: strip(block, wanted, x, Depthwise<6, 1>.self)
      case 7: strip(block, wanted, x, Depthwise<7, 1>.self)
      default: strip(block, wanted, x, Depthwise<8, 1>.self)
      }
      x &+= count
    }
  }

  /// All wanted rows of a strip.
  @inline(never)
  private static func strip<let count: Int>(
    _ block: DepthwiseBlock, _ wanted: Range<Int>, _ x: Int, _: Depthwise<count, 1>.Type
  ) {
    let g = block.geometry
    let left = x &* step &- g.padLeft
    // For each input of a row of the kernel, whether it lies on the map.
    let span = (count &- 1) &* step &+ size
    let first = least(most(0, 0 &- left), span)
    let end = least(most(0, g.inputWidth &- left), span)
    let present = (UInt32(1) &<< UInt32(truncatingIfNeeded: end)) &- (UInt32(1) &<< UInt32(truncatingIfNeeded: first))
    let line = g.inputWidth &* 16
    let lanes = block.vectors &* FloatVector.count
    for row in wanted {
      let top = row &* step &- g.padTop
      // The rows of the kernel that fall on the map.
      let firstTap = least(size, most(0, 0 &- top))
      let taps = most(0, least(size, g.inputHeight &- top) &- firstTap)
      let start = ((top &+ firstTap) &* g.inputWidth &+ left) &* 16
      let pixel = (row &* g.outputWidth &+ x) &* 16
      var lane = 0
      while lane < lanes {
        var sums = InlineArray<count, FloatVector>(repeating: FloatVector(block.bias + lane))
        if let residual = block.residual {
          let other = residual + (pixel &+ lane)
          for i in 0..<count { sums[i] = sums[i] + FloatVector(other + (i &* 16)) }
        }
        var input = block.input + (start &+ lane)
        var weights = block.weights + (firstTap &* size &* 16 &+ lane)
        for _ in 0..<taps {
          addAll(&sums, input, factors(weights), present)
          input += line
          weights += size &* 16
        }
        let constants = FunctionConstants(block.linear)
        let output = block.output + (pixel &+ lane)
        for i in 0..<count { constants.linear(sums[i]).store(output + (i &* 16)) }
        lane &+= FloatVector.count
      }
    }
  }

  /// One row of the kernel; inputs whose bit in `present` is not set are passed over.
  ///
  /// Written out, not a loop: LLVM does not unroll two loops of which the inner depends on the outer, and sums that are
  /// named by a variable live in memory.
  @inline(always)
  private static func addAll<let count: Int>(
    _ sums: inout InlineArray<count, FloatVector>, _ pixels: UnsafePointer<Float>,
    _ factors: InlineArray<size, FloatVector>, _ present: UInt32
  ) {
    add(&sums, 0, pixels, factors, present)
    add(&sums, 1, pixels, factors, present)
    add(&sums, 2, pixels, factors, present)
    add(&sums, 3, pixels, factors, present)
    add(&sums, 4, pixels, factors, present)
    add(&sums, 5, pixels, factors, present)
    add(&sums, 6, pixels, factors, present)
    add(&sums, 7, pixels, factors, present)
    add(&sums, 8, pixels, factors, present)
    add(&sums, 9, pixels, factors, present)
    add(&sums, 10, pixels, factors, present)
    add(&sums, 11, pixels, factors, present)
    add(&sums, 12, pixels, factors, present)
    add(&sums, 13, pixels, factors, present)
    add(&sums, 14, pixels, factors, present)
    add(&sums, 15, pixels, factors, present)
    add(&sums, 16, pixels, factors, present)
    add(&sums, 17, pixels, factors, present)
    add(&sums, 18, pixels, factors, present)
  }

  /// Input `p` of a row, to all outputs that it meets.
  @inline(always)
  private static func add<let count: Int>(
    _ sums: inout InlineArray<count, FloatVector>, _ p: Int, _ pixels: UnsafePointer<Float>,
    _ factors: InlineArray<size, FloatVector>, _ present: UInt32
  ) {
    guard p < (count &- 1) &* step &+ size, present & (1 &<< UInt32(truncatingIfNeeded: p)) != 0 else { return }
    let value = FloatVector(pixels + (p &* 16))
    // The outputs that this input belongs to: their taps are 0 ..< size.
    var i = p < size ? 0 : (p &- size) / step &+ 1
    while i < count && i &* step <= p {
      sums[i] = sums[i].adding(value, times: factors[p &- i &* step])
      i &+= 1
    }
  }

  @inline(always)
  private static func factors(_ weights: UnsafePointer<Float>) -> InlineArray<size, FloatVector> {
    var factors = InlineArray<size, FloatVector>(repeating: FloatVector())
    for k in 0..<size { factors[k] = FloatVector(weights + (k &* 16)) }
    return factors
  }
}
