import CFFmpeg
import Glibc

/// Picture files: decoding, and encoding of stills.
public enum StillImage {
  /// Bytes of the largest file read.
  public static let maximumBytes = 64 << 20

  /// Decodes a JPEG, PNG, WebP, BMP or GIF file (of an animation the first picture), upright by its EXIF orientation.
  ///
  /// A damaged or cut file is an error, never half a picture. `maximumPixels` bounds width × height before decoding.
  public static func decode(path: String, maximumPixels: Int = Limits().maximumPixels) throws(VideoError) -> Picture {
    let (resolved, size) = try Recording.checked(path)
    guard size <= maximumBytes else {
      throw VideoError(.tooLarge("its \(size) bytes pass the limit of \(maximumBytes)"), source: path)
    }
    return try decode(try bytes(resolved, size: size, source: path), name: path, maximumPixels: maximumPixels)
  }

  /// Decodes a picture file's bytes; `name` is for errors.
  public static func decode(
    _ bytes: [UInt8], name: String, maximumPixels: Int = Limits().maximumPixels
  ) throws(VideoError) -> Picture {
    _ = FFmpeg.prepared
    guard bytes.count <= maximumBytes else {
      throw VideoError(.tooLarge("its \(bytes.count) bytes pass the limit of \(maximumBytes)"), source: name)
    }
    guard let format = Format(bytes) else { throw VideoError(.notPicture, source: name) }
    guard format.isWhole(bytes) else { throw VideoError(.damaged, source: name) }
    guard let codec = avcodec_find_decoder(format.codec), let context = avcodec_alloc_context3(codec) else {
      throw VideoError(.unsupportedCodec(FFmpeg.name(of: format.codec)), source: name)
    }
    var decoder: UnsafeMutablePointer<AVCodecContext>? = context
    defer { avcodec_free_context(&decoder) }
    context.pointee.thread_count = 1
    context.pointee.err_recognition = warden_error_detection_explode
    context.pointee.max_pixels = Int64(maximumPixels)
    guard let packet = av_packet_alloc(), let frame = av_frame_alloc() else {
      throw VideoError(.conversionFailed("no memory"), source: name)
    }
    var (ownedPacket, ownedFrame): (UnsafeMutablePointer<AVPacket>?, UnsafeMutablePointer<AVFrame>?) = (packet, frame)
    defer {
      av_packet_free(&ownedPacket)
      av_frame_free(&ownedFrame)
    }
    guard avcodec_open2(context, codec, nil) >= 0, av_new_packet(packet, Int32(bytes.count)) >= 0 else {
      throw VideoError(.conversionFailed("no memory"), source: name)
    }
    bytes.withUnsafeBufferPointer { packet.pointee.data.update(from: $0.baseAddress!, count: $0.count) }
    var code = avcodec_send_packet(context, packet)
    if code >= 0 { code = avcodec_receive_frame(context, frame) }
    if code == warden_averror(EAGAIN) {
      avcodec_send_packet(context, nil)
      code = avcodec_receive_frame(context, frame)
    }
    guard code >= 0, frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0, frame.pointee.decode_error_flags == 0 else {
      let (width, height) = (Int(context.pointee.width), Int(context.pointee.height))
      if let size = format.statedSize(bytes), size.width * size.height > maximumPixels {
        throw VideoError(
          .tooLarge("its \(size.width) × \(size.height) pass the limit of \(maximumPixels) pixels"), source: name)
      }
      if width * height > maximumPixels {
        throw VideoError(.tooLarge("its \(width) × \(height) pass the limit of \(maximumPixels) pixels"), source: name)
      }
      throw VideoError(.damaged, source: name)
    }
    // The sample aspect ratio of picture files is mostly a leftover of print: pixels are square.
    return try PictureMaker().picture(
      frame, time: 0, orientation: ExifOrientation.read(bytes), codec: format.codec, sampleAspectRatio: 1, source: name)
  }

  /// The picture as a baseline JPEG in the usual form: BT.601, full range.
  ///
  /// - Parameter quality: 1…100 on the scale of libjpeg, nearly.
  public static func jpeg(_ picture: Picture, quality: Int = 90) throws(VideoError) -> [UInt8] {
    let format: AVPixelFormat =
      switch picture.subsampling {
      case .yuv420: AV_PIX_FMT_YUVJ420P
      case .yuv422: AV_PIX_FMT_YUVJ422P
      case .yuv444: AV_PIX_FMT_YUVJ444P
      }
    // libjpeg's scale in percent against tables that at 100 % are those of scale 8 here.
    let bounded = min(max(quality, 1), 100)
    let percent = bounded < 50 ? 5000 / bounded : 200 - 2 * bounded
    let scale = min(max(Int32((Double(percent) / 12.5).rounded()), 1), 31)
    return try encode(picture, AV_CODEC_ID_MJPEG, format) { context in
      context.pointee.flags |= warden_codec_flag_qscale
      context.pointee.qmin = scale
      context.pointee.qmax = scale
      context.pointee.global_quality = scale * warden_qp_to_lambda
      context.pointee.color_range = AVCOL_RANGE_JPEG
    }
  }

  /// The picture as an RGB PNG.
  public static func png(_ picture: Picture) throws(VideoError) -> [UInt8] {
    try encode(picture, AV_CODEC_ID_PNG, AV_PIX_FMT_RGB24) { _ in }
  }

  private static func encode(
    _ picture: Picture, _ id: AVCodecID, _ format: AVPixelFormat,
    _ configure: (UnsafeMutablePointer<AVCodecContext>) -> Void
  ) throws(VideoError) -> [UInt8] {
    _ = FFmpeg.prepared
    let name = "picture"
    let frame = try PictureMaker().converted(
      picture.frame.raw, to: format, width: picture.width, height: picture.height,
      from: (picture.matrix, picture.isFullRange), into: (.bt601, true), source: name)
    guard let codec = avcodec_find_encoder(id), let context = avcodec_alloc_context3(codec),
      let packet = av_packet_alloc()
    else { throw VideoError(.conversionFailed("this FFmpeg lacks the encoder"), source: name) }
    var encoder: UnsafeMutablePointer<AVCodecContext>? = context
    var owned: UnsafeMutablePointer<AVPacket>? = packet
    defer {
      avcodec_free_context(&encoder)
      av_packet_free(&owned)
    }
    context.pointee.width = Int32(picture.width)
    context.pointee.height = Int32(picture.height)
    context.pointee.pix_fmt = format
    context.pointee.time_base = AVRational(num: 1, den: 25)
    context.pointee.thread_count = 1
    configure(context)
    frame.raw.pointee.quality = context.pointee.global_quality
    frame.raw.pointee.pts = 0
    guard avcodec_open2(context, codec, nil) >= 0, avcodec_send_frame(context, frame.raw) >= 0,
      avcodec_receive_packet(context, packet) >= 0, let data = packet.pointee.data
    else { throw VideoError(.conversionFailed("encoding failed"), source: name) }
    return Array(UnsafeBufferPointer(start: data, count: Int(packet.pointee.size)))
  }

  private static func bytes(_ path: String, size: Int, source: String) throws(VideoError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw VideoError(.readFailed(String(cString: strerror(errno))), source: source) }
    defer { close(descriptor) }
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = read(descriptor, buffer.baseAddress! + count, size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        count += got
      }
    }
    guard failure == 0 else { throw VideoError(.readFailed(String(cString: strerror(failure))), source: source) }
    return bytes
  }

  /// A format by its first bytes.
  private enum Format {
    case jpeg, png, webp, bmp, gif

    init?(_ bytes: [UInt8]) {
      if bytes.starts(with: [0xff, 0xd8, 0xff]) {
        self = .jpeg
      } else if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
        self = .png
      } else if bytes.count >= 12, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8) {
        self = .webp
      } else if bytes.count >= 26, bytes.starts(with: "BM".utf8) {
        self = .bmp
      } else if bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) {
        self = .gif
      } else {
        return nil
      }
    }

    var codec: AVCodecID {
      switch self {
      case .jpeg: AV_CODEC_ID_MJPEG
      case .png: AV_CODEC_ID_PNG
      case .webp: AV_CODEC_ID_WEBP
      case .bmp: AV_CODEC_ID_BMP
      case .gif: AV_CODEC_ID_GIF
      }
    }

    /// Whether the format's own end mark or length is met; decoders fill up what is missing without a word.
    func isWhole(_ bytes: [UInt8]) -> Bool {
      switch self {
      case .jpeg:
        // The end-of-image mark, behind which cameras may append what they like.
        var index = bytes.count - 2
        while index >= 2 {
          if bytes[index] == 0xff, bytes[index + 1] == 0xd9 { return true }
          index -= 1
        }
        return false
      case .png:
        var offset = 8
        while offset + 12 <= bytes.count {
          let length = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
          if bytes[(offset + 4)..<(offset + 8)].elementsEqual("IEND".utf8) { return true }
          guard length <= bytes.count - offset - 12 else { return false }
          offset += 12 + length
        }
        return false
      case .webp: return bytes[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) } <= bytes.count - 8
      case .gif: return gifIsWhole(bytes)
      case .bmp: return true
      }
    }

    /// Width and height in the file's head, where they are easily found.
    func statedSize(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
      switch self {
      case .png where bytes.count >= 24:
        (
          bytes[16..<20].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff,
          bytes[20..<24].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
        )
      case .bmp:
        (
          bytes[18..<22].reversed().reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff,
          bytes[22..<26].reversed().reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
        )
      case .gif where bytes.count >= 10: (Int(bytes[6]) | Int(bytes[7]) << 8, Int(bytes[8]) | Int(bytes[9]) << 8)
      case .jpeg: jpegSize(bytes)
      default: nil
      }
    }

    /// Whether the blocks reach to the end of the first picture's data.
    private func gifIsWhole(_ bytes: [UInt8]) -> Bool {
      func tableSize(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
      guard bytes.count > 13 else { return false }
      var offset = 13 + tableSize(bytes[10])
      var isPicture = false
      while offset + 2 <= bytes.count {
        switch bytes[offset] {
        case 0x21: offset += 2
        case 0x2c:
          guard offset + 11 <= bytes.count else { return false }
          offset += 11 + tableSize(bytes[offset + 9])
          isPicture = true
        default: return false
        }
        while offset < bytes.count, bytes[offset] != 0 { offset += 1 + Int(bytes[offset]) }
        guard offset < bytes.count else { return false }
        if isPicture { return true }
        offset += 1
      }
      return false
    }

    private func jpegSize(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
      var offset = 2
      while offset + 9 <= bytes.count, bytes[offset] == 0xff {
        let marker = bytes[offset + 1]
        if (0xc0...0xcf).contains(marker), ![0xc4, 0xc8, 0xcc].contains(marker) {
          return (
            Int(bytes[offset + 7]) << 8 | Int(bytes[offset + 8]), Int(bytes[offset + 5]) << 8 | Int(bytes[offset + 6])
          )
        }
        offset += 2 + (Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3]))
      }
      return nil
    }
  }
}
