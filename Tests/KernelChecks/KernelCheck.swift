public import KernelInterface

/// A kernel against its reference on small and awkward sizes.
public struct KernelCheck: Sendable, CustomStringConvertible {
  public let name: String
  /// The largest difference allowed, as a part of the largest value.
  public let tolerance: Float
  /// The largest difference found; infinite if a kernel wrote where it must not, or if parts and whole differ.
  public let run: @Sendable (any KernelSet.Type) -> Float

  public var description: String { name }

  public static let all: [KernelCheck] =
    [
      KernelCheck(name: "pointwise", tolerance: 2e-6, run: checkPointwise),
      KernelCheck(name: "dense", tolerance: 2e-6, run: checkDense),
      KernelCheck(name: "planesConvolution", tolerance: 2e-6, run: checkPlanes),
      KernelCheck(name: "depthwise", tolerance: 2e-6, run: checkDepthwise),
      KernelCheck(name: "pool", tolerance: 1e-6, run: checkPool),
      KernelCheck(name: "globalPool", tolerance: 1e-6, run: checkGlobalPool),
      KernelCheck(name: "resize", tolerance: 1e-6, run: checkResize),
      KernelCheck(name: "binary", tolerance: 1e-6, run: checkBinary),
      KernelCheck(name: "activate", tolerance: 1e-6, run: checkActivate),
      KernelCheck(name: "exponential", tolerance: 3e-7, run: checkExponential),
      KernelCheck(name: "gather", tolerance: 0, run: checkGather),
      KernelCheck(name: "planesFromBlocked", tolerance: 0, run: checkPlanesFromBlocked),
      KernelCheck(name: "rowsFromBlocked", tolerance: 0, run: checkRowsFromBlocked),
      KernelCheck(name: "blockedFromPlanes", tolerance: 0, run: checkBlockedFromPlanes),
      KernelCheck(name: "softmax", tolerance: 1e-6, run: checkSoftmax),
      KernelCheck(name: "multiply", tolerance: 2e-6, run: checkMultiply),
      KernelCheck(name: "pictureRow", tolerance: 1e-6, run: checkPictureRow),
    ]

  public static func named(_ name: String) -> KernelCheck? { all.first { $0.name == name } }
}

let awkwardChannels = [1, 2, 3, 5, 7, 15, 16, 17, 31, 33, 58, 116]
let activations: [Activation] = [
  .none, .relu, .relu6, .leakyRelu(0.1), .clip(-0.25, 0.5), .hardSigmoid(), .hardSwish, .sigmoid, .silu,
]

/// Cuts a range in two or three parts that are not alike.
func parts(_ range: Range<Int>, _ random: inout Seeded) -> [Range<Int>] {
  guard range.count > 1 else { return [range] }
  let cut = random.integer(range.lowerBound + 1...range.upperBound - 1)
  return [range.lowerBound..<cut, cut..<range.upperBound]
}

/// The blocks that hold the channels of some panels.
func blocks(ofPanels panels: Range<Int>, _ weights: PackedWeights) -> Range<Int> {
  let end = Swift.min(panels.upperBound * weights.panelWidth, weights.columns)
  return panels.lowerBound * weights.panelWidth / 16..<(end + 15) / 16
}

/// Random epilogues with the memory that they point to.
struct RandomEpilogue {
  let bias: [Float]
  let activation: Activation
  let residual: RandomView?
  let addsAfterActivation: Bool

  init(channels: Int, pixels: Int, _ random: inout Seeded) {
    bias = random.values(channels)
    activation = activations[random.integer(0...activations.count - 1)]
    residual =
      random.integer(0...2) == 0 ? nil : RandomView(channels: channels, pixels: pixels, .dense, &random)
    addsAfterActivation = random.integer(0...1) == 0
  }

  func epilogue(bias: AlignedFloats) -> Epilogue {
    Epilogue(
      bias: bias.pointer, activation: activation, residual: residual?.memory.constant,
      residualPlane: residual?.pixels ?? 0, addsAfterActivation: addsAfterActivation)
  }
}
