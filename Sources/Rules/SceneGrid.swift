import Geometry
import Observation

/// A thumbnail averaged over square cells: the scale on which scenery is compared.
///
/// Invariant: each plane holds `columns × rows` values, row by row, in sixteenths of a grey value.
struct SceneGrid: Sendable, Hashable, Codable {
  /// Cells of the wider side: of a picture of 1280 columns a cell is 16 wide.
  static let cells = 80

  private(set) var columns: Int
  private(set) var rows: Int
  var luma: [Int16]
  var blue: [Int16]
  var red: [Int16]

  /// The whole picture's means, the standard deviation of its cells' luma, and the mean distance of its cells' colour from grey.
  private(set) var meanLuma = 0.0
  private(set) var meanBlue = 0.0
  private(set) var meanRed = 0.0
  private(set) var contrast = 0.0
  private(set) var colourfulness = 0.0

  init(_ picture: Thumbnail) {
    let step = max(1, (max(picture.width, picture.height) + Self.cells - 1) / Self.cells)
    columns = max(1, picture.width / step)
    rows = max(1, picture.height / step)
    luma = Self.averaged(picture.luma, picture.width, step, columns, rows)
    blue = Self.averaged(picture.blueDifference, picture.width, step, columns, rows)
    red = Self.averaged(picture.redDifference, picture.width, step, columns, rows)
    let count = Double(columns * rows)
    meanLuma = Double(luma.reduce(0) { $0 + Int($1) }) / count / 16
    meanBlue = Double(blue.reduce(0) { $0 + Int($1) }) / count / 16
    meanRed = Double(red.reduce(0) { $0 + Int($1) }) / count / 16
    var (squares, distance) = (0, 0)
    for index in luma.indices {
      squares += Int(luma[index]) * Int(luma[index])
      distance += abs(Int(blue[index]) - 2048) + abs(Int(red[index]) - 2048)
    }
    contrast = max(0, Double(squares) / count / 256 - meanLuma * meanLuma).squareRoot()
    colourfulness = Double(distance) / count / 16
    // Colour casts of the whole picture are light, not things.
    let (blueOffset, redOffset) = (Int16((meanBlue * 16).rounded()), Int16((meanRed * 16).rounded()))
    for index in blue.indices {
      blue[index] -= blueOffset
      red[index] -= redOffset
    }
  }

  /// The sums of `step × step` samples, scaled to sixteenths of a grey value.
  private static func averaged(_ plane: [UInt8], _ width: Int, _ step: Int, _ columns: Int, _ rows: Int) -> [Int16] {
    var cells = [Int16](repeating: 0, count: columns * rows)
    var sums = [UInt32](repeating: 0, count: columns * step)
    let scale = UInt32(step * step)
    for row in 0..<rows {
      for index in sums.indices { sums[index] = 0 }
      for y in row * step..<(row + 1) * step {
        let line = plane[y * width..<y * width + columns * step]
        var index = 0
        for value in line {
          sums[index] &+= UInt32(value)
          index &+= 1
        }
      }
      for column in 0..<columns {
        var sum: UInt32 = 0
        for x in column * step..<(column + 1) * step { sum &+= sums[x] }
        cells[row * columns + column] = Int16(truncatingIfNeeded: sum * 16 / scale)
      }
    }
    return cells
  }

  /// Whether both are of one size.
  func fits(_ other: SceneGrid) -> Bool { columns == other.columns && rows == other.rows }

  /// Moves each cell toward another grid's by `share`, not much under a hundredth.
  mutating func approach(_ other: SceneGrid, share: Double) {
    guard fits(other) else { return }
    let weight = Int32((max(0, min(1, share)) * 4096).rounded())
    func mixed(_ own: inout [Int16], _ theirs: [Int16]) {
      for index in own.indices {
        let change = Int32(theirs[index]) - Int32(own[index])
        // Rounded away from zero, so that small differences fade too.
        let step = (change * weight + (change > 0 ? 4095 : change < 0 ? -4095 : 0)) / 4096
        own[index] += Int16(clamping: step)
      }
    }
    mixed(&luma, other.luma)
    mixed(&blue, other.blue)
    mixed(&red, other.red)
  }

  /// The slope of luma across and along at a cell that is not on the edge.
  func slope(_ column: Int, _ row: Int) -> (x: Int, y: Int) {
    let index = row * columns + column
    return (
      Int(luma[index + 1]) - Int(luma[index - 1]), Int(luma[index + columns]) - Int(luma[index - columns])
    )
  }

  /// The box of a range of cells.
  func box(columns range: ClosedRange<Int>, rows lines: ClosedRange<Int>) -> Box {
    Box(
      x: Double(range.lowerBound) / Double(columns), y: Double(lines.lowerBound) / Double(rows),
      width: Double(range.count) / Double(columns), height: Double(lines.count) / Double(rows))
  }
}
