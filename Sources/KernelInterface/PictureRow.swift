/// Where the outputs of a row find their two inputs each.
///
/// Outputs are handled in vectors of 16, of which the last begins early: vector `j` covers outputs from
/// `min(16 · j, count - 16)` on, and the tables hold 16 entries for each vector.
public struct PickTable {
  /// For each output, the first of its two neighbouring bytes.
  public let offsets: UnsafePointer<Int32>
  /// For each output, the weights of its two bytes in 1/16384.
  public let weights: UnsafePointer<Int16>
  /// For each four outputs, the first of 16 bytes that hold all their inputs; nil where there are no such 16 bytes.
  public let starts: UnsafePointer<Int32>?
  /// For each four outputs, 16 indices for a byte shuffle: (tap 0, zero, tap 1, zero) four times.
  public let shuffle: UnsafePointer<UInt8>?

  public init(
    offsets: UnsafePointer<Int32>, weights: UnsafePointer<Int16>, starts: UnsafePointer<Int32>?,
    shuffle: UnsafePointer<UInt8>?
  ) {
    self.offsets = offsets
    self.weights = weights
    self.starts = starts
    self.shuffle = shuffle
  }
}

/// What one row of a picture is made of: bytes are blended across and down, turned into colours and normalised.
public struct PictureRow {
  /// Rows of one plane above and below, and their weights (sum 1 / 16384, which undoes the table's unit).
  public struct Source {
    public var above: UnsafePointer<UInt8>
    public var below: UnsafePointer<UInt8>
    public var weightAbove: Float
    public var weightBelow: Float

    public init(
      above: UnsafePointer<UInt8>, below: UnsafePointer<UInt8>, weightAbove: Float, weightBelow: Float
    ) {
      self.above = above
      self.below = below
      self.weightAbove = weightAbove
      self.weightBelow = weightBelow
    }
  }

  /// Outputs, at least 16.
  public var count: Int
  public var y: Source
  public var u: Source
  public var v: Source
  public var luma: PickTable
  public var chroma: PickTable
  /// For each output plane: factors of Y, U, V, and a constant, for colours of 0…255; then the scale and the offset that
  /// apply after clamping. Three times six floats.
  public var colours: UnsafePointer<Float>
  /// The first output of each plane.
  public var planes: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)

  public init(
    count: Int, y: Source, u: Source, v: Source, luma: PickTable, chroma: PickTable, colours: UnsafePointer<Float>,
    planes: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
  ) {
    self.count = count
    self.y = y
    self.u = u
    self.v = v
    self.luma = luma
    self.chroma = chroma
    self.colours = colours
    self.planes = planes
  }
}
