/// The nearest number of an integer type: towards zero, saturated at its ends; not a number becomes 0.
@inline(always)
func wholeNumber<T: FixedWidthInteger>(_ x: Double) -> T {
  guard !x.isNaN else { return 0 }
  if x <= Double(T.min) { return T.min }
  if x >= Double(T.max) { return T.max }
  return T(x)
}

/// Half precision to single; exact.
func floatFromHalf(_ bits: UInt16) -> Float {
  let sign: Float = bits & 0x8000 == 0 ? 1 : -1
  let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
  }
}

/// Single precision to half, to the nearest, ties to even.
func halfFromFloat(_ x: Float) -> UInt16 {
  let bits = x.bitPattern
  let sign = UInt16(bits >> 16 & 0x8000)
  if x.isNaN { return sign | 0x7E00 }
  let size = abs(x)
  if size >= 65520 { return sign | 0x7C00 }
  if size < 0x1p-14 { return sign | UInt16((size * 0x1p24).rounded(.toNearestOrEven)) }
  let rounded = size.bitPattern &+ 0xFFF &+ (size.bitPattern >> 13 & 1)
  return sign | UInt16(truncatingIfNeeded: (rounded >> 13) &- (112 << 10))
}

/// Single precision to bfloat16, to the nearest, ties to even.
func bfloatFromFloat(_ x: Float) -> UInt16 {
  if x.isNaN { return 0x7FC0 }
  return UInt16(truncatingIfNeeded: (x.bitPattern &+ 0x7FFF &+ (x.bitPattern >> 16 & 1)) >> 16)
}

/// One element as a double. 64-bit integers beyond 2⁵³ are rounded.
func readNumber(_ x: TensorView, _ i: Int) -> Double {
  switch x.type {
  case .float32: Double(x[Float.self][i])
  case .float64: x[Double.self][i]
  case .float16: Double(floatFromHalf(x[UInt16.self][i]))
  case .bfloat16: Double(Float(bitPattern: UInt32(x[UInt16.self][i]) << 16))
  case .int8: Double(x[Int8.self][i])
  case .int16: Double(x[Int16.self][i])
  case .int32: Double(x[Int32.self][i])
  case .int64: Double(x[Int64.self][i])
  case .uint8: Double(x[UInt8.self][i])
  case .uint16: Double(x[UInt16.self][i])
  case .uint32: Double(x[UInt32.self][i])
  case .uint64: Double(x[UInt64.self][i])
  case .bool: x[UInt8.self][i] != 0 ? 1 : 0
  }
}

/// Stores a double as the tensor's element type.
func writeNumber(_ value: Double, _ y: TensorView, _ i: Int) {
  switch y.type {
  case .float32: y[Float.self][i] = Float(value)
  case .float64: y[Double.self][i] = value
  case .float16: y[UInt16.self][i] = halfFromFloat(Float(value))
  case .bfloat16: y[UInt16.self][i] = bfloatFromFloat(Float(value))
  case .int8: y[Int8.self][i] = wholeNumber(value)
  case .int16: y[Int16.self][i] = wholeNumber(value)
  case .int32: y[Int32.self][i] = wholeNumber(value)
  case .int64: y[Int64.self][i] = wholeNumber(value)
  case .uint8: y[UInt8.self][i] = wholeNumber(value)
  case .uint16: y[UInt16.self][i] = wholeNumber(value)
  case .uint32: y[UInt32.self][i] = wholeNumber(value)
  case .uint64: y[UInt64.self][i] = wholeNumber(value)
  case .bool: y[UInt8.self][i] = value != 0 ? 1 : 0
  }
}

/// Cast between any two of the engine's element types.
struct Cast: Operation {
  var title: String { "Cast" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let count = y.count
    switch (x[0].type, y.type) {
    case (.int64, .float32): for i in 0..<count { y[Float.self][i] = Float(x[0][Int64.self][i]) }
    case (.int32, .float32): for i in 0..<count { y[Float.self][i] = Float(x[0][Int32.self][i]) }
    case (.int64, .uint64), (.uint64, .int64): y.base.copyMemory(from: x[0].base, byteCount: count * 8)
    // Between integers without the detour by a double, which holds 53 bits; too great ones wrap.
    case (.int64, .int32): for i in 0..<count { y[Int32.self][i] = Int32(truncatingIfNeeded: x[0][Int64.self][i]) }
    case (.int32, .int64): for i in 0..<count { y[Int64.self][i] = Int64(x[0][Int32.self][i]) }
    case (.int64, .bool): for i in 0..<count { y[UInt8.self][i] = x[0][Int64.self][i] != 0 ? 1 : 0 }
    default: for i in 0..<count { writeNumber(readNumber(x[0], i), y, i) }
    }
  }
}

@Sendable func loadCast(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let number = try node.int("to", 0)
  // It matters for 8-bit floats alone, which the engine lacks.
  _ = try node.int("saturate", 1)
  _ = try node.string("round_mode", "up")
  guard let element = Int32(exactly: number).flatMap(ElementType.init) else {
    throw node.unsupported("attribute 'to' naming element type \(number)")
  }
  if element == x.element { return [.alias(x.value)] }
  return [.computed(Cast(), [x.value], try node.type(element, x.shape))]
}
