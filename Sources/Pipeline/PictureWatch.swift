public import Observation

/// Notices that a camera's pictures come but show nothing that rules may rely on.
///
/// - frozen: for 30 s nothing changes but at most 2 % of the picture (a burnt-in clock). A sensor's noise is change enough, so a
///   still street at night is not frozen.
/// - black: for 8 s nearly all is darker than any lit street and even.
/// - garbled: for 8 s a large part is the even grey that a decoder shows for what it lost, or neighbours in space and time have
///   nothing to do with each other.
///
/// Ends within two pictures once the pictures are good again.
public struct PictureWatch: Sendable {
  public enum Verdict: String, Sendable, Hashable {
    case good
    case frozen = "frozen-picture"
    case black = "black-picture"
    case garbled = "garbled-picture"
  }

  private let frozenSeconds = 30.0
  private let faultSeconds = 8.0
  /// The picture that the scene is held against for standing still, and since when.
  private var reference: Thumbnail?
  private var still: Double?
  private var previous: Thumbnail?
  private var black: Double?
  private var garbled: Double?

  public init() {}

  /// Takes in the next picture; times in seconds, rising.
  public mutating func look(_ picture: Thumbnail, at time: Double) -> Verdict {
    defer { previous = picture }
    if let reference, reference.width == picture.width, reference.height == picture.height,
      Self.changed(reference, picture) <= 0.02
    {
      still = still ?? time
    } else {
      reference = picture
      still = time
    }
    let noisy = previous.map { Self.isNoise(picture, $0) } ?? false
    black = Self.isBlack(picture) ? black ?? time : nil
    garbled = noisy || Self.greyShare(picture) >= 0.35 ? garbled ?? time : nil
    if let black, time - black >= faultSeconds { return .black }
    if let garbled, time - garbled >= faultSeconds { return .garbled }
    if let still, time - still >= frozenSeconds { return .frozen }
    return .good
  }

  private static let block = 8

  /// The share of blocks in which any sample differs by more than rounding.
  private static func changed(_ a: Thumbnail, _ b: Thumbnail) -> Double {
    share(of: a) { row, column, width, height in
      for y in row..<row + height {
        for x in column..<column + width {
          let index = y * a.width + x
          if abs(Int(a.luma[index]) - Int(b.luma[index])) > 1 { return true }
        }
      }
      return false
    }
  }

  /// The share of blocks that are even and middle grey without colour.
  private static func greyShare(_ picture: Thumbnail) -> Double {
    share(of: picture) { row, column, width, height in
      for y in row..<row + height {
        for x in column..<column + width {
          let luma = picture.luma[y * picture.width + x]
          if luma < 124 || luma > 132 { return false }
        }
      }
      let index = row * picture.width + column
      return abs(Int(picture.blueDifference[index]) - 128) <= 2 && abs(Int(picture.redDifference[index]) - 128) <= 2
    }
  }

  private static func share(of picture: Thumbnail, _ counts: (Int, Int, Int, Int) -> Bool) -> Double {
    var (found, all) = (0, 0)
    for row in stride(from: 0, to: picture.height, by: block) {
      for column in stride(from: 0, to: picture.width, by: block) {
        all += 1
        if counts(row, column, min(block, picture.width - column), min(block, picture.height - row)) { found += 1 }
      }
    }
    return all == 0 ? 0 : Double(found) / Double(all)
  }

  /// A lit street at night has lamps; a covered lens has none.
  private static func isBlack(_ picture: Thumbnail) -> Bool {
    let bright = picture.luma.reduce(into: 0) { if $1 > 32 { $0 += 1 } }
    return bright * 500 < picture.luma.count
  }

  /// Whether samples differ from their neighbours and from the picture before as only noise does.
  private static func isNoise(_ picture: Thumbnail, _ previous: Thumbnail) -> Bool {
    guard previous.luma.count == picture.luma.count, picture.luma.count > 1 else { return false }
    var (space, time) = (0, 0)
    for index in picture.luma.indices.dropFirst() {
      space += abs(Int(picture.luma[index]) - Int(picture.luma[index - 1]))
      time += abs(Int(picture.luma[index]) - Int(previous.luma[index]))
    }
    return space > 18 * picture.luma.count && time > 18 * picture.luma.count
  }
}
