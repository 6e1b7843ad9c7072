import KernelInterface

/// One vector of channels of a depthwise convolution.
struct DepthwiseLayer {
  let geometry: WindowGeometry
  /// The block's pixel 0, at the vector's first lane.
  let input: UnsafePointer<Float>
  /// `[ky][kx][16]`, at the vector's first lane.
  let weights: UnsafePointer<Float>
  let bias: FloatVector
  let linear: Activation
  let residual: UnsafePointer<Float>?
  let output: UnsafeMutablePointer<Float>
}

@inline(always)
func convolveDepthwise(_ work: DepthwiseWork) {
  let g = work.geometry
  let finish = Finish(work.epilogue, output: work.output, plane: work.outputPlane)
  let isPlain = g.dilationY == 1 && g.dilationX == 1 && g.strideY == g.strideX && g.kernelHeight == g.kernelWidth
  for block in work.blocks {
    let channels = least(16, work.channels &- block &* 16)
    var lane = 0
    while lane < channels {
      let channel = block &* 16 &+ lane
      var other: UnsafePointer<Float>?
      if let residual = finish.earlyResidual {
        other = residual + place(channel: channel, pixel: 0, plane: work.epilogue.residualPlane)
      }
      let layer = DepthwiseLayer(
        geometry: g, input: work.base + (work.blockOffsets[block] &+ lane),
        weights: work.weights + (block &* g.kernelHeight &* g.kernelWidth &* 16 &+ lane),
        bias: FloatVector(work.epilogue.bias + channel), linear: finish.linear, residual: other,
        output: work.output + place(channel: channel, pixel: 0, plane: work.outputPlane))
      for row in work.rows {
        if isPlain && g.kernelWidth == 3 && g.strideX == 1 {
          Depthwise<3, 1>(layer: layer).run(row)
        } else if isPlain && g.kernelWidth == 3 && g.strideX == 2 {
          Depthwise<3, 2>(layer: layer).run(row)
        } else if isPlain && g.kernelWidth == 5 && g.strideX == 1 {
          Depthwise<5, 1>(layer: layer).run(row)
        } else if isPlain && g.kernelWidth == 5 && g.strideX == 2 {
          Depthwise<5, 2>(layer: layer).run(row)
        } else {
          layer.runAny(row)
        }
        finish.run(
          channel: channel, width: FloatVector.count, pixel: row &* g.outputWidth, count: g.outputWidth)
      }
      lane &+= FloatVector.count
    }
  }
}

extension DepthwiseLayer {
  /// The rows of the kernel that fall on the map.
  @inline(always)
  func kernelRows(_ row: Int) -> Range<Int> {
    let g = geometry
    let top = row &* g.strideY &- g.padTop
    let first = top < 0 ? (0 &- top &+ g.dilationY &- 1) / g.dilationY : 0
    let end = least(g.kernelHeight, most(0, (g.inputHeight &- top &+ g.dilationY &- 1) / g.dilationY))
    return least(first, end)..<end
  }

  @inline(always)
  func begin(_ pixel: Int) -> FloatVector {
    guard let residual else { return bias }
    return bias + FloatVector(residual + (pixel &* 16))
  }

  /// One row of outputs for any geometry: right, one output at a time.
  @inline(never)
  func runAny(_ row: Int) {
    let g = geometry
    let top = row &* g.strideY &- g.padTop
    let rows = kernelRows(row)
    let constants = FunctionConstants(linear)
    for x in 0..<g.outputWidth {
      let pixel = row &* g.outputWidth &+ x
      let left = x &* g.strideX &- g.padLeft
      var sum = begin(pixel)
      for ky in rows {
        let line = input + ((top &+ ky &* g.dilationY) &* g.inputWidth &* 16)
        for kx in 0..<g.kernelWidth {
          let column = left &+ kx &* g.dilationX
          if column < 0 || column >= g.inputWidth { continue }
          let factor = FloatVector(weights + ((ky &* g.kernelWidth &+ kx) &* 16))
          sum = sum.adding(FloatVector(line + (column &* 16)), times: factor)
        }
      }
      constants.linear(sum).store(output + (pixel &* 16))
    }
  }
}

/// Square kernels without dilation. Neighbouring outputs share each input, which is loaded once for each row of the kernel;
/// the factors of that row stay in registers.
struct Depthwise<let size: Int, let step: Int> {
  let layer: DepthwiseLayer

  /// Cuts the row into groups of nearly equal size, so that no output is left to a slower path.
  @inline(always)
  func run(_ row: Int) {
    let g = layer.geometry
    let groups = (g.outputWidth &+ 7) / 8
    let size = g.outputWidth / groups
    let larger = g.outputWidth % groups
    var x = 0
    for group in 0..<groups {
      let count = group < larger ? size &+ 1 : size
      switch count {
      case 1: outputs(row, x, Depthwise<1, 1>.self)
      case 2: outputs(row, x, Depthwise<2, 1>.self)
      case 3: outputs(row, x, Depthwise<3, 1>.self)
      case 4: outputs(row, x, Depthwise<4, 1>.self)
      case 5: outputs(row, x, Depthwise<5, 1>.self)
      case 6: outputs(row, x, Depthwise<6, 1>.self)
      case 7: outputs(row, x, Depthwise<7, 1>.self)
      default: outputs(row, x, Depthwise<8, 1>.self)
      }
      x &+= count
    }
  }

  @inline(always)
  private func outputs<let count: Int>(_ row: Int, _ x: Int, _: Depthwise<count, 1>.Type) {
    let g = layer.geometry
    let left = x &* step &- g.padLeft
    let span = (count &- 1) &* step &+ size
    if left >= 0 && left &+ span <= g.inputWidth {
      inside(row, x, Depthwise<count, 1>.self)
    } else {
      edge(row, x, Depthwise<count, 1>.self)
    }
  }

  /// Outputs whose inputs all lie on the map, as far as columns go.
  @inline(never)
  private func inside<let count: Int>(_ row: Int, _ x: Int, _: Depthwise<count, 1>.Type) {
    let g = layer.geometry
    var sums = begin(row, x, Depthwise<count, 1>.self)
    let top = row &* step &- g.padTop
    for ky in layer.kernelRows(row) {
      let pixels = layer.input + (((top &+ ky) &* g.inputWidth &+ x &* step &- g.padLeft) &* 16)
      let factors = factors(ky)
      for p in 0..<((count &- 1) &* step &+ size) {
        let value = FloatVector(pixels + (p &* 16))
        for i in 0..<count {
          let k = p &- i &* step
          if k >= 0 && k < size { sums[i] = sums[i].adding(value, times: factors[k]) }
        }
      }
    }
    end(sums, row, x)
  }

  /// Outputs at a border: inputs outside are passed over.
  @inline(never)
  private func edge<let count: Int>(_ row: Int, _ x: Int, _: Depthwise<count, 1>.Type) {
    let g = layer.geometry
    var sums = begin(row, x, Depthwise<count, 1>.self)
    let top = row &* step &- g.padTop
    let left = x &* step &- g.padLeft
    for ky in layer.kernelRows(row) {
      let pixels = layer.input + (((top &+ ky) &* g.inputWidth &+ left) &* 16)
      let factors = factors(ky)
      for p in 0..<((count &- 1) &* step &+ size) {
        if left &+ p >= 0 && left &+ p < g.inputWidth {
          let value = FloatVector(pixels + (p &* 16))
          for i in 0..<count {
            let k = p &- i &* step
            if k >= 0 && k < size { sums[i] = sums[i].adding(value, times: factors[k]) }
          }
        }
      }
    }
    end(sums, row, x)
  }

  @inline(always)
  private func factors(_ ky: Int) -> InlineArray<size, FloatVector> {
    var factors = InlineArray<size, FloatVector>(repeating: FloatVector())
    for k in 0..<size { factors[k] = FloatVector(layer.weights + ((ky &* size &+ k) &* 16)) }
    return factors
  }

  @inline(always)
  private func begin<let count: Int>(
    _ row: Int, _ x: Int, _: Depthwise<count, 1>.Type
  ) -> InlineArray<count, FloatVector> {
    var sums = InlineArray<count, FloatVector>(repeating: layer.bias)
    if let residual = layer.residual {
      let first = residual + ((row &* layer.geometry.outputWidth &+ x) &* 16)
      for i in 0..<count { sums[i] = sums[i] + FloatVector(first + (i &* 16)) }
    }
    return sums
  }

  @inline(always)
  private func end<let count: Int>(_ sums: InlineArray<count, FloatVector>, _ row: Int, _ x: Int) {
    let constants = FunctionConstants(layer.linear)
    let first = layer.output + ((row &* layer.geometry.outputWidth &+ x) &* 16)
    for i in 0..<count { constants.linear(sums[i]).store(first + (i &* 16)) }
  }
}
