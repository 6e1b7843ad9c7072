import KernelInterface

/// Any operation on row-major tensors, on one thread.
struct PlainStep: Step {
  let operation: any Operation
  let inputs: [(place: Place, type: TensorType)]
  let output: Place
  let outputType: TensorType

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      operation: operation, inputs: inputs.map { arena.view($0.place, $0.type) }, output: arena.view(output, outputType))
  }

  private struct Bound: BoundStep {
    let operation: any Operation
    let inputs: [TensorView]
    let output: TensorView

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      if part == 0 { operation.run(inputs, output) }
    }
  }
}

/// An activation of a row-major tensor by the kernels.
struct PlainActivationStep: Step {
  let kernels: any KernelSet.Type
  let activation: Activation
  let input: Place
  let output: Place
  let type: TensorType

  var parts: Int { usefulParts(type.count / 64 + 1, work: type.count, perNanosecond: 2) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels, activation: activation, count: type.count, input: arena.view(input, type)[Float.self],
      output: arena.view(output, type)[Float.self])
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let activation: Activation
    let count: Int
    let input: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let range = share(count, part, of: parts, unit: 64)
      guard !range.isEmpty else { return }
      kernels.activate(
        activation, count: range.count, input: UnsafePointer(input + range.lowerBound),
        output: output + range.lowerBound)
    }
  }
}

/// Softmax of rows that lie one behind the other.
struct SoftmaxStep: Step {
  let kernels: any KernelSet.Type
  let rows: Int
  let count: Int
  let input: Place
  let output: Place
  let type: TensorType

  var parts: Int { usefulParts(rows, work: type.count, 2) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels, rows: rows, count: count, input: arena.view(input, type)[Float.self],
      output: arena.view(output, type)[Float.self])
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let rows: Int
    let count: Int
    let input: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let range = share(rows, part, of: parts)
      guard !range.isEmpty else { return }
      kernels.softmax(
        rows: range, count: count, input: UnsafePointer(input), inputStride: count, output: output, outputStride: count)
    }
  }
}

/// A matrix product with constant weights.
struct MatrixStep: Step {
  let kernels: any KernelSet.Type
  let rows: Int
  let weights: PackedWeights
  let bias: AlignedFloats
  let input: Place
  let inputType: TensorType
  let output: Place
  let outputType: TensorType

  var parts: Int { usefulParts(max(rows, weights.panelCount), work: rows, weights.depth, weights.columns, perNanosecond: 40) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels,
      work: MatrixWork(
        rows: 0..<rows, panels: 0..<weights.panelCount, columns: weights.columns, depth: weights.depth,
        a: UnsafePointer(arena.view(input, inputType)[Float.self]), aStride: weights.depth, weights: weights.pointer,
        bias: bias.pointer, output: arena.view(output, outputType)[Float.self], outputStride: weights.columns))
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: MatrixWork

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      if work.rows.count >= parts * kernels.tileRows {
        work.rows = share(work.rows.count, part, of: parts, unit: kernels.tileRows)
      } else {
        work.panels = share(work.panels.count, part, of: parts)
      }
      if !work.rows.isEmpty, !work.panels.isEmpty { kernels.multiply(work) }
    }
  }
}
