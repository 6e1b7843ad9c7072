#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A value with the interval that holds it with a stated confidence.
public struct Interval: Sendable, Hashable {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}

/// Two-sided intervals and exact tests. Confidence is 0.95 unless said otherwise.
public enum Intervals {
  /// The normal quantile of a two-sided 95 % interval, 1.959963984540054.
  public static let z95 = 1.959963984540054

  private static func z(_ confidence: Double) -> Double {
    confidence == 0.95 ? z95 : SpecialFunctions.normalQuantile(1 - (1 - confidence) / 2)
  }

  /// Wilson's score interval of a share (Wilson, 1927); nil for no trials.
  public static func wilson(_ successes: Int, of trials: Int, confidence: Double = 0.95) -> Interval? {
    precondition(successes >= 0 && successes <= trials, "successes are among the trials")
    guard trials > 0 else { return nil }
    let (n, z) = (Double(trials), z(confidence))
    let share = Double(successes) / n
    let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    return Interval(
      low: successes == 0 ? 0 : max(centre - half, 0), high: successes == trials ? 1 : min(centre + half, 1))
  }

  /// The exact interval of a share (Clopper and Pearson, 1934); nil for no trials.
  public static func clopperPearson(_ successes: Int, of trials: Int, confidence: Double = 0.95) -> Interval? {
    precondition(successes >= 0 && successes <= trials, "successes are among the trials")
    guard trials > 0 else { return nil }
    let tail = (1 - confidence) / 2
    let (k, n) = (Double(successes), Double(trials))
    return Interval(
      low: successes == 0 ? 0 : SpecialFunctions.betaQuantile(k, n - k + 1, tail),
      high: successes == trials ? 1 : SpecialFunctions.betaQuantile(k + 1, n - k, 1 - tail))
  }

  /// The exact interval of a Poisson rate: `events` seen in `exposure` (Garwood, 1936, by quantiles of χ²); nil without exposure.
  public static func poisson(_ events: Int, exposure: Double, confidence: Double = 0.95) -> Interval? {
    precondition(events >= 0, "events are counted")
    guard exposure > 0 else { return nil }
    let tail = (1 - confidence) / 2
    // χ²(p; 2k) / 2 is the gamma quantile with shape k.
    let low = events == 0 ? 0 : SpecialFunctions.gammaQuantile(Double(events), tail)
    let high = SpecialFunctions.gammaQuantile(Double(events) + 1, 1 - tail)
    return Interval(low: low / exposure, high: high / exposure)
  }

  /// The fewest right of `trials` whose Wilson lower bound reaches the target; nil where even all right would not.
  public static func fewestRight(of trials: Int, target: Double) -> Int? {
    guard trials > 0, wilson(trials, of: trials)!.low >= target else { return nil }
    var (low, high) = (0, trials)
    while low < high {
      let middle = (low + high) / 2
      if wilson(middle, of: trials)!.low >= target { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The smallest number of trials whose Wilson lower bound reaches the target with so many wrong; nil for a target of 1.
  public static func fewestTrials(wrong: Int, target: Double) -> Int? {
    guard target < 1 else { return nil }
    var high = max(wrong, 1)
    while wilson(high - wrong, of: high)!.low < target { high *= 2 }
    var low = max(wrong, 1)
    while low < high {
      let middle = (low + high) / 2
      if wilson(middle - wrong, of: middle)!.low >= target { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The two-sided p value of McNemar's exact test: of `gained + lost` discordant pairs, each way is as likely.
  public static func mcNemar(gained: Int, lost: Int) -> Double {
    precondition(gained >= 0 && lost >= 0, "pairs are counted")
    let pairs = gained + lost
    guard pairs > 0 else { return 1 }
    var tail = 0.0
    for k in 0...min(gained, lost) {
      let (n, k) = (Double(pairs), Double(k))
      tail += exp(
        SpecialFunctions.logGamma(n + 1) - SpecialFunctions.logGamma(k + 1) - SpecialFunctions.logGamma(n - k + 1)
          - n * M_LN2)
    }
    return min(1, 2 * tail)
  }
}
