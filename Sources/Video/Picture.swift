import CFFmpeg

/// How the colour planes are thinned out against luma.
public enum ChromaSubsampling: String, Sendable, Hashable, CaseIterable {
  /// Half the columns and half the rows (rounded up).
  case yuv420
  /// Half the columns (rounded up), all rows.
  case yuv422
  /// All columns and rows.
  case yuv444

  /// Columns of a colour plane for so many of luma.
  public func width(_ width: Int) -> Int { self == .yuv444 ? width : (width + 1) / 2 }
  /// Rows of a colour plane for so many of luma.
  public func height(_ height: Int) -> Int { self == .yuv420 ? (height + 1) / 2 : height }
}

/// The coefficients between RGB and luma with colour differences.
public enum ColourMatrix: String, Sendable, Hashable, CaseIterable {
  /// ITU-R BT.601: Kr 0.299, Kb 0.114.
  case bt601
  /// ITU-R BT.709: Kr 0.2126, Kb 0.0722.
  case bt709
  /// ITU-R BT.2020 with constant or non-constant luminance, read as the latter: Kr 0.2627, Kb 0.0593.
  case bt2020

  public var redWeight: Double {
    switch self {
    case .bt601: 0.299
    case .bt709: 0.2126
    case .bt2020: 0.2627
    }
  }

  public var blueWeight: Double {
    switch self {
    case .bt601: 0.114
    case .bt709: 0.0722
    case .bt2020: 0.0593
    }
  }
}

/// Where a colour sample lies among the luma samples that share it.
public enum ChromaSiting: String, Sendable, Hashable {
  /// On the left luma column, between the two rows (MPEG-2, H.264, H.265 by default).
  case left
  /// Amid the luma samples (JPEG, MPEG-1).
  case centre
  case topLeft, top, bottomLeft, bottom
}

/// One decoded picture: upright, 8 bits a sample, in planes of luma and the two colour differences.
///
/// A picture never changes and may be handed to any thread. It holds the decoder's own buffer where that already has this
/// form, so keep few of them.
public struct Picture: Sendable {
  /// Seconds on the media clock; 0 is the first picture shown.
  public let time: Double
  /// Columns as displayed upright, before the sample aspect ratio.
  public let width: Int
  /// Rows as displayed upright.
  public let height: Int
  public let subsampling: ChromaSubsampling
  public let matrix: ColourMatrix
  /// Luma and colour differences over 0…255 rather than 16…235 and 16…240.
  public let isFullRange: Bool
  public let siting: ChromaSiting
  /// Width of a sample over its height, as displayed upright; 1 when unknown.
  public let sampleAspectRatio: Double

  let frame: Frame

  init(
    frame: Frame, time: Double, subsampling: ChromaSubsampling, matrix: ColourMatrix, isFullRange: Bool,
    siting: ChromaSiting, sampleAspectRatio: Double
  ) {
    self.frame = frame
    self.time = time
    self.width = Int(frame.raw.pointee.width)
    self.height = Int(frame.raw.pointee.height)
    self.subsampling = subsampling
    self.matrix = matrix
    self.isFullRange = isFullRange
    self.siting = siting
    self.sampleAspectRatio = sampleAspectRatio
  }

  /// Columns of a colour plane.
  public var chromaWidth: Int { subsampling.width(width) }
  /// Rows of a colour plane.
  public var chromaHeight: Int { subsampling.height(height) }

  /// The width over the height of the displayed picture, the sample aspect ratio included.
  public var displayAspectRatio: Double { Double(width) * sampleAspectRatio / Double(height) }

  /// Lends the planes for the call: luma with its stride, blue difference and red difference with theirs.
  ///
  /// Row `y` of luma is `luma[y * lumaStride ..< y * lumaStride + width]`; colour rows likewise with `chromaStride` and
  /// `chromaWidth`. A span ends with the last sample of the last row.
  public func withPlanes<R, E: Error>(
    _ body: (
      _ luma: Span<UInt8>, _ lumaStride: Int, _ blueDifference: Span<UInt8>, _ redDifference: Span<UInt8>,
      _ chromaStride: Int
    ) throws(E) -> R
  ) throws(E) -> R {
    let raw = frame.raw.pointee
    let lumaStride = Int(raw.linesize.0)
    let chromaStride = Int(raw.linesize.1)
    let luma = UnsafeBufferPointer(start: raw.data.0, count: lumaStride * (height - 1) + width)
    let chromaCount = chromaStride * (chromaHeight - 1) + chromaWidth
    let blue = UnsafeBufferPointer(start: raw.data.1, count: chromaCount)
    let red = UnsafeBufferPointer(start: raw.data.2, count: chromaCount)
    defer { withExtendedLifetime(frame) {} }
    return try body(luma.span, lumaStride, blue.span, red.span, chromaStride)
  }

  /// The same picture at another time.
  public func at(_ time: Double) -> Picture {
    Picture(
      frame: frame, time: time, subsampling: subsampling, matrix: matrix, isFullRange: isFullRange, siting: siting,
      sampleAspectRatio: sampleAspectRatio)
  }
}

/// The owner of a frame of libavutil.
///
/// Unchecked: a handle to C memory that is filled before it is wrapped, and only read from then on.
final class Frame: @unchecked Sendable {
  let raw: UnsafeMutablePointer<AVFrame>

  /// Takes over `raw`.
  init(adopting raw: UnsafeMutablePointer<AVFrame>) {
    self.raw = raw
  }

  /// A frame with buffers of its own; nil when there is no memory for it.
  static func allocate(width: Int, height: Int, format: AVPixelFormat) -> Frame? {
    guard let raw = av_frame_alloc() else { return nil }
    let frame = Frame(adopting: raw)
    raw.pointee.width = Int32(width)
    raw.pointee.height = Int32(height)
    raw.pointee.format = format.rawValue
    guard av_frame_get_buffer(raw, 0) >= 0 else { return nil }
    return frame
  }

  deinit {
    var pointer: UnsafeMutablePointer<AVFrame>? = raw
    av_frame_free(&pointer)
  }
}
