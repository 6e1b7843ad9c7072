import Formats
import Geometry
import Inference
import KernelInterface
import ObjectDetection
import Testing
import Video

/// The network's input as `models` describe it, one value at a time: an independent reading of the same formulas.
private func reference(_ picture: Picture, placement: Placement, input: ModelDocument.Input) -> [Float] {
  var tensor = [Float](repeating: 0, count: 3 * input.width * input.height)
  let plane = input.width * input.height
  for channel in 0..<3 {
    let pad = (Float(input.pad) - Float(input.mean[channel])) * Float(input.scale[channel])
    for i in 0..<plane { tensor[channel * plane + i] = pad }
  }
  let (kr, kb) = (picture.matrix.redWeight, picture.matrix.blueWeight)
  let (ys, yo, cs) = picture.isFullRange ? (1.0, 0.0, 1.0) : (255 / 219.0, 16.0, 255 / 224.0)
  let d = placement.destination
  let s = placement.source
  picture.withPlanes { luma, lumaStride, blue, red, chromaStride in
    func tap(_ i: Int, _ n: Int, _ from: Int, _ length: Int) -> Double {
      Double(from) + (Double(i) + 0.5) * Double(length) / Double(n) - 0.5
    }
    // A view ends at its own edges: `ratioX` and `ratioY` are luma samples for each of the plane's.
    func sample(_ p: Span<UInt8>, _ stride: Int, _ ratioX: Int, _ ratioY: Int, _ x: Double, _ y: Double) -> Double {
      let (lastX, lastY) = ((s.x + s.width + ratioX - 1) / ratioX - 1, (s.y + s.height + ratioY - 1) / ratioY - 1)
      let (x, y) = (
        min(max(x, Double(s.x / ratioX)), Double(lastX)), min(max(y, Double(s.y / ratioY)), Double(lastY))
      )
      let (x0, y0) = (Int(x), Int(y))
      let (x1, y1) = (min(x0 + 1, lastX), min(y0 + 1, lastY))
      let (fx, fy) = (x - Double(x0), y - Double(y0))
      let a = Double(p[y0 * stride + x0]) * (1 - fx) + Double(p[y0 * stride + x1]) * fx
      let b = Double(p[y1 * stride + x0]) * (1 - fx) + Double(p[y1 * stride + x1]) * fx
      return a * (1 - fy) + b * fy
    }
    let halfX = picture.subsampling != .yuv444
    let halfY = picture.subsampling == .yuv420
    for row in 0..<d.height {
      let y = tap(row, d.height, s.y, s.height)
      let cy = halfY ? (y + 0.5) / 2 - 0.5 : y
      for column in 0..<d.width {
        let x = tap(column, d.width, s.x, s.width)
        let cx = halfX ? (picture.siting == .left ? x / 2 : (x + 0.5) / 2 - 0.5) : x
        let l = (sample(luma, lumaStride, 1, 1, x, y) - yo) * ys
        let u = (sample(blue, chromaStride, halfX ? 2 : 1, halfY ? 2 : 1, cx, cy) - 128) * cs
        let v = (sample(red, chromaStride, halfX ? 2 : 1, halfY ? 2 : 1, cx, cy) - 128) * cs
        let r = l + 2 * (1 - kr) * v
        let b = l + 2 * (1 - kb) * u
        let g = (l - kr * r - kb * b) / (1 - kr - kb)
        let rgb = input.channels == .rgb ? [r, g, b] : [b, g, r]
        for channel in 0..<3 {
          let value = Float(min(max(rgb[channel], 0), 255))
          tensor[channel * plane + (d.y + row) * input.width + d.x + column] =
            (value - Float(input.mean[channel])) * Float(input.scale[channel])
        }
      }
    }
  }
  return tensor
}

private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
  var state = seed
  // Smooth in part, so that a shifted tap shows and a rounding does not drown.
  return (0..<count).map { index in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: index % 97 + Int(state >> 58))
  }
}

@Suite("Preprocessing")
struct PreprocessingTests {
  struct Case: CustomStringConvertible, Sendable {
    var width: Int
    var height: Int
    var subsampling = ChromaSubsampling.yuv420
    var matrix = ColourMatrix.bt601
    var isFullRange = false
    var resize = Resizing.stretch
    var anchor = LetterboxAnchor.centre
    var view = Box.picture
    var description: String { "\(width)×\(height) \(subsampling) \(matrix) \(resize) \(view.x)" }
  }

  @Test(
    "the input agrees with the formulas within a quarter of a grey level",
    arguments: [
      Case(width: 640, height: 480), Case(width: 1920, height: 1080, matrix: .bt709),
      Case(width: 333, height: 187, isFullRange: true), Case(width: 31, height: 7, subsampling: .yuv444),
      Case(width: 704, height: 576, subsampling: .yuv422, resize: .letterbox),
      Case(width: 400, height: 800, resize: .letterbox, anchor: .topLeft),
      Case(width: 4096, height: 600, matrix: .bt2020),
      Case(width: 1280, height: 720, matrix: .bt709, view: Box(x: 0.31, y: 0.4, width: 0.33, height: 0.21)),
    ])
  func agrees(_ one: Case) {
    var planes = PicturePlanes(
      width: one.width, height: one.height, subsampling: one.subsampling, matrix: one.matrix,
      isFullRange: one.isFullRange)
    planes.luma = noise(planes.luma.count, seed: 1)
    planes.blueDifference = noise(planes.blueDifference.count, seed: 2).map { $0 &+ 60 }
    planes.redDifference = noise(planes.redDifference.count, seed: 3).map { $0 &+ 50 }
    let picture = Picture(planes)
    let input = ModelDocument.Input(
      width: 160, height: 96, resize: one.resize, channels: .bgr, mean: [10, 20, 30], scale: [0.5, 0.25, 1],
      anchor: one.anchor)
    let preprocessor = Preprocessor(picture: picture, view: one.view, input: input)
    let expected = reference(picture, placement: preprocessor.placement, input: input)
    for set in InstructionSet.usable {
      var written = [Float](repeating: .nan, count: 3 * 160 * 96)
      var span = written.mutableSpan
      preprocessor.write(picture, into: &span, kernels: set.kernels)
      var worst: Float = 0
      for channel in 0..<3 {
        for i in (channel * 160 * 96)..<((channel + 1) * 160 * 96) {
          worst = max(worst, abs(written[i] - expected[i]) / Float(input.scale[channel]))
        }
      }
      #expect(worst < 0.25, "\(set.name)")
    }
  }
}
