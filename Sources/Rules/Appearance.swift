import Geometry
import Observation

/// How the picture at a place looked: a pattern of light and dark that gain and offset do not change, and its mean colour.
///
/// Pixels at a fixed place are compared, not the box of a new detection: a thing that stands covers the same pixels, so that the
/// detector's jitter does not matter.
struct Appearance: Sendable, Hashable, Codable {
  static let side = 8

  /// The luma of `side × side` cells, less its mean, over its standard deviation, times 32; row by row.
  let pattern: [Int8]
  /// The standard deviation of the cells' luma.
  let contrast: Double
  /// The standard deviation of the whole picture's luma.
  let sceneContrast: Double
  /// The inner part's mean colour differences, less the whole picture's; nil in a picture without colour (infra-red).
  let colour: [Double]?

  /// Nil where the place covers less than four pixels of the thumbnail's width or height.
  init?(_ box: Box, in picture: ThumbnailSampler, shiftX: Int = 0, shiftY: Int = 0) {
    guard let cells = picture.cells(of: box, side: Self.side, shiftX: shiftX, shiftY: shiftY) else { return nil }
    let count = Double(cells.count)
    let mean = cells.reduce(0, +) / count
    let deviation = (cells.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    let gain = deviation > 0 ? 32 / deviation : 0
    pattern = cells.map { Int8(max(-127, min(127, (($0 - mean) * gain).rounded()))) }
    contrast = deviation
    sceneContrast = picture.contrast
    colour = picture.colour(of: box)
  }

  /// The correlation of two patterns, -1…1.
  func correlation(_ other: Appearance) -> Double {
    var (product, own, others) = (0, 0, 0)
    for index in pattern.indices {
      let (a, b) = (Int(pattern[index]), Int(other.pattern[index]))
      product += a * b
      own += a * a
      others += b * b
    }
    guard own > 0, others > 0 else { return 0 }
    return Double(product) / (Double(own) * Double(others)).squareRoot()
  }

  /// The difference of the mean colours, 0…255; nil where one of the pictures had none.
  func colourDistance(_ other: Appearance) -> Double? {
    guard let colour, let theirs = other.colour else { return nil }
    let (blue, red) = (colour[0] - theirs[0], colour[1] - theirs[1])
    return (blue * blue + red * red).squareRoot()
  }

  /// How much the contrast at the place has changed beside that of the whole picture, as a ratio of at least 1.
  func contrastRatio(_ other: Appearance) -> Double {
    guard sceneContrast > 0, other.sceneContrast > 0, other.contrast > 0, contrast > 0 else { return .infinity }
    let ratio = contrast / sceneContrast * other.sceneContrast / other.contrast
    return max(ratio, 1 / ratio)
  }

  /// What a comparison says.
  enum Verdict: String, Sendable, Hashable, Codable {
    case same
    case unsure
    case other
  }

  /// Compares what is at a place now with this appearance, over shifts of a pixel of the thumbnail.
  func verdict(at box: Box, in picture: ThumbnailSampler, settings: RuleSettings) -> Verdict {
    guard contrast >= settings.leastContrast else { return .unsure }
    guard let now = Appearance(box, in: picture) else { return .unsure }
    let differs = (colourDistance(now) ?? 0) >= settings.otherColour || contrastRatio(now) >= settings.otherContrast
    var best = correlation(now)
    if best >= settings.sameAppearance { return differs ? .unsure : .same }
    // No shift of a pixel makes up for more than this.
    if best < settings.otherAppearance - 0.35 { return .other }
    for shiftY in -1...1 {
      for shiftX in -1...1 where (shiftX, shiftY) != (0, 0) {
        guard let shifted = Appearance(box, in: picture, shiftX: shiftX, shiftY: shiftY) else { continue }
        best = max(best, correlation(shifted))
      }
    }
    if best >= settings.sameAppearance { return differs ? .unsure : .same }
    return differs || best < settings.otherAppearance ? .other : .unsure
  }
}
