import KernelInterface

/// Turns a graph into a plan: chooses layouts, makes views of what needs no computing, and places buffers.
///
/// A value lies row-major, or blocked as a view, or in time both: whichever form a reader wants that is not there yet is made
/// by one more step, once. Convolutions are blocked, what follows them stays so as long as it can.
struct Planner {
  let graph: Graph
  let kernels: any KernelSet.Type
  let budget: MemoryBudget
  let isReference: Bool

  var entries: [Plan.Entry] = []
  var buffers: [ArenaLayout.Request] = []
  /// Where each value lies as a row-major tensor, and as a view.
  var plain: [Place?]
  var blocked: [View?]
  /// Readings of each value that are still to come.
  var remaining: [Int]
  /// The values that are views of each buffer.
  var viewers: [[ValueID]] = []
  /// Row-major values that are written straight to their place in a larger one: that value, and bytes from its start.
  let destinations: [ValueID: (whole: ValueID, byteOffset: Int)]
  var wholes: [ValueID: BufferID] = [:]

  static func plan(
    _ graph: Graph, kernels: any KernelSet.Type, budget: MemoryBudget, isReference: Bool
  ) throws(NetworkError) -> Plan {
    var planner = Planner(graph: graph, kernels: kernels, budget: budget, isReference: isReference)
    return try planner.make()
  }

  private init(graph: Graph, kernels: any KernelSet.Type, budget: MemoryBudget, isReference: Bool) {
    self.isReference = isReference
    self.graph = graph
    self.kernels = kernels
    self.budget = budget
    plain = graph.values.map { $0.constant.map(Place.constant) }
    blocked = graph.values.map { _ in nil }
    remaining = graph.useCounts()
    destinations = findDestinations(graph)
  }

  private mutating func make() throws(NetworkError) -> Plan {
    var inputs: [BufferID] = []
    for input in graph.inputs {
      let buffer = addBuffer(bytes: graph.values[input].type.bytes)
      inputs.append(buffer)
      plain[input] = .buffer(buffer, byteOffset: 0)
    }
    for node in graph.nodes {
      for input in node.inputs { remaining[input] -= 1 }
      if isReference {
        planReadable(node)
      } else if try !planBlocked(node) {
        try planPlain(node)
      }
    }
    let outputs = graph.outputs.map { plainPlace($0.value) }
    // Inputs keep their contents from run to run, outputs until the next run.
    let end = entries.count
    for buffer in inputs { buffers[buffer].lifetime = 0...end }
    for case .buffer(let buffer, _) in outputs { touch(buffer, end) }
    guard let layout = ArenaLayout(buffers), layout.bytes <= budget.limit else {
      let bytes = buffers.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue }
      throw .tooLarge(what: "the arena", bytes: bytes, limit: budget.limit)
    }
    return Plan(
      entries: entries, offsets: layout.offsets, arenaBytes: layout.bytes,
      scratchBytes: entries.map(\.step.scratchBytes).max() ?? 0, inputs: inputs, outputs: outputs,
      outputTypes: graph.outputs.map { graph.values[$0.value].type }, parameterCount: parameterCount)
  }

  /// Floats in the constants that the nodes read.
  private var parameterCount: Int {
    var seen: Set<ValueID> = []
    var count = 0
    for node in graph.nodes {
      for input in node.inputs where seen.insert(input).inserted {
        if let constant = graph.constant(input), constant.type.element == .float32 { count += constant.count }
      }
    }
    return count
  }

  // MARK: Buffers and entries

  mutating func addBuffer(bytes: Int) -> BufferID {
    buffers.append(ArenaLayout.Request(bytes: bytes, lifetime: entries.count...entries.count))
    viewers.append([])
    return buffers.count - 1
  }

  mutating func touch(_ buffer: BufferID, _ step: Int) {
    let life = buffers[buffer].lifetime
    buffers[buffer].lifetime = min(life.lowerBound, step)...max(life.upperBound, step)
  }

  /// Appends a step that touches these buffers. `bytes` defaults to the sizes of the node's tensors.
  mutating func add(_ step: any Step, _ node: Graph.Node, touching touched: some Sequence<BufferID>, note: String) {
    for buffer in touched { touch(buffer, entries.count) }
    let bytes = node.inputs.reduce(graph.values[node.output].type.bytes) { $0 + graph.values[$1].type.bytes }
    entries.append(
      Plan.Entry(
        step: step, name: node.name, operatorType: node.operation.title, shape: graph.shape(node.output),
        multiplyAdds: multiplyAdds(node), bytes: bytes, note: note))
  }

  /// Appends a step that only changes the layout of a value.
  mutating func addConversion(
    _ step: any Step, _ value: ValueID, touching touched: some Sequence<BufferID>, to layout: String
  ) {
    for buffer in touched { touch(buffer, entries.count) }
    entries.append(
      Plan.Entry(
        step: step, name: graph.values[value].name, operatorType: "Reorder", shape: graph.shape(value), multiplyAdds: 0,
        bytes: 2 * graph.values[value].type.bytes, note: "to \(layout)"))
  }

  private func multiplyAdds(_ node: Graph.Node) -> Int {
    switch node.operation {
    case let convolution as Convolution:
      let x = graph.shape(node.inputs[0])
      return convolution.multiplyAdds(batch: x[0], channels: x[1], outputs: graph.shape(node.output)[1])
    case let product as MatrixProduct:
      return [product.starts.count, product.rows, product.columns, product.depth]
        .reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    default: return 0
    }
  }

  // MARK: Forms

  /// Where the value lies as a row-major tensor; writes it out if need be.
  mutating func plainPlace(_ value: ValueID) -> Place {
    if let place = plain[value] { return place }
    let view = blocked[value]!
    let place = newPlain(value)
    plain[value] = place
    addConversion(
      ViewCopyStep(kernels: kernels, input: view, target: .planes, output: place), value,
      touching: view.buffers.union(place.buffers), to: "planes")
    return place
  }

  /// The value as a view; blocks it if need be. Only for float tensors `[1, c, h, w]`.
  mutating func view(_ value: ValueID) -> View {
    if let view = blocked[value] { return view }
    let place = plain[value]!
    let type = graph.values[value].type
    let view = newView(value, channels: type.shape[1], height: type.shape[2], width: type.shape[3])
    let buffer = view.pieces[0].buffer
    addConversion(
      BlockingStep(kernels: kernels, input: place, type: type, output: buffer), value,
      touching: place.buffers + [buffer], to: "blocks")
    return view
  }

  /// A place for a value that is about to be written row-major: its own, or within the larger one that it is a part of.
  mutating func newPlain(_ value: ValueID) -> Place {
    guard let destination = destinations[value] else {
      if let buffer = wholes[value] { return .buffer(buffer, byteOffset: 0) }
      return .buffer(addBuffer(bytes: graph.values[value].type.bytes), byteOffset: 0)
    }
    if wholes[destination.whole] == nil {
      wholes[destination.whole] = addBuffer(bytes: graph.values[destination.whole].type.bytes)
    }
    return .buffer(wholes[destination.whole]!, byteOffset: destination.byteOffset)
  }

  /// A blocked buffer of the value's own.
  mutating func newView(_ value: ValueID, channels: Int, height: Int, width: Int) -> View {
    let buffer = addBuffer(bytes: 4 * blockedCount(channels: channels, pixels: height * width))
    let view = View(buffer: buffer, channels: channels, height: height, width: width)
    setView(value, view)
    return view
  }

  mutating func setView(_ value: ValueID, _ view: View) {
    blocked[value] = view
    for buffer in view.buffers { viewers[buffer].append(value) }
  }

  /// Whether nothing will read the view's buffers any more, so that they may be written over.
  func isSpent(_ view: View) -> Bool {
    view.buffers.allSatisfy { buffer in viewers[buffer].allSatisfy { remaining[$0] == 0 } }
  }

  /// The value's channels as blocks of one buffer in order; copies them if need be.
  mutating func denseBlock(_ value: ValueID) -> View.Block {
    let view = view(value)
    return view.dense ?? gathered(view, value).dense!
  }

  /// A blocked copy, which stands for the value from then on.
  mutating func gathered(_ view: View, _ value: ValueID) -> View {
    let buffer = addBuffer(bytes: 4 * blockedCount(channels: view.channels, pixels: view.pixels))
    let copy = View(buffer: buffer, channels: view.channels, height: view.height, width: view.width)
    addConversion(
      ViewCopyStep(kernels: kernels, input: view, target: .blocked, output: .buffer(buffer, byteOffset: 0)), value,
      touching: view.buffers.union([buffer]), to: "blocks of its own")
    setView(value, copy)
    return copy
  }

  /// A view of the value whose channels fill the blocks they lie in well; copies it if they do not.
  mutating func compact(_ value: ValueID) -> View {
    let view = view(value)
    let least = (view.channels + 15) / 16
    let (blocks, slots) = view.blocks()
    // A channel that is there twice may be treated in two ways.
    if Set(slots).count < slots.count { return gathered(view, value) }
    if blocks.count <= least + (least + 3) / 4 { return view }
    // Copied as they lie, which goes in long runs, and seen in their order.
    let (sorted, order) = view.inMemoryOrder()
    let copy = gathered(sorted, value)
    var positions = [Int](repeating: 0, count: order.count)
    for (position, channel) in order.enumerated() { positions[channel] = position }
    let compact = copy.selecting(positions)
    blocked[value] = compact
    return compact
  }
}

extension Place {
  var buffers: [BufferID] {
    if case .buffer(let buffer, _) = self { return [buffer] }
    return []
  }
}

/// Finds row-major values that a Concat reads and nobody else, and which lie in one piece in its result.
private func findDestinations(_ graph: Graph) -> [ValueID: (whole: ValueID, byteOffset: Int)] {
  let uses = graph.useCounts()
  let makers = graph.makers()
  var destinations: [ValueID: (whole: ValueID, byteOffset: Int)] = [:]
  // From the end, so that a part of a part finds the whole.
  for node in graph.nodes.reversed() {
    switch node.operation {
    case let concat as Concat:
      let shape = graph.shape(node.output)
      // Joining channels of maps makes a view, if they are blocked.
      guard shape[..<concat.axis].allSatisfy({ $0 == 1 }), !(shape.count == 4 && concat.axis == 1) else { continue }
      var (whole, byteOffset) = destinations[node.output] ?? (node.output, 0)
      for input in node.inputs {
        if uses[input] == 1, makers[input] != nil { destinations[input] = (whole, byteOffset) }
        byteOffset += graph.values[input].type.bytes
      }
      whole = node.output
    case is Reshape:
      // Another reading of the same memory: what holds for the result holds for the source.
      if let destination = destinations[node.output], uses[node.inputs[0]] == 1, makers[node.inputs[0]] != nil {
        destinations[node.inputs[0]] = destination
      }
    default: break
    }
  }
  return destinations
}
