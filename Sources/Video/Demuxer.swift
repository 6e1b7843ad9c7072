import CFFmpeg
import Glibc

/// Reads a source's packets. Every call may block; one thread makes, uses and drops it.
final class Demuxer {
  let address: SourceAddress
  let stream: VideoStream
  /// Decoding times of all keyframes on the packets' clock, where the container lists them.
  let keyframes: [Double]?
  /// The recording ended before its own index or structure says so. Known once `next` gave nil.
  private(set) var isTruncated = false
  /// How many segments of time were begun (`MediaClock`).
  var segments: Int { clock.segments }

  private let limits: Limits
  private let interrupt: Interrupt
  private var context: UnsafeMutablePointer<AVFormatContext>?
  private var streamIndex: Int32
  /// Packets of other videos since the last of ours.
  private var foreignPackets = 0
  private var parameters: CodecParameters
  private var clock: MediaClock
  private var zero: Int64?
  /// The stream states no presentation times (raw streams, AVI with reordered pictures): its pictures are counted.
  private var countsPictures = false
  private var order: DisplayOrder?
  /// Packets from a keyframe on whose order of showing is not known yet, and those that can be given.
  private var group: [Stamped] = []
  private var ready: [Packet] = []
  private var lastTicks: Int64 = 0
  private var lastDecodingTime = -Double.infinity
  private var lastRawTicks = Int64.min
  private var lastIsCorrupt = false
  private var waitsForKeyframe = true
  private var skippedBeforeKeyframe = 0

  init(_ address: SourceAddress, limits: Limits, interrupt: Interrupt) throws(VideoError) {
    _ = FFmpeg.prepared
    self.address = address
    self.limits = limits
    self.interrupt = interrupt
    let name = address.description
    var url = address.opened
    if address.isNetwork {
      try Demuxer.resolve(address, limits: limits)
    } else {
      url = "file:" + (try Recording.checked(address.path).path)
    }
    if interrupt.isStopped { throw VideoError(.stopped, source: name) }
    guard var opened = avformat_alloc_context() else { throw VideoError(.readFailed("no memory"), source: name) }
    opened.pointee.interrupt_callback = interrupt.callback
    interrupt.arm(seconds: limits.openSeconds)
    defer { interrupt.disarm() }
    var options = Demuxer.options(address, limits)
    defer { av_dict_free(&options) }
    var pointer: UnsafeMutablePointer<AVFormatContext>? = opened
    let code = avformat_open_input(&pointer, url, nil, &options)
    guard code >= 0, let ready = pointer else {
      throw Demuxer.failure(code, address, limits, interrupt, opening: true)
    }
    opened = ready
    var keeps = false
    defer { if !keeps { avformat_close_input(&pointer) } }

    let streamCode = Demuxer.findStreams(opened, limits)
    if interrupt.isStopped || interrupt.hasExpired {
      throw Demuxer.failure(streamCode, address, limits, interrupt, opening: true)
    }
    let best = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    guard best >= 0, let chosen = opened.pointee.streams[Int(best)],
      chosen.pointee.disposition & warden_disposition_attached_picture == 0
    else {
      if streamCode < 0 { throw Demuxer.failure(streamCode, address, limits, interrupt, opening: true) }
      throw VideoError(opened.pointee.nb_streams == 0 ? Demuxer.unreadable(address) : .noVideoStream, source: name)
    }
    let codec = chosen.pointee.codecpar.pointee
    guard Demuxer.codecs.contains(where: { $0 == codec.codec_id }) else {
      throw VideoError(
        codec.codec_id == AV_CODEC_ID_NONE ? .notVideo : .unsupportedCodec(FFmpeg.name(of: codec.codec_id)),
        source: name)
    }
    try Demuxer.checkSize(Int(codec.width), Int(codec.height), limits, name)
    for index in 0..<Int(opened.pointee.nb_streams) {
      guard let other = opened.pointee.streams[index], other.pointee.codecpar.pointee.codec_type != AVMEDIA_TYPE_VIDEO
      else { continue }
      other.pointee.discard = AVDISCARD_ALL
    }
    parameters = try Demuxer.parameters(of: chosen, in: opened, name)
    let format = opened.pointee.iformat.pointee
    clock = Demuxer.clock(for: chosen)
    streamIndex = best
    let isLive =
      switch address.scheme {
      case .file: false
      case .rtsp, .rtsps: true
      case .http, .https: opened.pointee.duration == warden_nopts || opened.pointee.duration <= 0
      }
    let seconds = opened.pointee.duration == warden_nopts ? nil : Double(opened.pointee.duration) / Double(AV_TIME_BASE)
    let swaps = parameters.orientation.swapsSides
    stream = VideoStream(
      codec: FFmpeg.name(of: codec.codec_id), container: Demuxer.containerName(String(cString: format.name)),
      width: Int(swaps ? codec.height : codec.width), height: Int(swaps ? codec.width : codec.height),
      pictureRate: parameters.pictureRate, duration: isLive ? nil : seconds, isLive: isLive)
    keyframes = isLive ? nil : Demuxer.indexedKeyframes(chosen, format: String(cString: format.name))
    context = opened
    keeps = true
  }

  deinit {
    for stamped in group {
      var owned: UnsafeMutablePointer<AVPacket>? = stamped.raw
      av_packet_free(&owned)
    }
    avformat_close_input(&context)
  }

  /// The next packet of the video; nil at the end of a recording. Throws when a live source ends or falls silent.
  func next() throws(VideoError) -> Packet? {
    while ready.isEmpty {
      guard let stamped = try read() else {
        if group.isEmpty { return nil }
        release()
        continue
      }
      guard countsPictures else { return packet(stamped, shown: stamped.shown) }
      // The order of showing is known when the next keyframe has come.
      let isKeyframe = stamped.raw.pointee.flags & AV_PKT_FLAG_KEY != 0
      if isKeyframe && !group.isEmpty || group.count == 1_000 { release() }
      group.append(stamped)
    }
    return ready.removeFirst()
  }

  private func read() throws(VideoError) -> Stamped? {
    guard let context else { return nil }
    if address.isNetwork { interrupt.arm(seconds: limits.readSeconds) }
    defer { interrupt.disarm() }
    while true {
      if interrupt.isStopped { throw VideoError(.stopped, source: address.description) }
      guard let raw = av_packet_alloc() else { throw VideoError(.readFailed("no memory"), source: address.description) }
      var owned: UnsafeMutablePointer<AVPacket>? = raw
      var isKept = false
      defer { if !isKept { av_packet_free(&owned) } }
      let code = av_read_frame(context, raw)
      if code == warden_averror(EAGAIN), !interrupt.hasExpired {
        usleep(1_000)
        continue
      }
      if code < 0 {
        try end(code, context)
        return nil
      }
      guard try isOurs(raw, context), raw.pointee.size > 0 else { continue }
      guard raw.pointee.size <= limits.maximumPacketBytes else {
        throw VideoError(
          .tooLarge(
            "a compressed picture of \(raw.pointee.size) bytes passes the limit of \(limits.maximumPacketBytes)"),
          source: address.description)
      }
      guard let stamped = straightened(raw) else { continue }
      isKept = true
      return stamped
    }
  }

  /// Goes to the keyframe at or before `seconds` on the packets' clock, in a container whose timestamps hold throughout.
  /// False where that cannot be done; then the source stands where it stood.
  func seek(to seconds: Double) -> Bool {
    guard let context, let zero, keyframes != nil, clock.offset == 0 else { return false }
    let ticks = zero + Int64((seconds / clock.secondsPerTick).rounded(.down))
    guard av_seek_frame(context, streamIndex, ticks, warden_seek_backward) >= 0 else { return false }
    clock = MediaClock(secondsPerTick: clock.secondsPerTick)
    lastDecodingTime = -.infinity
    waitsForKeyframe = true
    return true
  }

  // MARK: packets

  /// A packet with its straightened times in ticks from the first keyframe on.
  private struct Stamped {
    let raw: UnsafeMutablePointer<AVPacket>
    let decoded: Int64
    let shown: Int64?
    let hasDecodingTime: Bool
  }

  /// Nil for what stands before the first keyframe and cannot be decoded.
  private func straightened(_ raw: UnsafeMutablePointer<AVPacket>) -> Stamped? {
    if waitsForKeyframe {
      // A stream without keyframes, refreshed bit by bit, is begun somewhere.
      if raw.pointee.flags & AV_PKT_FLAG_KEY == 0, skippedBeforeKeyframe < 1_000 {
        skippedBeforeKeyframe += 1
        return nil
      }
      waitsForKeyframe = false
    }
    let usual = Int64(max(1, ((1 / (parameters.pictureRate ?? 25)) / clock.secondsPerTick).rounded()))
    let decoding = FFmpeg.timestamp(raw.pointee.dts)
    let presentation = FFmpeg.timestamp(raw.pointee.pts)
    let ticks = decoding ?? presentation ?? (lastTicks - clock.offset + (clock.segments == 0 ? 0 : usual))
    let straight = clock.straighten(
      ticks, usual: usual, reorders: decoding == nil && presentation != nil,
      arrival: stream.isLive ? monotonicSeconds() : nil)
    if zero == nil { countsPictures = presentation == nil }
    let zero = self.zero ?? (presentation.map { $0 + clock.offset } ?? straight)
    self.zero = zero
    lastTicks = straight
    lastRawTicks = ticks
    lastIsCorrupt = raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
    if raw.pointee.duration <= 0 { raw.pointee.duration = usual }
    return Stamped(
      raw: raw, decoded: straight - zero, shown: presentation.map { $0 + clock.offset - zero },
      hasDecodingTime: decoding != nil || presentation == nil)
  }

  private func packet(_ stamped: Stamped, shown: Int64?) -> Packet {
    stamped.raw.pointee.pts = shown ?? warden_nopts
    stamped.raw.pointee.dts = stamped.hasDecodingTime ? stamped.decoded : warden_nopts
    lastDecodingTime = max(lastDecodingTime, parameters.seconds(stamped.decoded))
    return Packet(
      adopting: stamped.raw, parameters: parameters, time: shown.map(parameters.seconds),
      decodingTime: lastDecodingTime, duration: parameters.seconds(stamped.raw.pointee.duration))
  }

  /// Times the group of packets by the order in which they are shown: the first shown takes the first decoding time.
  private func release() {
    if order == nil { order = DisplayOrder(parameters) }
    let places = order?.places(group.map(\.raw)) ?? Array(group.indices)
    for (stamped, place) in zip(group, places) { ready.append(packet(stamped, shown: group[place].decoded)) }
    group.removeAll(keepingCapacity: true)
  }

  /// Whether a packet belongs to the video. When its stream has ceased and another video goes on, as after a camera's
  /// change of codec, that one takes over at a keyframe.
  private func isOurs(
    _ raw: UnsafeMutablePointer<AVPacket>, _ context: UnsafeMutablePointer<AVFormatContext>
  ) throws(VideoError) -> Bool {
    let index = raw.pointee.stream_index
    guard let chosen = context.pointee.streams[Int(index)] else { return false }
    let codec = chosen.pointee.codecpar.pointee
    if index == streamIndex {
      foreignPackets = 0
      guard codec.codec_id != parameters.raw.pointee.codec_id else { return true }
      guard Demuxer.codecs.contains(where: { $0 == codec.codec_id }) else {
        throw VideoError(.unsupportedCodec(FFmpeg.name(of: codec.codec_id)), source: address.description)
      }
    } else {
      guard codec.codec_type == AVMEDIA_TYPE_VIDEO, Demuxer.codecs.contains(where: { $0 == codec.codec_id }),
        av_cmp_q(chosen.pointee.time_base, parameters.timeBase) == 0
      else { return false }
      foreignPackets += 1
      guard foreignPackets > 25, raw.pointee.flags & AV_PKT_FLAG_KEY != 0 else { return false }
      streamIndex = index
      foreignPackets = 0
    }
    if !group.isEmpty { release() }
    order = nil
    parameters = try Demuxer.parameters(of: chosen, in: context, address.description)
    return true
  }

  /// Judges the end of a recording, and throws that of a live source.
  private func end(_ code: Int32, _ context: UnsafeMutablePointer<AVFormatContext>) throws(VideoError) {
    if interrupt.isStopped { throw VideoError(.stopped, source: address.description) }
    if stream.isLive || (address.isNetwork && code != warden_averror_eof) {
      throw Demuxer.failure(code, address, limits, interrupt, opening: false)
    }
    if let input = context.pointee.pb, input.pointee.error < 0, input.pointee.error != warden_averror_eof,
      address.scheme == .file
    {
      throw VideoError(.readFailed(FFmpeg.words(input.pointee.error)), source: address.description)
    }
    isTruncated = code != warden_averror_eof || lastIsCorrupt || endsBeforeIndex(context)
    if address.scheme == .file, Recording.breaksOff(address.path) { isTruncated = true }
  }

  private func endsBeforeIndex(_ context: UnsafeMutablePointer<AVFormatContext>) -> Bool {
    guard let chosen = context.pointee.streams[Int(streamIndex)] else { return false }
    let count = avformat_index_get_entries_count(chosen)
    guard count > 0, let entry = avformat_index_get_entry(chosen, count - 1) else { return false }
    return lastRawTicks != .min && entry.pointee.timestamp > lastRawTicks
  }

  // MARK: opening

  private static let codecs: [AVCodecID] = [
    AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG, AV_CODEC_ID_MPEG4, AV_CODEC_ID_AV1, AV_CODEC_ID_VP8,
    AV_CODEC_ID_VP9, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3,
    AV_CODEC_ID_H263, AV_CODEC_ID_FFV1, AV_CODEC_ID_RAWVIDEO, AV_CODEC_ID_GIF, AV_CODEC_ID_PNG,
  ]

  private static let decoders =
    "h264,hevc,mjpeg,mpeg4,libdav1d,av1,libaom-av1,vp8,vp9,mpeg1video,mpeg2video,msmpeg4,msmpeg4v2,h263,ffv1,rawvideo,gif,png"

  private static func options(_ address: SourceAddress, _ limits: Limits) -> OpaquePointer? {
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
  private static func findStreams(_ context: UnsafeMutablePointer<AVFormatContext>, _ limits: Limits) -> Int32 {
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

  private static func parameters(
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

  private static func clock(for stream: UnsafeMutablePointer<AVStream>) -> MediaClock {
    let base = stream.pointee.time_base
    let secondsPerTick = base.num > 0 && base.den > 0 ? Double(base.num) / Double(base.den) : 1.0 / 90_000
    var bits = [33, 32]
    if (8...62).contains(stream.pointee.pts_wrap_bits) { bits.insert(Int(stream.pointee.pts_wrap_bits), at: 0) }
    return MediaClock(secondsPerTick: secondsPerTick, wrapBits: bits)
  }

  /// Decoding times of the keyframes from 0 on, where the container's index lists every packet (MP4 and its kin).
  private static func indexedKeyframes(_ stream: UnsafeMutablePointer<AVStream>, format: String) -> [Double]? {
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

  private static func containerName(_ name: String) -> String {
    name.hasPrefix("mov,") ? "mp4" : name.hasPrefix("matroska,") ? "matroska" : name
  }

  private static func checkSize(_ width: Int, _ height: Int, _ limits: Limits, _ name: String) throws(VideoError) {
    guard width * height <= limits.maximumPixels else {
      throw VideoError(
        .tooLarge("its pictures of \(width) × \(height) pass the limit of \(limits.maximumPixels) pixels"), source: name
      )
    }
  }

  /// Asks for the host's address first: the libraries report an unknown name as any other failure.
  private static func resolve(_ address: SourceAddress, limits: Limits) throws(VideoError) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var result: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(address.host, nil, &hints, &result)
    if let result { freeaddrinfo(result) }
    guard code == 0 else { throw VideoError(.nameNotFound, source: address.description) }
  }

  /// Why an opened file or answer is not a video.
  private static func unreadable(_ address: SourceAddress) -> VideoError.Kind {
    address.scheme == .file && Recording.breaksOff(address.path) ? .brokenOff : .notVideo
  }

  private static func failure(
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
