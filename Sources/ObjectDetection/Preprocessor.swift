package import Formats
package import Geometry
package import KernelInterface
package import Video

/// Brings pictures of one size and form into the network's input: one pass from the decoder's planes to normalised floats.
package struct Preprocessor {
  package let placement: Placement
  private let converter: PictureConverter

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

  package init(picture: Picture, view: Box, input: ModelDocument.Input) {
    placement = Placement(view: view, pictureWidth: picture.width, pictureHeight: picture.height, input: input)
    do throws(PictureConverterError) {
      converter = try PictureConverter(
        width: picture.width, height: picture.height, chroma: ChromaLayout(picture),
        colours: PictureColours(picture), view: placement.source, tensorWidth: input.width, tensorHeight: input.height,
        destination: placement.destination,
        normalisation: PictureNormalisation(
          order: input.channels == .rgb ? .rgb : .bgr, mean: input.mean.map { Float($0) },
          scale: input.scale.map { Float($0) }, pad: Float(input.pad)))
    } catch {
      // A placement lies in its picture and in the tensor, and the document's reader has checked the rest.
      preconditionFailure(error.description)
    }
  }

  /// Writes the whole tensor, [3, height, width].
  package func write(_ picture: Picture, into tensor: inout MutableSpan<Float>, kernels: any KernelSet.Type) {
    picture.withPlanes { luma, lumaStride, blueDifference, redDifference, chromaStride in
      converter.write(
        y: luma, yStride: lumaStride, u: blueDifference, v: redDifference, chromaStride: chromaStride, into: &tensor,
        kernels: kernels)
    }
  }
}

extension ChromaLayout {
  init(_ picture: Picture) {
    let subsampling: Subsampling =
      switch picture.subsampling {
      case .yuv420: .yuv420
      case .yuv422: .yuv422
      case .yuv444: .yuv444
      }
    let siting: Siting =
      switch picture.siting {
      case .left, .bottomLeft: .left
      case .topLeft: .topLeft
      case .centre, .top, .bottom: .centre
      }
    self.init(subsampling, siting: siting)
  }
}

extension PictureColours {
  init(_ picture: Picture) {
    let matrix: Matrix =
      switch picture.matrix {
      case .bt601: .bt601
      case .bt709: .bt709
      case .bt2020: .bt2020
      }
    self.init(matrix: matrix, isFullRange: picture.isFullRange)
  }
}
