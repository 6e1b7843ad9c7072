/// How stored rows and columns are to be turned for display: the eight cases of EXIF's orientation tag, same numbers.
package enum Orientation: Int, CaseIterable, Sendable {
  case upright = 1
  case mirrored
  case halfTurn
  case flipped
  /// Mirrored along the main diagonal: displayed (x, y) shows stored (y, x).
  case transposed
  /// Turned a quarter clockwise.
  case quarterTurn
  /// Mirrored along the other diagonal.
  case transversed
  /// Turned a quarter anticlockwise.
  case threeQuarterTurn

  package var swapsSides: Bool { rawValue >= 5 }

  /// From a 3 × 3 display matrix of ISO 14496-12, row by row: (x', y') = (a x + c y, b x + d y); other angles than quarter
  /// turns are taken for the nearest.
  package init(matrix: [Int32]) {
    guard matrix.count == 9 else {
      self = .upright
      return
    }
    let (a, b, c, d) = (Int64(matrix[0]), Int64(matrix[1]), Int64(matrix[3]), Int64(matrix[4]))
    if abs(a) + abs(d) >= abs(b) + abs(c) {
      self =
        switch (a < 0, d < 0) {
        case (false, false): .upright
        case (true, false): .mirrored
        case (true, true): .halfTurn
        case (false, true): .flipped
        }
    } else {
      self =
        switch (b < 0, c < 0) {
        case (false, false): .transposed
        case (false, true): .quarterTurn
        case (true, true): .transversed
        case (true, false): .threeQuarterTurn
        }
    }
  }
}

extension Orientation {
  /// The display matrix of ISO 14496-12 that says the same, without a shift.
  package var matrix: [Int32] {
    let one: Int32 = 1 << 16
    let (a, b, c, d): (Int32, Int32, Int32, Int32) =
      switch self {
      case .upright: (one, 0, 0, one)
      case .mirrored: (-one, 0, 0, one)
      case .halfTurn: (-one, 0, 0, -one)
      case .flipped: (one, 0, 0, -one)
      case .transposed: (0, one, one, 0)
      case .quarterTurn: (0, one, -one, 0)
      case .transversed: (0, -one, -one, 0)
      case .threeQuarterTurn: (0, -one, one, 0)
      }
    return [a, b, 0, c, d, 0, 0, 0, 1 << 30]
  }
}

/// Writes a plane as it is displayed. `width` and `height` are those of the stored plane.
package func turnPlane(
  _ source: UnsafePointer<UInt8>, _ sourceStride: Int, width: Int, height: Int, _ orientation: Orientation,
  into target: UnsafeMutablePointer<UInt8>, _ targetStride: Int
) {
  // Displayed (x, y) is read at start + x * column + y * row of the stored plane.
  let (start, column, row): (Int, Int, Int) =
    switch orientation {
    case .upright: (0, 1, sourceStride)
    case .mirrored: (width - 1, -1, sourceStride)
    case .halfTurn: ((height - 1) * sourceStride + width - 1, -1, -sourceStride)
    case .flipped: ((height - 1) * sourceStride, 1, -sourceStride)
    case .transposed: (0, sourceStride, 1)
    case .quarterTurn: ((height - 1) * sourceStride, -sourceStride, 1)
    case .transversed: ((height - 1) * sourceStride + width - 1, -sourceStride, -1)
    case .threeQuarterTurn: (width - 1, sourceStride, -1)
    }
  let (columns, rows) = orientation.swapsSides ? (height, width) : (width, height)
  // Tiles keep the strided reads of a quarter turn in the cache.
  let tile = orientation.swapsSides ? 32 : max(columns, 1)
  for left in stride(from: 0, to: columns, by: tile) {
    let right = min(left + tile, columns)
    for y in 0..<rows {
      var from = source + (start + y * row + left * column)
      let to = target + y * targetStride
      for x in left..<right {
        to[x] = from.pointee
        from += column
      }
    }
  }
}
