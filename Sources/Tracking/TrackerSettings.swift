/// A score threshold, with exceptions by class name.
public struct ScoreThreshold: Sendable, Hashable, Codable {
  public var standard: Double
  public var exceptions: [String: Double]

  public init(_ standard: Double, exceptions: [String: Double] = [:]) {
    self.standard = standard
    self.exceptions = exceptions
  }

  public subscript(label: String) -> Double { exceptions[label] ?? standard }
}

/// What a tracker may assume.
///
/// Lengths are multiples of the thing's own width (horizontal) or height (vertical), times are seconds.
public struct TrackerSettings: Sendable, Hashable, Codable {
  /// Detections above this start tracks and are associated first.
  public var score: ScoreThreshold
  /// Detections between this and `score` only carry tracks on.
  public var low: ScoreThreshold
  /// Class names that a detector mixes up, as sets (`car`, `bus`, `truck`): a track may go on with any class that shares a set
  /// with its own.
  public var groups: [[String]]

  /// The least IoU at which a detection above `score` carries a track on.
  public var overlap = 0.2
  /// The least IoU at which a detection below `score` carries a track on.
  public var lowOverlap = 0.4
  /// How long a track that is not seen any more is kept; it has a chance at one picture at least.
  public var keepSeconds = 30.0
  /// As `keepSeconds`, for a track seen only once.
  public var keepUnconfirmedSeconds = 2.0
  /// Beyond this distance of pictures a velocity says nothing: only the last box's overlap counts.
  public var predictionSeconds = 3.0

  /// The usual speed of a moving thing, per second.
  public var speed = 1.0
  /// How long a thing keeps its velocity.
  public var speedMemorySeconds = 5.0
  /// The usual change of a box's width and height, per second.
  public var growth = 0.1
  /// The standard deviation of a detected box's centre and size.
  public var measurement = 0.05

  public init(score: ScoreThreshold, low: ScoreThreshold, groups: [[String]]) {
    self.score = score
    self.low = low
    self.groups = groups
  }
}
