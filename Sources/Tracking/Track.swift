public import Geometry

/// One thing followed through the pictures, as of the last picture in which it was seen.
public struct Track: Sendable, Hashable, Codable {
  /// Unique within a tracker, from 1 in the order of first sight.
  public let id: Int
  /// The class name that its detections spoke for most, recent ones more.
  public internal(set) var label: String
  /// The last detection's.
  public internal(set) var score: Double
  /// The last detection's box.
  public internal(set) var box: Box
  /// The first detection's box.
  public let origin: Box
  /// The index of the last detection in the picture that held it.
  public internal(set) var detection: Int
  public let firstSeen: Double
  public internal(set) var lastSeen: Double
  /// The number of pictures in which it was seen.
  public internal(set) var looks: Int
  /// The centre's speed in box sizes per second; means nothing before the second look.
  public internal(set) var speed: Double
  /// How far the last detection was from where it was expected: the squared distance of the centres in standard deviations,
  /// two degrees of freedom. A large value says that the track may have gone over to another thing.
  public internal(set) var surprise: Double

  /// Where the centre goes, in fractions of the picture a second; means nothing before the second look.
  public var velocity: Point { Point(x: filter.x.velocity, y: filter.y.velocity) }

  package var filter: BoxFilter
  /// Class names with their fading sums of scores.
  package var votes: [String: Double]
}
