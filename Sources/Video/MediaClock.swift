/// Straightens a stream's timestamps: what wraps, jumps back or leaps goes on without a break.
///
/// Works in the stream's own ticks, in decoding order, and only adds a whole number of ticks to each timestamp, so that
/// distances within a stretch stay exact. A jump backward, and in a live stream a leap that the receiver's clock did not
/// see or a standing clock, starts a new segment, which follows the last picture at the usual distance (live: at the distance by the receiver's
/// clock).
public struct MediaClock: Sendable {
  public let secondsPerTick: Double
  /// The counter's widths at which timestamps may wrap, in bits.
  public let wrapBits: [Int]
  /// Ticks added to the stream's timestamps from here on.
  public private(set) var offset: Int64 = 0
  /// How many segments were begun so far; 1 after the first timestamp.
  public private(set) var segments = 0
  private var last: (ticks: Int64, arrival: Double?)?
  /// When a timestamp last rose, by the receiver's clock.
  private var lastRise: Double?

  /// `secondsPerTick` is positive.
  public init(secondsPerTick: Double, wrapBits: [Int] = []) {
    precondition(secondsPerTick > 0 && secondsPerTick.isFinite, "a tick lasts some time")
    self.secondsPerTick = secondsPerTick
    self.wrapBits = wrapBits.filter { (8...62).contains($0) }
  }

  /// Takes in the next timestamp and gives it straightened.
  ///
  /// - Parameters:
  ///   - ticks: the stream's timestamp, decoding times where the stream has them.
  ///   - usual: ticks from one picture to the next, at least 1.
  ///   - reorders: the timestamps are presentation times in decoding order, so small steps back mean nothing.
  ///   - arrival: seconds of the receiver's monotonic clock, for a live stream.
  public mutating func straighten(_ ticks: Int64, usual: Int64, reorders: Bool = false, arrival: Double? = nil) -> Int64
  {
    let usual = max(usual, 1)
    guard let last else {
      segments = 1
      self.last = (ticks, arrival)
      lastRise = arrival
      return ticks
    }
    var straight = ticks &+ offset
    let (difference, overflows) = straight.subtractingReportingOverflow(last.ticks)
    // Steps back that are no jump: reordered pictures, or a timestamp that a rounding put before its neighbour.
    let harmless = reorders ? max(inTicks(1), 16 * usual) : max(inTicks(0.25), 2 * usual)
    if overflows || difference < -harmless {
      if !overflows, let turn = wrap(difference, reach: max(inTicks(60), 4 * usual), back: harmless) {
        offset &+= turn
        straight = ticks &+ offset
      } else {
        straight = begin(ticks, after: last, usual: usual, arrival: arrival)
      }
    } else if let arrival, difference <= 0, let lastRise, arrival - lastRise > 5 {
      // A clock that stands while pictures come.
      straight = begin(ticks, after: last, usual: usual, arrival: arrival)
    } else if let arrival, let lastArrival = last.arrival {
      let seen = arrival - lastArrival
      let told = Double(difference) * secondsPerTick
      if told > 5, told - seen > 5 {
        straight = begin(ticks, after: last, usual: usual, arrival: arrival)
      }
    } else if Double(difference) * secondsPerTick > 86_400 {
      straight = begin(ticks, after: last, usual: usual, arrival: arrival)
    }
    if straight > last.ticks { lastRise = arrival }
    self.last = (reorders ? max(straight, last.ticks) : straight, arrival)
    return straight
  }

  /// Distances up to this many seconds between two pictures of a recording are taken as they are.
  private func inTicks(_ seconds: Double) -> Int64 {
    Int64(max(1, (seconds / secondsPerTick).rounded()))
  }

  private func wrap(_ difference: Int64, reach: Int64, back: Int64) -> Int64? {
    for bits in wrapBits {
      let turn = Int64(1) << bits
      let unwrapped = difference &+ turn
      if unwrapped >= -back, unwrapped <= reach, difference < -turn / 2 { return turn }
    }
    return nil
  }

  private mutating func begin(
    _ ticks: Int64, after last: (ticks: Int64, arrival: Double?), usual: Int64, arrival: Double?
  ) -> Int64 {
    segments += 1
    var step = usual
    if let arrival, let since = lastRise ?? last.arrival, arrival > since {
      step = max(step, inTicks(min(arrival - since, 86_400)))
    }
    offset = last.ticks &+ step &- ticks
    return last.ticks &+ step
  }
}
