/// How up to three row-major tensors line up with a common shape, as numpy broadcasts them.
///
/// Neighbouring axes along which all tensors run on are joined, so most loops have one or two axes left.
struct Broadcast: Sendable {
  /// Sides of the joined axes, outermost first; at least one.
  private(set) var extents: [Int]
  /// For each tensor the distance in elements along each joined axis; 0 where it repeats.
  private(set) var strides: [[Int]]

  /// `shapes` must be broadcastable to `output`.
  init(_ shapes: [[Int]], to output: [Int]) {
    let aligned = shapes.map { shape -> [Int] in
      let own = rowMajorStrides(shape)
      let missing = output.count - shape.count
      return output.indices.map { axis in
        axis < missing || shape[axis - missing] == 1 ? 0 : own[axis - missing]
      }
    }
    extents = []
    strides = Array(repeating: [], count: shapes.count)
    for (axis, side) in output.enumerated() where side != 1 {
      if let last = extents.last, aligned.indices.allSatisfy({ strides[$0].last! == aligned[$0][axis] * side }) {
        extents[extents.count - 1] = last * side
        for i in aligned.indices { strides[i][extents.count - 1] = aligned[i][axis] }
      } else {
        extents.append(side)
        for i in aligned.indices { strides[i].append(aligned[i][axis]) }
      }
    }
    if extents.isEmpty {
      extents = [1]
      strides = Array(repeating: [0], count: shapes.count)
    }
  }

  /// A walk over some axes of one tensor.
  init(extents: [Int], strides: [Int]) {
    self.extents = extents.isEmpty ? [1] : extents
    self.strides = [strides.isEmpty ? [0] : strides]
  }

  /// The shape that two tensors broadcast to; nil where they do not.
  static func shape(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    var result: [Int] = []
    for i in 0..<rank {
      let x = i < rank - a.count ? 1 : a[i - (rank - a.count)]
      let y = i < rank - b.count ? 1 : b[i - (rank - b.count)]
      guard x == y || x == 1 || y == 1 else { return nil }
      result.append(x == 1 ? y : x)
    }
    return result
  }

  /// Elements along the innermost axis.
  var rowLength: Int { extents[extents.count - 1] }

  /// The distance of one tensor's elements along the innermost axis.
  func step(_ tensor: Int) -> Int { strides[tensor][extents.count - 1] }

  /// Calls the body with each innermost row's first element: its index in the output, and in up to three tensors.
  func forEachRow(_ body: (_ output: Int, _ a: Int, _ b: Int, _ c: Int) -> Void) {
    guard !extents.contains(0) else { return }
    let outer = extents.count - 1
    var index = [Int](repeating: 0, count: outer)
    var at = (0, 0, 0)
    var output = 0
    while true {
      body(output, at.0, at.1, at.2)
      output += rowLength
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        let back = index[axis] == extents[axis] ? 1 - extents[axis] : 1
        at.0 += strides[0][axis] * back
        if strides.count > 1 { at.1 += strides[1][axis] * back }
        if strides.count > 2 { at.2 += strides[2][axis] * back }
        if back == 1 { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
