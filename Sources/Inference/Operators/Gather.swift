/// A copy by tables, of whatever operator.
struct MappedCopy: Operation {
  let title: String
  let map: AxisMap
  /// The bits of the value where there is no source.
  var fill: UInt64 = 0

  func run(_ x: [TensorView], _ y: TensorView) { map.copy(x[0], to: y, fill: fill) }
}

/// Slices of the first input along an axis, named by the second, whose values are known at run time only. An index out of range
/// gives zeros.
struct Gather: Operation {
  let axis: Int
  var title: String { "Gather" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let (data, indices) = (x[0], x[1])
    let outer = data.shape[..<axis].reduce(1, *)
    let side = data.shape[axis]
    let bytes = data.shape[(axis + 1)...].reduce(data.type.size, *)
    var to = y.base
    for i in 0..<outer {
      for j in 0..<indices.count {
        var index = indices.type == .int64 ? Int(indices[Int64.self][j]) : Int(indices[Int32.self][j])
        if index < 0 { index = index.addingReportingOverflow(side).partialValue }
        if index >= 0, index < side {
          to.copyMemory(from: data.base + (i * side + index) * bytes, byteCount: bytes)
        } else {
          to.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
        to += bytes
      }
    }
  }
}

@Sendable func loadGather(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let (x, indices) = (try node.input(0), try node.input(1, of: [.int64, .int32]))
  let axis = try node.axis(try node.int("axis", 0), rank: x.rank)
  let side = x.shape[axis]
  let type = try node.type(x.element, Array(x.shape[..<axis] + indices.shape + x.shape[(axis + 1)...]))
  guard let chosen = indices.constant?.ints else {
    return [.computed(Gather(axis: axis), [x.value, indices.value], type)]
  }
  guard chosen.allSatisfy({ $0 >= -side && $0 < side }) else {
    throw node.invalid("an index is outside the \(side) elements of axis \(axis)")
  }
  var tables = AxisMap.identity(x.shape)
  let along = tables[axis]
  try node.takeTable(chosen.count)
  tables[axis] = AxisMap.Axis(table: chosen.map { along[$0 < 0 ? $0 + side : $0] })
  return [.computed(MappedCopy(title: "Gather", map: AxisMap(tables)), [x.value], type)]
}

@Sendable func loadExpand(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  guard let wanted = try node.constantInts(1), let shape = Broadcast.shape(x.shape, wanted) else {
    throw node.invalid("the shape \(x.shape) cannot be expanded as it says")
  }
  let type = try node.type(x.element, shape)
  if shape == x.shape { return [.alias(x.value)] }
  let missing = shape.count - x.rank
  let own = AxisMap.identity(x.shape)
  let tables = shape.enumerated().map { axis, side in
    axis < missing || x.shape[axis - missing] == 1 ? AxisMap.Axis(step: 0, count: side) : own[axis - missing]
  }
  return [.computed(MappedCopy(title: "Expand", map: AxisMap(tables)), [x.value], type)]
}

@Sendable func loadTile(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  guard let repeats = try node.constantInts(1), repeats.count == x.rank,
    repeats.allSatisfy({ (0...(1 << 31)).contains($0) })
  else { throw node.invalid("its repeats do not fit") }
  let type = try node.type(x.element, zip(x.shape, repeats).map { $0 * $1 })
  var tables = AxisMap.identity(x.shape)
  for (axis, own) in tables.enumerated() where repeats[axis] != 1 {
    try node.takeTable(type.shape[axis])
    tables[axis] = AxisMap.Axis(table: (0..<type.shape[axis]).map { own[$0 % x.shape[axis]] })
  }
  return [.computed(MappedCopy(title: "Tile", map: AxisMap(tables)), [x.value], type)]
}
