/// Resampling of clusters, for figures whose parts depend on each other.
public struct Bootstrap: Sendable {
  public var rounds: Int
  public var seed: UInt64
  public var confidence: Double

  public init(rounds: Int = 2000, seed: UInt64 = 20_240_502, confidence: Double = 0.95) {
    self.rounds = rounds
    self.seed = seed
    self.confidence = confidence
  }

  /// Percentile intervals (Efron, 1979) of figures of sums over clusters.
  ///
  /// Each round draws as many clusters as there are, with replacement, adds up their rows and asks for the figures of the sum.
  ///
  /// - Parameters:
  ///   - clusters: one row of sums for each cluster, all of one length.
  ///   - figures: from a row of sums to figures, nil where one is not defined; such rounds are left out of that figure.
  /// - Returns: an interval for each figure; nil for a figure that fewer than half of the rounds defined.
  public func intervals(_ clusters: [[Double]], figures: ([Double]) -> [Double?]) -> [Interval?] {
    guard let width = clusters.first?.count else { return [] }
    precondition(clusters.allSatisfy { $0.count == width }, "rows of one length")
    var generator = Xoshiro256(seed: seed)
    var values: [[Double]] = []
    for _ in 0..<rounds {
      var sum = [Double](repeating: 0, count: width)
      for _ in clusters.indices {
        let row = clusters[generator.below(clusters.count)]
        for index in 0..<width { sum[index] += row[index] }
      }
      for (index, figure) in figures(sum).enumerated() {
        if index == values.count { values.append([]) }
        if let figure { values[index].append(figure) }
      }
    }
    let tail = (1 - confidence) / 2
    return values.map { drawn in
      guard drawn.count * 2 >= rounds, !drawn.isEmpty else { return nil }
      let sorted = drawn.sorted()
      return Interval(low: Quantiles.of(sorted: sorted, tail), high: Quantiles.of(sorted: sorted, 1 - tail))
    }
  }
}

/// Quantiles of samples.
public enum Quantiles {
  /// By linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).
  ///
  /// - Parameter sorted: by rising value, at least one.
  public static func of(sorted: [Double], _ probability: Double) -> Double {
    precondition(!sorted.isEmpty, "a quantile needs a value")
    let position = Double(sorted.count - 1) * min(max(probability, 0), 1)
    let low = Int(position)
    guard low + 1 < sorted.count else { return sorted[sorted.count - 1] }
    return sorted[low] + (sorted[low + 1] - sorted[low]) * (position - Double(low))
  }
}
