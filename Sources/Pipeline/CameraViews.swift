public import Formats
public import Geometry

/// Which parts of the picture a camera's detector looks at: the whole picture, and crops around zones whose things would be small
/// in it.
///
/// How large a thing will be is read off its zone: a kerb, a pavement strip or a bin's place is about as wide as what stands on
/// it. The smallest come first, up to `viewsPerSample` network runs.
public enum CameraViews {
  /// A thing at least this high for the network gains little from a crop of its own.
  static let enoughPixels = 64.0
  /// A crop larger than this share of the picture's width and height shows little more than the picture.
  static let largestCrop = 0.7

  /// - Parameters:
  ///   - pictureWidth: of the displayed picture in pixels, as `pictureHeight`.
  ///   - inputWidth: of the network's picture in pixels, as `inputHeight`.
  /// - Returns: fractions of the picture; the first is the whole picture.
  public static func choose(
    for camera: CameraDocument, pictureWidth: Int, pictureHeight: Int, inputWidth: Int, inputHeight: Int
  ) -> [Box] {
    let (wide, high) = (Double(pictureWidth), Double(pictureHeight))
    let scale = min(Double(inputWidth) / wide, Double(inputHeight) / high)
    func crop(_ area: Box) -> Box { fitted(area, wide, high, Double(inputWidth), Double(inputHeight)) }
    var wanted: [(size: Double, area: Box)] = []
    for zone in camera.zones where zone.kind.eventType != nil {
      guard let bounds = zone.polygon.bounds.clipped else { continue }
      let size = thingSize(zone.polygon, wide, high)
      guard size * scale < enoughPixels else { continue }
      // A thing stands on its zone and rises above it; a margin keeps its sides and neighbours in view.
      let (across, along) = (2 * size / wide, 2 * size / high)
      let area = Box(
        from: Point(x: bounds.x - across, y: bounds.y - along),
        to: Point(x: bounds.maxX + across, y: bounds.maxY + along / 2))
      guard isCloser(crop(area)) else { continue }
      wanted.append((size, area))
    }
    wanted.sort { ($0.size, $0.area.x) < ($1.size, $1.area.x) }
    var areas: [Box] = []
    for (_, area) in wanted {
      if let index = areas.firstIndex(where: { isCloser(crop(union($0, area))) }) {
        areas[index] = union(areas[index], area)
      } else if areas.count + 1 < camera.viewsPerSample {
        areas.append(area)
      }
    }
    return [.picture] + areas.map(crop)
  }

  private static func isCloser(_ crop: Box) -> Bool { max(crop.width, crop.height) <= largestCrop }

  /// The height that a thing in the zone will have, in pixels: the zone's mean width across its length.
  private static func thingSize(_ polygon: Polygon, _ wide: Double, _ high: Double) -> Double {
    var length = 0.0
    for a in polygon.corners {
      for b in polygon.corners {
        let (x, y) = ((a.x - b.x) * wide, (a.y - b.y) * high)
        length = max(length, (x * x + y * y).squareRoot())
      }
    }
    return length > 0 ? polygon.area * wide * high / length : 0
  }

  /// Widened to the network's shape and to at least its size, and moved into the picture.
  private static func fitted(_ box: Box, _ wide: Double, _ high: Double, _ inputWide: Double, _ inputHigh: Double)
    -> Box
  {
    var (width, height) = (max(box.width * wide, inputWide), max(box.height * high, inputHigh))
    let ratio = inputWide / inputHigh
    if width / height < ratio { width = height * ratio } else { height = width / ratio }
    (width, height) = (min(width, wide), min(height, high))
    let centre = box.centre
    let x = min(max(centre.x * wide - width / 2, 0), wide - width)
    let y = min(max(centre.y * high - height / 2, 0), high - height)
    return Box(x: x / wide, y: y / high, width: width / wide, height: height / high)
  }

  private static func union(_ a: Box, _ b: Box) -> Box {
    Box(
      from: Point(x: min(a.x, b.x), y: min(a.y, b.y)), to: Point(x: max(a.maxX, b.maxX), y: max(a.maxY, b.maxY)))
  }
}
