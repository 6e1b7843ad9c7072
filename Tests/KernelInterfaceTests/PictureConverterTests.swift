import KernelChecks
import KernelInterface
import Testing

@Suite("Pictures to tensors")
struct PictureConverterTests {
  /// A picture of random smooth planes.
  private struct Planes {
    let width: Int
    let height: Int
    let layout: ChromaLayout
    let yStride: Int
    let chromaStride: Int
    var y: [UInt8] = []
    var u: [UInt8] = []
    var v: [UInt8] = []

    var chromaWidth: Int { (width + layout.columnRatio - 1) / layout.columnRatio }
    var chromaHeight: Int { (height + layout.rowRatio - 1) / layout.rowRatio }

    init(_ width: Int, _ height: Int, _ layout: ChromaLayout, seed: UInt64) {
      (self.width, self.height, self.layout) = (width, height, layout)
      var random = Seeded(seed)
      (yStride, chromaStride) = (width + random.integer(0...9), width + random.integer(0...9))
      y = (0..<yStride * height).map { _ in UInt8.random(in: 0...255, using: &random) }
      u = (0..<chromaStride * chromaHeight).map { _ in UInt8.random(in: 0...255, using: &random) }
      v = (0..<chromaStride * chromaHeight).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    init(width: Int, height: Int, y: UInt8, u: UInt8, v: UInt8) {
      (self.width, self.height, layout) = (width, height, ChromaLayout(.yuv420))
      (yStride, chromaStride) = (width, (width + 1) / 2)
      self.y = [UInt8](repeating: y, count: width * height)
      self.u = [UInt8](repeating: u, count: (width + 1) / 2 * ((height + 1) / 2))
      self.v = [UInt8](repeating: v, count: (width + 1) / 2 * ((height + 1) / 2))
    }
  }

  private func write(_ converter: PictureConverter, _ planes: Planes, _ kernels: any KernelSet.Type) -> [Float] {
    var tensor = [Float](repeating: .nan, count: 3 * converter.tensorWidth * converter.tensorHeight)
    var span = tensor.mutableSpan
    converter.write(
      y: planes.y.span, yStride: planes.yStride, u: planes.u.span, v: planes.v.span,
      chromaStride: planes.chromaStride, into: &span, kernels: kernels)
    return tensor
  }

  /// A level 0…255 of red, green or blue by the formula, in double precision.
  private func level(
    _ planes: Planes, _ colours: PictureColours, view: PixelRectangle, to: PixelRectangle, colour: Int, x: Int, y: Int
  ) -> Double {
    func axis(
      _ i: Int, _ outputs: Int, _ from: Int, _ count: Int, _ ratio: Int, _ centred: Bool
    ) -> (Int, Int, Double) {
      let place = Double(from) + (Double(i) + 0.5) * Double(count) / Double(outputs) - 0.5
      let own = ratio == 1 ? place : centred ? place / 2 - 0.25 : place / 2
      let (low, high) = (from / ratio, (from + count - 1) / ratio)
      let floor = own.rounded(.down)
      func clamp(_ i: Int) -> Int { min(max(i, low), high) }
      return (clamp(Int(floor)), clamp(Int(floor) + 1), own - floor)
    }
    func sample(_ plane: [UInt8], _ stride: Int, _ columns: Int, _ rows: Int, _ siting: ChromaLayout.Siting) -> Double {
      let h = axis(x, to.width, view.x, view.width, columns, siting == .centre)
      let v = axis(y, to.height, view.y, view.height, rows, siting != .topLeft)
      func across(_ row: Int) -> Double {
        Double(plane[row * stride + h.0]) * (1 - h.2) + Double(plane[row * stride + h.1]) * h.2
      }
      return across(v.0) * (1 - v.2) + across(v.1) * v.2
    }
    let (c, r) = (planes.layout.columnRatio, planes.layout.rowRatio)
    let luma = sample(planes.y, planes.yStride, 1, 1, .centre)
    let u = sample(planes.u, planes.chromaStride, c, r, planes.layout.siting) - 128
    let v = sample(planes.v, planes.chromaStride, c, r, planes.layout.siting) - 128
    let (kr, kb): (Double, Double) =
      switch colours.matrix {
      case .bt601: (0.299, 0.114)
      case .bt709: (0.2126, 0.0722)
      case .bt2020: (0.2627, 0.0593)
      }
    let bright = colours.isFullRange ? luma : (luma - 16) * 255 / 219
    let (cb, cr) = colours.isFullRange ? (u, v) : (u * 255 / 224, v * 255 / 224)
    let red = bright + 2 * (1 - kr) * cr
    let blue = bright + 2 * (1 - kb) * cb
    let green = bright - (kb * 2 * (1 - kb) * cb + kr * 2 * (1 - kr) * cr) / (1 - kr - kb)
    return min(max([red, green, blue][colour], 0), 255)
  }

  struct Case: Sendable, CustomStringConvertible {
    let description: String
    var size = (64, 48)
    var chroma = ChromaLayout(.yuv420)
    var colours = PictureColours(matrix: .bt709, isFullRange: false)
    var view: PixelRectangle?
    var tensor = (40, 24)
    var destination: PixelRectangle?
    var order = PictureNormalisation.Order.rgb
  }

  static let cases: [Case] = [
    Case(description: "a shrink that a shuffle can do", size: (120, 90)),
    Case(description: "a shrink beyond a shuffle", size: (640, 360)),
    Case(description: "a shrink beyond a shuffle in luma only", size: (270, 90)),
    Case(description: "an enlargement", size: (20, 18), tensor: (100, 77)),
    Case(description: "a picture narrower than a load", size: (9, 7), tensor: (33, 20)),
    Case(description: "a picture of one column", size: (1, 5), tensor: (20, 20)),
    Case(description: "a picture of one pixel", size: (1, 1), tensor: (17, 3)),
    Case(description: "a tensor narrower than a vector", size: (64, 48), tensor: (15, 9)),
    Case(description: "a tensor of one pixel", size: (64, 48), tensor: (1, 1)),
    Case(description: "odd sizes", size: (63, 47), tensor: (37, 21)),
    Case(description: "4:2:2", chroma: ChromaLayout(.yuv422)),
    Case(description: "4:4:4", chroma: ChromaLayout(.yuv444)),
    Case(description: "chroma in the middle", chroma: ChromaLayout(.yuv420, siting: .centre)),
    Case(description: "chroma at the top left", chroma: ChromaLayout(.yuv420, siting: .topLeft)),
    Case(description: "BT.601 in full range", colours: PictureColours(matrix: .bt601, isFullRange: true)),
    Case(description: "BT.2020", colours: PictureColours(matrix: .bt2020, isFullRange: false), order: .bgr),
    Case(
      description: "a view", size: (120, 90), view: PixelRectangle(x: 33, y: 17, width: 51, height: 40),
      tensor: (40, 24)
    ),
    Case(description: "a view of one column", view: PixelRectangle(x: 63, y: 5, width: 1, height: 3)),
    Case(
      description: "a letterbox", size: (96, 40), tensor: (48, 48),
      destination: PixelRectangle(x: 5, y: 9, width: 40, height: 21), order: .bgr),
  ]

  @Test("every level gives the formula's colours to a twentieth of a grey level", arguments: cases)
  func formula(_ c: Case) throws {
    let planes = Planes(c.size.0, c.size.1, c.chroma, seed: 21)
    let (mean, scale): ([Float], [Float]) = ([10, 20, 30], [0.5, 0.25, 2])
    let converter = try PictureConverter(
      width: c.size.0, height: c.size.1, chroma: c.chroma, colours: c.colours, view: c.view, tensorWidth: c.tensor.0,
      tensorHeight: c.tensor.1, destination: c.destination,
      normalisation: PictureNormalisation(order: c.order, mean: mean, scale: scale, pad: 114))
    let results = (Level.usable.map(\.kernels) + [ReferenceKernels.self]).map { write(converter, planes, $0) }
    let place = converter.destination
    for plane in 0..<3 {
      let colour = c.order == .rgb ? plane : 2 - plane
      for y in 0..<c.tensor.1 {
        for x in 0..<c.tensor.0 {
          let isInside = x >= place.x && y >= place.y && x < place.x + place.width && y < place.y + place.height
          let expected =
            isInside
            ? level(
              planes, c.colours, view: converter.view, to: place, colour: colour, x: x - place.x, y: y - place.y) : 114
          for result in results {
            let value = result[(plane * c.tensor.1 + y) * c.tensor.0 + x]
            let found = Double(value / scale[plane] + mean[plane])
            guard abs(found - expected) < 0.05 else {
              Issue.record("plane \(plane) (\(x), \(y)): \(found) instead of \(expected)")
              return
            }
          }
        }
      }
    }
  }

  @Test("white, black and red of BT.709 in limited range are what they are")
  func knownColours() throws {
    for (y, u, v, expected) in [
      (235, 128, 128, [255, 255, 255]), (16, 128, 128, [0, 0, 0]), (63, 102, 240, [255, 0, 0]),
    ] as [(UInt8, UInt8, UInt8, [Float])] {
      let converter = try PictureConverter(
        width: 32, height: 32, chroma: ChromaLayout(.yuv420),
        colours: PictureColours(matrix: .bt709, isFullRange: false),
        tensorWidth: 16, tensorHeight: 16, normalisation: PictureNormalisation(order: .rgb))
      for level in Level.usable {
        let result = write(converter, Planes(width: 32, height: 32, y: y, u: u, v: v), level.kernels)
        for plane in 0..<3 {
          let values = result[plane * 256..<(plane + 1) * 256]
          #expect(values.allSatisfy { abs($0 - expected[plane]) < 2 })
        }
      }
    }
  }

  @Test("what does not fit is refused in a sentence")
  func refusals() {
    func make(
      width: Int = 64, height: Int = 48, view: PixelRectangle? = nil, tensor: Int = 32,
      destination: PixelRectangle? = nil, mean: [Float] = [0, 0, 0]
    ) throws(PictureConverterError) -> PictureConverter {
      try PictureConverter(
        width: width, height: height, chroma: ChromaLayout(.yuv420),
        colours: PictureColours(matrix: .bt709, isFullRange: false), view: view, tensorWidth: tensor,
        tensorHeight: tensor, destination: destination, normalisation: PictureNormalisation(order: .rgb, mean: mean))
    }
    #expect(throws: PictureConverterError.noSize(width: 0, height: 48)) { try make(width: 0) }
    #expect(throws: PictureConverterError.noSize(width: 64, height: .max)) { try make(height: .max) }
    let outside = PixelRectangle(x: 1, width: 64, height: 48)
    #expect(throws: PictureConverterError.sourceOutside(outside, width: 64, height: 48)) { try make(view: outside) }
    let huge = PixelRectangle(x: .max, y: 0, width: .max, height: 1)
    #expect(throws: PictureConverterError.destinationOutside(huge, width: 32, height: 32)) {
      try make(destination: huge)
    }
    #expect(throws: PictureConverterError.wrongNormalisation) { try make(mean: [0, .nan, 0]) }
    #expect(throws: PictureConverterError.wrongNormalisation) { try make(mean: [0]) }
    #expect(
      PictureConverterError.sourceOutside(outside, width: 64, height: 48).description
        == "the view at (1, 0) of 64 × 48 does not lie in the picture of 64 × 48")
  }
}
