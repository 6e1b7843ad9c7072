import Glibc

/// `exp(x) / Σ exp(x)` along the middle axis of `[outer, count, inner]`.
struct Softmax: Operation {
  let outer: Int
  let count: Int
  let inner: Int
  var title: String { "Softmax" }

  func run(_ x: [TensorView], _ y: TensorView) {
    for o in 0..<outer {
      for i in 0..<inner {
        let start = o * count * inner + i
        let (from, to) = (x[0][Float.self] + start, y[Float.self] + start)
        var greatest = -Float.infinity
        for k in 0..<count { greatest = max(greatest, from[k * inner]) }
        var sum: Float = 0
        for k in 0..<count {
          let e = Glibc.expf(from[k * inner] - greatest)
          to[k * inner] = e
          sum += e
        }
        for k in 0..<count { to[k * inner] /= sum }
      }
    }
  }
}

@Sendable func loadSoftmax(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.floatInput(0)
  // Before operator set 13 the input counts as a matrix, cut at the axis.
  let joins = node.operatorSet < 13
  guard x.rank >= 1 else { throw node.invalid("its input is a single number") }
  let axis = try node.axis(try node.int("axis", joins ? 1 : -1), rank: x.rank)
  let end = joins ? x.rank : axis + 1
  let softmax = Softmax(
    outer: x.shape[..<axis].reduce(1, *), count: x.shape[axis..<end].reduce(1, *), inner: x.shape[end...].reduce(1, *))
  return [.computed(softmax, [x.value], x.type)]
}
