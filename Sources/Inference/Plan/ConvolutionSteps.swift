import KernelInterface

/// What all convolutions on blocked tensors share.
struct ConvolutionOutput: Sendable {
  let buffer: BufferID
  let channels: Int
  let height: Int
  let width: Int
  let bias: AlignedFloats
  let activation: Activation
  let residual: View.Block?
  let addsAfterActivation: Bool

  var pixels: Int { height * width }

  func epilogue(_ arena: Arena) -> Epilogue {
    Epilogue(
      bias: bias.pointer, activation: activation,
      residual: residual.map { UnsafePointer(arena.floats + arena.offset($0, pixels: pixels)) }, residualPlane: pixels,
      addsAfterActivation: addsAfterActivation)
  }

  func pointer(_ arena: Arena) -> UnsafeMutablePointer<Float> { arena.floats + arena.offsets[buffer] / 4 }
}

/// 1×1 of step 1 from any view.
struct PointwiseStep: Step {
  let kernels: any KernelSet.Type
  let input: View
  let weights: PackedWeights
  let output: ConvolutionOutput

  var parts: Int {
    usefulParts(
      max(output.pixels / kernels.tileRows, weights.panelCount), work: output.pixels, weights.depth, output.channels,
      perNanosecond: 40)
  }

  func bind(_ arena: Arena) -> any BoundStep {
    let runs = Table(input.runs(arena))
    let work = PointwiseWork(
      pixels: 0..<output.pixels, panels: 0..<weights.panelCount, outputChannels: output.channels,
      base: UnsafePointer(arena.floats), runs: UnsafePointer(runs.pointer), runCount: runs.count,
      inputChannels: weights.depth, weights: weights.pointer, epilogue: output.epilogue(arena),
      output: output.pointer(arena), outputPlane: output.pixels)
    return Bound(kernels: kernels, work: work, runs: runs)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: PointwiseWork
    let runs: Table<ChannelRun>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      // Few pixels are not worth cutting; outputs are.
      if work.pixels.count >= parts * kernels.tileRows {
        work.pixels = share(work.pixels.count, part, of: parts, unit: kernels.tileRows)
      } else {
        work.panels = share(work.panels.count, part, of: parts)
      }
      if !work.pixels.isEmpty, !work.panels.isEmpty { kernels.pointwise(work) }
    }
  }
}

/// k×k of any geometry from any view.
struct DenseStep: Step {
  let kernels: any KernelSet.Type
  let geometry: WindowGeometry
  let input: View
  let weights: PackedWeights
  let output: ConvolutionOutput

  private var bandRows: Int { DenseWork.bandRows(geometry, inputChannels: input.channels) }
  var scratchBytes: Int {
    4 * DenseWork.scratchCount(geometry, inputChannels: input.channels, bandRows: bandRows)
  }
  var parts: Int {
    usefulParts(output.height, work: output.pixels, weights.depth, output.channels, perNanosecond: 40)
  }

  func bind(_ arena: Arena) -> any BoundStep {
    let runs = Table(input.runs(arena))
    let work = DenseWork(
      geometry: geometry, rows: 0..<output.height, panels: 0..<weights.panelCount, outputChannels: output.channels,
      base: UnsafePointer(arena.floats), runs: UnsafePointer(runs.pointer), runCount: runs.count,
      inputChannels: input.channels, weights: weights.pointer, epilogue: output.epilogue(arena),
      output: output.pointer(arena), outputPlane: output.pixels, scratch: arena.floats, bandRows: bandRows)
    return Bound(kernels: kernels, work: work, runs: runs)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: DenseWork
    let runs: Table<ChannelRun>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      work.rows = share(work.rows.count, part, of: parts)
      work.scratch = scratch.assumingMemoryBound(to: Float.self)
      if !work.rows.isEmpty { kernels.dense(work) }
    }
  }
}

/// k×k of any geometry from a few plain planes: the first layer.
struct PlanesStep: Step {
  let kernels: any KernelSet.Type
  let geometry: WindowGeometry
  let input: Place
  let inputType: TensorType
  let weights: PackedWeights
  let output: ConvolutionOutput

  private var planes: Int { inputType.shape[1] }
  private var bandRows: Int { PlanesWork.bandRows(geometry, inputPlanes: planes) }
  var scratchBytes: Int { 4 * PlanesWork.scratchCount(geometry, inputPlanes: planes, bandRows: bandRows) }
  var parts: Int {
    usefulParts(output.height, work: output.pixels, weights.depth, output.channels, perNanosecond: 40)
  }

  func bind(_ arena: Arena) -> any BoundStep {
    Bound(
      kernels: kernels,
      work: PlanesWork(
        geometry: geometry, rows: 0..<output.height, panels: 0..<weights.panelCount, outputChannels: output.channels,
        input: UnsafePointer(arena.view(input, inputType)[Float.self]), inputPlanes: planes, weights: weights.pointer,
        epilogue: output.epilogue(arena), output: output.pointer(arena), outputPlane: output.pixels,
        scratch: arena.floats, bandRows: bandRows))
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: PlanesWork

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      work.rows = share(work.rows.count, part, of: parts)
      work.scratch = scratch.assumingMemoryBound(to: Float.self)
      if !work.rows.isEmpty { kernels.planesConvolution(work) }
    }
  }
}

/// Depthwise convolution of the blocks that hold a view's channels.
struct DepthwiseStep: Step {
  let kernels: any KernelSet.Type
  let geometry: WindowGeometry
  let blocks: [View.Block]
  let weights: AlignedFloats
  let output: ConvolutionOutput

  var parts: Int { usefulParts(output.height, work: output.pixels, blocks.count, geometry.taps) }

  func bind(_ arena: Arena) -> any BoundStep {
    let offsets = Table(blocks.map { arena.offset($0, pixels: geometry.inputPixels) })
    let work = DepthwiseWork(
      geometry: geometry, rows: 0..<output.height, blocks: 0..<blocks.count, channels: blocks.count * 16,
      base: UnsafePointer(arena.floats), blockOffsets: UnsafePointer(offsets.pointer), weights: weights.pointer,
      epilogue: output.epilogue(arena), output: output.pointer(arena), outputPlane: output.pixels)
    return Bound(kernels: kernels, work: work, offsets: offsets)
  }

  private struct Bound: BoundStep {
    let kernels: any KernelSet.Type
    let work: DepthwiseWork
    let offsets: Table<Int>

    func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer) {
      var work = work
      work.rows = share(work.rows.count, part, of: parts)
      if !work.rows.isEmpty { kernels.depthwise(work) }
    }
  }
}
