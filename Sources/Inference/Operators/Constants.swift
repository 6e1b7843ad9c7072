@Sendable func loadConstant(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  if let tensor = try node.tensor("value") { return [.constant(tensor)] }
  if node.has("value_float") { return [.constant(Tensor(floats: [try node.float("value_float", 0)], shape: []))] }
  if let floats = try node.floats("value_floats") {
    return [.constant(Tensor(floats: floats, shape: [floats.count]))]
  }
  if node.has("value_int") {
    return [.constant(Tensor(ints: [try node.int("value_int", 0)]).reshaped([])!)]
  }
  if let ints = try node.ints("value_ints") { return [.constant(Tensor(ints: ints))] }
  throw node.unsupported("a constant that is not a number or a tensor")
}

/// A tensor of one value. Memory is taken only when it is known to fit: the graph builder checks the type first.
private struct Fill: Operation {
  let value: Tensor
  var title: String { "ConstantOfShape" }

  func run(_ x: [TensorView], _ y: TensorView) {
    withExtendedLifetime(value) {
      let size = y.type.size
      for i in 0..<y.count { (y.base + i * size).copyMemory(from: value.view.base, byteCount: size) }
    }
  }
}

@Sendable func loadConstantOfShape(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  guard let shape = try node.constantInts(0) else { throw node.invalid("the shape is missing") }
  let value = try node.tensor("value") ?? Tensor(floats: [0], shape: [1])
  guard value.count == 1 else { throw node.invalid("'value' is not a single number") }
  return [.computed(Fill(value: value), [], try node.type(value.type.element, shape))]
}

@Sendable func loadShape(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  func bound(_ name: String, _ fallback: Int) throws(NetworkError) -> Int {
    let value = try node.int(name, fallback, in: -(1 << 31)...(1 << 31))
    return max(0, min(x.rank, value < 0 ? value + x.rank : value))
  }
  let (start, end) = (try bound("start", 0), try bound("end", x.rank))
  return [.constant(Tensor(ints: Array(x.shape[start..<max(start, end)])))]
}

@Sendable func loadSize(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  [.constant(Tensor(ints: [try node.input(0).type.count]).reshaped([])!)]
}

/// `start`, `start + delta`, … below `limit`.
private struct Progression: Operation {
  let start: Double
  let delta: Double
  var title: String { "Range" }

  func run(_ x: [TensorView], _ y: TensorView) {
    for i in 0..<y.count { writeNumber(start + Double(i) * delta, y, i) }
  }
}

@Sendable func loadRange(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  var bounds: [Double] = []
  let element = try node.input(0).element
  for index in 0..<3 {
    guard let bound = try node.constant(index), bound.count == 1, bound.type.element == element else {
      throw node.invalid("input \(index) is not a single number of the others' type")
    }
    let value = readNumber(bound.view, 0)
    guard value.isFinite, abs(value) < 0x1p53 else { throw node.invalid("input \(index) is too large") }
    bounds.append(value)
  }
  guard bounds[2] != 0 else { throw node.invalid("the step is 0") }
  let count = max(0, ((bounds[1] - bounds[0]) / bounds[2]).rounded(.up))
  guard count < 0x1p31 else { throw node.invalid("it has too many elements") }
  return [.computed(Progression(start: bounds[0], delta: bounds[2]), [], try node.type(element, [Int(count)]))]
}
