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
