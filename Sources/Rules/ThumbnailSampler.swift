import Geometry
import Observation

/// Reads places of a thumbnail that are given in fractions of the picture.
struct ThumbnailSampler {
  let picture: Thumbnail
  /// The picture over cells, with its means.
  let grid: SceneGrid

  /// Below this the picture is grey: infra-red, or a camera without colour.
  static let greyLimit = 1.5

  init(_ picture: Thumbnail) {
    self.picture = picture
    grid = SceneGrid(picture)
  }

  var contrast: Double { grid.contrast }
  var isGrey: Bool { grid.colourfulness < Self.greyLimit }

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
    let columns = (0..<(2 * side)).map { Position(place.x0 + (Double($0) + 0.5) * stepX - 0.5, picture.width) }
    var cells = [Double](repeating: 0, count: side * side)
    for row in 0..<(2 * side) {
      let y = Position(place.y0 + (Double(row) + 0.5) * stepY - 0.5, picture.height)
      let (upper, lower) = (y.first * picture.width, y.second * picture.width)
      for column in 0..<(2 * side) {
        let x = columns[column]
        let above =
          Double(picture.luma[upper + x.first]) * (1 - x.share) + Double(picture.luma[upper + x.second]) * x.share
        let below =
          Double(picture.luma[lower + x.first]) * (1 - x.share) + Double(picture.luma[lower + x.second]) * x.share
        cells[(row / 2) * side + column / 2] += (above * (1 - y.share) + below * y.share) / 4
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
    return [Double(blues) / count - grid.meanBlue, Double(reds) / count - grid.meanRed]
  }

  private func clamp(_ value: Double, _ side: Int) -> Int { max(0, min(side - 1, Int(value))) }

  /// Between which two pixels a coordinate lies, edges continued.
  private struct Position {
    let first: Int
    let second: Int
    let share: Double

    init(_ value: Double, _ side: Int) {
      let floor = value.rounded(.down)
      share = value - floor
      first = max(0, min(side - 1, Int(floor)))
      second = max(0, min(side - 1, Int(floor) + 1))
    }
  }
}
