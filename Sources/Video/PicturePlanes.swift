import CFFmpeg

/// A picture's planes as plain arrays, rows without padding: to draw on, to compare, to make pictures from.
public struct PicturePlanes: Sendable, Hashable {
  public let width: Int
  public let height: Int
  public let subsampling: ChromaSubsampling
  public var matrix: ColourMatrix
  public var isFullRange: Bool
  /// `width × height` samples.
  public var luma: [UInt8]
  /// `chromaWidth × chromaHeight` samples around 128.
  public var blueDifference: [UInt8]
  /// `chromaWidth × chromaHeight` samples around 128.
  public var redDifference: [UInt8]

  /// Black (or, with `luma`, an even grey).
  public init(
    width: Int, height: Int, subsampling: ChromaSubsampling = .yuv420, matrix: ColourMatrix = .bt601,
    isFullRange: Bool = true, luma: UInt8 = 0
  ) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    self.width = width
    self.height = height
    self.subsampling = subsampling
    self.matrix = matrix
    self.isFullRange = isFullRange
    self.luma = Array(repeating: luma, count: width * height)
    let chroma = subsampling.width(width) * subsampling.height(height)
    blueDifference = Array(repeating: 128, count: chroma)
    redDifference = blueDifference
  }

  public var chromaWidth: Int { subsampling.width(width) }
  public var chromaHeight: Int { subsampling.height(height) }
}

extension Picture {
  /// A copy of the planes.
  public var planes: PicturePlanes {
    var copy = PicturePlanes(
      width: width, height: height, subsampling: subsampling, matrix: matrix, isFullRange: isFullRange)
    let raw = frame.raw.pointee
    copy.luma.withUnsafeMutableBufferPointer {
      copyPlane(raw.data.0!, Int(raw.linesize.0), $0.baseAddress!, width, width: width, height: height)
    }
    copy.blueDifference.withUnsafeMutableBufferPointer {
      copyPlane(
        raw.data.1!, Int(raw.linesize.1), $0.baseAddress!, chromaWidth, width: chromaWidth, height: chromaHeight)
    }
    copy.redDifference.withUnsafeMutableBufferPointer {
      copyPlane(
        raw.data.2!, Int(raw.linesize.2), $0.baseAddress!, chromaWidth, width: chromaWidth, height: chromaHeight)
    }
    return copy
  }

  /// A picture with a copy of `planes`.
  public init(_ planes: PicturePlanes, time: Double = 0, sampleAspectRatio: Double = 1) {
    let chroma = planes.chromaWidth * planes.chromaHeight
    precondition(
      planes.luma.count == planes.width * planes.height && planes.blueDifference.count == chroma
        && planes.redDifference.count == chroma, "a plane does not fit the picture's size")
    guard
      let frame = Frame.allocate(
        width: planes.width, height: planes.height, format: PixelFormats.planar(planes.subsampling))
    else { preconditionFailure("no memory for a picture of \(planes.width) × \(planes.height)") }
    let raw = frame.raw.pointee
    copyPlane(
      planes.luma, planes.width, raw.data.0!, Int(raw.linesize.0), width: planes.width, height: planes.height)
    copyPlane(
      planes.blueDifference, planes.chromaWidth, raw.data.1!, Int(raw.linesize.1), width: planes.chromaWidth,
      height: planes.chromaHeight)
    copyPlane(
      planes.redDifference, planes.chromaWidth, raw.data.2!, Int(raw.linesize.2), width: planes.chromaWidth,
      height: planes.chromaHeight)
    self.init(
      frame: frame, time: time, subsampling: planes.subsampling, matrix: planes.matrix,
      isFullRange: planes.isFullRange, siting: planes.isFullRange ? .centre : .left,
      sampleAspectRatio: sampleAspectRatio)
  }
}

private func copyPlane(
  _ source: UnsafePointer<UInt8>, _ sourceStride: Int, _ target: UnsafeMutablePointer<UInt8>, _ targetStride: Int,
  width: Int, height: Int
) {
  for row in 0..<height {
    (target + row * targetStride).update(from: source + row * sourceStride, count: width)
  }
}
