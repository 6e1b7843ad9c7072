public import Geometry

/// Something that a detector found in one picture.
public struct Detection: Sendable, Hashable {
  /// A class name of the model that found it.
  public var label: String
  /// 0…1.
  public var score: Double
  /// In fractions of the displayed picture, clipped to it.
  public var box: Box

  public init(label: String, score: Double, box: Box) {
    self.label = label
    self.score = score
    self.box = box
  }
}
