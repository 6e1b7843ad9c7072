// What the kernels are asked to do. Pointers are borrowed for the call. Every request names the part of the output that is
// wanted (pixels, rows, blocks, panels), so that a layer can be handed out in parts; pointers are always those of the whole
// tensor. Parts of different threads never write the same float if they differ in whole rows, pixels, blocks or panels of
// whole blocks (see `panels`).

/// 1×1 convolution of stride 1 from a view to a blocked tensor. Also a fully connected layer on one pixel.
public struct PointwiseWork {
  /// Wanted pixels of the output, which are also those of the input.
  public var pixels: Range<Int>
  /// Wanted panels of output channels, of `PackedWeights.panelCount`. A panel of `panelWidth` 8 is half a block.
  public var panels: Range<Int>
  public var outputChannels: Int
  /// The view: `runCount` runs with `inputChannels` channels in all. A sum has no order: whoever packs the weights may
  /// sort a view's channels by their places first, so that shuffled channels become long runs (16 is best).
  public var base: UnsafePointer<Float>
  public var runs: UnsafePointer<ChannelRun>
  public var runCount: Int
  public var inputChannels: Int
  /// `PackedWeights` whose depth is the input channels in the order of the runs.
  public var weights: UnsafePointer<Float>
  public var epilogue: Epilogue
  /// Written in whole vectors: slots beyond the last channel of its block become anything.
  public var output: UnsafeMutablePointer<Float>
  /// Pixels from one output block to the next.
  public var outputPlane: Int

  public init(
    pixels: Range<Int>, panels: Range<Int>, outputChannels: Int, base: UnsafePointer<Float>,
    runs: UnsafePointer<ChannelRun>, runCount: Int, inputChannels: Int, weights: UnsafePointer<Float>,
    epilogue: Epilogue, output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {
    self.pixels = pixels
    self.panels = panels
    self.outputChannels = outputChannels
    self.base = base
    self.runs = runs
    self.runCount = runCount
    self.inputChannels = inputChannels
    self.weights = weights
    self.epilogue = epilogue
    self.output = output
    self.outputPlane = outputPlane
  }
}

/// Dense convolution of any geometry from a view to a blocked tensor.
public struct DenseWork {
  public var geometry: WindowGeometry
  /// Wanted rows of the output.
  public var rows: Range<Int>
  /// Wanted panels of output channels.
  public var panels: Range<Int>
  public var outputChannels: Int
  public var base: UnsafePointer<Float>
  public var runs: UnsafePointer<ChannelRun>
  public var runCount: Int
  public var inputChannels: Int
  /// `PackedWeights` whose depth is `(ky · kernelWidth + kx) · inputChannels + channel`.
  public var weights: UnsafePointer<Float>
  public var epilogue: Epilogue
  public var output: UnsafeMutablePointer<Float>
  public var outputPlane: Int
  /// `scratchCount` floats on a 64-byte boundary, of any content; one for each thread.
  public var scratch: UnsafeMutablePointer<Float>
  /// Output rows whose padded input lies in `scratch` at one time, as given to `scratchCount`; at least 1.
  public var bandRows: Int

  public init(
    geometry: WindowGeometry, rows: Range<Int>, panels: Range<Int>, outputChannels: Int, base: UnsafePointer<Float>,
    runs: UnsafePointer<ChannelRun>, runCount: Int, inputChannels: Int, weights: UnsafePointer<Float>,
    epilogue: Epilogue, output: UnsafeMutablePointer<Float>, outputPlane: Int, scratch: UnsafeMutablePointer<Float>,
    bandRows: Int
  ) {
    self.geometry = geometry
    self.rows = rows
    self.panels = panels
    self.outputChannels = outputChannels
    self.base = base
    self.runs = runs
    self.runCount = runCount
    self.inputChannels = inputChannels
    self.weights = weights
    self.epilogue = epilogue
    self.output = output
    self.outputPlane = outputPlane
    self.scratch = scratch
    self.bandRows = bandRows
  }

  /// Floats of scratch for bands of `bandRows` output rows.
  public static func scratchCount(_ geometry: WindowGeometry, inputChannels: Int, bandRows: Int) -> Int {
    segmentFloats(geometry.taps * ((inputChannels + 15) / 16))
      + blockedCount(channels: inputChannels, pixels: geometry.paddedRows(bandRows) * geometry.paddedWidth)
  }

  /// Floats that a list of segments takes at the start of scratch, whole cache lines.
  package static func segmentFloats(_ count: Int) -> Int { (count * 4 + 15) / 16 * 16 }

  /// The largest band whose padded input takes at most 192 KiB, a share of the second-level cache; at least one row.
  public static func bandRows(_ geometry: WindowGeometry, inputChannels: Int) -> Int {
    let limit = 49_152
    var rows = 1
    while rows < geometry.outputHeight,
      scratchCount(geometry, inputChannels: inputChannels, bandRows: rows + 1) <= limit
    {
      rows += 1
    }
    return rows
  }
}

/// Dense convolution of any geometry from a few plain planes to a blocked tensor: a network's first layer.
public struct PlanesWork {
  public var geometry: WindowGeometry
  /// Wanted rows of the output.
  public var rows: Range<Int>
  /// Wanted panels of output channels.
  public var panels: Range<Int>
  public var outputChannels: Int
  /// `inputPlanes` planes of `inputHeight` rows of `inputWidth` floats, one behind the other.
  public var input: UnsafePointer<Float>
  public var inputPlanes: Int
  /// `PackedWeights` whose depth is `(plane · kernelHeight + ky) · kernelWidth + kx`.
  public var weights: UnsafePointer<Float>
  public var epilogue: Epilogue
  public var output: UnsafeMutablePointer<Float>
  public var outputPlane: Int
  /// `scratchCount` floats on a 64-byte boundary, of any content; one for each thread.
  public var scratch: UnsafeMutablePointer<Float>
  /// As in `DenseWork`.
  public var bandRows: Int

  public init(
    geometry: WindowGeometry, rows: Range<Int>, panels: Range<Int>, outputChannels: Int, input: UnsafePointer<Float>,
    inputPlanes: Int, weights: UnsafePointer<Float>, epilogue: Epilogue, output: UnsafeMutablePointer<Float>,
    outputPlane: Int, scratch: UnsafeMutablePointer<Float>, bandRows: Int
  ) {
    self.geometry = geometry
    self.rows = rows
    self.panels = panels
    self.outputChannels = outputChannels
    self.input = input
    self.inputPlanes = inputPlanes
    self.weights = weights
    self.epilogue = epilogue
    self.output = output
    self.outputPlane = outputPlane
    self.scratch = scratch
    self.bandRows = bandRows
  }

  /// Floats of scratch for bands of `bandRows` output rows.
  public static func scratchCount(_ geometry: WindowGeometry, inputPlanes: Int, bandRows: Int) -> Int {
    DenseWork.segmentFloats(inputPlanes * geometry.taps)
      + inputPlanes * geometry.paddedRows(bandRows) * geometry.paddedWidth
  }

  /// The largest band whose padded input takes at most 64 KiB; at least one row.
  public static func bandRows(_ geometry: WindowGeometry, inputPlanes: Int) -> Int {
    let limit = 16_384
    var rows = 1
    while rows < geometry.outputHeight, scratchCount(geometry, inputPlanes: inputPlanes, bandRows: rows + 1) <= limit {
      rows += 1
    }
    return rows
  }
}

/// Depthwise convolution of any geometry, from a block-aligned view to a blocked tensor.
///
/// Block-aligned: logical channels `16 · b ..< 16 · b + 16` are one whole block in order, the last may be partial.
public struct DepthwiseWork {
  public var geometry: WindowGeometry
  /// Wanted rows of the output.
  public var rows: Range<Int>
  /// Wanted blocks.
  public var blocks: Range<Int>
  public var channels: Int
  public var base: UnsafePointer<Float>
  /// For each block, floats from `base` to its pixel 0.
  public var blockOffsets: UnsafePointer<Int>
  /// `[block][ky][kx][16]`, see `packDepthwise`.
  public var weights: UnsafePointer<Float>
  public var epilogue: Epilogue
  public var output: UnsafeMutablePointer<Float>
  public var outputPlane: Int

  public init(
    geometry: WindowGeometry, rows: Range<Int>, blocks: Range<Int>, channels: Int, base: UnsafePointer<Float>,
    blockOffsets: UnsafePointer<Int>, weights: UnsafePointer<Float>, epilogue: Epilogue,
    output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {
    self.geometry = geometry
    self.rows = rows
    self.blocks = blocks
    self.channels = channels
    self.base = base
    self.blockOffsets = blockOffsets
    self.weights = weights
    self.epilogue = epilogue
    self.output = output
    self.outputPlane = outputPlane
  }
}

/// What pooling makes of a window.
public enum Pooling: UInt8, Sendable, Hashable, BitwiseCopyable {
  case maximum
  /// Divided by the taps on the map.
  case average
  /// Divided by the taps on the padded map (ONNX's `count_include_pad`).
  case averageWithPadding
}

/// Pooling of any geometry, from a block-aligned view to a blocked tensor. A window wholly outside the map gives zero.
public struct PoolWork {
  public var pooling: Pooling
  public var geometry: WindowGeometry
  /// Wanted rows of the output.
  public var rows: Range<Int>
  /// Wanted blocks.
  public var blocks: Range<Int>
  public var channels: Int
  public var base: UnsafePointer<Float>
  /// For each block, floats from `base` to its pixel 0.
  public var blockOffsets: UnsafePointer<Int>
  public var output: UnsafeMutablePointer<Float>
  public var outputPlane: Int

  public init(
    pooling: Pooling, geometry: WindowGeometry, rows: Range<Int>, blocks: Range<Int>, channels: Int,
    base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>, output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {
    self.pooling = pooling
    self.geometry = geometry
    self.rows = rows
    self.blocks = blocks
    self.channels = channels
    self.base = base
    self.blockOffsets = blockOffsets
    self.output = output
    self.outputPlane = outputPlane
  }
}

/// Where the outputs of one axis find their inputs: `(1 - weight) · input[first] + weight · input[second]`.
public struct AxisTable {
  public var first: UnsafePointer<Int32>
  public var second: UnsafePointer<Int32>
  /// Of `second`.
  public var weight: UnsafePointer<Float>

  public init(first: UnsafePointer<Int32>, second: UnsafePointer<Int32>, weight: UnsafePointer<Float>) {
    self.first = first
    self.second = second
    self.weight = weight
  }
}

/// Resampling from a block-aligned view to a blocked tensor.
public struct ResizeWork {
  /// Bilinear; else the value at `first` of both axes (nearest).
  public var isLinear: Bool
  public var inputWidth: Int
  public var outputWidth: Int
  public var vertical: AxisTable
  public var horizontal: AxisTable
  /// Wanted rows of the output.
  public var rows: Range<Int>
  /// Wanted blocks.
  public var blocks: Range<Int>
  public var channels: Int
  public var base: UnsafePointer<Float>
  /// For each block, floats from `base` to its pixel 0.
  public var blockOffsets: UnsafePointer<Int>
  public var output: UnsafeMutablePointer<Float>
  public var outputPlane: Int

  public init(
    isLinear: Bool, inputWidth: Int, outputWidth: Int, vertical: AxisTable, horizontal: AxisTable, rows: Range<Int>,
    blocks: Range<Int>, channels: Int, base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>,
    output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {
    self.isLinear = isLinear
    self.inputWidth = inputWidth
    self.outputWidth = outputWidth
    self.vertical = vertical
    self.horizontal = horizontal
    self.rows = rows
    self.blocks = blocks
    self.channels = channels
    self.base = base
    self.blockOffsets = blockOffsets
    self.output = output
    self.outputPlane = outputPlane
  }
}

/// A view that is to be copied elsewhere.
public struct CopyWork {
  /// Wanted pixels.
  public var pixels: Range<Int>
  public var base: UnsafePointer<Float>
  public var runs: UnsafePointer<ChannelRun>
  public var runCount: Int
  public var output: UnsafeMutablePointer<Float>
  /// `gather`: pixels from one output block to the next. `planesFromBlocked`: floats from one plane to the next.
  /// `rowsFromBlocked`: floats from one pixel to the next.
  public var outputStride: Int

  public init(
    pixels: Range<Int>, base: UnsafePointer<Float>, runs: UnsafePointer<ChannelRun>, runCount: Int,
    output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    self.pixels = pixels
    self.base = base
    self.runs = runs
    self.runCount = runCount
    self.output = output
    self.outputStride = outputStride
  }
}

/// `output[rows × columns] = activation(a[rows × depth] · b[depth × columns] + bias)`, plain row-major on both sides.
public struct MatrixWork {
  /// Wanted rows.
  public var rows: Range<Int>
  /// Wanted panels of columns.
  public var panels: Range<Int>
  public var columns: Int
  public var depth: Int
  public var a: UnsafePointer<Float>
  /// Floats from one row of `a` to the next.
  public var aStride: Int
  /// `PackedWeights` of `b`.
  public var weights: UnsafePointer<Float>
  /// For each column; readable up to a whole number of panels.
  public var bias: UnsafePointer<Float>
  public var activation: Activation
  /// Only `columns` floats of each row are written.
  public var output: UnsafeMutablePointer<Float>
  /// Floats from one row of the output to the next.
  public var outputStride: Int

  public init(
    rows: Range<Int>, panels: Range<Int>, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, activation: Activation = .none,
    output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    self.rows = rows
    self.panels = panels
    self.columns = columns
    self.depth = depth
    self.a = a
    self.aStride = aStride
    self.weights = weights
    self.bias = bias
    self.activation = activation
    self.output = output
    self.outputStride = outputStride
  }
}

/// An operation on two values, `a` on the left.
public enum BinaryOperation: UInt8, Sendable, Hashable, BitwiseCopyable {
  case add, subtract, multiply, divide, maximum, minimum
  /// `b - a`
  case subtractFrom
  /// `b / a`
  case divideInto
}

/// How the second operand of `binary` meets the first.
public enum SecondOperand: UInt8, Sendable, Hashable, BitwiseCopyable {
  /// As many values as the first.
  case equal
  /// 16 values, used again for each pixel of a block.
  case perChannel
  /// One value.
  case scalar
}
