public import Formats
import Geometry
public import Video

/// Which pixels of a picture privacy zones hide: all that a zone covers, wholly or in part.
public struct PrivacyMask: Sendable {
  private let polygons: [Polygon]

  public init(_ zones: [Zone]) { polygons = zones.filter { $0.kind == .privacy }.map(\.polygon) }

  /// There is nothing to hide.
  public var isEmpty: Bool { polygons.isEmpty }

  public func runs(width: Int, height: Int) -> [PixelRun] {
    polygons.flatMap { Self.runs($0, width: width, height: height) }
  }

  /// The pixels that a polygon touches, row by row.
  static func runs(_ polygon: Polygon, width: Int, height: Int) -> [PixelRun] {
    var covered = [Bool](repeating: false, count: width * height)
    mark(polygon, x: 0..<width, y: 0..<height, width: width, height: height, &covered)
    var runs: [PixelRun] = []
    for row in 0..<height {
      var start: Int?
      for column in 0...width {
        let isCovered = column < width && covered[row * width + column]
        if isCovered, start == nil { start = column }
        if !isCovered, let first = start {
          runs.append(PixelRun(row: row, columns: first..<column))
          start = nil
        }
      }
    }
    return runs
  }

  /// Halves what the polygon covers in part until it is a pixel.
  private static func mark(
    _ polygon: Polygon, x: Range<Int>, y: Range<Int>, width: Int, height: Int, _ covered: inout [Bool]
  ) {
    let block = Box(
      x: Double(x.lowerBound) / Double(width), y: Double(y.lowerBound) / Double(height),
      width: Double(x.count) / Double(width), height: Double(y.count) / Double(height))
    let share = polygon.coverage(of: block)
    guard share > 0 else { return }
    if share > 1 - 1e-9 || x.count == 1 && y.count == 1 {
      for row in y {
        for column in x { covered[row * width + column] = true }
      }
    } else if x.count >= y.count {
      let middle = x.lowerBound + x.count / 2
      mark(polygon, x: x.lowerBound..<middle, y: y, width: width, height: height, &covered)
      mark(polygon, x: middle..<x.upperBound, y: y, width: width, height: height, &covered)
    } else {
      let middle = y.lowerBound + y.count / 2
      mark(polygon, x: x, y: y.lowerBound..<middle, width: width, height: height, &covered)
      mark(polygon, x: x, y: middle..<y.upperBound, width: width, height: height, &covered)
    }
  }
}
