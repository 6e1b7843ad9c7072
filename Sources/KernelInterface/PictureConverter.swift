/// How a picture's bytes say colours.
public struct PictureColours: Sendable, Hashable {
  /// How luma and chroma mix: ITU-R BT.601, BT.709, BT.2020 (non-constant luminance).
  public enum Matrix: Sendable, Hashable { case bt601, bt709, bt2020 }

  public var matrix: Matrix
  /// Luma and chroma take 0…255; else luma 16…235 and chroma 16…240.
  public var isFullRange: Bool

  public init(matrix: Matrix, isFullRange: Bool) {
    self.matrix = matrix
    self.isFullRange = isFullRange
  }
}

/// How the chroma planes lie over the luma plane.
public struct ChromaLayout: Sendable, Hashable {
  public enum Subsampling: Sendable, Hashable { case yuv420, yuv422, yuv444 }
  /// Where a chroma sample lies among the luma samples that it belongs to.
  public enum Siting: Sendable, Hashable {
    /// In the middle both ways (JPEG).
    case centre
    /// With the left luma sample, in the middle vertically (MPEG-2, H.264, H.265 by default).
    case left
    /// With the left upper luma sample.
    case topLeft
  }

  public var subsampling: Subsampling
  public var siting: Siting

  public init(_ subsampling: Subsampling, siting: Siting = .left) {
    self.subsampling = subsampling
    self.siting = siting
  }

  /// Luma columns for each chroma column.
  public var columnRatio: Int { subsampling == .yuv444 ? 1 : 2 }
  /// Luma rows for each chroma row.
  public var rowRatio: Int { subsampling == .yuv420 ? 2 : 1 }
}

/// A rectangle of whole pixels.
public struct PixelRectangle: Sendable, Hashable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int = 0, y: Int = 0, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  func lies(in width: Int, _ height: Int) -> Bool {
    self.width > 0 && self.height > 0 && x >= 0 && y >= 0 && self.width <= width && self.height <= height
      && x <= width - self.width && y <= height - self.height
  }
}

/// What a network wants of a picture's values: `(level - mean) · scale` for levels 0…255, planes in an order.
public struct PictureNormalisation: Sendable, Hashable {
  public enum Order: Sendable, Hashable { case rgb, bgr }

  public var order: Order
  /// For each plane, in the planes' order.
  public var mean: [Float]
  public var scale: [Float]
  /// The level of what the picture does not cover.
  public var pad: Float

  public init(order: Order, mean: [Float] = [0, 0, 0], scale: [Float] = [1, 1, 1], pad: Float = 0) {
    self.order = order
    self.mean = mean
    self.scale = scale
    self.pad = pad
  }
}

/// Why no converter can be made.
public enum PictureConverterError: Error, Equatable, CustomStringConvertible {
  case noSize(width: Int, height: Int)
  case sourceOutside(PixelRectangle, width: Int, height: Int)
  case destinationOutside(PixelRectangle, width: Int, height: Int)
  case wrongNormalisation

  public var description: String {
    switch self {
    case .noSize(let width, let height): "a picture of \(width) × \(height) cannot be scaled"
    case .sourceOutside(let r, let width, let height):
      "the view at (\(r.x), \(r.y)) of \(r.width) × \(r.height) does not lie in the picture of \(width) × \(height)"
    case .destinationOutside(let r, let width, let height):
      "the place at (\(r.x), \(r.y)) of \(r.width) × \(r.height) does not lie in the network's \(width) × \(height)"
    case .wrongNormalisation: "mean and scale need three finite numbers each"
    }
  }
}

/// Turns decoded pictures of one size into a network's input in one pass: view, scale, colour, normalise, planes.
///
/// Scaling is bilinear with half-pixel centres and without antialiasing: output `i` of `N` samples the view of `n` pixels at
/// `(i + ½) · n / N - ½`, clamped to the view. Y, U and V are sampled each at its own place, then mixed to colours, clamped
/// to 0…255 and normalised; nothing is rounded to whole levels on the way. Tables are made once; `write` allocates nothing.
public struct PictureConverter: Sendable {
  /// Of the pictures, in luma pixels.
  public let width: Int
  public let height: Int
  public let chroma: ChromaLayout
  /// The part of the picture that is shown.
  public let view: PixelRectangle
  /// Of the tensor `[3, tensorHeight, tensorWidth]`.
  public let tensorWidth: Int
  public let tensorHeight: Int
  /// Where in the tensor the view goes.
  public let destination: PixelRectangle

  /// Of the chroma planes: `⌈width / columnRatio⌉ × ⌈height / rowRatio⌉`.
  public var chromaWidth: Int { (width + chroma.columnRatio - 1) / chroma.columnRatio }
  public var chromaHeight: Int { (height + chroma.rowRatio - 1) / chroma.rowRatio }

  private let lumaColumns: Picks
  private let chromaColumns: Picks
  private let lumaRows: Taps
  private let chromaRows: Taps
  private let colours: [Float]
  private let padding: [Float]

  /// - Parameters:
  ///   - width: Of the pictures, in luma pixels; odd sizes too.
  ///   - view: The part of the picture that is shown; nil is all of it.
  ///   - tensorWidth: Of the network's input.
  ///   - destination: Where in the tensor the view goes; nil is all of it. The rest becomes `normalisation.pad`.
  public init(
    width: Int, height: Int, chroma: ChromaLayout, colours: PictureColours, view: PixelRectangle? = nil,
    tensorWidth: Int, tensorHeight: Int, destination: PixelRectangle? = nil, normalisation: PictureNormalisation
  ) throws(PictureConverterError) {
    // So large that no sum below can overflow.
    let most = 1 << 24
    guard (1...most).contains(width), (1...most).contains(height) else { throw .noSize(width: width, height: height) }
    guard (1...most).contains(tensorWidth), (1...most).contains(tensorHeight) else {
      throw .noSize(width: tensorWidth, height: tensorHeight)
    }
    let view = view ?? PixelRectangle(width: width, height: height)
    guard view.lies(in: width, height) else { throw .sourceOutside(view, width: width, height: height) }
    let place = destination ?? PixelRectangle(width: tensorWidth, height: tensorHeight)
    guard place.lies(in: tensorWidth, tensorHeight) else {
      throw .destinationOutside(place, width: tensorWidth, height: tensorHeight)
    }
    let (mean, scale) = (normalisation.mean, normalisation.scale)
    guard mean.count == 3, scale.count == 3, (mean + scale + [normalisation.pad]).allSatisfy(\.isFinite) else {
      throw .wrongNormalisation
    }
    self.width = width
    self.height = height
    self.chroma = chroma
    self.view = view
    self.tensorWidth = tensorWidth
    self.tensorHeight = tensorHeight
    self.destination = place
    let (columnRatio, rowRatio) = (chroma.columnRatio, chroma.rowRatio)
    lumaColumns = Picks(
      Taps(outputs: place.width, from: view.x, view.width, ratio: 1, isCentred: true), width: width)
    chromaColumns = Picks(
      Taps(
        outputs: place.width, from: view.x, view.width, ratio: columnRatio, isCentred: chroma.siting == .centre),
      width: (width + columnRatio - 1) / columnRatio)
    lumaRows = Taps(outputs: place.height, from: view.y, view.height, ratio: 1, isCentred: true)
    chromaRows = Taps(
      outputs: place.height, from: view.y, view.height, ratio: rowRatio, isCentred: chroma.siting != .topLeft)
    let mixing = Self.mixing(colours)
    self.colours = (0..<3).flatMap { plane in
      mixing[normalisation.order == .rgb ? plane : 2 - plane] + [scale[plane], -mean[plane] * scale[plane]]
    }
    padding = (0..<3).map { (normalisation.pad - mean[$0]) * scale[$0] }
  }

  /// For red, green and blue: the factors of Y, U, V, and a constant.
  private static func mixing(_ colours: PictureColours) -> [[Float]] {
    let (red, blue): (Double, Double) =
      switch colours.matrix {
      case .bt601: (0.299, 0.114)
      case .bt709: (0.2126, 0.0722)
      case .bt2020: (0.2627, 0.0593)
      }
    let green = 1 - red - blue
    let luma = colours.isFullRange ? 1 : 255.0 / 219
    let chroma = colours.isFullRange ? 1 : 255.0 / 224
    let (u, v) = (2 * (1 - blue) * chroma, 2 * (1 - red) * chroma)
    let factors = [[luma, 0, v], [luma, -blue / green * u, -red / green * v], [luma, u, 0]]
    let black = colours.isFullRange ? 0.0 : 16
    return factors.map { f in (f + [-black * f[0] - 128 * (f[1] + f[2])]).map { Float($0) } }
  }

  /// Writes the network's input.
  ///
  /// - Parameters:
  ///   - y: Rows `yStride` bytes apart.
  ///   - u: Rows `chromaStride` bytes apart, as those of `v`.
  ///   - tensor: `3 · tensorHeight · tensorWidth` floats.
  /// - Precondition: The spans hold pictures of this converter's size.
  public func write(
    y: Span<UInt8>, yStride: Int, u: Span<UInt8>, v: Span<UInt8>, chromaStride: Int,
    into tensor: inout MutableSpan<Float>, kernels: any KernelSet.Type
  ) {
    precondition(yStride >= width && chromaStride >= chromaWidth, "rows are as wide as the picture")
    precondition(y.count >= (height - 1) * yStride + width, "the luma plane is smaller than the picture")
    precondition(
      Swift.min(u.count, v.count) >= (chromaHeight - 1) * chromaStride + chromaWidth,
      "a chroma plane is smaller than the picture")
    precondition(tensor.count == 3 * tensorWidth * tensorHeight, "the tensor has another size")
    fillPadding(&tensor)
    y.withUnsafeBufferPointer { y in
      u.withUnsafeBufferPointer { u in
        v.withUnsafeBufferPointer { v in
          tensor.withUnsafeMutableBufferPointer { tensor in
            guard let y = y.baseAddress, let u = u.baseAddress, let v = v.baseAddress,
              let tensor = tensor.baseAddress
            else { return }
            lumaColumns.withTable { luma in
              chromaColumns.withTable { chroma in
                colours.withUnsafeBufferPointer { colours in
                  guard let colours = colours.baseAddress else { return }
                  for row in 0..<destination.height {
                    writeRow(
                      row, (y, yStride), (u, chromaStride), (v, chromaStride), luma, chroma, colours, tensor, kernels)
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  private typealias Plane = (start: UnsafePointer<UInt8>, stride: Int)

  private func writeRow(
    _ row: Int, _ y: Plane, _ u: Plane, _ v: Plane, _ luma: PickTable?, _ chroma: PickTable?,
    _ colours: UnsafePointer<Float>, _ tensor: UnsafeMutablePointer<Float>, _ kernels: any KernelSet.Type
  ) {
    func source(_ plane: Plane, _ taps: Taps) -> PictureRow.Source {
      PictureRow.Source(
        above: plane.start + Int(taps.first[row]) * plane.stride,
        below: plane.start + Int(taps.second[row]) * plane.stride, weightAbove: (1 - taps.weight[row]) / 16384,
        weightBelow: taps.weight[row] / 16384)
    }
    let start = tensor + ((destination.y + row) * tensorWidth + destination.x)
    let plane = tensorWidth * tensorHeight
    let planes = (start, start + plane, start + 2 * plane)
    let sources = (source(y, lumaRows), source(u, chromaRows), source(v, chromaRows))
    if let luma, let chroma {
      kernels.pictureRow(
        PictureRow(
          count: destination.width, y: sources.0, u: sources.1, v: sources.2, luma: luma, chroma: chroma,
          colours: colours, planes: planes))
    } else {
      for x in 0..<destination.width {
        let y = lumaColumns.sample(sources.0, x)
        let (u, v) = (chromaColumns.sample(sources.1, x), chromaColumns.sample(sources.2, x))
        planes.0[x] = ReferenceKernels.colour(colours, y, u, v)
        planes.1[x] = ReferenceKernels.colour(colours + 6, y, u, v)
        planes.2[x] = ReferenceKernels.colour(colours + 12, y, u, v)
      }
    }
  }

  private func fillPadding(_ tensor: inout MutableSpan<Float>) {
    guard destination.width < tensorWidth || destination.height < tensorHeight else { return }
    let right = destination.x + destination.width
    for plane in 0..<3 {
      for row in 0..<tensorHeight {
        let start = (plane * tensorHeight + row) * tensorWidth
        let isCovered = row >= destination.y && row < destination.y + destination.height
        for x in 0..<(isCovered ? destination.x : tensorWidth) { tensor[start + x] = padding[plane] }
        if isCovered { for x in right..<tensorWidth { tensor[start + x] = padding[plane] } }
      }
    }
  }
}

/// Two-tap resampling of one axis.
private struct Taps: Sendable {
  var first: [Int32] = []
  var second: [Int32] = []
  /// Of the second tap; the first tap has the rest.
  var weight: [Float] = []

  /// - Parameters:
  ///   - from: The view's first pixel, in luma; `count` its pixels.
  ///   - ratio: Luma pixels for each pixel of this plane.
  ///   - isCentred: Whether a pixel of this plane lies in the middle of its luma pixels, or with the first.
  init(outputs: Int, from: Int, _ count: Int, ratio: Int, isCentred: Bool) {
    let low = from / ratio
    let high = (from + count + ratio - 1) / ratio - 1
    for i in 0..<outputs {
      let luma = Double(from) + (Double(i) + 0.5) * Double(count) / Double(outputs) - 0.5
      let place = isCentred ? (luma + 0.5) / Double(ratio) - 0.5 : luma / Double(ratio)
      let inside = Swift.min(Swift.max(place, Double(low)), Double(high))
      let tap = Swift.max(Swift.min(Int(inside), high - 1), low)
      first.append(Int32(tap))
      second.append(Int32(Swift.min(tap + 1, high)))
      weight.append(Float(inside - Double(tap)))
    }
  }
}

/// The taps of a row as a `PickTable`, and for rows that no vector fits as they are.
private struct Picks: Sendable {
  private let taps: Taps
  private let whole: [Int16]
  private var offsets: [Int32] = []
  private var weights: [Int16] = []
  private var starts: [Int32] = []
  private var shuffle: [UInt8] = []
  private var isNear = false

  /// - Parameter width: Bytes that may be read in a row.
  init(_ taps: Taps, width: Int) {
    self.taps = taps
    whole = taps.weight.map { Int16(($0 * 16384).rounded()) }
    let count = taps.first.count
    guard count >= 16, width >= 2 else { return }
    isNear = width >= 16
    for vector in 0..<(count + 15) / 16 {
      let first = Swift.min(vector * 16, count - 16)
      for i in first..<first + 16 {
        // Where both taps are the last byte, the pair begins before it, and its second byte has all the weight.
        let isLast = taps.first[i] == taps.second[i] && taps.first[i] > 0
        let offset = isLast ? taps.first[i] - 1 : taps.first[i]
        let second = isLast ? 16384 : whole[i]
        offsets.append(offset)
        weights += [16384 - second, second]
        // A load near the end of the row begins early.
        if (i - first) % 4 == 0 { starts.append(Swift.max(0, Swift.min(offset, Int32(width - 16)))) }
        let tap = Int(offset - starts[starts.count - 1])
        isNear = isNear && tap >= 0 && tap + 1 < 16
        let index = UInt8(truncatingIfNeeded: tap)
        shuffle += [index, 0x80, index &+ 1, 0x80]
      }
    }
  }

  /// `body` gets nil where rows are too short for vectors.
  func withTable(_ body: (PickTable?) -> Void) {
    offsets.withUnsafeBufferPointer { offsets in
      weights.withUnsafeBufferPointer { weights in
        starts.withUnsafeBufferPointer { starts in
          shuffle.withUnsafeBufferPointer { shuffle in
            guard !offsets.isEmpty, let offsets = offsets.baseAddress, let weights = weights.baseAddress else {
              return body(nil)
            }
            body(
              PickTable(
                offsets: offsets, weights: weights, starts: isNear ? starts.baseAddress : nil,
                shuffle: isNear ? shuffle.baseAddress : nil))
          }
        }
      }
    }
  }

  /// What `KernelSet.pictureRow` computes for output `i`, times 16384 · the rows' weights.
  func sample(_ source: PictureRow.Source, _ i: Int) -> Float {
    let (first, second) = (Int(taps.first[i]), Int(taps.second[i]))
    let weight = Int32(whole[i])
    func across(_ row: UnsafePointer<UInt8>) -> Float {
      Float(Int32(row[first]) * (16384 - weight) + Int32(row[second]) * weight)
    }
    return across(source.above) * source.weightAbove + across(source.below) * source.weightBelow
  }
}
