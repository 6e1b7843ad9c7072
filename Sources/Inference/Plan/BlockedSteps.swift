import KernelInterface

/// Maximum or average pooling of the blocks that hold a view's channels.
struct PoolStep: Step {
  let kernels: any KernelSet.Type
  let pooling: Pooling
  let geometry: WindowGeometry
  let blocks: [View.Block]
  let output: BufferID

  var parts: Int {
    usefulParts(geometry.outputHeight, work: geometry.outputPixels, blocks.count, geometry.taps)
  }

  func bind(_ arena: Arena) -> any BoundStep {
    let offsets = Table(blocks.map { arena.offset($0, pixels: geometry.inputPixels) })
    let work = PoolWork(
      pooling: pooling, geometry: geometry, rows: 0..<geometry.outputHeight, blocks: 0..<blocks.count,
      channels: blocks.count * 16, base: UnsafePointer(arena.floats), blockOffsets: UnsafePointer(offsets.pointer),
      output: arena.floats + arena.offsets[output] / 4, outputPlane: geometry.outputPixels)
    return Bound(kernels: kernels, work: work, offsets: offsets)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: PoolWork
    let offsets: Table<Int>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      work.rows = share(work.rows.count, part, of: parts)
      if !work.rows.isEmpty { kernels.pool(work) }
    }
  }
}

/// Maximum or average of all pixels of the blocks that hold a view's channels.
struct GlobalPoolStep: Step {
  let kernels: any KernelSet.Type
  let pooling: Pooling
  let pixels: Int
  let blocks: [View.Block]
  let output: BufferID

  var parts: Int { usefulParts(blocks.count, work: pixels, blocks.count) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      step: self, base: UnsafePointer(arena.floats), offsets: Table(blocks.map { arena.offset($0, pixels: pixels) }),
      output: arena.floats + arena.offsets[output] / 4)
  }

  private struct Bound: BoundStep {
    let step: GlobalPoolStep
    let base: UnsafePointer<Float>
    let offsets: Table<Int>
    let output: UnsafeMutablePointer<Float>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let blocks = share(offsets.count, part, of: parts)
      guard !blocks.isEmpty else { return }
      step.kernels.globalPool(
        step.pooling, pixels: step.pixels, blocks: blocks, base: base, blockOffsets: UnsafePointer(offsets.pointer),
        output: output)
    }
  }
}

/// Nearest or bilinear resampling of the blocks that hold a view's channels.
struct ResizeStep: Step {
  /// For each output of one axis the two inputs and the weight of the second.
  struct Axis: Sendable {
    let first: [Int32]
    let second: [Int32]
    let weight: [Float]
  }

  let kernels: any KernelSet.Type
  let isLinear: Bool
  let inputHeight: Int
  let inputWidth: Int
  let vertical: Axis
  let horizontal: Axis
  let blocks: [View.Block]
  let output: BufferID

  private var outputPixels: Int { vertical.first.count * horizontal.first.count }
  var parts: Int { usefulParts(vertical.first.count, work: outputPixels, blocks.count, 4) }

  func bind(_ arena: Arena) -> any BoundStep {
    let offsets = Table(blocks.map { arena.offset($0, pixels: inputHeight * inputWidth) })
    let (up, across) = (BoundAxis(vertical), BoundAxis(horizontal))
    let work = ResizeWork(
      isLinear: isLinear, inputWidth: inputWidth, outputWidth: horizontal.first.count, vertical: up.table,
      horizontal: across.table, rows: 0..<vertical.first.count, blocks: 0..<blocks.count, channels: blocks.count * 16,
      base: UnsafePointer(arena.floats), blockOffsets: UnsafePointer(offsets.pointer),
      output: arena.floats + arena.offsets[output] / 4, outputPlane: outputPixels)
    return Bound(kernels: kernels, work: work, offsets: offsets, axes: [up, across])
  }

  private final class BoundAxis {
    let first: Table<Int32>
    let second: Table<Int32>
    let weight: Table<Float>

    init(_ axis: Axis) {
      first = Table(axis.first)
      second = Table(axis.second)
      weight = Table(axis.weight)
    }

    var table: AxisTable {
      AxisTable(
        first: UnsafePointer(first.pointer), second: UnsafePointer(second.pointer),
        weight: UnsafePointer(weight.pointer))
    }
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: ResizeWork
    let offsets: Table<Int>
    let axes: [BoundAxis]

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      work.rows = share(work.rows.count, part, of: parts)
      if !work.rows.isEmpty { kernels.resize(work) }
    }
  }
}

/// A function of each value, on blocks that lie anywhere.
struct ActivationStep: Step {
  let kernels: any KernelSet.Type
  let function: ElementwiseFunction
  let pixels: Int
  /// Each block with the one that takes the result, perhaps the same.
  let blocks: [(from: View.Block, to: View.Block)]

  var parts: Int { usefulParts(pixels, work: pixels, blocks.count, 8) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels, function: function, activation: function.activation, pixels: pixels,
      blocks: blocks.map {
        (arena.floats + arena.offset($0.from, pixels: pixels), arena.floats + arena.offset($0.to, pixels: pixels))
      })
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let function: ElementwiseFunction
    let activation: Activation?
    let pixels: Int
    let blocks: [(from: UnsafeMutablePointer<Float>, to: UnsafeMutablePointer<Float>)]

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let range = share(pixels * 16, part, of: parts, unit: 16)
      for (from, to) in blocks {
        if let activation {
          kernels.activate(
            activation, count: range.count, input: UnsafePointer(from + range.lowerBound), output: to + range.lowerBound
          )
        } else {
          for i in range { to[i] = function(from[i]) }
        }
      }
    }
  }
}

/// Two blocked operands, or one and a value for each channel or for all.
struct BinaryStep: Step {
  /// The right operand.
  enum Second: Sendable {
    /// Block for block, like the first.
    case equal([View.Block])
    /// Block for block one pixel.
    case gate([View.Block])
    /// 16 floats for each block.
    case perChannel(AlignedFloats)
    case scalar(Float)
  }

  let kernels: any KernelSet.Type
  let operation: BinaryOperation
  let pixels: Int
  let first: [View.Block]
  let second: Second
  let output: [View.Block]

  var parts: Int { usefulParts(pixels, work: pixels, first.count, 2) }

  func bind(_ arena: Arena) -> any BoundStep {
    func pointers(_ blocks: [View.Block], _ pixels: Int) -> [UnsafeMutablePointer<Float>] {
      blocks.map { arena.floats + arena.offset($0, pixels: pixels) }
    }
    let kind: SecondOperand
    let other: [UnsafePointer<Float>]
    var constant: AlignedFloats?
    switch second {
    case .equal(let blocks):
      kind = .equal
      other = pointers(blocks, pixels).map { UnsafePointer($0) }
    case .gate(let blocks):
      kind = .perChannel
      other = pointers(blocks, 1).map { UnsafePointer($0) }
    case .perChannel(let values):
      kind = .perChannel
      constant = values
      other = first.indices.map { values.pointer + 16 * $0 }
    case .scalar(let value):
      kind = .scalar
      let held = AlignedFloats([value])
      constant = held
      other = first.indices.map { _ in held.pointer }
    }
    return Bound(
      kernels: kernels, operation: operation, pixels: pixels, kind: kind, first: pointers(first, pixels), second: other,
      output: pointers(output, pixels), constant: constant)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let operation: BinaryOperation
    let pixels: Int
    let kind: SecondOperand
    let first: [UnsafeMutablePointer<Float>]
    let second: [UnsafePointer<Float>]
    let output: [UnsafeMutablePointer<Float>]
    /// Keeps what `second` points to.
    let constant: AlignedFloats?

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let range = share(pixels * 16, part, of: parts, unit: 16)
      guard !range.isEmpty else { return }
      for (index, a) in first.enumerated() {
        let b = kind == .equal ? second[index] + range.lowerBound : second[index]
        kernels.binary(
          operation, count: range.count, UnsafePointer(a + range.lowerBound), b, kind, activation: .none,
          output: output[index] + range.lowerBound)
      }
    }
  }
}
