import KernelInterface

/// Any operation on row-major tensors, on one thread.
struct PlainStep: Step {
  let operation: any Operation
  let inputs: [(place: Place, type: TensorType)]
  let output: Place
  let outputType: TensorType

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      operation: operation, inputs: inputs.map { arena.view($0.place, $0.type) }, output: arena.view(output, outputType)
    )
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

/// Softmax along the middle of `[outer, count, inner]`: many neighbouring columns at once.
struct StridedSoftmaxStep: Step {
  let kernels: any KernelSet.Type
  let softmax: Softmax
  let input: Place
  let output: Place
  let type: TensorType

  /// Columns that pass together; their values and two rows of results stay in the cache.
  private static let width = 512

  private var chunks: Int { (softmax.inner + Self.width - 1) / Self.width }
  var scratchBytes: Int { 2 * 4 * Self.width }
  var parts: Int { usefulParts(softmax.outer * chunks, work: type.count, 2) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels, softmax: softmax, chunks: chunks, input: UnsafePointer(arena.view(input, type)[Float.self]),
      output: arena.view(output, type)[Float.self])
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let softmax: Softmax
    let chunks: Int
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let greatest = scratch.assumingMemoryBound(to: Float.self)
      let sum = greatest + StridedSoftmaxStep.width
      let inner = softmax.inner
      for index in share(softmax.outer * chunks, part, of: parts) {
        let first = index % chunks * StridedSoftmaxStep.width
        let count = min(StridedSoftmaxStep.width, inner - first)
        let start = index / chunks * softmax.count * inner + first
        greatest.update(from: input + start, count: count)
        for k in 1..<max(1, softmax.count) {
          combine(.maximum, UnsafePointer(greatest), input + start + k * inner, count, greatest)
        }
        sum.update(repeating: 0, count: count)
        for k in 0..<softmax.count {
          let row = output + start + k * inner
          combine(.subtract, input + start + k * inner, UnsafePointer(greatest), count, row)
          kernels.activate(.exponential, count: count, input: UnsafePointer(row), output: row)
          combine(.add, UnsafePointer(sum), UnsafePointer(row), count, sum)
        }
        for k in 0..<softmax.count {
          let row = output + start + k * inner
          combine(.divide, UnsafePointer(row), UnsafePointer(sum), count, row)
        }
      }
    }

    private func combine(
      _ operation: BinaryOperation, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int,
      _ output: UnsafeMutablePointer<Float>
    ) {
      kernels.binary(operation, count: count, a, b, .equal, activation: .none, output: output)
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

  var parts: Int {
    usefulParts(max(rows, weights.panelCount), work: rows, weights.depth, weights.columns, perNanosecond: 40)
  }

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
