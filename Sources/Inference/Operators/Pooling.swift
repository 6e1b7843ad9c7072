import KernelInterface

/// Maximum or average over a window, for any number of spatial axes.
struct Pool: Operation {
  let pooling: Pooling
  let window: Window

  var title: String { pooling == .maximum ? "MaxPool" : "AveragePool" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let maps = y.shape[0] * y.shape[1]
    let strides = rowMajorStrides(window.input)
    let (inputs, outputs) = (window.input.reduce(1, *), window.output.reduce(1, *))
    let rank = window.output.count
    var position = [Int](repeating: 0, count: rank)
    for o in 0..<outputs {
      var rest = o
      for axis in (0..<rank).reversed() {
        (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: window.output[axis])
      }
      let taps = position.indices.map { window.taps(axis: $0, output: position[$0]) }
      let divisor =
        pooling == .average
        ? taps.reduce(1) { $0 * $1.count }
        : position.indices.reduce(1) { $0 * window.paddedTaps(axis: $1, output: position[$1]) }
      for map in 0..<maps {
        let from = x[0][Float.self] + map * inputs
        var result: Float = pooling == .maximum ? -.infinity : 0
        forEachTap(0, taps, position, strides, 0) { offset in
          let value = from[offset]
          if pooling == .maximum { result = value > result || value.isNaN ? value : result } else { result += value }
        }
        if taps.contains(where: \.isEmpty) { result = 0 }
        y[Float.self][map * outputs + o] = pooling == .maximum || divisor == 0 ? result : result / Float(divisor)
      }
    }
  }

  /// Calls the body with the offset of each tap that lies on the map, in row-major order.
  fileprivate func forEachTap(
    _ axis: Int, _ taps: [Range<Int>], _ position: [Int], _ strides: [Int], _ offset: Int, _ body: (Int) -> Void
  ) {
    let start = position[axis] * window.strides[axis] - window.before[axis]
    for tap in taps[axis] {
      let at = offset + (start + tap * window.dilations[axis]) * strides[axis]
      if axis == taps.count - 1 { body(at) } else { forEachTap(axis + 1, taps, position, strides, at, body) }
    }
  }
}

/// The second output of MaxPool: where each maximum was found, counted through the whole input tensor.
private struct PoolIndices: Operation {
  let pool: Pool
  let columnMajor: Bool
  var title: String { "MaxPool" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let window = pool.window
    let maps = y.shape[0] * y.shape[1]
    let strides = rowMajorStrides(window.input)
    let (inputs, outputs) = (window.input.reduce(1, *), window.output.reduce(1, *))
    let rank = window.output.count
    var position = [Int](repeating: 0, count: rank)
    for o in 0..<outputs {
      var rest = o
      for axis in (0..<rank).reversed() {
        (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: window.output[axis])
      }
      let taps = position.indices.map { window.taps(axis: $0, output: position[$0]) }
      for map in 0..<maps {
        let from = x[0][Float.self] + map * inputs
        var (best, at) = (-Float.infinity, 0)
        pool.forEachTap(0, taps, position, strides, 0) { offset in
          if from[offset] > best { (best, at) = (from[offset], offset) }
        }
        if columnMajor {
          var (left, index, weight) = (at, 0, 1)
          var digits: [Int] = []
          for side in window.input.reversed() {
            digits.append(left % side)
            left /= side
          }
          for (digit, side) in zip(digits.reversed(), window.input) {
            index += digit * weight
            weight *= side
          }
          at = index
        }
        y[Int64.self][map * outputs + o] = Int64(map * inputs + at)
      }
    }
  }
}

private func loadPool(_ node: NodeReader, _ pooling: Pooling) throws(NetworkError) -> [NodeResult] {
  let x = try node.floatInput(0)
  guard x.rank >= 3, let kernel = try node.ints("kernel_shape") else {
    throw node.invalid("it needs a kernel and at least three dimensions")
  }
  let window = try Window(node, kernel: kernel, input: Array(x.shape[2...]), pooling: true)
  let shape = Array(x.shape[..<2]) + window.output
  let pool = Pool(pooling: pooling, window: window)
  var results: [NodeResult] = [.computed(pool, [x.value], try node.type(.float32, shape))]
  let columnMajor = try node.flag("storage_order", false)
  if node.outputCount == 2, pooling == .maximum {
    let indices = PoolIndices(pool: pool, columnMajor: columnMajor)
    results.append(.computed(indices, [x.value], try node.type(.int64, shape)))
  }
  return results
}

@Sendable func loadMaxPool(_ node: NodeReader) throws(NetworkError) -> [NodeResult] { try loadPool(node, .maximum) }

@Sendable func loadAveragePool(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  try loadPool(node, try node.flag("count_include_pad", false) ? .averageWithPadding : .average)
}

/// Maximum or average over all pixels of each channel.
struct GlobalPool: Operation {
  let pooling: Pooling
  var title: String { pooling == .maximum ? "GlobalMaxPool" : "GlobalAveragePool" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let maps = x[0].shape[0] * x[0].shape[1]
    let pixels = x[0].shape[2...].reduce(1, *)
    for map in 0..<maps {
      let from = x[0][Float.self] + map * pixels
      var sum: Float = 0
      var greatest = -Float.infinity
      for i in 0..<pixels {
        sum += from[i]
        greatest = from[i] > greatest || from[i].isNaN ? from[i] : greatest
      }
      y[Float.self][map] = pooling == .maximum ? greatest : sum / Float(pixels)
    }
  }
}

private func loadGlobalPool(_ node: NodeReader, _ pooling: Pooling) throws(NetworkError) -> [NodeResult] {
  let x = try node.floatInput(0)
  guard x.rank >= 3, x.type.count > 0 else { throw node.invalid("its input has the shape \(x.shape)") }
  let shape = Array(x.shape[..<2]) + x.shape[2...].map { _ in 1 }
  return [.computed(GlobalPool(pooling: pooling), [x.value], try node.type(.float32, shape))]
}

@Sendable func loadGlobalAveragePool(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  try loadGlobalPool(node, .average)
}

@Sendable func loadGlobalMaxPool(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  try loadGlobalPool(node, .maximum)
}
