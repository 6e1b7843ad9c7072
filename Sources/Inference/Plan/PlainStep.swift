/// Any operation on row-major tensors, on one thread.
struct PlainStep: Step {
  let operation: any Operation
  let inputs: [(place: Place, type: TensorType)]
  let output: Place
  let outputType: TensorType

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(operation: operation, inputs: inputs.map { arena.view($0.place, $0.type) }, output: arena.view(output, outputType))
  }

  private struct Bound: BoundStep {
    let operation: any Operation
    let inputs: [TensorView]
    let output: TensorView

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) { operation.run(inputs, output) }
  }
}

/// A copy of one plain tensor to another place.
struct CopyStep: Step {
  let input: Place
  let output: Place
  let type: TensorType

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(input: arena.view(input, type), output: arena.view(output, type))
  }

  private struct Bound: BoundStep {
    let input: TensorView
    let output: TensorView

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) { copyAll(input, output) }
  }
}
