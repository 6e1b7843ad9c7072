/// Padding with one value; with zeros a convolution can take it over.
struct Pad: Operation {
  let before: [Int]
  let after: [Int]
  let value: Float
  let map: AxisMap
  let fill: UInt64
  var title: String { "Pad" }

  func run(_ x: [TensorView], _ y: TensorView) { map.copy(x[0], to: y, fill: fill) }
}

/// How Pad fills. Its amounts are an attribute before operator set 11 and inputs from then on.
@Sendable func loadPad(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let mode = try node.string("mode", "constant")
  let limit = -(1 << 31)...(1 << 31)
  var value = 0.0
  var amounts: [Int]
  var axes = Array(0..<x.rank)
  if node.operatorSet < 11 {
    guard let pads = try node.ints("pads") else { throw node.invalid("'pads' is missing") }
    amounts = pads
    value = Double(try node.float("value", 0))
  } else {
    guard let pads = try node.constantInts(1) else { throw node.invalid("input 1 is missing") }
    amounts = pads
    if let constant = try node.constant(2) {
      guard constant.type.element == x.element, constant.count == 1 else {
        throw node.invalid("the value is not one number")
      }
      value = readNumber(constant.view, 0)
    }
    if let given = try node.constantInts(3) { axes = try node.axes(given, rank: x.rank) }
  }
  guard amounts.count == 2 * axes.count, amounts.allSatisfy(limit.contains) else {
    throw node.invalid("the amounts \(amounts) do not fit \(axes.count) axes")
  }
  var before = x.shape.map { _ in 0 }
  var after = before
  for (i, axis) in axes.enumerated() {
    before[axis] = amounts[i]
    after[axis] = amounts[axes.count + i]
  }
  let type = try node.type(x.element, x.shape.indices.map { before[$0] + x.shape[$0] + after[$0] })
  if before.allSatisfy({ $0 == 0 }), after.allSatisfy({ $0 == 0 }) { return [.alias(x.value)] }
  let strides = rowMajorStrides(x.shape)
  var tables = AxisMap.identity(x.shape)
  for (axis, side) in x.shape.enumerated() where before[axis] != 0 || after[axis] != 0 {
    try node.takeTable(type.shape[axis])
    guard mode == "constant" || side > 0 || type.shape[axis] == 0 else {
      throw node.invalid("it repeats an empty axis")
    }
    var table: [Int] = []
    for index in 0..<type.shape[axis] {
      let from = index - before[axis]
      let source: Int
      switch mode {
      case "constant": source = from >= 0 && from < side ? from : -1
      case "edge": source = max(0, min(side - 1, from))
      case "wrap": source = ((from % side) + side) % side
      case "reflect":
        // A path to and fro over side - 1 steps.
        let period = max(1, 2 * (side - 1))
        let phase = ((from % period) + period) % period
        source = side == 1 ? 0 : phase < side ? phase : period - phase
      default: throw node.unsupported("attribute 'mode' = \(mode)")
      }
      table.append(source < 0 ? -1 : source * strides[axis])
    }
    tables[axis] = AxisMap.Axis(table: table)
  }
  let fill = Tensor(TensorType(x.element, [])!) { writeNumber(value, $0, 0) }
  let bits: UInt64 = withExtendedLifetime(fill) {
    switch x.element.size {
    case 1: UInt64(fill.view[UInt8.self][0])
    case 2: UInt64(fill.view[UInt16.self][0])
    case 4: UInt64(fill.view[UInt32.self][0])
    default: fill.view[UInt64.self][0]
    }
  }
  if mode == "constant", x.element == .float32 {
    let pad = Pad(before: before, after: after, value: Float(value), map: AxisMap(tables), fill: bits)
    return [.computed(pad, [x.value], type)]
  }
  return [.computed(MappedCopy(title: "Pad", map: AxisMap(tables), fill: bits), [x.value], type)]
}
