import CFFmpeg
import Glibc

/// What opening takes: the libraries' options, the choice of streams, and what a failure means.
extension Demuxer {
  static let codecs: [AVCodecID] = [
    AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG, AV_CODEC_ID_MPEG4, AV_CODEC_ID_AV1, AV_CODEC_ID_VP8,
    AV_CODEC_ID_VP9, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3,
    AV_CODEC_ID_H263, AV_CODEC_ID_FFV1, AV_CODEC_ID_RAWVIDEO, AV_CODEC_ID_GIF, AV_CODEC_ID_PNG,
  ]

  static let decoders =
    "h264,hevc,mjpeg,mpeg4,libdav1d,av1,libaom-av1,vp8,vp9,mpeg1video,mpeg2video,msmpeg4,msmpeg4v2,h263,ffv1,rawvideo,gif,png"

  static func options(_ address: SourceAddress, _ limits: Limits) -> OpaquePointer? {
    var options: OpaquePointer?
    func set(_ name: String, _ value: String) { av_dict_set(&options, name, value, 0) }
    let probeSeconds = address.isNetwork ? min(limits.probeSeconds, 2) : limits.probeSeconds
    set("probesize", String(max(32, address.isNetwork ? min(limits.probeBytes, 1 << 20) : limits.probeBytes)))
    set("analyzeduration", String(Int(probeSeconds * 1_000_000)))
    set("codec_whitelist", decoders)
    set("max_streams", "32")
    switch address.scheme {
    case .file:
      set("protocol_whitelist", "file")
      set(
        "format_whitelist",
        "mov,mp4,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,asf,h264,hevc,m4v,mjpeg,mpjpeg,ivf,obu,gif,yuv4mpegpipe")
    case .rtsp, .rtsps:
      set("protocol_whitelist", address.scheme == .rtsp ? "tcp" : "tcp,tls")
      set("format_whitelist", "rtsp")
      set("rtsp_transport", "tcp")
      set("allowed_media_types", "video")
      set("user_agent", "warden")
    case .http, .https:
      let path = address.path.prefix { $0 != "?" && $0 != "#" }
      // Playlists name other addresses: only where the operator asked for one.
      let isPlaylist = path.lowercased().hasSuffix(".m3u8")
      set(
        "protocol_whitelist",
        "http,tcp" + (address.scheme == .https ? ",https,tls" : "") + (isPlaylist ? ",crypto" : ""))
      set(
        "format_whitelist", (isPlaylist ? "hls," : "mpjpeg,mjpeg,matroska,webm,flv,avi,hevc,") + "mpegts,mov,mp4,h264")
      set("max_redirects", "0")
      set("user_agent", "warden")
    }
    return options
  }

  /// Learns what the streams are, which decodes pictures: with the same limit on their size.
  static func findStreams(_ context: UnsafeMutablePointer<AVFormatContext>, _ limits: Limits) -> Int32 {
    let count = Int(context.pointee.nb_streams)
    var options: [OpaquePointer?] = (0..<count).map { _ in
      var dictionary: OpaquePointer?
      av_dict_set(&dictionary, "max_pixels", String(limits.maximumPixels), 0)
      av_dict_set(&dictionary, "threads", "1", 0)
      return dictionary
    }
    defer { for index in options.indices { av_dict_free(&options[index]) } }
    return options.withUnsafeMutableBufferPointer {
      avformat_find_stream_info(context, count == 0 ? nil : $0.baseAddress)
    }
  }

  static func parameters(
    of stream: UnsafeMutablePointer<AVStream>, in context: UnsafeMutablePointer<AVFormatContext>, _ name: String
  ) throws(VideoError) -> CodecParameters {
    var size = 0
    var orientation = Orientation.upright
    if let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 {
      orientation = Orientation(
        matrix: (0..<9).map { UnsafeRawPointer(data).loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) })
    }
    let stated = FFmpeg.value(stream.pointee.avg_frame_rate) ?? FFmpeg.value(stream.pointee.r_frame_rate)
    let rate = stated.flatMap { $0 > 0.0001 && $0 <= 1000 ? $0 : nil }
    guard
      let parameters = CodecParameters(
        copying: stream.pointee.codecpar, timeBase: stream.pointee.time_base, pictureRate: rate,
        orientation: orientation, sampleAspectRatio: stream.pointee.sample_aspect_ratio)
    else { throw VideoError(.readFailed("no memory"), source: name) }
    return parameters
  }

  static func clock(for stream: UnsafeMutablePointer<AVStream>) -> MediaClock {
    let base = stream.pointee.time_base
    let secondsPerTick = base.num > 0 && base.den > 0 ? Double(base.num) / Double(base.den) : 1.0 / 90_000
    var bits = [33, 32]
    if (8...62).contains(stream.pointee.pts_wrap_bits) { bits.insert(Int(stream.pointee.pts_wrap_bits), at: 0) }
    return MediaClock(secondsPerTick: secondsPerTick, wrapBits: bits)
  }

  /// Decoding times of the keyframes from 0 on, where the container's index lists every packet (MP4 and its kin).
  static func indexedKeyframes(_ stream: UnsafeMutablePointer<AVStream>, format: String) -> [Double]? {
    guard format.hasPrefix("mov,"), stream.pointee.nb_frames > 0,
      stream.pointee.time_base.den > 0
    else { return nil }
    let count = avformat_index_get_entries_count(stream)
    guard count > 0 else { return nil }
    var times: [Double] = []
    var first: Int64?
    for index in 0..<count {
      guard let entry = avformat_index_get_entry(stream, index) else { return nil }
      guard entry.pointee.flags & AVINDEX_KEYFRAME != 0 else { continue }
      let start = first ?? entry.pointee.timestamp
      first = start
      times.append(FFmpeg.seconds(entry.pointee.timestamp - start, stream.pointee.time_base))
    }
    return times.isEmpty ? nil : times
  }

  static func containerName(_ name: String) -> String {
    name.hasPrefix("mov,") ? "mp4" : name.hasPrefix("matroska,") ? "matroska" : name
  }

  static func checkSize(_ width: Int, _ height: Int, _ limits: Limits, _ name: String) throws(VideoError) {
    guard width * height <= limits.maximumPixels else {
      throw VideoError(
        .tooLarge("its pictures of \(width) × \(height) pass the limit of \(limits.maximumPixels) pixels"), source: name
      )
    }
  }

  /// Asks for the host's address first: the libraries report an unknown name as any other failure.
  static func resolve(_ address: SourceAddress, limits: Limits) throws(VideoError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var result: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(address.host, nil, &hints, &result)
    if let result { freeaddrinfo(result) }
    guard code == 0 else { throw VideoError(.nameNotFound, source: address.description) }
  }

  /// Why an opened file or answer is not a video.
  static func unreadable(_ address: SourceAddress) -> VideoError.Kind {
    address.scheme == .file && Recording.breaksOff(address.path) ? .brokenOff : .notVideo
  }

  static func failure(
    _ code: Int32, _ address: SourceAddress, _ limits: Limits, _ interrupt: Interrupt, opening: Bool
  ) -> VideoError {
    let name = address.description
    if interrupt.isStopped { return VideoError(.stopped, source: name) }
    if interrupt.hasExpired {
      return VideoError(
        opening ? .timedOut(seconds: limits.openSeconds) : .silent(seconds: limits.readSeconds), source: name)
    }
    let kind: VideoError.Kind =
      switch code {
      case warden_averror_unauthorized: .unauthorized
      case warden_averror_forbidden: .forbidden
      case warden_averror_not_found: .unknownPath
      case warden_averror_bad_request, warden_averror_other_4xx, warden_averror_server_error: .serverError
      case warden_averror(ECONNREFUSED): .refused
      case warden_averror(ETIMEDOUT): .timedOut(seconds: limits.openSeconds)
      case warden_averror(EHOSTUNREACH), warden_averror(ENETUNREACH), warden_averror(ENETDOWN): .unreachable
      case warden_averror_eof, warden_averror(ECONNRESET), warden_averror(EPIPE):
        address.isNetwork ? .wentAway : unreadable(address)
      case warden_averror(EIO):
        // Opening over HTTP: any answer that is not followed, redirections first of all.
        address.isNetwork
          ? opening && address.scheme != .rtsp && address.scheme != .rtsps ? .serverError : .wentAway
          : .readFailed(FFmpeg.words(code))
      case warden_averror(EACCES), warden_averror(EPERM): .noPermission
      case warden_averror_protocol_not_found: .badAddress("needs a protocol that this FFmpeg lacks")
      case warden_averror_invalid_data, warden_averror_demuxer_not_found, warden_averror(EINVAL):
        address.isNetwork && (!opening || address.scheme == .rtsp || address.scheme == .rtsps)
          ? .serverError : unreadable(address)
      default: address.isNetwork ? .serverError : .readFailed(FFmpeg.words(code))
      }
    return VideoError(kind, source: name)
  }
}
