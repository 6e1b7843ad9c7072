import CFFmpeg

/// What is known of a decoded frame's samples.
enum PixelFormats {
  static func planar(_ subsampling: ChromaSubsampling) -> AVPixelFormat {
    switch subsampling {
    case .yuv420: AV_PIX_FMT_YUV420P
    case .yuv422: AV_PIX_FMT_YUV422P
    case .yuv444: AV_PIX_FMT_YUV444P
    }
  }

  /// The subsampling of a format whose first three planes are a picture's as they stand; nil for any other.
  static func asIs(_ format: AVPixelFormat) -> ChromaSubsampling? {
    switch format {
    case AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVA420P: .yuv420
    case AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVA422P: .yuv422
    case AV_PIX_FMT_YUV444P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVA444P: .yuv444
    default: nil
    }
  }

  /// The subsampling that loses none of the colour's samples.
  static func nearest(_ descriptor: AVPixFmtDescriptor) -> ChromaSubsampling {
    if isColourless(descriptor) { return .yuv420 }
    if isRGB(descriptor) { return .yuv444 }
    return switch (descriptor.log2_chroma_w, descriptor.log2_chroma_h) {
    case (1, 1): .yuv420
    case (1, 0): .yuv422
    default: .yuv444
    }
  }

  static func isRGB(_ descriptor: AVPixFmtDescriptor) -> Bool {
    descriptor.flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0
  }

  static func isColourless(_ descriptor: AVPixFmtDescriptor) -> Bool {
    descriptor.nb_components < 3 && !isRGB(descriptor)
  }

  /// Whether samples cover 0…255 (or the whole of their bits).
  ///
  /// Untagged greys come from picture files, which have no limited range, unless a video codec says otherwise.
  static func isFullRange(_ frame: AVFrame, _ descriptor: AVPixFmtDescriptor, codec: AVCodecID) -> Bool {
    switch AVPixelFormat(frame.format) {
    case AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUVJ411P:
      return true
    default: break
    }
    if isRGB(descriptor) { return true }
    switch frame.color_range {
    case AVCOL_RANGE_JPEG: return true
    case AVCOL_RANGE_MPEG: return false
    default:
      return isColourless(descriptor) && codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_HEVC
    }
  }

  /// The matrix as tagged; untagged pictures of at least 720 lines (of the shorter side) are BT.709, others BT.601.
  static func matrix(_ frame: AVFrame, _ descriptor: AVPixFmtDescriptor) -> ColourMatrix {
    if isRGB(descriptor) || isColourless(descriptor) { return .bt601 }
    return switch frame.colorspace {
    case AVCOL_SPC_BT709: .bt709
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: .bt2020
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_FCC, AVCOL_SPC_SMPTE240M: .bt601
    default: min(frame.width, frame.height) >= 720 ? .bt709 : .bt601
    }
  }

  static func siting(_ frame: AVFrame, isFullRange: Bool, swapsSides: Bool) -> ChromaSiting {
    let stored: ChromaSiting =
      switch frame.chroma_location {
      case AVCHROMA_LOC_LEFT: .left
      case AVCHROMA_LOC_CENTER: .centre
      case AVCHROMA_LOC_TOPLEFT: .topLeft
      case AVCHROMA_LOC_TOP: .top
      case AVCHROMA_LOC_BOTTOMLEFT: .bottomLeft
      case AVCHROMA_LOC_BOTTOM: .bottom
      default: isFullRange ? .centre : .left
      }
    guard swapsSides else { return stored }
    return switch stored {
    case .left: .top
    case .top: .left
    default: stored
    }
  }

  /// libswscale's coefficients for a matrix; they live as long as the process.
  static func coefficients(_ matrix: ColourMatrix) -> UnsafePointer<Int32>? {
    let id: Int32 =
      switch matrix {
      case .bt601: SWS_CS_ITU601
      case .bt709: SWS_CS_ITU709
      case .bt2020: SWS_CS_BT2020
      }
    return UnsafePointer(sws_getCoefficients(id))
  }
}

extension AVPixelFormat {
  init(_ format: Int32) { self.init(rawValue: format) }
}
