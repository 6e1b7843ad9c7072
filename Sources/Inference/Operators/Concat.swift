/// Tensors one behind the other along an axis.
struct Concat: Operation {
  let axis: Int
  var title: String { "Concat" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let outer = y.shape[..<axis].reduce(1, *)
    let inner = y.shape[(axis + 1)...].reduce(y.type.size, *)
    let stride = y.shape[axis] * inner
    var at = 0
    for part in x {
      let bytes = part.shape[axis] * inner
      if bytes > 0 {
        for i in 0..<outer { (y.base + (i * stride + at)).copyMemory(from: part.base + i * bytes, byteCount: bytes) }
      }
      at += bytes
    }
  }
}

@Sendable func loadConcat(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let first = try node.input(0)
  let axis = try node.axis(try node.int("axis", 1), rank: first.rank)
  var shape = first.shape
  shape[axis] = 0
  var values: [ValueID] = []
  for index in node.inputs.indices {
    let x = try node.input(index)
    guard x.element == first.element, x.rank == first.rank,
      shape.indices.allSatisfy({ $0 == axis || x.shape[$0] == shape[$0] })
    else { throw node.invalid("input \(index) of shape \(x.shape) does not fit \(first.shape) along axis \(axis)") }
    shape[axis] += x.shape[axis]
    if x.type.count > 0 || node.inputs.count == 1 { values.append(x.value) }
  }
  if values.isEmpty { values = [first.value] }
  let type = try node.type(first.element, shape)
  if values.count == 1, type.count > 0 { return [.alias(values[0])] }
  return [.computed(Concat(axis: axis), values, type)]
}
