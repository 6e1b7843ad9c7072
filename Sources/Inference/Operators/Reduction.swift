import Glibc

/// Sums, means, extremes and the like over some axes.
struct Reduction: Operation {
  enum Kind: String, Sendable {
    case mean = "ReduceMean"
    case maximum = "ReduceMax"
    case minimum = "ReduceMin"
    case sum = "ReduceSum"
    case product = "ReduceProd"
    case sumOfSquares = "ReduceSumSquare"
    case euclidean = "ReduceL2"
    case absolute = "ReduceL1"
  }

  let kind: Kind
  /// Offsets of the elements that make up one result, and of each result's first element.
  private let within: Broadcast
  private let results: Broadcast
  let axes: [Int]

  var title: String { kind.rawValue }

  init(kind: Kind, axes: [Int], input: [Int]) {
    self.kind = kind
    self.axes = axes
    // A reduced axis of the source seen from the kept ones has side 1, and the other way round.
    func walk(_ chosen: (Int) -> Bool) -> Broadcast {
      let strides = rowMajorStrides(input)
      let sides = input.indices.filter(chosen)
      return Broadcast(extents: sides.map { input[$0] }, strides: sides.map { strides[$0] })
    }
    within = walk { axes.contains($0) }
    results = walk { !axes.contains($0) }
  }

  func run(_ x: [TensorView], _ y: TensorView) {
    switch y.type {
    case .float32:
      reduce(x[0][Float.self], y[Float.self], lowest: -.infinity, highest: .infinity, root: { $0.squareRoot() })
    case .float64:
      reduce(x[0][Double.self], y[Double.self], lowest: -.infinity, highest: .infinity, root: { $0.squareRoot() })
    case .int32: integers(x[0][Int32.self], y[Int32.self])
    case .int64: integers(x[0][Int64.self], y[Int64.self])
    default: integers(x[0][UInt8.self], y[UInt8.self])
    }
  }

  private func reduce<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, lowest: T, highest: T, root: (T) -> T
  ) {
    fold(x, y, initial: kind == .maximum ? lowest : kind == .minimum ? highest : kind == .product ? 1 : 0) {
      sum, value in
      switch kind {
      case .mean, .sum: sum + value
      case .maximum: value > sum || value.isNaN ? value : sum
      case .minimum: value < sum || value.isNaN ? value : sum
      case .product: sum * value
      case .sumOfSquares, .euclidean: sum + value * value
      case .absolute: sum + abs(value)
      }
    } finish: { sum, count in
      kind == .mean ? sum / T(count) : kind == .euclidean ? root(sum) : sum
    }
  }

  private func integers<T: FixedWidthInteger & BitwiseCopyable>(
    _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>
  ) {
    fold(x, y, initial: kind == .maximum ? T.min : kind == .minimum ? T.max : kind == .product ? 1 : 0) { sum, value in
      switch kind {
      case .mean, .sum: sum &+ value
      case .maximum: max(value, sum)
      case .minimum: min(value, sum)
      case .product: sum &* value
      case .sumOfSquares, .euclidean: sum &+ value &* value
      case .absolute: value < 0 ? sum &- value : sum &+ value
      }
    } finish: { sum, count in
      switch kind {
      case .mean: count == 0 ? 0 : sum / T(truncatingIfNeeded: count)
      case .euclidean: wholeNumber(Double(sum).squareRoot())
      default: sum
      }
    }
  }

  @inline(always)
  private func fold<T: BitwiseCopyable>(
    _ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, initial: T, _ step: (T, T) -> T,
    finish: (T, Int) -> T
  ) {
    results.forEachRow { output, first, _, _ in
      for i in 0..<results.rowLength {
        let start = x + first + i * results.step(0)
        var (sum, count) = (initial, 0)
        within.forEachRow { _, offset, _, _ in
          for j in 0..<within.rowLength { sum = step(sum, start[offset + j * within.step(0)]) }
          count += within.rowLength
        }
        y[output + i] = finish(sum, count)
      }
    }
  }

  static let loaders: [String: OperatorLoader] = [
    "ReduceMean": { (node) throws(NetworkError) in try load(node, .mean) },
    "ReduceMax": { (node) throws(NetworkError) in try load(node, .maximum) },
    "ReduceMin": { (node) throws(NetworkError) in try load(node, .minimum) },
    "ReduceSum": { (node) throws(NetworkError) in try load(node, .sum) },
    "ReduceProd": { (node) throws(NetworkError) in try load(node, .product) },
    "ReduceSumSquare": { (node) throws(NetworkError) in try load(node, .sumOfSquares) },
    "ReduceL1": { (node) throws(NetworkError) in try load(node, .absolute) },
    "ReduceL2": { (node) throws(NetworkError) in try load(node, .euclidean) },
  ]

  private static func load(_ node: NodeReader, _ kind: Kind) throws(NetworkError) -> [NodeResult] {
    let x = try node.input(0, of: [.float32, .float64, .int32, .int64, .uint8, .bool])
    let keeps = try node.flag("keepdims", true)
    let fromInput = node.operatorSet >= 18 || kind == .sum && node.operatorSet >= 13
    let given = fromInput ? try node.constantInts(1) : try node.ints("axes")
    let doesNothing = try node.flag("noop_with_empty_axes", false)
    var axes = try node.axes(given ?? [], rank: x.rank)
    if axes.isEmpty {
      if doesNothing { return [.alias(x.value)] }
      axes = Array(0..<x.rank)
    }
    let shape = x.shape.indices.compactMap { axes.contains($0) ? (keeps ? 1 : nil) : x.shape[$0] }
    let type = try node.type(x.element, shape)
    return [.computed(Reduction(kind: kind, axes: axes, input: x.shape), [x.value], type)]
  }
}
