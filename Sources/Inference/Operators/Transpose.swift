/// Axes in another order: output axis `i` is input axis `order[i]`.
struct Transpose: Operation {
  let order: [Int]
  private let map: AxisMap
  var title: String { "Transpose" }

  init(order: [Int], input: [Int]) {
    self.order = order
    let tables = AxisMap.identity(input)
    map = AxisMap(order.map { tables[$0] })
  }

  func run(_ x: [TensorView], _ y: TensorView) { map.copy(x[0], to: y) }
}

@Sendable func loadTranspose(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let order = try node.ints("perm") ?? Array((0..<x.rank).reversed())
  guard order.sorted() == Array(0..<x.rank) else {
    throw node.invalid("'perm' is \(order), no order of \(x.rank) axes")
  }
  if order == Array(0..<x.rank) { return [.alias(x.value)] }
  let type = try node.type(x.element, order.map { x.shape[$0] })
  return [.computed(Transpose(order: order, input: x.shape), [x.value], type)]
}

/// Rearranges `[n, c, h, w]` as a six-dimensional tensor whose axes change places.
private func loadRearranged(
  _ node: NodeReader, toSpace: Bool
) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let size = try node.int("blocksize", 0, in: 1...(1 << 15))
  // Only one direction has the attribute before operator set 26.
  let columnsFirst = try node.string("mode", "DCR") == "CRD"
  guard x.rank == 4 else { throw node.invalid("its input has \(x.rank) dimensions, not 4") }
  let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
  let square = size * size
  let (split, order, shape): ([Int], [Int], [Int])
  if toSpace {
    guard c % square == 0 else { throw node.invalid("\(c) channels are no multiple of \(square)") }
    split = columnsFirst ? [n, c / square, size, size, h, w] : [n, size, size, c / square, h, w]
    order = columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    shape = [n, c / square, h * size, w * size]
  } else {
    guard h % size == 0, w % size == 0 else { throw node.invalid("\(h)×\(w) is no multiple of \(size)") }
    split = [n, c, h / size, size, w / size, size]
    order = columnsFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
    shape = [n, c * square, h / size, w / size]
  }
  let tables = AxisMap.identity(split)
  let type = try node.type(x.element, shape)
  return [.computed(MappedCopy(title: node.operatorType, map: AxisMap(order.map { tables[$0] })), [x.value], type)]
}

@Sendable func loadDepthToSpace(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  try loadRearranged(node, toSpace: true)
}

@Sendable func loadSpaceToDepth(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  try loadRearranged(node, toSpace: false)
}
