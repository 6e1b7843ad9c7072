/// A small grey picture with the colour differences beside it, for comparing what stands at a place at two times.
///
/// Planes are row by row, all of `width × height`, full range: luma 0…255, blue and red differences around 128.
public struct Thumbnail: Sendable, Hashable, Codable {
  public let width: Int
  public let height: Int
  public let luma: [UInt8]
  public let blueDifference: [UInt8]
  public let redDifference: [UInt8]

  /// Each plane must hold `width × height` values.
  public init(width: Int, height: Int, luma: [UInt8], blueDifference: [UInt8], redDifference: [UInt8]) {
    precondition(width > 0 && height > 0, "a thumbnail has at least one pixel")
    precondition(
      luma.count == width * height && blueDifference.count == luma.count && redDifference.count == luma.count,
      "a plane does not fit the thumbnail's size")
    self.width = width
    self.height = height
    self.luma = luma
    self.blueDifference = blueDifference
    self.redDifference = redDifference
  }
}
