public import KernelInterface

/// This module's kernels. Every module compiled from this source has a type of this name.
public enum LocalKernels: KernelSet {
  public static var vectorWidth: Int { FloatVector.count }
  public static var panelWidth: Int { 2 &* FloatVector.count }
  public static var planesPanelWidth: Int { firstPanelWidth }
  public static var tileRows: Int { tileHeight }

  public static func pointwise(_ work: PointwiseWork) { convolvePointwise(work) }
  public static func dense(_ work: DenseWork) { convolveDense(work) }
  public static func planesConvolution(_ work: PlanesWork) { convolvePlanes(work) }
  public static func depthwise(_ work: DepthwiseWork) { convolveDepthwise(work) }
  public static func pool(_ work: PoolWork) { poolWindows(work) }

  public static func globalPool(
    _ pooling: Pooling, pixels: Int, blocks: Range<Int>, base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>,
    output: UnsafeMutablePointer<Float>
  ) {
    poolGlobally(pooling, pixels: pixels, blocks: blocks, base: base, blockOffsets: blockOffsets, output: output)
  }

  public static func resize(_ work: ResizeWork) { resample(work) }

  public static func binary(
    _ operation: BinaryOperation, count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ second: SecondOperand, activation: Activation, output: UnsafeMutablePointer<Float>
  ) {
    combine(operation, count: count, a, b, second, activation: activation, output: output)
  }

  public static func activate(
    _ activation: Activation, count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    apply(activation, count: count, input: input, output: output)
  }

  public static func gather(_ work: CopyWork) { gatherRuns(work) }
  public static func planesFromBlocked(_ work: CopyWork) { writePlanes(work) }
  public static func rowsFromBlocked(_ work: CopyWork) { writeRows(work) }

  public static func blockedFromPlanes(
    channels: Int, pixels: Range<Int>, input: UnsafePointer<Float>, planeStride: Int,
    output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {
    readPlanes(
      channels: channels, pixels: pixels, input: input, planeStride: planeStride, output: output,
      outputPlane: outputPlane)
  }

  public static func softmax(
    rows: Range<Int>, count: Int, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>,
    outputStride: Int
  ) {
    normaliseRows(
      rows: rows, count: count, input: input, inputStride: inputStride, output: output, outputStride: outputStride)
  }

  public static func multiply(_ work: MatrixWork) { multiplyMatrices(work) }
  public static func pictureRow(_ row: PictureRow) { convert(row) }
}
