public import Video

/// How long to wait before a camera is tried again: 1, 2, 4 … 60 seconds, a quarter more or less at random, so that cameras that
/// fell together do not come back together. A wrong password is tried three times in the first minute and then every five
/// minutes, so that the camera does not lock the account.
public struct BackOff: Sendable {
  private var failures = 0

  public init() {}

  /// The source has shown pictures for long enough to count as well.
  public mutating func reset() { failures = 0 }

  /// Seconds until the next try.
  public mutating func next(
    after error: VideoError, using random: inout some RandomNumberGenerator
  ) -> Double {
    failures = min(failures + 1, 30)
    let jitter = Double.random(in: 0.75...1.25, using: &random)
    if error.kind == .unauthorized || error.kind == .forbidden { return (failures < 3 ? 20 : 300) * jitter }
    return min(60, Double(1 << min(failures - 1, 6))) * jitter
  }
}
