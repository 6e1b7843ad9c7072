/// What one sampled picture showed.
public struct Observation: Sendable, Hashable {
  /// Seconds on the media clock; 0 is the first picture shown.
  public var time: Double
  /// By falling score, from the model's `thresholds.low` up.
  public var detections: [Detection]
  /// The picture itself, small; nil where the source of the observations had no picture.
  public var thumbnail: Thumbnail?

  public init(time: Double, detections: [Detection], thumbnail: Thumbnail? = nil) {
    self.time = time
    self.detections = detections
    self.thumbnail = thumbnail
  }
}
