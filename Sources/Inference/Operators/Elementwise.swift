import Glibc
import KernelInterface

/// A function of one float, applied to every element.
enum ElementwiseFunction: Equatable, Sendable {
  case relu, sigmoid, silu, tanh, exp, log, sqrt, negate, absolute, reciprocal, floor, ceil, round, erf, sign
  case softplus, mish, softsign
  case leakyRelu(alpha: Float)
  case elu(alpha: Float)
  case clip(low: Float, high: Float)
  case hardSigmoid(alpha: Float, beta: Float)
  /// `x · hardSigmoid(x)`, which with ⅙ and ½ is ONNX's HardSwish.
  case hardSwish(alpha: Float, beta: Float)
  /// `x · scale + shift`.
  case affine(scale: Float, shift: Float)
  case gelu(approximate: Bool)

  @inline(always)
  func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .relu: x > 0 || x.isNaN ? x : 0
    case .sigmoid: Self.logistic(x)
    case .silu: x * Self.logistic(x)
    case .tanh: Glibc.tanhf(x)
    case .exp: Glibc.expf(x)
    case .log: Glibc.logf(x)
    case .sqrt: x.squareRoot()
    case .negate: -x
    case .absolute: abs(x)
    case .reciprocal: 1 / x
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .erf: Glibc.erff(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .softplus: max(x, 0) + Glibc.log1pf(Glibc.expf(-abs(x)))
    case .mish: x * Glibc.tanhf(max(x, 0) + Glibc.log1pf(Glibc.expf(-abs(x))))
    case .softsign: x / (1 + abs(x))
    case .leakyRelu(let alpha): x < 0 ? alpha * x : x
    case .elu(let alpha): x < 0 ? alpha * Glibc.expm1f(x) : x
    case .clip(let low, let high): Self.clamp(x, low, high)
    case .hardSigmoid(let alpha, let beta): Self.clamp(alpha * x + beta, 0, 1)
    // The factor is clamped before it multiplies, so that great values do not overflow.
    case .hardSwish(let alpha, let beta): x * Self.clamp(alpha * x + beta, 0, 1)
    case .affine(let scale, let shift): x * scale + shift
    case .gelu(approximate: false): 0.5 * x * (1 + Glibc.erff(x * 0.707_106_77))
    case .gelu(approximate: true): 0.5 * x * (1 + Glibc.tanhf(0.797_884_6 * (x + 0.044715 * x * x * x)))
    }
  }

  /// As the kernels have it; nil where they do not.
  var activation: Activation? {
    switch self {
    case .relu: .relu
    case .leakyRelu(let alpha) where alpha <= 1: .leakyRelu(alpha)
    case .clip(let low, let high): .clip(low, high)
    case .hardSigmoid(let alpha, let beta): .hardSigmoid(alpha: alpha, beta: beta)
    case .hardSwish(let alpha, let beta): Activation(kind: .hardSwish, alpha: alpha, beta: beta)
    case .sigmoid: .sigmoid
    case .silu: .silu
    case .exp: .exponential
    default: nil
    }
  }

  /// Without overflow for either sign.
  @inline(always)
  private static func logistic(_ x: Float) -> Float {
    let e = Glibc.expf(-abs(x))
    return x >= 0 ? 1 / (1 + e) : e / (1 + e)
  }

  /// Not a number stays what it is; with `low > high` the result is `high`, as ONNX has it.
  @inline(always)
  private static func clamp(_ x: Float, _ low: Float, _ high: Float) -> Float {
    let raised = x < low ? low : x
    return raised > high ? high : raised
  }

  static let loaders: [String: OperatorLoader] = [
    "Relu": { (node) throws(NetworkError) in try load(node, .relu) },
    "Sigmoid": { (node) throws(NetworkError) in try load(node, .sigmoid) },
    "HardSwish": { (node) throws(NetworkError) in try load(node, .hardSwish(alpha: 1 / 6, beta: 0.5)) },
    "Tanh": { (node) throws(NetworkError) in try load(node, .tanh) },
    "Exp": { (node) throws(NetworkError) in try load(node, .exp) },
    "Log": { (node) throws(NetworkError) in try load(node, .log) },
    "Sqrt": { (node) throws(NetworkError) in try load(node, .sqrt) },
    "Reciprocal": { (node) throws(NetworkError) in try load(node, .reciprocal) },
    "Round": { (node) throws(NetworkError) in try load(node, .round) },
    "Erf": { (node) throws(NetworkError) in try load(node, .erf) },
    "Softplus": { (node) throws(NetworkError) in try load(node, .softplus) },
    "Softsign": { (node) throws(NetworkError) in try load(node, .softsign) },
    "Mish": { (node) throws(NetworkError) in try load(node, .mish) },
    "Neg": { (node) throws(NetworkError) in try load(node, .negate) },
    "Abs": { (node) throws(NetworkError) in try load(node, .absolute) },
    "Floor": { (node) throws(NetworkError) in try load(node, .floor) },
    "Ceil": { (node) throws(NetworkError) in try load(node, .ceil) },
    "Sign": { (node) throws(NetworkError) in try load(node, .sign) },
    "LeakyRelu": { (node) throws(NetworkError) in
      try load(node, .leakyRelu(alpha: try node.float("alpha", 0.01)))
    },
    "Elu": { (node) throws(NetworkError) in try load(node, .elu(alpha: try node.float("alpha", 1))) },
    "HardSigmoid": { (node) throws(NetworkError) in
      try load(node, .hardSigmoid(alpha: try node.float("alpha", 0.2), beta: try node.float("beta", 0.5)))
    },
    "Gelu": { (node) throws(NetworkError) in
      try load(node, .gelu(approximate: try node.string("approximate", "none") == "tanh"))
    },
  ]

  private static func load(_ node: NodeReader, _ function: Self) throws(NetworkError) -> [NodeResult] {
    let x = try node.input(0)
    if x.element == .float32 { return [.computed(Elementwise(function: function), [x.value], x.type)] }
    guard let operation = IntegerElementwise(function, x.element) else {
      throw node.unsupported("input 0 of element type \(x.element.rawValue)")
    }
    return [.computed(operation, [x.value], x.type)]
  }
}

/// Applies a function to every element of a float tensor.
struct Elementwise: Operation {
  let function: ElementwiseFunction

  var title: String {
    switch function {
    case .leakyRelu: "LeakyRelu"
    case .elu: "Elu"
    case .clip: "Clip"
    case .hardSigmoid: "HardSigmoid"
    case .hardSwish: "HardSwish"
    case .affine: "Affine"
    case .gelu: "Gelu"
    case .silu: "SiLU"
    default: "\(function)".prefix(1).uppercased() + "\(function)".dropFirst()
    }
  }

  func run(_ x: [TensorView], _ y: TensorView) {
    let (count, from, to) = (y.count, x[0][Float.self], y[Float.self])
    // The common ones apart, so that the choice is not made for each element.
    switch function {
    case .relu: for i in 0..<count { to[i] = ElementwiseFunction.relu(from[i]) }
    case .leakyRelu(let alpha): for i in 0..<count { to[i] = from[i] < 0 ? alpha * from[i] : from[i] }
    case .affine(let scale, let shift): for i in 0..<count { to[i] = from[i] * scale + shift }
    default: for i in 0..<count { to[i] = function(from[i]) }
    }
  }
}

/// The functions that make sense for whole numbers, and for doubles.
struct IntegerElementwise: Operation {
  let function: ElementwiseFunction
  let element: ElementType

  init?(_ function: ElementwiseFunction, _ element: ElementType) {
    switch (function, element) {
    case (.relu, .int32), (.relu, .int64), (.negate, .int32), (.negate, .int64): break
    case (.absolute, .int32), (.absolute, .int64), (.sign, .int32), (.sign, .int64): break
    case (.floor, .float64), (.ceil, .float64), (.negate, .float64), (.sqrt, .float64): break
    default: return nil
    }
    self.function = function
    self.element = element
  }

  var title: String { Elementwise(function: function).title }

  func run(_ x: [TensorView], _ y: TensorView) {
    switch element {
    case .int32: integers(Int32.self, x[0], y)
    case .int64: integers(Int64.self, x[0], y)
    default:
      let (from, to) = (x[0][Double.self], y[Double.self])
      for i in 0..<y.count {
        switch function {
        case .floor: to[i] = from[i].rounded(.down)
        case .ceil: to[i] = from[i].rounded(.up)
        case .sqrt: to[i] = from[i].squareRoot()
        default: to[i] = -from[i]
        }
      }
    }
  }

  private func integers<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _: T.Type, _ x: TensorView, _ y: TensorView
  ) {
    let (from, to) = (x[T.self], y[T.self])
    for i in 0..<y.count {
      switch function {
      case .relu: to[i] = from[i] > 0 ? from[i] : 0
      case .absolute: to[i] = from[i] < 0 ? 0 &- from[i] : from[i]
      case .sign: to[i] = from[i].signum()
      default: to[i] = 0 &- from[i]
      }
    }
  }
}

/// Clip, whose bounds are attributes before operator set 11 and inputs from then on.
@Sendable func loadClip(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  guard x.element == .float32 else { return try loadIntegerClip(node, x) }
  var low = -Float.infinity
  var high = Float.infinity
  if node.operatorSet < 11 {
    low = try node.float("min", -Float.greatestFiniteMagnitude)
    high = try node.float("max", Float.greatestFiniteMagnitude)
  } else {
    if let bound = try node.constantFloats(1) {
      guard bound.count == 1 else { throw node.invalid("the lower bound is not a single number") }
      low = bound[0]
    }
    if let bound = try node.constantFloats(2) {
      guard bound.count == 1 else { throw node.invalid("the upper bound is not a single number") }
      high = bound[0]
    }
  }
  if low == -.infinity, high == .infinity { return [.alias(x.value)] }
  return [.computed(Elementwise(function: .clip(low: low, high: high)), [x.value], x.type)]
}

private func loadIntegerClip(_ node: NodeReader, _ x: InputInfo) throws(NetworkError) -> [NodeResult] {
  var bounds: [Double?] = []
  for index in 1...2 {
    let bound = try node.constant(index)
    guard bound == nil || bound?.count == 1 && bound?.type.element == x.element else {
      throw node.invalid("a bound is not a single number of the input's type")
    }
    bounds.append(bound.map { readNumber($0.view, 0) })
  }
  return [.computed(NumberClip(low: bounds[0], high: bounds[1]), [x.value], x.type)]
}

/// Clip for other types than float.
private struct NumberClip: Operation {
  let low: Double?
  let high: Double?
  var title: String { "Clip" }

  func run(_ x: [TensorView], _ y: TensorView) {
    for i in 0..<y.count {
      var value = readNumber(x[0], i)
      if let low, value < low { value = low }
      if let high, value > high { value = high }
      writeNumber(value, y, i)
    }
  }
}
