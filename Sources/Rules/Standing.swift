import Geometry

/// How far boxes are apart, in their own sizes.
enum Standing {
  /// How far a thing shifted as a whole from one box to another: each axis counts by the edge that moved least, and not at all
  /// where the two edges moved apart or together, so that a shadow, a door or a half-hidden thing is no movement.
  static func shift(from first: Box, to second: Box) -> Double {
    let width = (first.width + second.width) / 2
    let height = (first.height + second.height) / 2
    guard width > 0, height > 0 else { return 0 }
    let across = common(second.x - first.x, second.maxX - first.maxX) / width
    let along = common(second.y - first.y, second.maxY - first.maxY) / height
    return (across * across + along * along).squareRoot()
  }

  private static func common(_ a: Double, _ b: Double) -> Double {
    a * b > 0 ? min(abs(a), abs(b)) : 0
  }

  /// The median of each edge.
  static func median(_ boxes: [Box]) -> Box {
    let (left, right) = (median(boxes.map(\.x)), median(boxes.map(\.maxX)))
    let (top, bottom) = (median(boxes.map(\.y)), median(boxes.map(\.maxY)))
    return Box(x: left, y: top, width: max(right - left, 0), height: max(bottom - top, 0))
  }

  /// The middle value, or the mean of the two middle ones; 0 for none.
  static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }
}
