/// `(x - mean) · scale / √(variance + epsilon) + shift` for each channel, at inference: two constants for each channel.
struct ChannelAffine: Operation {
  let factors: [Float]
  let offsets: [Float]
  var title: String { "BatchNormalization" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let shape = y.shape
    let pixels = shape.dropFirst(2).reduce(1, *)
    let (from, to) = (x[0][Float.self], y[Float.self])
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        let start = (n * shape[1] + c) * pixels
        let (factor, offset) = (factors[c], offsets[c])
        for i in start..<start + pixels { to[i] = from[i] * factor + offset }
      }
    }
  }
}

@Sendable func loadBatchNormalization(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let x = try node.floatInput(0)
  guard x.rank >= 2 else { throw node.invalid("its input has the shape \(x.shape)") }
  let epsilon = try node.float("epsilon", 1e-5)
  _ = try node.float("momentum", 0.9)
  guard try node.flag("training_mode", false) == false else { throw node.unsupported("training mode") }
  guard try node.flag("spatial", true) else { throw node.unsupported("attribute 'spatial' = 0") }
  var parameters: [[Float]] = []
  for index in 1...4 {
    guard let values = try node.constantFloats(index), values.count == x.shape[1] else {
      throw node.invalid("input \(index) does not have one number for each of \(x.shape[1]) channels")
    }
    parameters.append(values)
  }
  let factors =
    x.shape[1] == 0 ? [] : (0..<x.shape[1]).map { parameters[0][$0] / (parameters[3][$0] + epsilon).squareRoot() }
  let offsets = factors.indices.map { parameters[1][$0] - parameters[2][$0] * factors[$0] }
  return [.computed(ChannelAffine(factors: factors, offsets: offsets), [x.value], x.type)]
}
