import Foundation
import Geometry
import Testing

@Suite("polygons")
struct PolygonTests {
  func points(_ pairs: [(Double, Double)]) -> [Point] { pairs.map { Point(x: $0.0, y: $0.1) } }

  @Test("what is no polygon is refused with its reason")
  func refused() {
    func error(_ pairs: [(Double, Double)]) -> PolygonError? {
      do {
        _ = try Polygon(points(pairs))
        return nil
      } catch {
        return error
      }
    }
    #expect(error([(0, 0), (1, 0)]) == .tooFewCorners(2))
    #expect(error([(0, 0), (1, .nan), (1, 1)]) == .notFinite(corner: 1))
    #expect(error([(0, 0), (1, 1), (1, 0), (0, 1)]) == .crossing(edge: 0, other: 2))
    // A corner on another edge, a spike, a corner twice.
    #expect(error([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)]) != nil)
    #expect(error([(0, 0), (1, 0), (0.5, 0), (0.5, 1)]) != nil)
    #expect(error([(0, 0), (0, 0), (1, 0), (1, 1)]) != nil)
    #expect(error([(0, 0), (0.5, 0.5), (1, 1)]) != nil)
    #expect(error([(0, 0), (1, 0), (1, 1)]) == nil)
    // A corner in the middle of a straight side is allowed.
    #expect(error([(0, 0), (0.5, 0), (1, 0), (1, 1)]) == nil)
  }

  @Test("area and bounds of an L do not depend on the turn")
  func area() throws {
    let corners = points([(0, 0), (1, 0), (1, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)])
    for list in [corners, corners.reversed()] {
      let shape = try Polygon(list)
      #expect(abs(shape.area - 0.75) < 1e-12)
      #expect(shape.bounds == Box(x: 0, y: 0, width: 1, height: 1))
      #expect(shape.contains(Point(x: 0.25, y: 0.75)) && !shape.contains(Point(x: 0.75, y: 0.75)))
      #expect(abs(shape.coverage(of: Box(x: 0.4, y: 0.4, width: 0.2, height: 0.2)) - 0.75) < 1e-12)
      #expect(shape.coverage(of: Box(x: 0.6, y: 0.6, width: 0.2, height: 0.2)) == 0)
      #expect(shape.coverage(of: Box(x: 0, y: 0, width: 0, height: 0.2)) == 0)
    }
  }

  @Test("coverage agrees with counting points, convex or not", arguments: 0..<30)
  func coverage(seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func random() -> Double {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Double(state >> 11) / Double(1 << 53)
    }
    // A star around a centre never crosses itself.
    let count = 3 + Int(random() * 8)
    let angles = (0..<count).map { (Double($0) + random() * 0.8) / Double(count) * 2 * Double.pi }
    let star = try Polygon(
      angles.map { angle in
        let radius = 0.1 + random() * 0.4
        return Point(x: 0.5 + radius * cos(angle), y: 0.5 + radius * sin(angle))
      })
    let box = Box(x: random() * 0.6, y: random() * 0.6, width: 0.1 + random() * 0.3, height: 0.1 + random() * 0.3)
    let steps = 200
    var inside = 0
    for row in 0..<steps {
      for column in 0..<steps {
        let point = Point(
          x: box.x + (Double(column) + 0.5) / Double(steps) * box.width,
          y: box.y + (Double(row) + 0.5) / Double(steps) * box.height)
        if star.contains(point) { inside += 1 }
      }
    }
    #expect(abs(star.coverage(of: box) - Double(inside) / Double(steps * steps)) < 0.01)
  }

  @Test("a polygon comes back from its coded form, a crossing one is refused")
  func coding() throws {
    let shape = try Polygon(points([(0, 0), (1, 0), (1, 1)]))
    let data = try JSONEncoder().encode(shape)
    #expect(try JSONDecoder().decode(Polygon.self, from: data) == shape)
    let crossing = try JSONEncoder().encode(points([(0, 0), (1, 1), (1, 0), (0, 1)]))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Polygon.self, from: crossing) }
  }
}
