import Glibc

/// A function of two elements of one type.
enum BinaryFunction: String, Sendable {
  case add = "Add"
  case subtract = "Sub"
  case multiply = "Mul"
  case divide = "Div"
  case minimum = "Min"
  case maximum = "Max"
  case power = "Pow"
  /// The remainder with the divisor's sign.
  case floorRemainder = "Mod"
  /// The remainder with the dividend's sign, as C's `fmod`.
  case remainder = "Fmod"
  case equal = "Equal"
  case less = "Less"
  case greater = "Greater"
  case lessOrEqual = "LessOrEqual"
  case greaterOrEqual = "GreaterOrEqual"
  case and = "And"
  case or = "Or"

  /// Whether the result is a truth value.
  var isPredicate: Bool {
    switch self {
    case .equal, .less, .greater, .lessOrEqual, .greaterOrEqual, .and, .or: true
    default: false
    }
  }

  static let loaders: [String: OperatorLoader] = [
    "Add": { (node) throws(NetworkError) in try loadBinary(node, .add) },
    "Sub": { (node) throws(NetworkError) in try loadBinary(node, .subtract) },
    "Mul": { (node) throws(NetworkError) in try loadBinary(node, .multiply) },
    "Div": { (node) throws(NetworkError) in try loadBinary(node, .divide) },
    "Equal": { (node) throws(NetworkError) in try loadBinary(node, .equal) },
    "Less": { (node) throws(NetworkError) in try loadBinary(node, .less) },
    "Greater": { (node) throws(NetworkError) in try loadBinary(node, .greater) },
    "LessOrEqual": { (node) throws(NetworkError) in try loadBinary(node, .lessOrEqual) },
    "GreaterOrEqual": { (node) throws(NetworkError) in try loadBinary(node, .greaterOrEqual) },
    "And": { (node) throws(NetworkError) in try loadBinary(node, .and) },
    "Or": { (node) throws(NetworkError) in try loadBinary(node, .or) },
    "Min": { (node) throws(NetworkError) in try loadExtreme(node, .minimum) },
    "Max": { (node) throws(NetworkError) in try loadExtreme(node, .maximum) },
  ]
}

private func loadExtreme(_ node: NodeReader, _ function: BinaryFunction) throws(NetworkError) -> [NodeResult] {
  switch node.inputs.count {
  case 1: return [.alias(try node.input(0).value)]
  case 2: return try loadBinary(node, function)
  default: throw node.unsupported("\(node.inputs.count) inputs")
  }
}

/// Two tensors, element by element, broadcast to a common shape.
struct Binary: Operation {
  let function: BinaryFunction
  let broadcast: Broadcast
  let element: ElementType

  var title: String { function.rawValue }

  func run(_ x: [TensorView], _ y: TensorView) {
    switch element {
    case .float32: floats(Float.self, x, y, power: Glibc.powf, remainder: Glibc.fmodf)
    case .float64: floats(Double.self, x, y, power: Glibc.pow, remainder: Glibc.fmod)
    case .int8: integers(Int8.self, x, y)
    case .int16: integers(Int16.self, x, y)
    case .int32: integers(Int32.self, x, y)
    case .int64: integers(Int64.self, x, y)
    case .uint8, .bool: integers(UInt8.self, x, y)
    case .uint16: integers(UInt16.self, x, y)
    case .uint32: integers(UInt32.self, x, y)
    case .uint64: integers(UInt64.self, x, y)
    case .float16, .bfloat16: break  // Refused by the loader.
    }
  }

  static func supports(_ element: ElementType) -> Bool { element != .float16 && element != .bfloat16 }

  private func floats<T: BinaryFloatingPoint & BitwiseCopyable>(
    _: T.Type, _ x: [TensorView], _ y: TensorView, power: (T, T) -> T, remainder: (T, T) -> T
  ) {
    let (a, b) = (x[0][T.self], x[1][T.self])
    switch function {
    case .add: apply(a, b, y[T.self], +)
    case .subtract: apply(a, b, y[T.self], -)
    case .multiply: apply(a, b, y[T.self], *)
    case .divide: apply(a, b, y[T.self], /)
    case .minimum: apply(a, b, y[T.self]) { $0 < $1 || $0.isNaN ? $0 : $1 }
    case .maximum: apply(a, b, y[T.self]) { $0 > $1 || $0.isNaN ? $0 : $1 }
    case .power: apply(a, b, y[T.self], power)
    case .remainder: apply(a, b, y[T.self], remainder)
    case .floorRemainder:
      apply(a, b, y[T.self]) { p, q in
        let r = remainder(p, q)
        return r != 0 && (r < 0) != (q < 0) ? r + q : r
      }
    default: compare(a, b, y)
    }
  }

  private func integers<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ x: [TensorView], _ y: TensorView) {
    let (a, b) = (x[0][T.self], x[1][T.self])
    switch function {
    case .add: apply(a, b, y[T.self], &+)
    case .subtract: apply(a, b, y[T.self], &-)
    case .multiply: apply(a, b, y[T.self], &*)
    // A quotient by zero has no value; the dividend stands in for it.
    case .divide: apply(a, b, y[T.self]) { $0.dividedReportingOverflow(by: $1).partialValue }
    case .minimum: apply(a, b, y[T.self]) { $0 < $1 ? $0 : $1 }
    case .maximum: apply(a, b, y[T.self]) { $0 > $1 ? $0 : $1 }
    case .power: apply(a, b, y[T.self]) { wholeNumber(Glibc.pow(Double($0), Double($1))) }
    case .remainder: apply(a, b, y[T.self]) { $0.remainderReportingOverflow(dividingBy: $1).partialValue }
    case .floorRemainder:
      apply(a, b, y[T.self]) { p, q in
        let r = p.remainderReportingOverflow(dividingBy: q).partialValue
        return q != 0 && r != 0 && (r < 0) != (q < 0) ? r &+ q : r
      }
    default: compare(a, b, y)
    }
  }

  private func compare<T: Comparable & BitwiseCopyable & Numeric>(
    _ a: UnsafeMutablePointer<T>, _ b: UnsafeMutablePointer<T>, _ y: TensorView
  ) {
    let to = y[UInt8.self]
    switch function {
    case .equal: apply(a, b, to) { $0 == $1 ? 1 : 0 }
    case .less: apply(a, b, to) { $0 < $1 ? 1 : 0 }
    case .greater: apply(a, b, to) { $0 > $1 ? 1 : 0 }
    case .lessOrEqual: apply(a, b, to) { $0 <= $1 ? 1 : 0 }
    case .greaterOrEqual: apply(a, b, to) { $0 >= $1 ? 1 : 0 }
    case .and: apply(a, b, to) { $0 != 0 && $1 != 0 ? 1 : 0 }
    case .or: apply(a, b, to) { $0 != 0 || $1 != 0 ? 1 : 0 }
    default: break
    }
  }

  @inline(always)
  private func apply<T: BitwiseCopyable, Result: BitwiseCopyable>(
    _ a: UnsafeMutablePointer<T>, _ b: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<Result>,
    _ function: (T, T) -> Result
  ) {
    let (count, stepA, stepB) = (broadcast.rowLength, broadcast.step(0), broadcast.step(1))
    broadcast.forEachRow { output, atA, atB, _ in
      let (p, q, r) = (a + atA, b + atB, y + output)
      switch (stepA, stepB) {
      case (1, 1): for i in 0..<count { r[i] = function(p[i], q[i]) }
      case (1, 0): for i in 0..<count { r[i] = function(p[i], q[0]) }
      default: for i in 0..<count { r[i] = function(p[i * stepA], q[i * stepB]) }
      }
    }
  }
}

private func loadBinary(_ node: NodeReader, _ function: BinaryFunction) throws(NetworkError) -> [NodeResult] {
  let (a, b) = (try node.input(0), try node.input(1))
  guard node.inputs.count == 2 else { throw node.invalid("it takes two inputs") }
  guard a.element == b.element else { throw node.invalid("its inputs have different element types") }
  guard Binary.supports(a.element) else { throw node.unsupported("element type \(a.element.rawValue)") }
  guard let shape = Broadcast.shape(a.shape, b.shape) else {
    throw node.invalid("the shapes \(a.shape) and \(b.shape) do not fit each other")
  }
  let type = try node.type(function.isPredicate ? .bool : a.element, shape)
  let operation = Binary(
    function: function, broadcast: Broadcast([a.shape, b.shape], to: shape), element: a.element)
  return [.computed(operation, [a.value, b.value], type)]
}

@Sendable func loadRemainder(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  try loadBinary(node, try node.flag("fmod", false) ? .remainder : .floorRemainder)
}

/// Pow, whose exponent may be of another type than its base.
@Sendable func loadPower(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let (a, b) = (try node.input(0), try node.input(1))
  if a.element == b.element { return try loadBinary(node, .power) }
  guard Binary.supports(a.element), Binary.supports(b.element), let shape = Broadcast.shape(a.shape, b.shape) else {
    throw node.invalid("the types or shapes of base and exponent do not fit each other")
  }
  let operation = MixedPower(broadcast: Broadcast([a.shape, b.shape], to: shape))
  return [.computed(operation, [a.value, b.value], try node.type(a.element, shape))]
}

/// A power whose exponent is of another type than the base, computed in double.
private struct MixedPower: Operation {
  let broadcast: Broadcast
  var title: String { "Pow" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let (stepA, stepB) = (broadcast.step(0), broadcast.step(1))
    broadcast.forEachRow { output, atA, atB, _ in
      for i in 0..<broadcast.rowLength {
        let power = Glibc.pow(readNumber(x[0], atA + i * stepA), readNumber(x[1], atB + i * stepB))
        writeNumber(power, y, output + i)
      }
    }
  }
}

/// Where: one of two tensors, element by element.
@Sendable func loadWhere(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let (condition, a, b) = (try node.input(0, of: [.bool]), try node.input(1), try node.input(2))
  guard a.element == b.element else { throw node.invalid("its inputs have different element types") }
  guard let pair = Broadcast.shape(a.shape, b.shape), let shape = Broadcast.shape(pair, condition.shape) else {
    throw node.invalid("its shapes do not fit each other")
  }
  let operation = Selection(
    broadcast: Broadcast([condition.shape, a.shape, b.shape], to: shape), width: a.element.size)
  return [.computed(operation, [condition.value, a.value, b.value], try node.type(a.element, shape))]
}

private struct Selection: Operation {
  let broadcast: Broadcast
  let width: Int
  var title: String { "Where" }

  func run(_ x: [TensorView], _ y: TensorView) {
    switch width {
    case 1: select(UInt8.self, x, y)
    case 2: select(UInt16.self, x, y)
    case 4: select(UInt32.self, x, y)
    default: select(UInt64.self, x, y)
    }
  }

  private func select<T: BitwiseCopyable>(_: T.Type, _ x: [TensorView], _ y: TensorView) {
    let steps = (broadcast.step(0), broadcast.step(1), broadcast.step(2))
    let (mask, a, b, to) = (x[0][UInt8.self], x[1][T.self], x[2][T.self], y[T.self])
    broadcast.forEachRow { output, atMask, atA, atB in
      for i in 0..<broadcast.rowLength {
        to[output + i] = mask[atMask + i * steps.0] != 0 ? a[atA + i * steps.1] : b[atB + i * steps.2]
      }
    }
  }
}
