import Formats
import Geometry
import KernelInterface
import Video

/// Brings pictures of one size and form into the network's input: one pass from the decoder's planes to normalised floats.
struct Preprocessor {
  let placement: Placement
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
}
