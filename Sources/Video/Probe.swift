/// A short look at a source: what it is, and one picture.
public struct Probe: Sendable {
  /// What the source says of itself.
  public let stream: VideoStream
  /// Columns and rows of the pictures as displayed upright.
  public let width: Int
  public let height: Int
  /// Pictures a second, counted; nil when too few came.
  public let pictureRate: Double?
  /// Seconds between keyframes, the longest seen; nil when fewer than two came.
  public let keyframeSeconds: Double?
  /// Bits a second, counted; nil when too few pictures came.
  public let bitsPerSecond: Double?
  /// Seconds until the first picture was decoded.
  public let secondsToPicture: Double
  /// The first picture.
  public let still: Picture

  /// Looks at a source for at most `seconds` after it is open; a recording's first twenty seconds of media.
  ///
  /// Throws why there is no picture.
  public static func run(
    _ address: SourceAddress, seconds: Double = 5, limits: Limits = Limits()
  ) async throws(VideoError) -> Probe {
    let interrupt = Interrupt()
    return try await onThread(address.description, interrupt: interrupt) { () throws(VideoError) in
      try look(address, seconds: seconds, limits: limits, interrupt: interrupt)
    }
  }

  private static func look(
    _ address: SourceAddress, seconds: Double, limits: Limits, interrupt: Interrupt
  ) throws(VideoError) -> Probe {
    let began = monotonicSeconds()
    let demuxer = try Demuxer(address, limits: limits, interrupt: interrupt)
    let sampler = FrameSampler(
      rate: 1, isLive: demuxer.stream.isLive, keyframes: demuxer.keyframes, limits: limits, source: address.description)
    let opened = monotonicSeconds()
    var still: Picture?
    var secondsToPicture = 0.0
    var (count, bytes, longest) = (0, 0, 0.0)
    var keyframe: Double?
    var keyframes = 0
    var (first, last): (Double?, Double) = (nil, 0)
    func note(_ pictures: [Picture]) {
      guard still == nil, let picture = pictures.first else { return }
      still = picture
      secondsToPicture = monotonicSeconds() - began
    }
    do throws(VideoError) {
      while true {
        guard let packet = try demuxer.next() else {
          if still == nil { note(try sampler.finish(isTruncated: demuxer.isTruncated)) }
          break
        }
        if still == nil { note(try sampler.push(packet)) }
        count += 1
        bytes += packet.byteCount
        first = first ?? packet.decodingTime
        last = packet.decodingTime
        if packet.isKeyframe {
          if let keyframe { longest = max(longest, packet.decodingTime - keyframe) }
          keyframe = packet.decodingTime
          keyframes += 1
        }
        let passed = demuxer.stream.isLive ? monotonicSeconds() - opened >= seconds : last - (first ?? 0) >= 20
        if still != nil, passed || keyframes > 3 { break }
        if demuxer.stream.isLive, monotonicSeconds() - opened >= seconds + limits.readSeconds { break }
      }
    } catch {
      guard still != nil, error.kind != .stopped else { throw error }
    }
    guard let still else { throw VideoError(.noPictures, source: address.description) }
    let span = last - (first ?? 0)
    return Probe(
      stream: demuxer.stream, width: still.width, height: still.height,
      pictureRate: count > 1 && span > 0 ? Double(count - 1) / span : demuxer.stream.pictureRate,
      keyframeSeconds: keyframes > 1 ? longest : nil,
      bitsPerSecond: count > 1 && span > 0 ? Double(bytes) * 8 / (span * Double(count) / Double(count - 1)) : nil,
      secondsToPicture: secondsToPicture, still: still)
  }
}
