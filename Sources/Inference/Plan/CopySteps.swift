import KernelInterface

/// A view written out elsewhere: as a blocked tensor of its own, as planes, or pixel after pixel.
struct ViewCopyStep: Step {
  enum Target: Sendable { case blocked, planes, rows }

  let kernels: any KernelSet.Type
  let input: View
  let target: Target
  let output: Place

  var parts: Int { usefulParts(input.pixels, work: input.pixels, input.channels, perNanosecond: 2) }

  func bind(_ arena: Arena) -> any BoundStep {
    guard case .buffer(let buffer, let byteOffset) = output else { preconditionFailure("a constant is written to") }
    let runs = Table(input.runs(arena))
    let work = CopyWork(
      pixels: 0..<input.pixels, base: UnsafePointer(arena.floats), runs: UnsafePointer(runs.pointer),
      runCount: runs.count,
      output: arena.pointer(buffer, byteOffset: byteOffset).assumingMemoryBound(to: Float.self),
      outputStride: target == .rows ? input.channels : input.pixels)
    return Bound(kernels: kernels, target: target, work: work, runs: runs)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let target: Target
    let work: CopyWork
    let runs: Table<ChannelRun>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      work.pixels = share(work.pixels.count, part, of: parts)
      guard !work.pixels.isEmpty else { return }
      switch target {
      case .blocked: kernels.gather(work)
      case .planes: kernels.planesFromBlocked(work)
      case .rows: kernels.rowsFromBlocked(work)
      }
    }
  }
}

/// Plain planes → a blocked tensor.
struct BlockingStep: Step {
  let kernels: any KernelSet.Type
  let input: Place
  /// `[1, c, h, w]`
  let type: TensorType
  let output: BufferID

  private var pixels: Int { type.shape[2] * type.shape[3] }
  var parts: Int { usefulParts(pixels, work: type.count, perNanosecond: 2) }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels, channels: type.shape[1], pixels: pixels,
      input: UnsafePointer(arena.view(input, type)[Float.self]), output: arena.floats + arena.offsets[output] / 4)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let channels: Int
    let pixels: Int
    let input: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      let range = share(pixels, part, of: parts)
      guard !range.isEmpty else { return }
      kernels.blockedFromPlanes(
        channels: channels, pixels: range, input: input, planeStride: pixels, output: output, outputPlane: pixels)
    }
  }
}
