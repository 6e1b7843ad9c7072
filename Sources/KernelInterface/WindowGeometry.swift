/// How a window (of a convolution or of pooling) moves over a map. Output `(y, x)` and tap `(ky, kx)` meet input
/// `(y · strideY + ky · dilationY - padTop, x · strideX + kx · dilationX - padLeft)`; what lies outside counts as zero (in
/// maximum pooling: as nothing).
public struct WindowGeometry: Sendable, Hashable, BitwiseCopyable {
  public var inputHeight: Int
  public var inputWidth: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  public var padTop: Int
  public var padLeft: Int
  /// Used by average pooling that counts padding; a convolution's lower edge follows from `outputHeight`.
  public var padBottom: Int
  /// As `padBottom`.
  public var padRight: Int
  /// Stored, not derived: pooling rounds it up where a model says so.
  public var outputHeight: Int
  public var outputWidth: Int

  /// A geometry whose output is as large as the padded input allows, rounded down.
  ///
  /// - Precondition: The dilated kernel fits the padded input; kernel, strides and dilations are positive.
  public init(
    inputHeight: Int, inputWidth: Int, kernelHeight: Int, kernelWidth: Int, strideY: Int = 1, strideX: Int = 1,
    dilationY: Int = 1, dilationX: Int = 1, padTop: Int = 0, padLeft: Int = 0, padBottom: Int = 0, padRight: Int = 0
  ) {
    precondition(
      kernelHeight > 0 && kernelWidth > 0 && strideY > 0 && strideX > 0 && dilationY > 0 && dilationX > 0,
      "kernel, strides and dilations are positive")
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
    let spareY = inputHeight + padTop + padBottom - (kernelHeight - 1) * dilationY - 1
    let spareX = inputWidth + padLeft + padRight - (kernelWidth - 1) * dilationX - 1
    precondition(spareY >= 0 && spareX >= 0, "the kernel is larger than the padded input")
    outputHeight = spareY / strideY + 1
    outputWidth = spareX / strideX + 1
  }

  public var taps: Int { kernelHeight * kernelWidth }
  public var inputPixels: Int { inputHeight * inputWidth }
  public var outputPixels: Int { outputHeight * outputWidth }
  /// Columns of a padded copy that holds everything the outputs of a row read.
  public var paddedWidth: Int { (outputWidth - 1) * strideX + (kernelWidth - 1) * dilationX + 1 }

  /// Rows of a padded copy for `outputRows` neighbouring output rows.
  public func paddedRows(_ outputRows: Int) -> Int {
    (outputRows - 1) * strideY + (kernelHeight - 1) * dilationY + 1
  }
}
