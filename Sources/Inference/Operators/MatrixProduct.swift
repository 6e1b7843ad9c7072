/// `alpha · a · b + beta · c` of matrices, each of a and b perhaps transposed; and products of stacks of matrices.
struct MatrixProduct: Operation {
  /// For each product of the stack, the first element of a and b.
  let starts: [(a: Int, b: Int)]
  let rows: Int
  let columns: Int
  let depth: Int
  /// Distances in elements along (row, depth) and (depth, column).
  let strideA: (row: Int, depth: Int)
  let strideB: (depth: Int, column: Int)
  var alpha: Float = 1
  var beta: Float = 1
  /// How the third input, if there is one, is spread over the result.
  var third: Broadcast?
  let title: String

  func run(_ x: [TensorView], _ y: TensorView) {
    let result = y[Float.self]
    for (index, start) in starts.enumerated() {
      let (a, b) = (x[0][Float.self] + start.a, x[1][Float.self] + start.b)
      let to = result + index * rows * columns
      to.update(repeating: 0, count: rows * columns)
      for row in 0..<rows {
        let line = to + row * columns
        for k in 0..<depth {
          let factor = alpha * a[row * strideA.row + k * strideA.depth]
          let other = b + k * strideB.depth
          if strideB.column == 1 {
            for column in 0..<columns { line[column] += factor * other[column] }
          } else {
            for column in 0..<columns { line[column] += factor * other[column * strideB.column] }
          }
        }
      }
    }
    if let third {
      let c = x[2][Float.self]
      let step = third.step(0)
      third.forEachRow { output, at, _, _ in
        for i in 0..<third.rowLength { result[output + i] += beta * c[at + i * step] }
      }
    }
  }
}

@Sendable func loadGemm(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let (a, b) = (try node.floatInput(0), try node.floatInput(1))
  guard a.rank == 2, b.rank == 2 else { throw node.invalid("its inputs are no matrices") }
  let (turnsA, turnsB) = (try node.flag("transA", false), try node.flag("transB", false))
  let (rows, depth) = turnsA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
  let (depthB, columns) = turnsB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
  guard depth == depthB else { throw node.invalid("the matrices \(a.shape) and \(b.shape) do not fit each other") }
  var product = MatrixProduct(
    starts: [(0, 0)], rows: rows, columns: columns, depth: depth,
    strideA: turnsA ? (1, a.shape[1]) : (a.shape[1], 1), strideB: turnsB ? (1, b.shape[1]) : (b.shape[1], 1),
    title: "Gemm")
  product.alpha = try node.float("alpha", 1)
  product.beta = try node.float("beta", 1)
  var values = [a.value, b.value]
  if let c = node.optional(2) {
    guard c.element == .float32, Broadcast.shape(c.shape, [rows, columns]) == [rows, columns] else {
      throw node.invalid("the third input of shape \(c.shape) does not fit \(rows) × \(columns)")
    }
    product.third = Broadcast([c.shape], to: [rows, columns])
    values.append(c.value)
  }
  return [.computed(product, values, try node.type(.float32, [rows, columns]))]
}

@Sendable func loadMatrixProduct(_ node: NodeReader) throws(NetworkError) -> [NodeResult] {
  let (a, b) = (try node.floatInput(0), try node.floatInput(1))
  guard a.rank >= 1, b.rank >= 1 else { throw node.invalid("an input is a single number") }
  // A vector on the left is a row, on the right a column; the axis of 1 is dropped again.
  let left = a.rank == 1 ? [1] + a.shape : a.shape
  let right = b.rank == 1 ? b.shape + [1] : b.shape
  let (rows, depth) = (left[left.count - 2], left[left.count - 1])
  let columns = right[right.count - 1]
  guard depth == right[right.count - 2],
    let stack = Broadcast.shape(left.dropLast(2), right.dropLast(2))
  else { throw node.invalid("the shapes \(a.shape) and \(b.shape) do not fit each other") }
  let shape = stack + (a.rank == 1 ? [] : [rows]) + (b.rank == 1 ? [] : [columns])
  let type = try node.type(.float32, shape)
  let count = try node.type(.float32, stack).count
  try node.takeTable(2 * count)
  var starts: [(a: Int, b: Int)] = []
  let lines = Broadcast([left.dropLast(2), right.dropLast(2)], to: stack)
  lines.forEachRow { _, atA, atB, _ in
    for i in 0..<lines.rowLength {
      starts.append(((atA + i * lines.step(0)) * rows * depth, (atB + i * lines.step(1)) * depth * columns))
    }
  }
  let product = MatrixProduct(
    starts: starts, rows: rows, columns: columns, depth: depth, strideA: (depth, 1), strideB: (columns, 1),
    title: "MatMul")
  return [.computed(product, [a.value, b.value], type)]
}
