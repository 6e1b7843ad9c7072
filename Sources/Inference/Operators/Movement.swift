/// A reading of the same elements under another shape: Reshape, Flatten, Squeeze, Unsqueeze. The plan makes it nothing.
struct Reshape: Operation {
  var title: String { "Reshape" }

  func run(_ x: [TensorView], _ y: TensorView) { copyAll(x[0], y) }
}

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

/// For each axis a first index, a step and a number of elements.
struct Slice: Operation {
  let starts: [Int]
  let steps: [Int]
  let input: [Int]
  let output: [Int]
  private let map: AxisMap
  var title: String { "Slice" }

  init(starts: [Int], steps: [Int], input: [Int], output: [Int]) {
    self.starts = starts
    self.steps = steps
    self.input = input
    self.output = output
    let strides = rowMajorStrides(input)
    map = AxisMap(
      input.indices.map { axis in
        AxisMap.Axis(start: starts[axis] * strides[axis], step: steps[axis] * strides[axis], count: output[axis])
      })
  }

  /// The axis and range that it cuts, where it cuts just one in steps of 1.
  var singleAxis: (axis: Int, range: Range<Int>)? {
    let cut = input.indices.filter { output[$0] != input[$0] || steps[$0] != 1 }
    guard cut.count == 1, steps[cut[0]] == 1 else { return nil }
    return (cut[0], starts[cut[0]]..<starts[cut[0]] + output[cut[0]])
  }

  func run(_ x: [TensorView], _ y: TensorView) { map.copy(x[0], to: y) }
}

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

func copyAll(_ x: TensorView, _ y: TensorView) {
  y.base.copyMemory(from: x.base, byteCount: y.count * y.type.size)
}

// MARK: Loaders

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

@Sendable func loadTranspose(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let order = try node.ints("perm") ?? Array((0..<x.rank).reversed())
  guard order.sorted() == Array(0..<x.rank) else { throw node.invalid("'perm' is \(order), no order of \(x.rank) axes") }
  if order == Array(0..<x.rank) { return [.alias(x.value)] }
  let type = try node.type(x.element, order.map { x.shape[$0] })
  return [.computed(Transpose(order: order, input: x.shape), [x.value], type)]
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

@Sendable func loadSplit(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let axis = try node.axis(try node.int("axis", 0), rank: x.rank)
  let side = x.shape[axis]
  var sizes = node.operatorSet < 13 ? try node.ints("split") : try node.constantInts(1)
  if sizes == nil {
    let parts = try node.int("num_outputs", node.outputCount, in: 1...(1 << 16))
    guard parts == node.outputCount else { throw node.invalid("'num_outputs' is not the number of outputs") }
    guard node.operatorSet >= 18 || side % parts == 0 else { throw node.invalid("\(side) cannot be split in \(parts)") }
    let each = (side + parts - 1) / parts
    sizes = (0..<parts).map { max(0, min(each, side - $0 * each)) }
  }
  guard let sizes, sizes.count == node.outputCount, sizes.allSatisfy({ (0...side).contains($0) }),
    sizes.reduce(0, +) == side
  else { throw node.invalid("the sizes \(sizes ?? []) do not make up \(side)") }
  var results: [NodeResult] = []
  var start = 0
  for size in sizes {
    var (starts, shape) = ([Int](repeating: 0, count: x.rank), x.shape)
    starts[axis] = start
    shape[axis] = size
    start += size
    if size == side {
      results.append(.alias(x.value))
    } else {
      let slice = Slice(starts: starts, steps: starts.map { _ in 1 }, input: x.shape, output: shape)
      results.append(.computed(slice, [x.value], try node.type(x.element, shape)))
    }
  }
  return results
}

@Sendable func loadSlice(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.input(0)
  let (from, to, along, by): ([Int]?, [Int]?, [Int]?, [Int]?)
  if node.operatorSet < 10 {
    (from, to, along, by) = (try node.ints("starts"), try node.ints("ends"), try node.ints("axes"), nil)
  } else {
    (from, to) = (try node.constantInts(1), try node.constantInts(2))
    (along, by) = (try node.constantInts(3), try node.constantInts(4))
  }
  guard let from, let to, from.count == to.count, from.count <= x.rank else {
    throw node.invalid("its starts and ends do not fit")
  }
  let axes = try node.axes(along ?? Array(from.indices), rank: x.rank)
  let paces = by ?? from.map { _ in 1 }
  guard axes.count == from.count, paces.count == from.count else { throw node.invalid("its axes or steps do not fit") }
  var (starts, steps, shape) = (x.shape.map { _ in 0 }, x.shape.map { _ in 1 }, x.shape)
  for (i, axis) in axes.enumerated() {
    let side = x.shape[axis]
    // Steps beyond the side pick one element, so they may be shortened to it.
    guard paces[i] != 0 else { throw node.invalid("a step is 0") }
    let step = max(-(side + 1), min(side + 1, paces[i]))
    func index(_ value: Int) -> Int { value < 0 ? value.addingReportingOverflow(side).partialValue : value }
    let start: Int
    let length: Int
    if step > 0 {
      start = max(0, min(side, index(from[i])))
      length = max(0, max(0, min(side, index(to[i]))) - start)
    } else {
      start = max(-1, min(side - 1, index(from[i])))
      // -1 as an end counts from the end, as everything negative does; "before the first" is a very negative number.
      length = max(0, start - max(-1, min(side - 1, index(to[i]))))
    }
    let pace = abs(step)
    steps[axis] = step
    shape[axis] = (length + pace - 1) / pace
    starts[axis] = shape[axis] == 0 ? 0 : start
    if shape[axis] <= 1 { steps[axis] = 1 }
  }
  if shape == x.shape, steps.allSatisfy({ $0 == 1 }) { return [.alias(x.value)] }
  let slice = Slice(starts: starts, steps: steps, input: x.shape, output: shape)
  return [.computed(slice, [x.value], try node.type(x.element, shape))]
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
      guard constant.type.element == x.element, constant.count == 1 else { throw node.invalid("the value is not one number") }
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
    guard mode == "constant" || side > 0 || type.shape[axis] == 0 else { throw node.invalid("it repeats an empty axis") }
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
