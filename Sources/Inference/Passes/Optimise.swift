/// Rewrites a graph into one that computes the same with less work, up to rounding. A pass that would need more memory than
/// `budget` has leaves things as they are.
func optimise(_ graph: inout Graph, budget: MemoryBudget) {
  // Each pass sees what the earlier ones left; the order matters where a comment says so.
  let passes: [(inout Graph, MemoryBudget) -> Void] = [
    simplifyArithmetic,
    // Before normalisations are folded: the parts of a hard swish must not vanish in a convolution.
    recogniseActivations,
    foldNormalizations,
    foldPadding,
    recogniseShuffles,
    foldFocus,
    arrangeHeads,
    // Gives activations of parts of an output a convolution of their own, to be fused with.
    splitConvolutions,
    fuseConvolutions,
  ]
  graph.removeDeadNodes()
  for pass in passes {
    pass(&graph, budget)
    graph.removeDeadNodes()
  }
  precondition(graph.brokenInvariant == nil, "a pass left a broken graph")
}

/// What a pass looks up while it rewrites nodes in place.
///
/// A node keeps its place and its output when it is rewritten, so an order that was right stays right as long as it reads
/// only what its old inputs were made from.
struct GraphContext {
  private let makers: [Int?]
  private let uses: [Int]

  init(_ graph: Graph) {
    makers = graph.makers()
    uses = graph.useCounts()
  }

  /// The node that makes the value, as it is now.
  func maker(_ value: ValueID, in graph: Graph) -> Graph.Node? {
    guard value < makers.count, let index = makers[value] else { return nil }
    return graph.nodes[index]
  }

  /// The operation of a given kind that makes the value.
  func operation<T>(_ value: ValueID, in graph: Graph, as _: T.Type) -> (T, Graph.Node)? {
    guard let node = maker(value, in: graph), let operation = node.operation as? T else { return nil }
    return (operation, node)
  }

  /// Whether one node alone reads the value, and no output shows it.
  func isUsedOnce(_ value: ValueID) -> Bool { value < uses.count && uses[value] == 1 }
}

extension Graph {
  /// One number for each channel of `[n, c, …]`, of a constant that broadcasts along all other axes; nil for other constants.
  func perChannel(_ value: ValueID, like shape: [Int]) -> [Float]? {
    guard let constant = constant(value), shape.count >= 2, constant.shape.count <= shape.count,
      let floats = constant.floats
    else { return nil }
    let missing = shape.count - constant.shape.count
    for (i, side) in constant.shape.enumerated() where side != 1 {
      guard i + missing == 1, side == shape[1] else { return nil }
    }
    return floats.count == 1 ? [Float](repeating: floats[0], count: shape[1]) : floats
  }

  /// The value of a constant of one element.
  func scalar(_ value: ValueID) -> Float? {
    guard let constant = constant(value), constant.count == 1 else { return nil }
    return constant.floats?[0]
  }
}
