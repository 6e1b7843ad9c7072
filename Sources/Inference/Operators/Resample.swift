import Glibc

/// Resampling along every axis by tables of taps: nearest, linear, cubic, with antialiasing, cropped.
struct Resample: Operation {
  /// For each output index of one axis, taps with weights.
  struct Axis: Sendable {
    /// Taps of each output.
    let taps: Int
    /// `[output][tap]`, indices within the input.
    let indices: [Int32]
    let weights: [Float]
    /// Outputs whose coordinate lies outside the input and which take the extrapolation value; empty where there are none.
    var outside: [Bool] = []

    var count: Int { indices.count / taps }

    /// Whether every output is the input of the same index.
    func isIdentity(_ side: Int) -> Bool {
      count == side && taps == 1 && outside.isEmpty && indices.indices.allSatisfy { indices[$0] == $0 }
    }
  }

  let axes: [Axis]
  let input: [Int]
  let extrapolation: Float
  /// Whether each output has one tap of weight 1.
  let isNearest: Bool

  var title: String { "Resize" }

  func run(_ x: [TensorView], _ y: TensorView) {
    guard y.count > 0 else { return }
    var at = 0
    switch y.type.size {
    case 1: nearest(0, x[0][UInt8.self], y[UInt8.self], &at)
    case 2: nearest(0, x[0][UInt16.self], y[UInt16.self], &at)
    case 8: nearest(0, x[0][UInt64.self], y[UInt64.self], &at)
    default:
      if isNearest, axes.allSatisfy(\.outside.isEmpty) {
        nearest(0, x[0][UInt32.self], y[UInt32.self], &at)
      } else {
        let strides = rowMajorStrides(input)
        var position = [Int](repeating: 0, count: axes.count)
        outputs(0, &position, x[0][Float.self], y[Float.self], &at, strides)
      }
    }
  }

  private func nearest<T: BitwiseCopyable>(
    _ axis: Int, _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ at: inout Int
  ) {
    let table = axes[axis].indices
    if axis == axes.count - 1 {
      for i in table {
        y[at] = x[Int(i)]
        at += 1
      }
      return
    }
    let stride = input[(axis + 1)...].reduce(1, *)
    for i in table { nearest(axis + 1, x + Int(i) * stride, y, &at) }
  }

  private func outputs(
    _ axis: Int, _ position: inout [Int], _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ at: inout Int, _ strides: [Int]
  ) {
    guard axis < axes.count else {
      let isOutside = axes.indices.contains { !axes[$0].outside.isEmpty && axes[$0].outside[position[$0]] }
      y[at] = isOutside ? extrapolation : sum(0, position, x, strides)
      at += 1
      return
    }
    for i in 0..<axes[axis].count {
      position[axis] = i
      outputs(axis + 1, &position, x, y, &at, strides)
    }
  }

  private func sum(_ axis: Int, _ position: [Int], _ x: UnsafeMutablePointer<Float>, _ strides: [Int]) -> Float {
    guard axis < axes.count else { return x[0] }
    let table = axes[axis]
    let first = position[axis] * table.taps
    var result: Float = 0
    for tap in first..<first + table.taps where table.weights[tap] != 0 {
      result += table.weights[tap] * sum(axis + 1, position, x + Int(table.indices[tap]) * strides[axis], strides)
    }
    return result
  }
}

/// What Resize's attributes say about how coordinates become taps.
private struct Sampling {
  enum Filter { case nearest, linear, cubic }
  var filter = Filter.nearest
  var coordinates = "half_pixel"
  var nearestMode = "round_prefer_floor"
  var cubicCoefficient = -0.75
  var excludesOutside = false
  var antialiases = false

  /// The taps of one axis. `scale` is output over input; `roi` the cropped part in fractions of the input.
  func axis(
    input: Int, output: Int, scale: Double, roi: (start: Double, end: Double), node: NodeReader
  ) throws(NetworkError) -> Resample.Axis {
    guard input > 0 || output == 0, input <= Int(Int32.max) else { throw node.invalid("it enlarges an empty axis") }
    // Where nothing shrinks, antialiasing changes nothing.
    let stretch = antialiases && scale < 1 ? 1 / scale : 1
    let reach = filter == .cubic ? 2 * stretch : stretch
    let width: Int
    switch filter {
    case .nearest: width = 1
    case .linear where stretch == 1: width = 2
    default:
      guard reach < 1e6 else { throw node.invalid("it shrinks too much") }
      width = 2 * Int(reach.rounded(.up)) + (stretch == 1 ? 0 : 1)
    }
    let (cells, overflow) = output.multipliedReportingOverflow(by: width)
    try node.takeTable(overflow ? Int.max : cells)
    var (indices, weights, outside): ([Int32], [Float], [Bool]) = ([], [], [])
    for i in 0..<output {
      let x = try coordinate(i, input: input, output: output, scale: scale, roi: roi, node: node)
      let isOutside = coordinates == "tf_crop_and_resize" && (x < 0 || x > Double(input - 1))
      outside.append(isOutside)
      if filter == .nearest {
        indices.append(Int32(max(0, min(Double(input - 1), try nearest(x, node)))))
        weights.append(1)
        continue
      }
      let first = (x.rounded(.down) - (stretch == 1 ? Double(width / 2 - 1) : reach.rounded(.up)))
      var taps: [(index: Double, weight: Double)] = (0..<width).map { tap in
        let index = first + Double(tap)
        return (index, weight((index - x) / stretch))
      }
      if excludesOutside || antialiases && stretch != 1 {
        for tap in taps.indices where excludesOutside && (taps[tap].index < 0 || taps[tap].index > Double(input - 1)) {
          taps[tap].weight = 0
        }
        let sum = taps.reduce(0) { $0 + $1.weight }
        if sum != 0 { for tap in taps.indices { taps[tap].weight /= sum } }
      }
      for tap in taps {
        indices.append(Int32(max(0, min(Double(input - 1), tap.index))))
        weights.append(Float(tap.weight))
      }
    }
    var axis = Resample.Axis(taps: width, indices: indices, weights: weights)
    if outside.contains(true) { axis.outside = outside }
    return axis
  }

  private func coordinate(
    _ i: Int, input: Int, output: Int, scale: Double, roi: (start: Double, end: Double), node: NodeReader
  ) throws(NetworkError) -> Double {
    let (x, n, m) = (Double(i), Double(input), Double(output))
    switch coordinates {
    case "half_pixel": return (x + 0.5) / scale - 0.5
    case "half_pixel_symmetric":
      // The output's side is rounded down, which would shift the picture.
      let adjustment = m / (scale * n)
      return n / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case "pytorch_half_pixel": return output > 1 ? (x + 0.5) / scale - 0.5 : 0
    case "asymmetric": return x / scale
    case "align_corners":
      // By the exact side, as the definition's reference has it, where only a scale is given.
      let side = scale * n
      return side <= 1 ? 0 : x * (n - 1) / (usesExactSide(side, m) ? side - 1 : m - 1)
    case "tf_half_pixel_for_nn": return (x + 0.5) / scale
    case "tf_crop_and_resize":
      return output > 1
        ? roi.start * (n - 1) + x * (roi.end - roi.start) * (n - 1) / (m - 1) : 0.5 * (roi.start + roi.end) * (n - 1)
    default: throw node.unsupported("attribute 'coordinate_transformation_mode' = \(coordinates)")
    }
  }

  private func usesExactSide(_ side: Double, _ output: Double) -> Bool { side > 1 && side < output + 1 }

  private func nearest(_ x: Double, _ node: NodeReader) throws(NetworkError) -> Double {
    switch nearestMode {
    case "round_prefer_floor": return (x - 0.5).rounded(.up)
    case "round_prefer_ceil": return (x + 0.5).rounded(.down)
    case "floor": return x.rounded(.down)
    case "ceil": return x.rounded(.up)
    default: throw node.unsupported("attribute 'nearest_mode' = \(nearestMode)")
    }
  }

  /// The filter's height at a distance in input pixels.
  private func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    guard filter == .cubic else { return max(0, 1 - x) }
    let a = cubicCoefficient
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}

@Sendable func loadResize(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  var sampling = Sampling()
  switch try node.string("mode", "nearest") {
  case "nearest": sampling.filter = .nearest
  case "linear": sampling.filter = .linear
  case "cubic": sampling.filter = .cubic
  case let other: throw node.unsupported("attribute 'mode' = \(other)")
  }
  let isOld = node.operatorSet < 11
  sampling.coordinates = try node.string("coordinate_transformation_mode", isOld ? "asymmetric" : "half_pixel")
  sampling.nearestMode = try node.string("nearest_mode", isOld ? "floor" : "round_prefer_floor")
  sampling.cubicCoefficient = Double(try node.float("cubic_coeff_a", -0.75))
  sampling.excludesOutside = try node.flag("exclude_outside", false)
  sampling.antialiases = try node.flag("antialias", false)
  let extrapolation = try node.float("extrapolation_value", 0)
  let policy = try node.string("keep_aspect_ratio_policy", "stretch")
  let axes = try node.axes(try node.ints("axes") ?? Array(0..<x.rank), rank: x.rank)
  func present(_ index: Int) throws(NetworkError) -> Tensor? {
    // An empty tensor stands for an absent one.
    guard let tensor = try node.constant(index), tensor.count > 0 else { return nil }
    return tensor
  }
  let roi = isOld ? nil : try present(1)
  let scales = try present(isOld ? 1 : 2)?.floats
  let sizes = isOld ? nil : try present(3)?.ints
  var factors: [Double]
  var shape = x.shape
  if let sizes {
    guard scales == nil, sizes.count == axes.count, sizes.allSatisfy({ (0...(1 << 31)).contains($0) }) else {
      throw node.invalid("it has both sizes and scales, or they do not fit its axes")
    }
    factors = axes.indices.map { Double(sizes[$0]) / Double(max(1, x.shape[axes[$0]])) }
    if policy != "stretch" {
      guard policy == "not_larger" || policy == "not_smaller" else {
        throw node.unsupported("attribute 'keep_aspect_ratio_policy' = \(policy)")
      }
      let one = (policy == "not_larger" ? factors.min() : factors.max()) ?? 1
      factors = factors.map { _ in one }
      for (i, axis) in axes.enumerated() {
        shape[axis] = try side((factors[i] * Double(x.shape[axis])).rounded(.toNearestOrAwayFromZero), node)
      }
    } else {
      for (i, axis) in axes.enumerated() { shape[axis] = sizes[i] }
    }
  } else {
    guard let scales, scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 1e6 }) else {
      throw node.invalid("it has neither sizes nor scales that fit its axes")
    }
    factors = scales.map(Double.init)
    for (i, axis) in axes.enumerated() {
      var extent = 1.0
      if let roi, sampling.coordinates == "tf_crop_and_resize", roi.count == 2 * axes.count {
        extent = readNumber(roi.view, axes.count + i) - readNumber(roi.view, i)
      }
      // The product in single precision, as others have it; a hair below a whole number would lose a pixel.
      shape[axis] = try side(Double((Float(x.shape[axis]) * scales[i] * Float(extent)).rounded(.down)), node)
    }
  }
  return try resample(node, x, sampling, shape, axes, factors, roi, extrapolation)
}

private func side(_ value: Double, _ node: NodeReader) throws(NetworkError) -> Int {
  guard value >= 0, value <= 0x1p31 else { throw node.invalid("a side of its result is negative or too large") }
  return Int(value)
}

@Sendable func loadUpsample(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  var sampling = Sampling(coordinates: "asymmetric", nearestMode: "floor")
  switch try node.string("mode", "nearest") {
  case "nearest": break
  case "linear", "bilinear": sampling.filter = .linear
  case let other: throw node.unsupported("attribute 'mode' = \(other)")
  }
  let scales = node.operatorSet < 9 ? try node.floats("scales") : try node.constantFloats(1)
  guard let scales, scales.count == x.rank, scales.allSatisfy({ $0 >= 1 && $0 < 1e6 }) else {
    throw node.invalid("its scales do not fit")
  }
  var shape: [Int] = []
  for (extent, scale) in zip(x.shape, scales) {
    shape.append(try side(Double((Float(extent) * scale).rounded(.down)), node))
  }
  return try resample(node, x, sampling, shape, Array(0..<x.rank), scales.map(Double.init), nil, 0)
}

private func resample(
  _ node: NodeReader, _ x: InputInfo, _ sampling: Sampling, _ shape: [Int], _ axes: [Int], _ factors: [Double],
  _ roi: Tensor?, _ extrapolation: Float
) throws(NetworkError) -> [NodeResult] {
  guard sampling.filter == .nearest && sampling.coordinates != "tf_crop_and_resize" || x.element == .float32 else {
    throw node.unsupported("interpolating elements of type \(x.element.rawValue)")
  }
  let type = try node.type(x.element, shape)
  guard x.rank > 0 else { return [.alias(x.value)] }
  var tables: [Resample.Axis] = []
  for axis in 0..<x.rank {
    guard let i = axes.firstIndex(of: axis) else {
      try node.takeTable(x.shape[axis])
      tables.append(
        Resample.Axis(
          taps: 1, indices: (0..<x.shape[axis]).map(Int32.init),
          weights: x.shape[axis...axis].flatMap { [Float](repeating: 1, count: $0) }))
      continue
    }
    var part = (start: 0.0, end: 1.0)
    if sampling.coordinates == "tf_crop_and_resize" {
      guard let roi, roi.count == 2 * axes.count, roi.floats != nil else {
        throw node.invalid("its region does not fit")
      }
      part = (readNumber(roi.view, i), readNumber(roi.view, axes.count + i))
      guard part.start.isFinite, part.end.isFinite else { throw node.invalid("its region is not finite") }
    }
    // Sides that keep their scale need no filter; this also keeps their taps at one.
    if factors[i] == 1, shape[axis] == x.shape[axis], sampling.coordinates != "tf_crop_and_resize" {
      try node.takeTable(x.shape[axis])
      tables.append(
        Resample.Axis(
          taps: 1, indices: (0..<x.shape[axis]).map(Int32.init), weights: [Float](repeating: 1, count: x.shape[axis])))
      continue
    }
    tables.append(
      try sampling.axis(input: x.shape[axis], output: shape[axis], scale: factors[i], roi: part, node: node))
  }
  if tables.indices.allSatisfy({ tables[$0].isIdentity(x.shape[$0]) }) { return [.alias(x.value)] }
  let operation = Resample(
    axes: tables, input: x.shape, extrapolation: extrapolation, isNearest: tables.allSatisfy { $0.taps == 1 })
  return [.computed(operation, [x.value], type)]
}
