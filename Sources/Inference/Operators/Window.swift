/// How a convolution or pooling window moves over the spatial axes of `[n, c, …]`.
struct Window: Equatable, Sendable {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  var before: [Int]
  var after: [Int]
  var input: [Int]
  var output: [Int]

  /// Larger windows, steps and pads than this serve no network, and their products could overflow.
  private static let largest = 1 << 20

  /// Reads `strides`, `dilations`, `pads`, `auto_pad` and, for pooling, `ceil_mode`.
  init(_ node: NodeReader, kernel: [Int], input: [Int], pooling: Bool) throws(NetworkError) {
    self.kernel = kernel
    self.input = input
    let rank = input.count
    guard rank >= 1, kernel.count == rank, kernel.allSatisfy({ (1...Self.largest).contains($0) }) else {
      throw node.invalid("the kernel \(kernel) does not fit \(rank) spatial axes")
    }
    strides = try node.ints("strides", in: 1...Self.largest) ?? kernel.map { _ in 1 }
    dilations = try node.ints("dilations", in: 1...Self.largest) ?? kernel.map { _ in 1 }
    let pads = try node.ints("pads", in: 0...Self.largest) ?? [Int](repeating: 0, count: 2 * rank)
    let roundsUp = pooling ? try node.flag("ceil_mode", false) : false
    guard strides.count == rank, dilations.count == rank, pads.count == 2 * rank else {
      throw node.invalid("strides, dilations or pads do not fit \(rank) spatial axes")
    }
    before = Array(pads[..<rank])
    after = Array(pads[rank...])
    output = []
    let mode = try node.string("auto_pad", "NOTSET")
    for axis in 0..<rank {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      switch mode {
      case "NOTSET": break
      case "VALID": (before[axis], after[axis]) = (0, 0)
      case "SAME_UPPER", "SAME_LOWER":
        let side = (input[axis] + strides[axis] - 1) / strides[axis]
        let pad = max(0, (side - 1) * strides[axis] + reach - input[axis])
        before[axis] = mode == "SAME_UPPER" ? pad / 2 : pad - pad / 2
        after[axis] = pad - before[axis]
      default: throw node.unsupported("attribute 'auto_pad' = \(mode)")
      }
      let spare = input[axis] + before[axis] + after[axis] - reach
      guard spare >= 0 else {
        throw node.invalid("the window of \(reach) is larger than the padded input of \(spare + reach)")
      }
      var side = spare / strides[axis] + 1
      if roundsUp, spare % strides[axis] != 0, side * strides[axis] < input[axis] + before[axis] { side += 1 }
      output.append(side)
    }
  }

  /// Output positions whose tap `k` lies on the input.
  func range(axis: Int, tap k: Int) -> Range<Int> {
    let shift = k * dilations[axis] - before[axis]
    let low = shift >= 0 ? 0 : (-shift + strides[axis] - 1) / strides[axis]
    let last = input[axis] - 1 - shift
    let high = last < 0 ? 0 : min(output[axis], last / strides[axis] + 1)
    return min(low, high)..<high
  }

  /// Taps of output position `o` that lie on the input.
  func taps(axis: Int, output o: Int) -> Range<Int> {
    let first = o * strides[axis] - before[axis]
    let low = first >= 0 ? 0 : (-first + dilations[axis] - 1) / dilations[axis]
    let left = input[axis] - first
    let high = left <= 0 ? 0 : min(kernel[axis], (left - 1) / dilations[axis] + 1)
    return min(low, high)..<high
  }

  /// How many taps of output position `o` lie on the padded input.
  func paddedTaps(axis: Int, output o: Int) -> Int {
    let left = input[axis] + after[axis] + before[axis] - o * strides[axis]
    return left <= 0 ? 0 : min(kernel[axis], (left - 1) / dilations[axis] + 1)
  }
}
