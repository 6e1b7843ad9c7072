import CFFmpeg

/// Decodes what a wanted rate needs of a stream of packets, and gives the pictures that are due.
///
/// Keyframes alone are decoded where their spacing allows the rate. Otherwise each stretch from keyframe to keyframe is
/// decoded up to its last due picture and skipped behind it. The sampler belongs to one thread at a time; it allocates
/// nothing for a picture that is not handed on.
public final class FrameSampler {
  /// What has been seen and done so far.
  public private(set) var statistics: SamplingStatistics
  /// The wanted span is over; nothing more will come.
  public private(set) var isFinished = false

  private let source: String
  private let limits: Limits
  private let isLive: Bool
  private let end: Double
  private var clock: SamplingClock
  private var forecast: KeyframeForecast
  private let maker = PictureMaker()
  private let frame: UnsafeMutablePointer<AVFrame>
  private var decoder: UnsafeMutablePointer<AVCodecContext>?
  private var parameters: CodecParameters?
  /// The decoder is fed with the packets up to the next keyframe.
  private var follows = false
  /// The decoder holds pictures of a stretch that was left.
  private var needsFlush = false
  private var decodedOtherThanKeyframes = false
  /// When the first damaged picture since the last whole keyframe was shown.
  private var spoiled: Double?
  /// When the first keyframe decoded after it is shown.
  private var rescue: Double?
  private var lastKeyframe: Double?
  private var origin: Double?
  /// The last decoded picture's time, and the last sampled one's.
  private var lastTime: Double?
  private var lastSampled: Double?
  private var newestTime = 0.0
  private var newestEnd = 0.0
  private var firstPacketTime: Double?

  /// - Parameters:
  ///   - rate: pictures a second, positive and finite.
  ///   - start: the first wanted picture's time, on the media clock.
  ///   - end: pictures from here on are not wanted.
  ///   - keyframes: decoding times of all keyframes, where a container lists them.
  ///   - source: the name for errors.
  public init(
    rate: Double, start: Double = 0, end: Double = .infinity, isLive: Bool = false, keyframes: [Double]? = nil,
    limits: Limits = Limits(), source: String
  ) {
    clock = SamplingClock(rate: rate, start: start)
    statistics = SamplingStatistics(rate: rate)
    forecast = KeyframeForecast(listed: keyframes)
    self.end = end
    self.isLive = isLive
    self.limits = limits
    self.source = source
    guard let frame = av_frame_alloc() else { preconditionFailure("no memory for a frame's head") }
    self.frame = frame
  }

  deinit {
    avcodec_free_context(&decoder)
    var pointer: UnsafeMutablePointer<AVFrame>? = frame
    av_frame_free(&pointer)
  }

  /// Takes the next packet and gives the pictures that became due, mostly none or one.
  public func push(_ packet: Packet) throws(VideoError) -> [Picture] {
    var pictures: [Picture] = []
    if isFinished { return pictures }
    if packet.parameters !== parameters {
      try drain(into: &pictures)
      try open(packet.parameters)
    }
    let shown = packet.time ?? packet.decodingTime
    if !packet.isDiscarded, !packet.isCorrupt {
      newestTime = max(newestTime, shown)
      newestEnd = max(newestEnd, shown + packet.duration)
    }
    let first = firstPacketTime ?? packet.decodingTime
    firstPacketTime = first
    if isLive, packet.decodingTime - (lastTime ?? first) > limits.firstPictureSeconds + clock.period {
      // A codec or size that changed without a word, or keyframes that no longer come: opening anew may help.
      throw VideoError(.noPictures, source: source)
    }
    if packet.isCorrupt {
      // Half a picture is worse than none.
      statistics.damaged += 1
      spoil(at: shown)
      if packet.isKeyframe { forecast.saw(time: shown, decodingTime: packet.decodingTime) }
    } else if packet.isKeyframe {
      try keyframe(packet, shown: shown, into: &pictures)
    } else {
      forecast.passed(shown)
      if follows {
        if origin != nil { decodedOtherThanKeyframes = decodedOtherThanKeyframes || forecast.longestDistance != nil }
        try feed(packet, into: &pictures)
        leaveIfSatisfied()
      }
    }
    let origin = self.origin ?? 0
    statistics.durationSeconds = max(0, (isLive ? newestTime : newestEnd) - origin)
    statistics.keyframesOnly = forecast.longestDistance != nil && !decodedOtherThanKeyframes
    if packet.decodingTime - origin >= end + 1 { isFinished = true }
    return pictures
  }

  /// The source is at its end: gives what the decoder still held.
  ///
  /// Throws `.noPictures` when the whole recording gave none.
  public func finish(isTruncated: Bool) throws(VideoError) -> [Picture] {
    var pictures: [Picture] = []
    if follows, !isFinished { try drain(into: &pictures) }
    guard let origin else {
      throw VideoError(isTruncated ? .brokenOff : .noPictures, source: source)
    }
    statistics.isTruncated = isTruncated
    statistics.durationSeconds = max(0, (isTruncated || isLive ? newestTime : newestEnd) - origin)
    if isFinished { statistics.durationSeconds = min(statistics.durationSeconds, end) }
    if let lastSampled, !isTruncated { noteGap(from: lastSampled, to: statistics.durationSeconds) }
    isFinished = true
    return pictures
  }

  // MARK: what to decode

  private func keyframe(_ packet: Packet, shown: Double, into pictures: inout [Picture]) throws(VideoError) {
    forecast.saw(time: shown, decodingTime: packet.decodingTime)
    let time = shown - (origin ?? shown)
    if let longest = forecast.longestDistance, longest <= clock.period + clock.tolerance, !packet.isDiscarded {
      // Keyframes alone: each is decoded for itself, when it is due.
      if follows { try drain(into: &pictures) }
      follows = false
      guard origin == nil || clock.isDue(at: time) else { return }
      flushIfNeeded()
      try feed(packet, into: &pictures)
      try drain(into: &pictures)
    } else if let origin, let next = forecast.nextKeyframe, next - origin <= clock.nextDue + clock.tolerance / 2 {
      // The next picture due lies at or behind the next keyframe.
      if follows { try drain(into: &pictures) }
      follows = false
    } else {
      if !follows { flushIfNeeded() }
      follows = true
      try feed(packet, into: &pictures)
      leaveIfSatisfied()
    }
  }

  /// Stops following when nothing up to the next keyframe is due any more.
  ///
  /// For a picture or two it is not worth the risk that the keyframe comes later than forecast.
  private func leaveIfSatisfied() {
    guard let origin, let lastTime, let next = forecast.nextKeyframe,
      next - lastTime > 3 / (parameters?.pictureRate ?? 25), next - origin <= clock.nextDue + clock.tolerance / 2
    else {
      return
    }
    follows = false
    needsFlush = true
  }

  private func flushIfNeeded() {
    guard needsFlush, let decoder else { return }
    avcodec_flush_buffers(decoder)
    needsFlush = false
  }

  // MARK: decoding

  private func open(_ parameters: CodecParameters) throws(VideoError) {
    avcodec_free_context(&decoder)
    self.parameters = parameters
    let id = parameters.raw.pointee.codec_id
    guard let codec = avcodec_find_decoder(id), let opened = avcodec_alloc_context3(codec) else {
      throw VideoError(.unsupportedCodec(FFmpeg.name(of: id)), source: source)
    }
    decoder = opened
    guard avcodec_parameters_to_context(opened, parameters.raw) >= 0 else {
      throw VideoError(.conversionFailed("no memory"), source: source)
    }
    opened.pointee.pkt_timebase = parameters.timeBase
    opened.pointee.thread_count = Int32(max(1, limits.decoderThreads))
    opened.pointee.max_pixels = Int64(limits.maximumPixels)
    if id == AV_CODEC_ID_MJPEG || id == AV_CODEC_ID_PNG {
      // Pictures for themselves: a cut one would be shown half grey.
      opened.pointee.err_recognition = warden_error_detection_explode
    }
    if let rate = parameters.pictureRate, clock.period * rate >= 8 {
      // A picture that no other needs is as good as its neighbour two pictures on.
      opened.pointee.skip_frame = AVDISCARD_NONREF
    }
    guard avcodec_open2(opened, codec, nil) >= 0 else {
      throw VideoError(.unsupportedCodec(FFmpeg.name(of: id)), source: source)
    }
    follows = false
    needsFlush = false
  }

  private func feed(_ packet: Packet, into pictures: inout [Picture]) throws(VideoError) {
    guard let decoder else { return }
    if packet.isKeyframe {
      lastKeyframe = packet.time ?? packet.decodingTime
      if spoiled != nil, rescue == nil { rescue = lastKeyframe }
    }
    if packet.time == nil, decoder.pointee.skip_frame.rawValue == AVDISCARD_NONREF.rawValue {
      // Times are counted from picture to picture here, so that none may be missing.
      decoder.pointee.skip_frame = AVDISCARD_DEFAULT
    }
    if avcodec_send_packet(decoder, packet.raw) < 0 {
      statistics.damaged += 1
      spoil(at: packet.time ?? packet.decodingTime)
    }
    try receive(decoder, into: &pictures)
  }

  /// Gets what the decoder holds back and readies it for the next keyframe.
  private func drain(into pictures: inout [Picture]) throws(VideoError) {
    guard let decoder else { return }
    if !needsFlush {
      avcodec_send_packet(decoder, nil)
      try receive(decoder, into: &pictures)
    }
    avcodec_flush_buffers(decoder)
    needsFlush = false
  }

  private func receive(
    _ decoder: UnsafeMutablePointer<AVCodecContext>, into pictures: inout [Picture]
  ) throws(VideoError) {
    while true {
      let code = avcodec_receive_frame(decoder, frame)
      if code == warden_averror(EAGAIN) || code == warden_averror_eof { return }
      if code < 0 {
        statistics.damaged += 1
        return
      }
      defer { av_frame_unref(frame) }
      if let picture = try taken() { pictures.append(picture) }
    }
  }

  /// The picture of the frame just decoded, if it is due.
  private func taken() throws(VideoError) -> Picture? {
    guard let parameters else { return nil }
    statistics.decoded += 1
    let time = frameTime(parameters)
    if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0 {
      statistics.damaged += 1
      spoil(at: time)
      return nil
    }
    if let since = spoiled {
      // What refers to a damaged picture shows the damage, too: up to the next keyframe, or in a stream that has none for
      // so long that its bit by bit refreshing has gone round.
      let isWhole = frame.pointee.key_frame != 0 && rescue.map { time >= $0 - 0.0005 } ?? false
      guard isWhole || time - since > 10 else { return nil }
      spoiled = nil
    }
    let origin = self.origin ?? time
    if self.origin == nil {
      self.origin = origin
      statistics.origin = origin
    }
    let shown = time - origin
    guard shown < end else {
      isFinished = true
      return nil
    }
    guard !isFinished, clock.take(at: shown) else { return nil }
    let picture = try maker.picture(
      frame, time: shown, orientation: orientation(parameters), codec: parameters.raw.pointee.codec_id,
      sampleAspectRatio: sampleAspectRatio(parameters), source: source)
    if let lastSampled { noteGap(from: lastSampled, to: shown) }
    lastSampled = shown
    statistics.sampled += 1
    return picture
  }

  /// When the frame is shown, in seconds on the packets' clock, later than the frame before.
  private func frameTime(_ parameters: CodecParameters) -> Double {
    let usual = 1 / (parameters.pictureRate ?? 25)
    var time: Double
    if let presentation = FFmpeg.timestamp(frame.pointee.pts) {
      time = parameters.seconds(presentation)
    } else if let lastTime {
      time = lastTime + usual
    } else {
      time = FFmpeg.timestamp(frame.pointee.pkt_dts).map(parameters.seconds) ?? 0
    }
    if let lastTime, time <= lastTime { time = lastTime + min(usual, 0.001) }
    lastTime = time
    return time
  }

  private func spoil(at time: Double) {
    spoiled = spoiled ?? time
    rescue = lastKeyframe.flatMap { $0 > time ? $0 : nil }
  }

  private func noteGap(from: Double, to: Double) {
    guard to - from > 2 * clock.period + clock.tolerance else { return }
    if statistics.gaps.count == 1_000 { statistics.gaps.removeFirst() }
    statistics.gaps.append(SamplingStatistics.Span(from: from, to: to))
  }

  private func orientation(_ parameters: CodecParameters) -> Orientation {
    guard parameters.orientation == .upright,
      let data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX), data.pointee.size >= 36
    else { return parameters.orientation }
    return Orientation(
      matrix: (0..<9).map { UnsafeRawPointer(data.pointee.data!).loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
    )
  }

  private func sampleAspectRatio(_ parameters: CodecParameters) -> Double {
    let ratio = FFmpeg.value(parameters.sampleAspectRatio) ?? FFmpeg.value(frame.pointee.sample_aspect_ratio) ?? 1
    return (0.1...10).contains(ratio) ? ratio : 1
  }
}
