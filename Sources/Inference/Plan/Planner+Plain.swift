import KernelInterface

extension Planner {
  /// Plans a node on row-major tensors.
  mutating func planPlain(_ node: Graph.Node) throws(NetworkError) {
    let type = graph.values[node.output].type
    switch node.operation {
    case is Reshape:
      let place = plainPlace(node.inputs[0])
      guard destinations[node.output] == nil || place.isArena(newPlain(node.output)) else { break }
      plain[node.output] = place
      return
    case let concat as Concat:
      if planJoined(node, concat) { return }
    case let transpose as Transpose:
      if planRows(node, transpose) { return }
    case let elementwise as Elementwise:
      guard let activation = elementwise.function.activation else { break }
      let (input, output) = (plainPlace(node.inputs[0]), newPlain(node.output))
      plain[node.output] = output
      let step = PlainActivationStep(kernels: kernels, activation: activation, input: input, output: output, type: type)
      add(step, node, touching: input.buffers + output.buffers, note: "plain")
      return
    case let softmax as Softmax where softmax.inner == 1 && softmax.count > 0:
      let (input, output) = (plainPlace(node.inputs[0]), newPlain(node.output))
      plain[node.output] = output
      let step = SoftmaxStep(
        kernels: kernels, rows: softmax.outer, count: softmax.count, input: input, output: output, type: type)
      add(step, node, touching: input.buffers + output.buffers, note: "plain")
      return
    case let softmax as Softmax where softmax.count > 0 && softmax.inner > 0 && softmax.outer > 0:
      let (input, output) = (plainPlace(node.inputs[0]), newPlain(node.output))
      plain[node.output] = output
      let step = StridedSoftmaxStep(kernels: kernels, softmax: softmax, input: input, output: output, type: type)
      add(step, node, touching: input.buffers + output.buffers, note: "plain, strided")
      return
    case let product as MatrixProduct:
      if try planMatrix(node, product) { return }
    default: break
    }
    planReadable(node)
  }

  /// Plans a node as the operation itself computes it.
  mutating func planReadable(_ node: Graph.Node) {
    let type = graph.values[node.output].type
    let inputs = node.inputs.map { (place: plainPlace($0), type: graph.values[$0].type) }
    let output = newPlain(node.output)
    plain[node.output] = output
    let step = PlainStep(operation: node.operation, inputs: inputs, output: output, outputType: type)
    add(step, node, touching: inputs.flatMap(\.place.buffers) + output.buffers, note: "plain")
  }

  /// A Concat all of whose parts are written to their places by whoever makes them.
  private mutating func planJoined(_ node: Graph.Node, _ concat: Concat) -> Bool {
    guard node.inputs.allSatisfy({ destinations[$0] != nil }) else { return false }
    for input in node.inputs { _ = plainPlace(input) }
    plain[node.output] = newPlain(node.output)
    return true
  }

  /// `[1, c, h, w]` → `[1, h, w, c]` from blocks: pixel after pixel.
  private mutating func planRows(_ node: Graph.Node, _ transpose: Transpose) -> Bool {
    guard transpose.order == [0, 2, 3, 1], let view = blocked[node.inputs[0]] else { return false }
    let output = newPlain(node.output)
    plain[node.output] = output
    add(
      ViewCopyStep(kernels: kernels, input: view, target: .rows, output: output), node,
      touching: view.buffers.union(output.buffers), note: "blocks to rows")
    return true
  }

  /// A product with constant weights, packed.
  private mutating func planMatrix(_ node: Graph.Node, _ product: MatrixProduct) throws(NetworkError) -> Bool {
    let (rows, depth, columns) = (product.rows, product.depth, product.columns)
    guard graph.constant(node.inputs[0]) == nil, let weights = graph.constant(node.inputs[1])?.floats,
      product.strideA.depth == 1, product.strideA.row == depth, depth > 0, columns > 0, rows > 0,
      product.starts.indices.allSatisfy({ product.starts[$0] == ($0 * rows * depth, 0) })
    else { return false }
    var bias: [Float]?
    if node.inputs.count == 3 {
      guard let values = graph.constant(node.inputs[2])?.floats, values.count == columns || values.count == 1,
        graph.shape(node.inputs[2]).last ?? 1 == values.count
      else { return false }
      bias = (0..<columns).map { values[values.count == 1 ? 0 : $0] * product.beta }
    }
    try budget.take(4 * (depth + 1) * (columns + 16), for: "packed weights of \(node.name)")
    let packed = PackedWeights(depth: depth, columns: columns, for: kernels) { k, n in
      product.alpha * weights[k * product.strideB.depth + n * product.strideB.column]
    }
    let (input, output) = (plainPlace(node.inputs[0]), newPlain(node.output))
    plain[node.output] = output
    let step = MatrixStep(
      kernels: kernels, rows: rows * product.starts.count, weights: packed,
      bias: PackedWeights.paddedBias(bias, columns: columns, for: kernels), input: input,
      inputType: graph.values[node.inputs[0]].type, output: output, outputType: graph.values[node.output].type)
    add(step, node, touching: input.buffers + output.buffers, note: "plain, packed")
    return true
  }
}

extension Place {
  /// Whether both are the same place in the arena.
  fileprivate func isArena(_ other: Place) -> Bool {
    guard case .buffer(let a, let x) = self, case .buffer(let b, let y) = other else { return false }
    return a == b && x == y
  }
}
