public import Formats
public import Tracking

/// What the rules need to know of the detector's model package.
public struct RuleModel: Sendable, Hashable, Codable {
  public var groups: ClassGroups
  public var score: ScoreThreshold
  public var low: ScoreThreshold
  /// Per type; the identity where nothing was fitted.
  public var calibration: [EventType: Calibration]
  /// Per type the least calibrated score that warns; 0 where none is written.
  public var warningThresholds: [EventType: Double]

  public init(
    groups: ClassGroups, score: ScoreThreshold = ScoreThreshold(0.4), low: ScoreThreshold = ScoreThreshold(0.1),
    calibration: [EventType: Calibration] = [:], warningThresholds: [EventType: Double] = [:]
  ) {
    self.groups = groups
    self.score = score
    self.low = low
    self.calibration = calibration
    self.warningThresholds = warningThresholds
  }

  public init(_ model: ModelDocument) {
    self.init(
      groups: model.classGroups,
      score: ScoreThreshold(model.thresholds.score), low: ScoreThreshold(model.thresholds.low),
      calibration: model.calibration, warningThresholds: model.warningThresholds)
  }
}

extension ScoreThreshold {
  init(_ threshold: ClassThreshold) { self.init(threshold.standard, exceptions: threshold.byClass) }
}
