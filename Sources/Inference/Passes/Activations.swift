/// Recognises activations that are written out: `x · sigmoid(x)`, and the ways of writing a hard swish.
func recogniseActivations(_ graph: inout Graph, _: MemoryBudget) {
  let context = GraphContext(graph)
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    switch node.operation {
    case let binary as Binary where binary.function == .multiply && binary.element == .float32:
      for (x, factor) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
        if let (elementwise, maker) = context.operation(factor, in: graph, as: Elementwise.self),
          elementwise.function == .sigmoid, maker.inputs[0] == x
        {
          graph.nodes[index].operation = Elementwise(function: .silu)
          graph.nodes[index].inputs = [x]
          break
        }
        if let gate = Gate(factor, graph, context), gate.source == x, gate.isUnit {
          graph.nodes[index].operation = Elementwise(function: .hardSwish(alpha: gate.alpha, beta: gate.beta))
          graph.nodes[index].inputs = [x]
          break
        }
      }
    case let elementwise as Elementwise:
      // (x · clip(x + 3, 0, 6)) / 6
      guard case .affine(let scale, 0) = elementwise.function, scale > 0,
        let (product, maker) = context.operation(node.inputs[0], in: graph, as: Binary.self),
        product.function == .multiply
      else { break }
      for (x, factor) in [(maker.inputs[0], maker.inputs[1]), (maker.inputs[1], maker.inputs[0])] {
        guard let gate = Gate(factor, graph, context)?.scaled(scale), gate.source == x, gate.isUnit else { continue }
        graph.nodes[index].operation = Elementwise(function: .hardSwish(alpha: gate.alpha, beta: gate.beta))
        graph.nodes[index].inputs = [x]
        break
      }
    default: break
    }
  }
}

/// `min(max(alpha · x + beta, 0), high)` of some value x.
private struct Gate {
  var source: ValueID
  var alpha: Float
  var beta: Float
  var high: Float

  /// Whether it reaches from 0 to 1.
  var isUnit: Bool { abs(high - 1) < 1e-6 }

  func scaled(_ scale: Float) -> Gate {
    Gate(source: source, alpha: alpha * scale, beta: beta * scale, high: high * scale)
  }

  private init(source: ValueID, alpha: Float, beta: Float, high: Float) {
    self.source = source
    self.alpha = alpha
    self.beta = beta
    self.high = high
  }

  /// Nil where the value is made in another way.
  init?(_ value: ValueID, _ graph: Graph, _ context: GraphContext) {
    guard let (elementwise, node) = context.operation(value, in: graph, as: Elementwise.self) else { return nil }
    switch elementwise.function {
    case .hardSigmoid(let alpha, let beta): self.init(source: node.inputs[0], alpha: alpha, beta: beta, high: 1)
    case .clip(0, let high) where high.isFinite:
      if let (inner, maker) = context.operation(node.inputs[0], in: graph, as: Elementwise.self),
        case .affine(let scale, let shift) = inner.function
      {
        self.init(source: maker.inputs[0], alpha: scale, beta: shift, high: high)
      } else {
        self.init(source: node.inputs[0], alpha: 1, beta: 0, high: high)
      }
    case .affine(let scale, 0) where scale > 0:
      // Only one clip deep: a scale of a scale is left alone, so this ends.
      guard let (inner, maker) = context.operation(node.inputs[0], in: graph, as: Elementwise.self),
        case .clip = inner.function, let gate = Gate(maker.output, graph, context)
      else { return nil }
      self = gate.scaled(scale)
    default: return nil
    }
  }
}
