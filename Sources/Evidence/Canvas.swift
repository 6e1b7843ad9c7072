public import Geometry
public import Video

/// A picture to draw on.
///
/// Places are fractions of the picture; what falls outside is not drawn.
public struct Canvas: Sendable {
  /// With a colour sample for each luma sample.
  public private(set) var planes: PicturePlanes

  public init(_ picture: Picture) {
    let source = picture.planes
    guard source.subsampling != .yuv444 else {
      planes = source
      return
    }
    planes = PicturePlanes(
      width: source.width, height: source.height, subsampling: .yuv444, matrix: source.matrix,
      isFullRange: source.isFullRange)
    planes.luma = source.luma
    planes.blueDifference = Self.spread(source.blueDifference, of: source)
    planes.redDifference = Self.spread(source.redDifference, of: source)
  }

  /// A grey canvas, 0…255.
  public init(width: Int, height: Int, grey: UInt8 = 0) {
    planes = PicturePlanes(width: width, height: height, subsampling: .yuv444, luma: grey)
  }

  /// The picture as it is now.
  public var picture: Picture { Picture(planes) }

  private var width: Int { planes.width }
  private var height: Int { planes.height }

  /// Each colour sample for all the luma samples that share it.
  private static func spread(_ plane: [UInt8], of source: PicturePlanes) -> [UInt8] {
    let stepX = source.subsampling == .yuv444 ? 1 : 2
    let stepY = source.subsampling == .yuv420 ? 2 : 1
    var full: [UInt8] = []
    full.reserveCapacity(source.width * source.height)
    for y in 0..<source.height {
      let row = y / stepY * source.chromaWidth
      for x in 0..<source.width { full.append(plane[row + x / stepX]) }
    }
    return full
  }

  /// Pixels of a line that is easily seen at this size.
  public var lineWidth: Int { max(1, (min(width, height) + 120) / 240) }

  /// Screen pixels for each pixel of the font.
  private var fontScale: Int { max(1, (min(width, height) + 150) / 300) }

  public mutating func stroke(_ box: Box, _ colour: Colour) {
    let left = column(box.x)
    let right = column(box.maxX)
    let top = row(box.y)
    let bottom = row(box.maxY)
    let line = lineWidth
    fill(x: left, y: top, width: right - left + 1, height: line, colour)
    fill(x: left, y: bottom - line + 1, width: right - left + 1, height: line, colour)
    fill(x: left, y: top, width: line, height: bottom - top + 1, colour)
    fill(x: right - line + 1, y: top, width: line, height: bottom - top + 1, colour)
  }

  public mutating func stroke(_ polygon: Polygon, _ colour: Colour) {
    var previous = polygon.corners[polygon.corners.count - 1]
    for corner in polygon.corners {
      line(from: previous, to: corner, colour)
      previous = corner
    }
  }

  /// Blackens what lies in the polygon, and the pixels on its edge.
  public mutating func blacken(_ polygon: Polygon) {
    planes.blacken(PrivacyMask.runs(polygon, width: width, height: height))
  }

  /// Writes on a dark ground. The place is the text's lower left corner; the text is moved to stay within the picture.
  public mutating func write(_ text: String, above place: Point, _ colour: Colour) {
    let scale = fontScale
    let textWidth = (text.count * (Font.width + 1) + 1) * scale
    let textHeight = (Font.height + 2) * scale
    let x = max(0, min(column(place.x), width - textWidth))
    let y = max(0, min(row(place.y) - textHeight, height - textHeight))
    fill(x: x, y: y, width: textWidth, height: textHeight, .black)
    for (index, character) in text.enumerated() {
      for (line, bits) in Font.rows(character).enumerated() {
        for bit in 0..<Font.width where bits >> UInt8(Font.width - 1 - bit) & 1 == 1 {
          fill(
            x: x + (1 + index * (Font.width + 1) + bit) * scale, y: y + (1 + line) * scale, width: scale, height: scale,
            colour)
        }
      }
    }
  }

  /// In pixels.
  private mutating func fill(x: Int, y: Int, width: Int, height: Int, _ colour: Colour) {
    let (left, right) = (max(x, 0), min(x + width, self.width))
    guard left < right else { return }
    let sample = Sample(colour, planes)
    for row in max(y, 0)..<max(min(y + height, self.height), max(y, 0)) {
      for column in left..<right { set(column, row, sample) }
    }
  }

  private mutating func line(from: Point, to: Point, _ colour: Colour) {
    let (x0, y0) = (from.x * Double(width), from.y * Double(height))
    let (x1, y1) = (to.x * Double(width), to.y * Double(height))
    // A line far outside must not cost more than the picture is large.
    let steps = min(Int(max(abs(x1 - x0), abs(y1 - y0)).rounded(.up)), 8 * (width + height))
    for step in 0...max(steps, 1) {
      let share = Double(step) / Double(max(steps, 1))
      let (x, y) = (Int(x0 + (x1 - x0) * share), Int(y0 + (y1 - y0) * share))
      fill(x: x - lineWidth / 2, y: y - lineWidth / 2, width: lineWidth, height: lineWidth, colour)
    }
  }

  private mutating func set(_ x: Int, _ y: Int, _ colour: Sample) {
    let index = y * width + x
    planes.luma[index] = colour.luma
    planes.blueDifference[index] = colour.blueDifference
    planes.redDifference[index] = colour.redDifference
  }

  private func column(_ x: Double) -> Int { Int((min(max(x, -1), 2) * Double(width - 1)).rounded()) }
  private func row(_ y: Double) -> Int { Int((min(max(y, -1), 2) * Double(height - 1)).rounded()) }
}

/// A colour, each part 0…255.
public struct Colour: Sendable, Hashable {
  public var red: Double
  public var green: Double
  public var blue: Double

  public init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let black = Colour(red: 0, green: 0, blue: 0)
  public static let white = Colour(red: 255, green: 255, blue: 255)
  public static let red = Colour(red: 255, green: 60, blue: 50)
  public static let amber = Colour(red: 255, green: 190, blue: 40)
  public static let green = Colour(red: 70, green: 220, blue: 110)
  public static let blue = Colour(red: 90, green: 170, blue: 255)

  /// One of a few colours far apart, the same for the same name.
  public static func named(_ name: String) -> Colour {
    let colours = [
      red, amber, green, blue, Colour(red: 220, green: 120, blue: 255), Colour(red: 80, green: 230, blue: 230),
      Colour(red: 255, green: 140, blue: 190), Colour(red: 200, green: 230, blue: 90),
    ]
    let sum = name.utf8.reduce(7) { ($0 * 31 + Int($1)) % 1_000_003 }
    return colours[sum % colours.count]
  }
}

/// A colour in the terms of one picture.
private struct Sample {
  let luma: UInt8
  let blueDifference: UInt8
  let redDifference: UInt8

  init(_ colour: Colour, _ planes: PicturePlanes) {
    let (kr, kb) = (planes.matrix.redWeight, planes.matrix.blueWeight)
    let y = kr * colour.red + (1 - kr - kb) * colour.green + kb * colour.blue
    let blue = (colour.blue - y) / (2 * (1 - kb))
    let red = (colour.red - y) / (2 * (1 - kr))
    let (scale, offset, chroma) = planes.isFullRange ? (1, 0, 1) : (219 / 255.0, 16.0, 224 / 255.0)
    func byte(_ value: Double) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
    luma = byte(y * scale + offset)
    blueDifference = byte(blue * chroma + 128)
    redDifference = byte(red * chroma + 128)
  }
}
