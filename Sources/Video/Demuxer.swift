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
  /// The format has no timestamps at all; live, pictures are timed as they arrive.
  private let lacksClock: Bool
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
    lacksClock = format.flags & warden_format_without_timestamps != 0
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
    let arrival = stream.isLive ? monotonicSeconds() : nil
    var decoding = FFmpeg.timestamp(raw.pointee.dts)
    var presentation = FFmpeg.timestamp(raw.pointee.pts)
    if let arrival, lacksClock {
      decoding = Int64((arrival / clock.secondsPerTick).rounded())
      presentation = decoding
    }
    let ticks = decoding ?? presentation ?? (lastTicks - clock.offset + (clock.segments == 0 ? 0 : usual))
    let straight = clock.straighten(
      ticks, usual: usual, reorders: decoding == nil && presentation != nil,
      arrival: arrival)
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
}
