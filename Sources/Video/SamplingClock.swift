/// Decides when a sampled picture is due.
///
/// Times are seconds on the straightened media clock (`MediaClock`), 0 being the first picture. Pictures are due on the
/// grid of whole periods; each is met by the first picture at or after it, and one picture meets all that have passed. So a
/// wanted rate a little above the stream's takes every picture, and one below it keeps its mean.
public struct SamplingClock: Sendable, Hashable {
  /// The wanted distance between pictures, in seconds; positive and finite.
  public let period: Double
  /// The time from which the next picture is taken.
  public private(set) var nextDue: Double
  /// How much earlier than due a picture may be, for timestamps rounded to milliseconds.
  public let tolerance: Double

  /// `rate` is in pictures a second, positive and finite; the first picture is due at `start`.
  public init(rate: Double, start: Double = 0) {
    precondition(rate > 0 && rate.isFinite, "a sampling rate is positive")
    period = 1 / rate
    tolerance = min(0.001, period / 10)
    nextDue = start
  }

  /// Whether a picture at `time` would be taken.
  public func isDue(at time: Double) -> Bool {
    time >= nextDue - tolerance
  }

  /// Takes the picture at `time` if it is due.
  public mutating func take(at time: Double) -> Bool {
    guard isDue(at: time) else { return false }
    nextDue = (((time + tolerance) / period).rounded(.down) + 1) * period
    return true
  }
}
