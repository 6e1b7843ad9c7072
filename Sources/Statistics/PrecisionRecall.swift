/// Precision and recall over all thresholds of a score.
public struct PrecisionRecallCurve: Sendable, Hashable {
  /// What holds when everything from `score` up counts.
  public struct Point: Sendable, Hashable {
    public var score: Double
    public var precision: Double
    public var recall: Double

    public init(score: Double, precision: Double, recall: Double) {
      self.score = score
      self.precision = precision
      self.recall = recall
    }
  }

  /// By falling score, one point for each distinct score.
  public let points: [Point]
  /// How many there were to find.
  public let positives: Int

  /// - Parameters:
  ///   - scores: of what was found, each right or wrong.
  ///   - positives: how many there were to find, at least the number of right ones.
  public init(_ scores: [(score: Double, right: Bool)], positives: Int) {
    self.positives = positives
    let sorted = scores.sorted { $0.score > $1.score }
    var points: [Point] = []
    var right = 0
    for (index, entry) in sorted.enumerated() {
      if entry.right { right += 1 }
      // Equal scores stand or fall together.
      if index + 1 < sorted.count, sorted[index + 1].score == entry.score { continue }
      points.append(
        Point(
          score: entry.score, precision: Double(right) / Double(index + 1),
          recall: positives > 0 ? Double(right) / Double(positives) : 0))
    }
    self.points = points
  }

  /// Σ (recallₙ − recallₙ₋₁) · precisionₙ without interpolation; nil where there was nothing to find.
  public var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var sum = 0.0
    var recall = 0.0
    for point in points {
      sum += (point.recall - recall) * point.precision
      recall = point.recall
    }
    return sum
  }

  /// The mean over recalls 0, 0.01 … 1 of the best precision at that recall or beyond, as COCO has it; nil where there was
  /// nothing to find.
  ///
  /// - Parameter hits: right or wrong, in the order in which they count (by falling score).
  public static func averagePrecision101(_ hits: [Bool], positives: Int) -> Double? {
    guard positives > 0 else { return nil }
    var precision: [Double] = []
    var recall: [Double] = []
    var right = 0
    for (index, hit) in hits.enumerated() {
      if hit { right += 1 }
      precision.append(Double(right) / Double(index + 1))
      recall.append(Double(right) / Double(positives))
    }
    for index in precision.indices.dropLast().reversed() {
      precision[index] = max(precision[index], precision[index + 1])
    }
    var sum = 0.0
    var at = 0
    for step in 0...100 {
      while at < recall.count, recall[at] < Self.recallSteps[step] { at += 1 }
      if at < recall.count { sum += precision[at] }
    }
    return sum / 101
  }

  /// 0, 0.01 … 1 as `step × 0.01` rounds them, which is how COCO's evaluation has them.
  private static let recallSteps: [Double] = (0...100).map { $0 == 100 ? 1 : Double($0) * 0.01 }
}
