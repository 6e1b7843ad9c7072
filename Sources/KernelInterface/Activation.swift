/// A function applied to each value.
public struct Activation: Sendable, Hashable, BitwiseCopyable {
  public enum Kind: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// `min(max(x, alpha · x + beta), high)`: none, ReLU, leaky ReLU, clipping. NaN stays NaN.
    case linear
    /// `min(max(alpha · x + beta, 0), 1)`
    case hardSigmoid
    /// `x · min(max(alpha · x + beta, 0), 1)`
    case hardSwish
    /// `1 / (1 + exp(-x))`
    case sigmoid
    /// `x / (1 + exp(-x))`
    case silu
    /// `exp(x)`
    case exponential
  }

  public var kind: Kind
  public var alpha: Float
  public var beta: Float
  public var high: Float

  public init(kind: Kind, alpha: Float = 1, beta: Float = 0, high: Float = .infinity) {
    self.kind = kind
    self.alpha = alpha
    self.beta = beta
    self.high = high
  }

  public static let none = Activation(kind: .linear)
  public static let relu = Activation(kind: .linear, alpha: 0)
  public static let relu6 = Activation(kind: .linear, alpha: 0, high: 6)
  /// `slope` at most 1.
  public static func leakyRelu(_ slope: Float) -> Activation { Activation(kind: .linear, alpha: slope) }
  /// ONNX's Clip; a bound that is infinite does nothing.
  public static func clip(_ low: Float, _ high: Float) -> Activation {
    low == -.infinity
      ? Activation(kind: .linear, high: high) : Activation(kind: .linear, alpha: 0, beta: low, high: high)
  }
  /// ONNX's HardSigmoid: `alpha` 0.2, `beta` 0.5 unless the node says otherwise.
  public static func hardSigmoid(alpha: Float = 0.2, beta: Float = 0.5) -> Activation {
    Activation(kind: .hardSigmoid, alpha: alpha, beta: beta)
  }
  public static let hardSwish = Activation(kind: .hardSwish, alpha: 1 / 6, beta: 0.5)
  public static let sigmoid = Activation(kind: .sigmoid)
  public static let silu = Activation(kind: .silu)
  public static let exponential = Activation(kind: .exponential)

  /// Whether it leaves every value as it is.
  public var isNone: Bool { kind == .linear && alpha == 1 && beta == 0 && high == .infinity }
}

/// What a convolution does with its sums: `activation(sum + bias + residual)`, or `activation(sum + bias) + residual`.
public struct Epilogue {
  /// For each output channel; readable up to a whole number of panels (`PackedWeights.paddedBias`).
  public var bias: UnsafePointer<Float>
  public var activation: Activation
  /// A blocked tensor like the output, at block 0, pixel 0. May be the output itself, no other overlap.
  public var residual: UnsafePointer<Float>?
  /// Pixels from one block of the residual to the next.
  public var residualPlane: Int
  /// Whether the residual is added after the activation instead of before.
  public var addsAfterActivation: Bool

  public init(
    bias: UnsafePointer<Float>, activation: Activation = .none, residual: UnsafePointer<Float>? = nil,
    residualPlane: Int = 0, addsAfterActivation: Bool = false
  ) {
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.residualPlane = residualPlane
    self.addsAfterActivation = addsAfterActivation
  }
}
