/// What a sampler has seen and done so far.
public struct SamplingStatistics: Sendable, Hashable {
  /// A stretch of time, in seconds on the media clock.
  public struct Span: Sendable, Hashable {
    public let from: Double
    public let to: Double
  }

  /// Pictures a second that were wanted.
  public let rate: Double
  /// Pictures handed on.
  public internal(set) var sampled = 0
  /// Pictures decoded.
  public internal(set) var decoded = 0
  /// Nothing but keyframes was decoded since their spacing is known.
  public internal(set) var keyframesOnly = false
  /// Sampled pictures that a slow reader of a live source never got.
  public internal(set) var dropped = 0
  /// Pictures and packets that were damaged or could not be decoded.
  public internal(set) var damaged = 0
  /// Where two sampled pictures lie more than two periods apart: the stream had a hole, or its pictures were damaged. Of
  /// more than a thousand the last thousand.
  public internal(set) var gaps: [Span] = []
  /// Stretches of the stream's own clock: 1, and one more for each jump.
  public internal(set) var segments = 0
  /// A recording that ends before its own structure says so.
  public internal(set) var isTruncated = false
  /// The end of the last picture, its own duration included; for a truncated recording and a live source its time.
  public internal(set) var durationSeconds = 0.0
  /// The media clock's 0 on the packets' clock (`Packet.time`).
  public internal(set) var origin = 0.0

  init(rate: Double) {
    self.rate = rate
  }
}
