import KernelInterface

/// One step of an inner product whose left operand is a word copied to every lane.
///
/// The seam for an integer path: words of four bytes and integer sums fit the same tiles.
protocol TileArithmetic {
  associatedtype Word: BitwiseCopyable
  associatedtype Vector: BitwiseCopyable
  associatedtype Sum: BitwiseCopyable
  static var zero: Sum { get }
  static func broadcast(_ word: Word) -> Vector
  static func multiplyAdd(_ sum: Sum, _ a: Vector, _ b: Vector) -> Sum
}

enum FloatArithmetic: TileArithmetic {
  static var zero: FloatVector { @inline(always) get { FloatVector() } }
  @inline(always) static func broadcast(_ word: Float) -> FloatVector { FloatVector(repeating: word) }
  @inline(always)
  static func multiplyAdd(_ sum: FloatVector, _ a: FloatVector, _ b: FloatVector) -> FloatVector {
    sum.adding(a, times: b)
  }
}

/// What becomes of a finished tile of sums.
protocol TileOutput {
  associatedtype Column: TileColumn
  /// One vector of channels, from `row` on.
  func column(channel: Int, row: Int) -> Column
}

/// One vector of channels of neighbouring rows.
protocol TileColumn {
  associatedtype Sum: BitwiseCopyable
  /// What each sum begins with.
  var initial: Sum { get }
  /// Whether `added` is to be asked.
  var adds: Bool { get }
  /// `sum` and what is to be added at a row.
  func added(_ sum: Sum, row: Int) -> Sum
  func store(_ sum: Sum, row: Int)
}

/// A block of sums that lives in registers: `rows × columns` vectors.
///
/// The sizes are integer generic parameters, so every loop below is unrolled and every sum becomes a register: in the
/// disassembly the depth loop holds loads and multiply-adds only. No sum may be named by an index that is not constant
/// after unrolling.
struct Tile<Arithmetic: TileArithmetic, let rows: Int, let columns: Int> {
  var sums: InlineArray<rows, InlineArray<columns, Arithmetic.Sum>>

  @inline(always)
  init(_ first: Arithmetic.Sum, _ second: Arithmetic.Sum, _ third: Arithmetic.Sum) {
    var row = InlineArray<columns, Arithmetic.Sum>(repeating: first)
    if columns > 1 { row[1] = second }
    if columns > 2 { row[2] = third }
    sums = InlineArray(repeating: row)
  }

  /// Adds `depth` outer products.
  ///
  /// Row `r` of step `k` reads `a[r · rowStride + k]`; `b` advances by `columns` vectors a step.
  @inline(always)
  mutating func accumulate(
    depth: Int, a: UnsafePointer<Arithmetic.Word>, rowStride: Int, b: UnsafePointer<Arithmetic.Vector>
  ) {
    var a = a
    var b = b
    for _ in 0..<depth {
      for r in 0..<rows {
        let x = Arithmetic.broadcast(a[r &* rowStride])
        for c in 0..<columns {
          sums[r][c] = Arithmetic.multiplyAdd(sums[r][c], x, b[c])
        }
      }
      a += 1
      b += columns
    }
  }
}

/// Rows of a strided left operand times packed panels: every convolution that is not depthwise, and the matrix product.
///
/// The depth is a list of segments: each `count` words from `offset` of a row's begin on, in the order of the weights. For a
/// 1×1 convolution these are the runs of a view, for a k×k one its taps.
struct Product<Arithmetic: TileArithmetic, Output: TileOutput>
where Output.Column.Sum == Arithmetic.Sum {
  let segments: UnsafePointer<ChannelRun>
  let segmentCount: Int
  let depth: Int
  /// Words from one row of the left operand to the next.
  let rowStride: Int
  /// `[panel][depth][panelWidth]`.
  let weights: UnsafePointer<Arithmetic.Word>
  /// Two vectors or, where a set has tiles for it, three.
  let panelWidth: Int
  /// True output channels.
  let channels: Int
  let output: Output

  /// `count` rows from `a` on, which are rows from `row` on of the output, times one panel.
  @inline(always)
  func sweep(panel: Int, a: UnsafePointer<Arithmetic.Word>, count: Int, row: Int) {
    let channel = panel &* panelWidth
    let width = least(panelWidth, channels &- channel)
    #if ISA_AVX2
      if width > 2 &* FloatVector.count { return sweep(channel, a, count, row, 4, Tile<Arithmetic, 1, 3>.self) }
    #endif
    if width > FloatVector.count {
      sweep(channel, a, count, row, tileHeight, Tile<Arithmetic, 1, 2>.self)
    } else {
      sweep(channel, a, count, row, narrowTileHeight, Tile<Arithmetic, 1, 1>.self)
    }
  }

  /// Cuts the rows into tiles of nearly equal height, so 169 rows become 15 tiles of 11 or 12, not 14 and a stump.
  @inline(always)
  private func sweep<let columns: Int>(
    _ channel: Int, _ a: UnsafePointer<Arithmetic.Word>, _ count: Int, _ row: Int, _ most: Int,
    _: Tile<Arithmetic, 1, columns>.Type
  ) {
    guard count > 0 else { return }
    let tiles = (count &+ most &- 1) / most
    let height = count / tiles
    let higher = count % tiles
    var done = 0
    for tile in 0..<tiles {
      let rows = tile < higher ? height &+ 1 : height
      let start = a + (done &* rowStride)
      switch rows {
      case 1: multiply(channel, start, row &+ done, Tile<Arithmetic, 1, columns>.self)
      case 2: multiply(channel, start, row &+ done, Tile<Arithmetic, 2, columns>.self)
      case 3: multiply(channel, start, row &+ done, Tile<Arithmetic, 3, columns>.self)
      case 4: multiply(channel, start, row &+ done, Tile<Arithmetic, 4, columns>.self)
      default: high(rows, channel, start, row &+ done, Tile<Arithmetic, 1, columns>.self)
      }
      done &+= rows
    }
  }

  /// The tiles that not every set has for every number of columns.
  @inline(always)
  private func high<let columns: Int>(
    _ rows: Int, _ channel: Int, _ a: UnsafePointer<Arithmetic.Word>, _ row: Int, _: Tile<Arithmetic, 1, columns>.Type
  ) {
    #if ISA_AVX512
      let most = 12
    #elseif ISA_AVX2
      let most = columns > 2 ? 4 : columns > 1 ? 6 : 12
    #else
      let most = columns > 1 ? 4 : 8
    #endif
    // Constant comparisons: what a set never asks for is not compiled.
    if most >= 5, rows == 5 { return multiply(channel, a, row, Tile<Arithmetic, 5, columns>.self) }
    if most >= 6, rows == 6 { return multiply(channel, a, row, Tile<Arithmetic, 6, columns>.self) }
    if most >= 7, rows == 7 { return multiply(channel, a, row, Tile<Arithmetic, 7, columns>.self) }
    if most >= 8, rows == 8 { return multiply(channel, a, row, Tile<Arithmetic, 8, columns>.self) }
    if most >= 9, rows == 9 { return multiply(channel, a, row, Tile<Arithmetic, 9, columns>.self) }
    if most >= 10, rows == 10 { return multiply(channel, a, row, Tile<Arithmetic, 10, columns>.self) }
    if most >= 11, rows == 11 { return multiply(channel, a, row, Tile<Arithmetic, 11, columns>.self) }
    if most >= 12, rows == 12 { return multiply(channel, a, row, Tile<Arithmetic, 12, columns>.self) }
  }

  /// One tile. A function of its own for each size: inlined into the switch above, the tiles make one huge function in which
  /// LLVM no longer unrolls the loops over a tile's rows, and the sums move from registers to memory.
  @inline(never)
  private func multiply<let rows: Int, let columns: Int>(
    _ channel: Int, _ a: UnsafePointer<Arithmetic.Word>, _ row: Int, _: Tile<Arithmetic, rows, columns>.Type
  ) {
    let first = output.column(channel: channel, row: row)
    let second = output.column(channel: columns > 1 ? channel &+ FloatVector.count : channel, row: row)
    let third = output.column(channel: columns > 2 ? channel &+ 2 &* FloatVector.count : channel, row: row)
    var tile = Tile<Arithmetic, rows, columns>(first.initial, second.initial, third.initial)
    if first.adds {
      for r in 0..<rows { tile.sums[r][0] = first.added(tile.sums[r][0], row: r) }
      if columns > 1 { for r in 0..<rows { tile.sums[r][1] = second.added(tile.sums[r][1], row: r) } }
      if columns > 2 { for r in 0..<rows { tile.sums[r][2] = third.added(tile.sums[r][2], row: r) } }
    }
    let panel = UnsafeRawPointer(weights + (channel &* depth))
    var column = panel.assumingMemoryBound(to: Arithmetic.Vector.self)
    for s in 0..<segmentCount {
      let segment = segments[s]
      tile.accumulate(depth: segment.count, a: a + segment.offset, rowStride: rowStride, b: column)
      column += (columns &* segment.count)
    }
    // Not a loop over columns: LLVM unrolls it only while the tile is small.
    for r in 0..<rows { first.store(tile.sums[r][0], row: r) }
    if columns > 1 { for r in 0..<rows { second.store(tile.sums[r][1], row: r) } }
    if columns > 2 { for r in 0..<rows { third.store(tile.sums[r][2], row: r) } }
  }
}
