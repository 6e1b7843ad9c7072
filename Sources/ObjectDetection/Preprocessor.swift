import Formats
import Geometry
import KernelInterface
import Video

/// Brings pictures of one size and form into the network's input: one pass from the decoder's planes to normalised floats.
struct Preprocessor {
  let placement: Placement
  let input: ModelDocument.Input

  /// What a preprocessor was made for.
  struct Key: Hashable {
    let width: Int
    let height: Int
    let subsampling: ChromaSubsampling
    let matrix: ColourMatrix
    let isFullRange: Bool
    let siting: ChromaSiting
    let view: Box

    init(picture: Picture, view: Box) {
      width = picture.width
      height = picture.height
      subsampling = picture.subsampling
      matrix = picture.matrix
      isFullRange = picture.isFullRange
      siting = picture.siting
      self.view = view
    }
  }
}

extension Preprocessor {
  init(picture: Picture, view: Box, input: ModelDocument.Input) {
    placement = Placement(view: view, pictureWidth: picture.width, pictureHeight: picture.height, input: input)
    self.input = input
  }

  func write(_ picture: Picture, into tensor: inout MutableSpan<Float>, kernels: any KernelSet.Type) {
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
      func sample(_ p: Span<UInt8>, _ stride: Int, _ w: Int, _ h: Int, _ x: Double, _ y: Double) -> Double {
        let (x, y) = (min(max(x, 0), Double(w - 1)), min(max(y, 0), Double(h - 1)))
        let (x0, y0) = (Int(x), Int(y))
        let (x1, y1) = (min(x0 + 1, w - 1), min(y0 + 1, h - 1))
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
          let l = (sample(luma, lumaStride, picture.width, picture.height, x, y) - yo) * ys
          let u = (sample(blue, chromaStride, picture.chromaWidth, picture.chromaHeight, cx, cy) - 128) * cs
          let v = (sample(red, chromaStride, picture.chromaWidth, picture.chromaHeight, cx, cy) - 128) * cs
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
  }
}
