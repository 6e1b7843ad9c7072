package import Formats
package import Geometry
package import KernelInterface

/// How a part of a picture lies in the network's picture, and the way back.
///
/// `source` is in pixels of the displayed picture, `destination` in pixels of the network's.
package struct Placement: Sendable, Equatable {
  /// Pixels of the displayed picture that the network sees.
  package let source: PixelRectangle
  /// Where they lie in the network's picture; the rest is padding.
  package let destination: PixelRectangle
  /// The displayed picture, in pixels.
  let pictureWidth: Int
  let pictureHeight: Int

  /// - Parameter view: the part to look at, in fractions of the picture; widened to whole pixels, at least two a side.
  package init(view: Box, pictureWidth: Int, pictureHeight: Int, input: ModelDocument.Input) {
    self.pictureWidth = pictureWidth
    self.pictureHeight = pictureHeight
    source = Self.pixels(view, pictureWidth, pictureHeight)
    switch input.resize {
    case .stretch:
      destination = PixelRectangle(x: 0, y: 0, width: input.width, height: input.height)
    case .letterbox:
      let ratio = min(Double(input.width) / Double(source.width), Double(input.height) / Double(source.height))
      // The small surplus keeps a product that falls just short of a whole number from losing a pixel.
      let width = max(1, Int(Double(source.width) * ratio + 1e-6))
      let height = max(1, Int(Double(source.height) * ratio + 1e-6))
      let centred = input.anchor == .centre
      destination = PixelRectangle(
        x: centred ? (input.width - width) / 2 : 0, y: centred ? (input.height - height) / 2 : 0, width: width,
        height: height)
    }
  }

  /// Fractions of the displayed picture for a candidate's box, cut to the view; nil where nothing of it lies there.
  package func box(_ candidate: Candidate) -> Box? {
    let scaleX = Double(source.width) / Double(destination.width)
    let scaleY = Double(source.height) / Double(destination.height)
    func x(_ value: Double) -> Double {
      let inside = min(max((value - Double(destination.x)) * scaleX, 0), Double(source.width))
      return (Double(source.x) + inside) / Double(pictureWidth)
    }
    func y(_ value: Double) -> Double {
      let inside = min(max((value - Double(destination.y)) * scaleY, 0), Double(source.height))
      return (Double(source.y) + inside) / Double(pictureHeight)
    }
    let (left, right) = (x(candidate.left), x(candidate.right))
    let (top, bottom) = (y(candidate.top), y(candidate.bottom))
    guard right > left, bottom > top else { return nil }
    return Box(x: left, y: top, width: right - left, height: bottom - top)
  }

  private static func pixels(_ view: Box, _ width: Int, _ height: Int) -> PixelRectangle {
    func range(_ from: Double, _ to: Double, _ limit: Int) -> (Int, Int) {
      let low = min(max(Int((from * Double(limit)).rounded(.down)), 0), max(limit - 2, 0))
      let high = min(max(Int((to * Double(limit)).rounded(.up)), low + min(2, limit)), limit)
      return (low, high - low)
    }
    let (x, w) = range(view.x, view.maxX, width)
    let (y, h) = range(view.y, view.maxY, height)
    return PixelRectangle(x: x, y: y, width: w, height: h)
  }
}
