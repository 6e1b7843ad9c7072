import KernelInterface

/// Convolution of `[n, c, h, w]` (or `[n, c, w]`) with `[m, c / group, …]`, a bias, and what the fusing passes add.
///
/// Inputs: data, weights, then the bias and the residual where they are there. The result is `activation(sum + bias + residual)`,
/// or `activation(sum + bias) + residual`.
struct Convolution: Operation {
  var window: Window
  var group: Int
  var hasBias: Bool
  var hasResidual = false
  var addsAfterActivation = false
  var activation = Activation.none

  var title: String { "Conv" }

  func run(_ x: [TensorView], _ y: TensorView) {
    let (data, weights) = (x[0], x[1])
    let bias = hasBias ? x[2][Float.self] : nil
    let residual = hasResidual ? x[hasBias ? 3 : 2][Float.self] : nil
    let (batch, channels, outputs) = (data.shape[0], data.shape[1], weights.shape[0])
    let (inputs, each) = (channels / group, outputs / group)
    let inputPixels = window.input.reduce(1, *)
    let outputPixels = window.output.reduce(1, *)
    let taps = window.kernel.reduce(1, *)
    for n in 0..<batch {
      for m in 0..<outputs {
        let map = y[Float.self] + (n * outputs + m) * outputPixels
        map.update(repeating: bias?[m] ?? 0, count: outputPixels)
        for c in 0..<inputs {
          let from = data[Float.self] + (n * channels + m / each * inputs + c) * inputPixels
          accumulate(from, weights[Float.self] + (m * inputs + c) * taps, into: map)
        }
        let other = residual.map { $0 + (n * outputs + m) * outputPixels }
        if let other, !addsAfterActivation { for i in 0..<outputPixels { map[i] += other[i] } }
        if !activation.isNone {
          for i in 0..<outputPixels { map[i] = ReferenceKernels.value(map[i], activation) }
        }
        if let other, addsAfterActivation { for i in 0..<outputPixels { map[i] += other[i] } }
      }
    }
  }

  /// Adds one input plane, convolved, to one output plane.
  private func accumulate(
    _ x: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    let last = window.kernel.count - 1
    let (inputWidth, outputWidth) = (window.input[last], window.output[last])
    let step = window.strides[last]
    for ky in 0..<(last == 0 ? 1 : window.kernel[0]) {
      for oy in last == 0 ? 0..<1 : window.range(axis: 0, tap: ky) {
        let iy = last == 0 ? 0 : oy * window.strides[0] + ky * window.dilations[0] - window.before[0]
        for kx in 0..<window.kernel[last] {
          let weight = weights[ky * window.kernel[last] + kx]
          let range = window.range(axis: last, tap: kx)
          let shift = iy * inputWidth + kx * window.dilations[last] - window.before[last]
          let row = y + oy * outputWidth
          if step == 1 {
            for ox in range { row[ox] += weight * x[shift + ox] }
          } else {
            for ox in range { row[ox] += weight * x[shift + ox * step] }
          }
        }
      }
    }
  }

  /// Multiply-adds for an input of `channels` channels and this many outputs.
  func multiplyAdds(batch: Int, channels: Int, outputs: Int) -> Int {
    let factors = window.kernel + window.output + [channels / group, outputs, batch]
    return factors.reduce(1) { $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1 }
  }
}

@Sendable func loadConvolution(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let (x, w) = (try node.floatInput(0), try node.floatInput(1))
  guard x.rank == 3 || x.rank == 4 else { throw node.unsupported("an input of \(x.rank) dimensions") }
  guard w.rank == x.rank else { throw node.invalid("its weights have \(w.rank) dimensions and its input \(x.rank)") }
  let group = try node.int("group", 1, in: 1...(1 << 24))
  let (channels, outputs) = (x.shape[1], w.shape[0])
  guard channels > 0, outputs > 0, channels % group == 0, outputs % group == 0, w.shape[1] == channels / group else {
    throw node.invalid("weights \(w.shape) in \(group) groups do not fit \(channels) channels")
  }
  let kernel = Array(w.shape[2...])
  if let stated = try node.ints("kernel_shape"), stated != kernel {
    throw node.invalid("'kernel_shape' is \(stated) and the weights have \(kernel)")
  }
  let window = try Window(node, kernel: kernel, input: Array(x.shape[2...]), pooling: false)
  var values = [x.value, w.value]
  if let bias = node.optional(2) {
    guard bias.element == .float32, bias.shape == [outputs] else { throw node.invalid("the bias does not fit") }
    values.append(bias.value)
  }
  let convolution = Convolution(window: window, group: group, hasBias: values.count == 3)
  return [.computed(convolution, values, try node.type(.float32, [x.shape[0], outputs] + window.output))]
}
