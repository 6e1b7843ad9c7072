/// The kernels of one instruction set. Each kernel module implements this once (`LocalKernels`), from the same source;
/// `ReferenceKernels` says in plain Swift what must come out.
///
/// - Layouts: *blocked* tensors and views are described at `ChannelRun`; *plain* is row-major.
/// - Memory: pointers are borrowed for the call, nothing is allocated. Blocked tensors and scratch lie on 64-byte
///   boundaries. A kernel reads true channels of a view only, and writes whole vectors: slots of a block that belong to no
///   channel may change.
/// - Packing: weights are laid out in panels for one set, at load time, by `PackedWeights(…, for: kernels)`; whoever packs
///   also pads (weights and bias of columns that do not exist are zero).
/// - Threads: a kernel writes the part named by its ranges and nothing else; calls on disjoint parts may run at the same
///   time. Each float's value does not depend on how the work was cut, so results are the same for any number of threads.
/// - Values: results differ from the reference by rounding only. Each sum runs over its depth in one fixed order.
public protocol KernelSet: Sendable {
  /// Floats in one register.
  static var vectorWidth: Int { get }
  /// Output columns (channels) in one packed panel: one or more vectors.
  static var panelWidth: Int { get }
  /// As `panelWidth`, for `planesConvolution`.
  static var planesPanelWidth: Int { get }
  /// Rows (pixels) that a tile of sums holds: parts handed to threads should have a multiple of it, where they can.
  static var tileRows: Int { get }

  /// 1×1 convolution of stride 1 from any view.
  static func pointwise(_ work: PointwiseWork)

  /// k×k convolution, any stride, dilation and padding, from any view.
  static func dense(_ work: DenseWork)

  /// k×k convolution from plain planes into a blocked tensor.
  static func planesConvolution(_ work: PlanesWork)

  /// Depthwise convolution; 3×3 and 5×5 without dilation in steps of 1 and 2 are fast, any other geometry is right.
  static func depthwise(_ work: DepthwiseWork)

  /// Maximum and average pooling.
  static func pool(_ work: PoolWork)

  /// The maximum or the average of `pixels` pixels for each channel of the wanted blocks. Output block `b` has 16 floats
  /// at `output + 16 · b`.
  static func globalPool(
    _ pooling: Pooling, pixels: Int, blocks: Range<Int>, base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>,
    output: UnsafeMutablePointer<Float>)

  /// Nearest and bilinear resampling by tables.
  static func resize(_ work: ResizeWork)

  /// `output[i] = activation(a[i] operation b)` for `count` floats that lie side by side; `output` may be `a` or `b`.
  /// With `.perChannel`, `count` is a multiple of 16 and the memory is a part of one block from a pixel's lane 0 on.
  static func binary(
    _ operation: BinaryOperation, count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ second: SecondOperand, activation: Activation, output: UnsafeMutablePointer<Float>)

  /// `output[i] = activation(input[i])` for `count` floats; `output` may be `input`. Exponentials are right to a relative
  /// 3e-7; sigmoid and what builds on it accordingly.
  static func activate(
    _ activation: Activation, count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>)

  /// Any view → a blocked tensor of its own.
  static func gather(_ work: CopyWork)

  /// Any view → plain planes, `[channel][pixel]`.
  static func planesFromBlocked(_ work: CopyWork)

  /// Any view → pixel after pixel, `[pixel][channel]`: `outputStride` floats apart, so that several views may share rows.
  static func rowsFromBlocked(_ work: CopyWork)

  /// Plain planes, `planeStride` floats apart, → a blocked tensor. Slots beyond the last channel become zero.
  static func blockedFromPlanes(
    channels: Int, pixels: Range<Int>, input: UnsafePointer<Float>, planeStride: Int,
    output: UnsafeMutablePointer<Float>, outputPlane: Int)

  /// Softmax of each of `rows` rows of `count` floats; `output` may be `input` with the same stride.
  static func softmax(
    rows: Range<Int>, count: Int, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>,
    outputStride: Int)

  /// Matrix product with a packed right operand.
  static func multiply(_ work: MatrixWork)

  /// One row of a normalised picture from two rows of each plane of a YUV picture. `PictureConverter` is its safe front.
  static func pictureRow(_ row: PictureRow)
}

extension KernelSet {
  public static var planesPanelWidth: Int { panelWidth }
}
