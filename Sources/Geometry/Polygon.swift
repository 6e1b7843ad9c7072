/// A polygon in fractions of the displayed picture, closed implicitly.
///
/// Invariants, checked at birth: at least three corners, all finite, edges that do not cross or touch, an area above zero.
public struct Polygon: Sendable, Hashable {
  public let corners: [Point]

  public init(_ corners: [Point]) throws(PolygonError) {
    guard corners.count >= 3 else { throw .tooFewCorners(corners.count) }
    for (index, corner) in corners.enumerated() where !(corner.x.isFinite && corner.y.isFinite) {
      throw .notFinite(corner: index)
    }
    if let (first, second) = Self.crossingEdges(corners) { throw .crossing(edge: first, other: second) }
    guard abs(Self.signedArea(corners)) > 1e-9 else { throw .noArea }
    self.corners = corners
  }

  /// A polygon of the box's four corners; the box's area must be above zero.
  public init(_ box: Box) throws(PolygonError) {
    try self.init([
      Point(x: box.x, y: box.y), Point(x: box.maxX, y: box.y), Point(x: box.maxX, y: box.maxY),
      Point(x: box.x, y: box.maxY),
    ])
  }

  /// In fractions of the picture's area.
  public var area: Double { abs(Self.signedArea(corners)) }

  /// The smallest upright box around the polygon.
  public var bounds: Box {
    var (low, high) = (corners[0], corners[0])
    for corner in corners {
      low = Point(x: min(low.x, corner.x), y: min(low.y, corner.y))
      high = Point(x: max(high.x, corner.x), y: max(high.y, corner.y))
    }
    return Box(from: low, to: high)
  }

  /// Whether the point lies inside, by the even-odd rule; points on an edge may fall on either side.
  public func contains(_ point: Point) -> Bool {
    var inside = false
    var previous = corners[corners.count - 1]
    for corner in corners {
      if (corner.y > point.y) != (previous.y > point.y) {
        let cut = previous.x + (point.y - previous.y) / (corner.y - previous.y) * (corner.x - previous.x)
        if point.x < cut { inside.toggle() }
      }
      previous = corner
    }
    return inside
  }

  /// The share of the box's area that lies inside the polygon, 0…1; 0 for an empty box.
  ///
  /// The polygon is clipped by the box (Sutherland and Hodgman, 1974), exact also where the polygon is concave, since the
  /// bridges that clipping leaves enclose no area.
  public func coverage(of box: Box) -> Double {
    guard box.area > 0 else { return 0 }
    var points = corners
    points = Self.clip(points, keep: { $0.x >= box.x }, cut: { Self.cut($0, $1, x: box.x) })
    points = Self.clip(points, keep: { $0.x <= box.maxX }, cut: { Self.cut($0, $1, x: box.maxX) })
    points = Self.clip(points, keep: { $0.y >= box.y }, cut: { Self.cut($0, $1, y: box.y) })
    points = Self.clip(points, keep: { $0.y <= box.maxY }, cut: { Self.cut($0, $1, y: box.maxY) })
    guard points.count >= 3 else { return 0 }
    return min(abs(Self.signedArea(points)) / box.area, 1)
  }

  private static func signedArea(_ points: [Point]) -> Double {
    var sum = 0.0
    var previous = points[points.count - 1]
    for point in points {
      sum += previous.x * point.y - point.x * previous.y
      previous = point
    }
    return sum / 2
  }

  private static func clip(_ points: [Point], keep: (Point) -> Bool, cut: (Point, Point) -> Point) -> [Point] {
    guard var previous = points.last else { return [] }
    var result: [Point] = []
    for point in points {
      if keep(point) != keep(previous) { result.append(cut(previous, point)) }
      if keep(point) { result.append(point) }
      previous = point
    }
    return result
  }

  private static func cut(_ a: Point, _ b: Point, x: Double) -> Point {
    Point(x: x, y: a.y + (x - a.x) / (b.x - a.x) * (b.y - a.y))
  }

  private static func cut(_ a: Point, _ b: Point, y: Double) -> Point {
    Point(x: a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x), y: y)
  }

  /// The first two edges that meet anywhere but in the corner that neighbours share, as indices of their first corners.
  private static func crossingEdges(_ corners: [Point]) -> (Int, Int)? {
    let count = corners.count
    for first in 0..<count {
      for second in (first + 1)..<count where second != first {
        let (a, b) = (corners[first], corners[(first + 1) % count])
        let (c, d) = (corners[second], corners[(second + 1) % count])
        if second == first + 1 {
          if folds(a, b, d) { return (first, second) }
        } else if (second + 1) % count == first {
          if folds(c, a, b) { return (first, second) }
        } else if meet(a, b, c, d) {
          return (first, second)
        }
      }
    }
    return nil
  }

  /// Twice the signed area of a triangle: above zero when the corners turn clockwise on the screen.
  private static func turn(_ a: Point, _ b: Point, _ c: Point) -> Double {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
  }

  /// Whether the path a, b, c comes back over itself.
  private static func folds(_ a: Point, _ b: Point, _ c: Point) -> Bool {
    guard turn(a, b, c) == 0 else { return false }
    return (a.x - b.x) * (c.x - b.x) + (a.y - b.y) * (c.y - b.y) >= 0
  }

  private static func meet(_ a: Point, _ b: Point, _ c: Point, _ d: Point) -> Bool {
    let (abc, abd) = (turn(a, b, c), turn(a, b, d))
    let (cda, cdb) = (turn(c, d, a), turn(c, d, b))
    if abc == 0 && liesBetween(a, b, c) || abd == 0 && liesBetween(a, b, d) { return true }
    if cda == 0 && liesBetween(c, d, a) || cdb == 0 && liesBetween(c, d, b) { return true }
    return (abc > 0) != (abd > 0) && (cda > 0) != (cdb > 0) && abc != 0 && abd != 0 && cda != 0 && cdb != 0
  }

  private static func liesBetween(_ a: Point, _ b: Point, _ p: Point) -> Bool {
    p.x >= min(a.x, b.x) && p.x <= max(a.x, b.x) && p.y >= min(a.y, b.y) && p.y <= max(a.y, b.y)
  }
}

/// Why a list of corners is no polygon.
public enum PolygonError: Error, Sendable, Equatable, CustomStringConvertible {
  case tooFewCorners(Int)
  case notFinite(corner: Int)
  /// Edges by the index of their first corner.
  case crossing(edge: Int, other: Int)
  case noArea

  public var description: String {
    switch self {
    case .tooFewCorners(let count): "a polygon needs at least three corners, here are \(count)"
    case .notFinite(let corner): "corner \(corner) is not a finite number"
    case .crossing(let edge, let other): "the polygon crosses itself: edge \(edge) meets edge \(other)"
    case .noArea: "the polygon encloses no area"
    }
  }
}
