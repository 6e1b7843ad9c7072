#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Fits from scores to probabilities, and how good such probabilities are.
public enum ProbabilityFits {
  /// The non-decreasing sequence nearest to values by weighted squares (pool adjacent violators; Barlow and others, 1972).
  public static func isotonic(_ values: [Double], weights: [Double]? = nil) -> [Double] {
    let weights = weights ?? [Double](repeating: 1, count: values.count)
    precondition(weights.count == values.count && weights.allSatisfy { $0 > 0 }, "a weight above 0 for each value")
    var blocks: [(sum: Double, weight: Double, count: Int)] = []
    for (value, weight) in zip(values, weights) {
      var block = (sum: value * weight, weight: weight, count: 1)
      while let last = blocks.last, last.sum / last.weight >= block.sum / block.weight {
        block = (last.sum + block.sum, last.weight + block.weight, last.count + block.count)
        blocks.removeLast()
      }
      blocks.append(block)
    }
    return blocks.flatMap { [Double](repeating: $0.sum / $0.weight, count: $0.count) }
  }

  /// A sample: a score and whether it was right.
  public struct Sample: Sendable, Hashable {
    public var score: Double
    public var right: Bool

    public init(score: Double, right: Bool) {
      self.score = score
      self.right = right
    }
  }

  /// Isotonic regression of right or wrong on the score: points by rising score, equal scores pooled, kept within
  /// 1 / (n + 2) of 0 and 1 so that nothing is certain. Points in the middle of a level stretch are left out.
  public static func isotonicCurve(_ samples: [Sample]) -> [(score: Double, probability: Double)] {
    let sorted = samples.sorted { $0.score < $1.score }
    var pooled: [(score: Double, right: Double, weight: Double)] = []
    for sample in sorted {
      if let last = pooled.last, last.score == sample.score {
        pooled[pooled.count - 1].right += sample.right ? 1 : 0
        pooled[pooled.count - 1].weight += 1
      } else {
        pooled.append((sample.score, sample.right ? 1 : 0, 1))
      }
    }
    let fitted = isotonic(pooled.map { $0.right / $0.weight }, weights: pooled.map(\.weight))
    let margin = 1 / Double(samples.count + 2)
    let points = zip(pooled, fitted).map { (score: $0.score, probability: min(max($1, margin), 1 - margin)) }
    return points.enumerated().filter { index, point in
      index == 0 || index == points.count - 1 || points[index - 1].probability != point.probability
        || points[index + 1].probability != point.probability
    }.map(\.element)
  }

  /// Platt's fit 1 / (1 + exp(slope · score + intercept)) by Newton's method with his softened targets (Platt, 1999; Lin, Lin
  /// and Weng, 2007); nil for no samples.
  public static func platt(_ samples: [Sample]) -> (slope: Double, intercept: Double)? {
    guard !samples.isEmpty else { return nil }
    let right = Double(samples.count { $0.right })
    let wrong = Double(samples.count) - right
    let (high, low) = ((right + 1) / (right + 2), 1 / (wrong + 2))
    var (slope, intercept) = (0.0, log((wrong + 1) / (right + 1)))
    func loss(_ slope: Double, _ intercept: Double) -> Double {
      samples.reduce(0) { sum, sample in
        let f = sample.score * slope + intercept
        let target = sample.right ? high : low
        return sum + (f >= 0 ? target * f + log1p(exp(-f)) : (target - 1) * f + log1p(exp(f)))
      }
    }
    var current = loss(slope, intercept)
    for _ in 0..<200 {
      var (h11, h22, h21, g1, g2) = (1e-12, 1e-12, 0.0, 0.0, 0.0)
      for sample in samples {
        let f = sample.score * slope + intercept
        let p = f >= 0 ? exp(-f) / (1 + exp(-f)) : 1 / (1 + exp(f))
        let d2 = p * (1 - p)
        h11 += sample.score * sample.score * d2
        h22 += d2
        h21 += sample.score * d2
        let d1 = (sample.right ? high : low) - p
        g1 += sample.score * d1
        g2 += d1
      }
      if abs(g1) < 1e-10, abs(g2) < 1e-10 { break }
      let determinant = h11 * h22 - h21 * h21
      let (dSlope, dIntercept) = (-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant)
      let descent = g1 * dSlope + g2 * dIntercept
      var step = 1.0
      while step >= 1e-10 {
        let tried = loss(slope + step * dSlope, intercept + step * dIntercept)
        if tried < current + 1e-4 * step * descent {
          slope += step * dSlope
          intercept += step * dIntercept
          current = tried
          break
        }
        step /= 2
      }
      if step < 1e-10 { break }
    }
    return (slope, intercept)
  }

  /// The mean squared distance of probabilities from what happened (Brier, 1950); nil for no samples. `score` is the probability.
  public static func brier(_ samples: [Sample]) -> Double? {
    guard !samples.isEmpty else { return nil }
    let sum = samples.reduce(0.0) { $0 + ($1.score - ($1.right ? 1 : 0)) * ($1.score - ($1.right ? 1 : 0)) }
    return sum / Double(samples.count)
  }

  /// A bin of a reliability table.
  public struct Bin: Sendable, Hashable {
    public var count: Int
    /// The mean probability that was said.
    public var said: Double
    /// The share that was right.
    public var happened: Double

    public init(count: Int, said: Double, happened: Double) {
      self.count = count
      self.said = said
      self.happened = happened
    }
  }

  /// At most `bins` bins of as equal counts as can be, by rising probability. `score` is the probability.
  public static func reliability(_ samples: [Sample], bins: Int = 10) -> [Bin] {
    let sorted = samples.sorted { ($0.score, $0.right ? 1 : 0) < ($1.score, $1.right ? 1 : 0) }
    let number = min(bins, sorted.count)
    return (0..<number).map { bin in
      let part = sorted[(bin * sorted.count / number)..<((bin + 1) * sorted.count / number)]
      let count = Double(part.count)
      return Bin(
        count: part.count, said: part.reduce(0) { $0 + $1.score } / count,
        happened: Double(part.count { $0.right }) / count)
    }
  }

  /// The expected calibration error of a reliability table: the mean distance between said and happened, by count; nil for none.
  public static func expectedCalibrationError(_ bins: [Bin]) -> Double? {
    let total = bins.reduce(0) { $0 + $1.count }
    guard total > 0 else { return nil }
    return bins.reduce(0.0) { $0 + Double($1.count) * abs($1.said - $1.happened) } / Double(total)
  }
}
