/// An upright rectangle in fractions of the displayed picture: origin top left, `x` right, `y` down.
///
/// Width and height are not negative. A box may reach beyond the picture (0…1); `clipped` cuts it.
public struct Box: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The box between two opposite corners, given in any order.
  public init(from a: Point, to b: Point) {
    self.init(x: min(a.x, b.x), y: min(a.y, b.y), width: abs(a.x - b.x), height: abs(a.y - b.y))
  }

  /// The whole picture.
  public static let picture = Box(x: 0, y: 0, width: 1, height: 1)

  public var maxX: Double { x + width }
  public var maxY: Double { y + height }
  public var area: Double { width * height }
  public var centre: Point { Point(x: x + width / 2, y: y + height / 2) }

  /// The part that both boxes share, or nil where they share no area.
  public func intersection(_ other: Box) -> Box? {
    let left = max(x, other.x)
    let top = max(y, other.y)
    let right = min(maxX, other.maxX)
    let bottom = min(maxY, other.maxY)
    guard right > left, bottom > top else { return nil }
    return Box(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The part within the picture, or nil where there is none.
  public var clipped: Box? { intersection(.picture) }

  /// Intersection over union (IoU), 0…1; 0 where both are empty.
  public func iou(_ other: Box) -> Double {
    guard let shared = intersection(other)?.area else { return 0 }
    let union = area + other.area - shared
    return union > 0 ? min(shared / union, 1) : 0
  }

  /// The share of this box's area that lies in the other, 0…1; 0 where this box is empty.
  public func covered(by other: Box) -> Double {
    guard area > 0, let shared = intersection(other)?.area else { return 0 }
    return min(shared / area, 1)
  }

  public func contains(_ point: Point) -> Bool {
    point.x >= x && point.x <= maxX && point.y >= y && point.y <= maxY
  }

  /// Where an upright object meets the ground: the lower band of its box, `share` of the height (0…1).
  public func groundContact(share: Double = 0.25) -> Box {
    Box(x: x, y: maxY - height * share, width: width, height: height * share)
  }
}
