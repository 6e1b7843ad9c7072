import Geometry
import Observation

/// Reads places of a thumbnail that are given in fractions of the picture.
struct ThumbnailSampler {
  let picture: Thumbnail
  /// The mean of each plane.
  let luma: Double
  let blue: Double
  let red: Double
  /// The mean distance of the colour differences from grey.
  let colourfulness: Double

  /// Below this the picture is grey: infra-red, or a camera without colour.
  static let greyLimit = 1.5

  init(_ picture: Thumbnail) {
    self.picture = picture
    let count = Double(picture.luma.count)
    luma = Double(picture.luma.reduce(0) { $0 + Int($1) }) / count
    blue = Double(picture.blueDifference.reduce(0) { $0 + Int($1) }) / count
    red = Double(picture.redDifference.reduce(0) { $0 + Int($1) }) / count
    var distance = 0
    for index in picture.blueDifference.indices {
      distance += abs(Int(picture.blueDifference[index]) - 128) + abs(Int(picture.redDifference[index]) - 128)
    }
    colourfulness = Double(distance) / count
  }

  var isGrey: Bool { colourfulness < Self.greyLimit }

  /// The box in the thumbnail's pixels, cut to the picture.
  private func pixels(_ box: Box, shiftX: Int, shiftY: Int) -> (x0: Double, y0: Double, x1: Double, y1: Double)? {
    guard let cut = box.clipped else { return nil }
    let (width, height) = (Double(picture.width), Double(picture.height))
    guard cut.width * width >= 4, cut.height * height >= 4 else { return nil }
    return (
      cut.x * width + Double(shiftX), cut.y * height + Double(shiftY), cut.maxX * width + Double(shiftX),
      cut.maxY * height + Double(shiftY)
    )
  }

  /// The luma of `side × side` cells of a place, each the mean of four samples between pixels; row by row.
  func cells(of box: Box, side: Int, shiftX: Int = 0, shiftY: Int = 0) -> [Double]? {
    guard let place = pixels(box, shiftX: shiftX, shiftY: shiftY) else { return nil }
    let (stepX, stepY) = ((place.x1 - place.x0) / Double(2 * side), (place.y1 - place.y0) / Double(2 * side))
    var cells = [Double](repeating: 0, count: side * side)
    for row in 0..<(2 * side) {
      let y = place.y0 + (Double(row) + 0.5) * stepY - 0.5
      for column in 0..<(2 * side) {
        let x = place.x0 + (Double(column) + 0.5) * stepX - 0.5
        cells[(row / 2) * side + column / 2] += luma(x, y) / 4
      }
    }
    return cells
  }

  /// The mean colour differences of a place's inner part, less the picture's means; nil in a grey picture.
  func colour(of box: Box) -> [Double]? {
    guard !isGrey, let place = pixels(box, shiftX: 0, shiftY: 0) else { return nil }
    let (marginX, marginY) = ((place.x1 - place.x0) * 0.2, (place.y1 - place.y0) * 0.2)
    let columns = clamp(place.x0 + marginX, picture.width)...clamp(place.x1 - marginX, picture.width)
    let rows = clamp(place.y0 + marginY, picture.height)...clamp(place.y1 - marginY, picture.height)
    var (blues, reds) = (0, 0)
    for row in rows {
      for column in columns {
        blues += Int(picture.blueDifference[row * picture.width + column])
        reds += Int(picture.redDifference[row * picture.width + column])
      }
    }
    let count = Double(rows.count * columns.count)
    return [Double(blues) / count - blue, Double(reds) / count - red]
  }

  private func clamp(_ value: Double, _ side: Int) -> Int { max(0, min(side - 1, Int(value))) }

  /// Between pixels, edges continued.
  private func luma(_ x: Double, _ y: Double) -> Double {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (shareX, shareY) = (x - left, y - top)
    let (x0, x1) = (clampFloor(left, picture.width), clampFloor(left + 1, picture.width))
    let (y0, y1) = (
      clampFloor(top, picture.height) * picture.width, clampFloor(top + 1, picture.height) * picture.width
    )
    let upper = Double(picture.luma[y0 + x0]) * (1 - shareX) + Double(picture.luma[y0 + x1]) * shareX
    let lower = Double(picture.luma[y1 + x0]) * (1 - shareX) + Double(picture.luma[y1 + x1]) * shareX
    return upper * (1 - shareY) + lower * shareY
  }

  private func clampFloor(_ value: Double, _ side: Int) -> Int { max(0, min(side - 1, Int(value))) }
}
