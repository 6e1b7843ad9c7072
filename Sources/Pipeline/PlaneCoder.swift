/// Packs planes of bytes without loss.
///
/// Each row is told by its difference from the same row of the picture before or from its own neighbours, whichever is smaller
/// (the neighbours' prediction is the median of LOCO-I: Weinberger, Seroussi and Sapiro, 2000), in Rice's codes (Rice, 1979). A
/// row that did not change takes two bits.
struct PlaneEncoder {
  private(set) var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var count = 0

  /// - Parameter previous: the plane before, of the same size; nil for the first.
  mutating func write(_ plane: [UInt8], width: Int, previous: [UInt8]?) {
    var across = [UInt8](repeating: 0, count: width)
    var along = [UInt8](repeating: 0, count: width)
    for start in stride(from: 0, to: plane.count, by: width) {
      var (sumAcross, sumAlong) = (0, 0)
      for column in 0..<width {
        let value = plane[start + column]
        along[column] = PlaneCode.folded(value &- PlaneCode.neighbours(plane, start, column, width))
        sumAlong += Int(along[column])
        if let previous {
          across[column] = PlaneCode.folded(value &- previous[start + column])
          sumAcross += Int(across[column])
        }
      }
      if previous != nil, sumAcross == 0 {
        put(PlaneCode.same, 2)
      } else if previous != nil, sumAcross <= sumAlong {
        put(PlaneCode.across, 2)
        write(across, sum: sumAcross)
      } else {
        put(PlaneCode.along, 2)
        write(along, sum: sumAlong)
      }
    }
  }

  private mutating func write(_ row: [UInt8], sum: Int) {
    var shift = 0
    while shift < 7, row.count << (shift + 1) <= sum { shift += 1 }
    put(UInt64(shift), 3)
    for value in row {
      let quotient = Int(value) >> shift
      if quotient < PlaneCode.escape {
        put((1 << UInt64(quotient) - 1) << 1, quotient + 1)
        put(UInt64(value) & (1 << UInt64(shift) - 1), shift)
      } else {
        put(1 << UInt64(PlaneCode.escape) - 1, PlaneCode.escape)
        put(UInt64(value), 8)
      }
    }
  }

  /// Ends the last byte.
  mutating func finish() {
    if count > 0 { put(0, 8 - count) }
  }

  private mutating func put(_ value: UInt64, _ bits: Int) {
    pending = pending << UInt64(bits) | value
    count += bits
    while count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(count)))
    }
  }
}

/// Unpacks what `PlaneEncoder` packed; of bytes that it did not, it makes something of the right size.
struct PlaneDecoder {
  private let bytes: [UInt8]
  private var at: Int
  private var pending: UInt64 = 0
  private var count = 0

  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    at = start
  }

  mutating func read(width: Int, height: Int, previous: [UInt8]?) -> [UInt8] {
    var plane = [UInt8](repeating: 0, count: width * height)
    for start in stride(from: 0, to: plane.count, by: width) {
      let mode = take(2)
      if mode == PlaneCode.same {
        for column in 0..<width { plane[start + column] = previous?[start + column] ?? 0 }
        continue
      }
      let shift = Int(take(3))
      for column in 0..<width {
        let quotient = ones()
        let folded = quotient < PlaneCode.escape ? UInt64(quotient) << UInt64(shift) | take(shift) : take(8)
        let predicted =
          mode == PlaneCode.across
          ? previous?[start + column] ?? 0 : PlaneCode.neighbours(plane, start, column, width)
        plane[start + column] = predicted &+ PlaneCode.unfolded(UInt8(truncatingIfNeeded: folded))
      }
    }
    return plane
  }

  /// How many ones come next, at most `escape`, and the zero after fewer.
  private mutating func ones() -> Int {
    fill()
    let ones = min((~(pending << UInt64(64 - count))).leadingZeroBitCount, PlaneCode.escape)
    count -= ones < PlaneCode.escape ? ones + 1 : ones
    return ones
  }

  private mutating func take(_ bits: Int) -> UInt64 {
    fill()
    count -= bits
    return (pending >> UInt64(count)) & (1 << UInt64(bits) - 1)
  }

  private mutating func fill() {
    while count <= 56 {
      pending = pending << 8 | UInt64(at < bytes.count ? bytes[at] : 0)
      at += 1
      count += 8
    }
  }
}

private enum PlaneCode {
  static let same: UInt64 = 0
  static let across: UInt64 = 1
  static let along: UInt64 = 2
  /// So many ones begin a value in plain.
  static let escape = 20

  /// A difference as a small whole number: 0, −1, 1, −2 … become 0, 1, 2, 3 ….
  static func folded(_ difference: UInt8) -> UInt8 {
    let signed = Int8(bitPattern: difference)
    return signed >= 0 ? difference << 1 : ~(difference << 1)
  }

  static func unfolded(_ value: UInt8) -> UInt8 { value & 1 == 0 ? value >> 1 : ~(value >> 1) }

  /// What the left, upper and upper left neighbours let expect.
  static func neighbours(_ plane: [UInt8], _ start: Int, _ column: Int, _ width: Int) -> UInt8 {
    guard start >= width else { return column > 0 ? plane[start + column - 1] : 128 }
    let above = plane[start - width + column]
    guard column > 0 else { return above }
    let left = plane[start + column - 1]
    let corner = plane[start - width + column - 1]
    if corner >= max(left, above) { return min(left, above) }
    if corner <= min(left, above) { return max(left, above) }
    return left &+ above &- corner
  }
}
