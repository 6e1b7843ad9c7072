/// How stored rows and columns are to be turned for display: the eight cases of EXIF's orientation tag, same numbers.
enum Orientation: Int {
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

  var swapsSides: Bool { rawValue >= 5 }

  /// From a 3 × 3 display matrix of ISO 14496-12, row by row: (x', y') = (a x + c y, b x + d y); other angles than quarter
  /// turns are taken for the nearest.
  init(matrix: [Int32]) {
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

/// Writes a plane as it is displayed. `width` and `height` are those of the stored plane.
func turnPlane(
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
