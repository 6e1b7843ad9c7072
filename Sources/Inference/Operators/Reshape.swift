/// A reading of the same elements under another shape: Reshape, Flatten, Squeeze, Unsqueeze. The plan makes it nothing.
struct Reshape: Operation {
  var title: String { "Reshape" }

  func run(_ x: [TensorView], _ y: TensorView) { copyAll(x[0], y) }
}

func copyAll(_ x: TensorView, _ y: TensorView) {
  y.base.copyMemory(from: x.base, byteCount: y.count * y.type.size)
}

private func reshaped(_ node: NodeReader, _ x: InputInfo, _ shape: [Int]) throws(NetworkError) -> [NodeResult] {
  let type = try node.type(x.element, shape)
  guard type.count == x.type.count else { throw node.invalid("the shape \(x.shape) cannot become \(shape)") }
  if shape == x.shape { return [.alias(x.value)] }
  return [.computed(Reshape(), [x.value], type)]
}

@Sendable func loadReshape(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let keepsZeros = try node.flag("allowzero", false)
  guard let wanted = try node.constantInts(1) else { throw node.invalid("input 1 is missing") }
  var shape = wanted
  var open: Int?
  for (i, side) in wanted.enumerated() {
    if side == -1 {
      guard open == nil else { throw node.invalid("the shape \(wanted) leaves two sides open") }
      open = i
      shape[i] = 1
    } else if side == 0, !keepsZeros {
      guard i < x.rank else { throw node.invalid("the shape \(wanted) copies a side that the input lacks") }
      shape[i] = x.shape[i]
    }
  }
  let known = try node.type(x.element, shape).count
  if let open {
    guard known > 0, x.type.count % known == 0 else {
      throw node.invalid("the shape \(x.shape) cannot become \(wanted)")
    }
    shape[open] = x.type.count / known
  }
  return try reshaped(node, x, shape)
}

@Sendable func loadFlatten(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  var axis = try node.int("axis", 1)
  if axis != x.rank { axis = try node.axis(axis, rank: x.rank) }
  return try reshaped(node, x, [x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])
}

/// Axes are an attribute before operator set 13 and an input from then on.
private func axesOperand(_ node: NodeReader) throws(NetworkError) -> [Int]? {
  node.operatorSet < 13 ? try node.ints("axes") : try node.constantInts(1)
}

@Sendable func loadSqueeze(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let axes: [Int]
  if let given = try axesOperand(node) {
    axes = try node.axes(given, rank: x.rank)
  } else {
    axes = x.shape.indices.filter { x.shape[$0] == 1 }
  }
  for axis in axes where x.shape[axis] != 1 { throw node.invalid("axis \(axis) of \(x.shape) is not 1") }
  return try reshaped(node, x, x.shape.indices.filter { !axes.contains($0) }.map { x.shape[$0] })
}

@Sendable func loadUnsqueeze(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  guard let given = try axesOperand(node) else { throw node.invalid("the axes are missing") }
  guard given.count <= TensorType.maximumRank else { throw node.invalid("it has too many axes") }
  let rank = x.rank + given.count
  let axes = try node.axes(given, rank: rank)
  var rest = x.shape[...]
  return try reshaped(node, x, (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() })
}

@Sendable func loadIdentity(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  [.alias(try node.input(0).value)]
}

@Sendable func loadDropout(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  _ = try node.int("seed", 0)
  _ = try node.float("ratio", 0.5)
  if let training = try node.constant(2), training.view[UInt8.self][0] != 0 { throw node.unsupported("training mode") }
  return [.alias(try node.input(0).value)]
}
