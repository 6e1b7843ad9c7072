/// Turns the end of a detector round, so that each level's rows are written straight to their place.
///
/// Exporters join the levels as `[1, c, cells]` and transpose the whole, or transpose each part, join the levels of each kind,
/// then the kinds. In either case the cheap way is to join channels first, which is a view, then to write pixel after pixel, then
/// to join levels, which is a place to write to.
func arrangeHeads(_ graph: inout Graph, _: MemoryBudget) {
  for rule in [
    exchangeConcats, joinBeforeTransposing, joinBeforeReshaping, transposeBeforeJoining, transposeBeforeReshaping,
  ] {
    rule(&graph)
    graph.removeDeadNodes()
  }
}

/// Nodes that are put before others; the order of the rest stays.
private struct Insertions {
  private var before: [Int: [Graph.Node]] = [:]

  mutating func insert(_ node: Graph.Node, before index: Int) { before[index, default: []].append(node) }

  func apply(to graph: inout Graph) {
    guard !before.isEmpty else { return }
    graph.nodes = graph.nodes.indices.flatMap { (before[$0] ?? []) + [graph.nodes[$0]] }
  }
}

extension Graph {
  /// A new value, made by a new node.
  fileprivate mutating func make(
    _ operation: any Operation, _ inputs: [ValueID], _ shape: [Int], like node: Node
  ) -> Node {
    let type = TensorType(values[node.output].type.element, shape)!
    return Node(name: node.name, operation: operation, inputs: inputs, output: addValue(node.name, type))
  }
}

/// Kinds of levels → levels of kinds: `concat_a(concat_b(x…), concat_b(y…))` is `concat_b(concat_a(x, y)…)`.
private func exchangeConcats(_ graph: inout Graph) {
  let context = GraphContext(graph)
  var insertions = Insertions()
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let outer = node.operation as? Concat, node.inputs.count > 1 else { continue }
    let inner = node.inputs.compactMap { value -> (Concat, Graph.Node)? in
      context.isUsedOnce(value) ? context.operation(value, in: graph, as: Concat.self) : nil
    }
    guard inner.count == node.inputs.count, let first = inner.first, first.0.axis != outer.axis,
      inner.allSatisfy({ $0.0.axis == first.0.axis && $0.1.inputs.count == first.1.inputs.count }),
      inner.allSatisfy({ part in
        part.1.inputs.indices.allSatisfy {
          graph.shape(part.1.inputs[$0])[first.0.axis] == graph.shape(first.1.inputs[$0])[first.0.axis]
            && context.operation(part.1.inputs[$0], in: graph, as: Transpose.self) != nil
        }
      })
    else { continue }
    var levels: [ValueID] = []
    for level in first.1.inputs.indices {
      let parts = inner.map { $0.1.inputs[level] }
      var shape = graph.shape(parts[0])
      shape[outer.axis] = parts.reduce(0) { $0 + graph.shape($1)[outer.axis] }
      let join = graph.make(outer, parts, shape, like: node)
      insertions.insert(join, before: index)
      levels.append(join.output)
    }
    graph.nodes[index].operation = first.0
    graph.nodes[index].inputs = levels
  }
  insertions.apply(to: &graph)
}

/// `concat(transpose(x), transpose(y))` is `transpose(concat(x, y))`.
private func joinBeforeTransposing(_ graph: inout Graph) {
  let context = GraphContext(graph)
  var insertions = Insertions()
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let concat = node.operation as? Concat, node.inputs.count > 1 else { continue }
    let parts = node.inputs.compactMap { value -> (Transpose, Graph.Node)? in
      context.isUsedOnce(value) ? context.operation(value, in: graph, as: Transpose.self) : nil
    }
    // Only where the channels are joined: levels are better transposed one by one.
    guard parts.count == node.inputs.count, let order = parts.first?.0.order,
      parts.allSatisfy({ $0.0.order == order }), order[concat.axis] == 1
    else { continue }
    let inputs = parts.map { $0.1.inputs[0] }
    var shape = graph.shape(inputs[0])
    shape[1] = inputs.reduce(0) { $0 + graph.shape($1)[1] }
    let join = graph.make(Concat(axis: 1), inputs, shape, like: node)
    insertions.insert(join, before: index)
    graph.nodes[index].operation = Transpose(order: order, input: shape)
    graph.nodes[index].inputs = [join.output]
  }
  insertions.apply(to: &graph)
}

extension GraphContext {
  /// The `[1, c, h, w]` that was reshaped to the given `[1, c, h · w]`.
  fileprivate func map(_ value: ValueID, _ graph: Graph) -> ValueID? {
    guard let (_, node) = operation(value, in: graph, as: Reshape.self) else { return nil }
    let (from, to) = (graph.shape(node.inputs[0]), graph.shape(value))
    guard from.count == 4, to.count == 3, from[0] == 1, to[0] == 1, from[1] == to[1] else { return nil }
    return node.inputs[0]
  }
}

/// `concat(reshape(x), reshape(y))` along the channels is `reshape(concat(x, y))`.
private func joinBeforeReshaping(_ graph: inout Graph) {
  let context = GraphContext(graph)
  var insertions = Insertions()
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let concat = node.operation as? Concat, concat.axis == 1, node.inputs.count > 1 else { continue }
    let maps = node.inputs.compactMap { context.map($0, graph) }
    guard maps.count == node.inputs.count else { continue }
    var shape = graph.shape(maps[0])
    guard maps.allSatisfy({ graph.shape($0)[2...] == shape[2...] }) else { continue }
    shape[1] = maps.reduce(0) { $0 + graph.shape($1)[1] }
    let join = graph.make(concat, maps, shape, like: node)
    insertions.insert(join, before: index)
    graph.nodes[index].operation = Reshape()
    graph.nodes[index].inputs = [join.output]
  }
  insertions.apply(to: &graph)
}

/// `transpose(concat(x, y))` is `concat(transpose(x), transpose(y))`, along the place where the axis went.
private func transposeBeforeJoining(_ graph: inout Graph) {
  let context = GraphContext(graph)
  var insertions = Insertions()
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let transpose = node.operation as? Transpose, transpose.order == [0, 2, 1],
      context.isUsedOnce(node.inputs[0]),
      let (concat, join) = context.operation(node.inputs[0], in: graph, as: Concat.self), concat.axis == 2,
      join.inputs.allSatisfy({ context.map($0, graph) != nil })
    else { continue }
    var parts: [ValueID] = []
    for input in join.inputs {
      let shape = graph.shape(input)
      let part = graph.make(
        Transpose(order: transpose.order, input: shape), [input], [shape[0], shape[2], shape[1]], like: node)
      insertions.insert(part, before: index)
      parts.append(part.output)
    }
    graph.nodes[index].operation = Concat(axis: 1)
    graph.nodes[index].inputs = parts
  }
  insertions.apply(to: &graph)
}

/// `transpose(reshape(x))` from `[1, c, h, w]` to `[1, h · w, c]`: pixel after pixel, then another reading.
private func transposeBeforeReshaping(_ graph: inout Graph) {
  let context = GraphContext(graph)
  var insertions = Insertions()
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    guard let transpose = node.operation as? Transpose, transpose.order == [0, 2, 1],
      let map = context.map(node.inputs[0], graph)
    else { continue }
    let shape = graph.shape(map)
    let rows = graph.make(
      Transpose(order: [0, 2, 3, 1], input: shape), [map], [shape[0], shape[2], shape[3], shape[1]], like: node)
    insertions.insert(rows, before: index)
    graph.nodes[index].operation = Reshape()
    graph.nodes[index].inputs = [rows.output]
  }
  insertions.apply(to: &graph)
}
