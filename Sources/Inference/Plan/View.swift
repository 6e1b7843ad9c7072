import KernelInterface

/// Where the channels of a blocked value lie (see `ChannelRun`).
///
/// Concatenating, slicing and shuffling channels make other views of the same buffers and compute nothing. All buffers of a
/// view have the same height and width; slot `s` of a buffer is lane `s % 16` of its block `s / 16`.
package struct View: Equatable, Sendable {
  /// Neighbouring slots of one buffer.
  package struct Piece: Equatable, Sendable {
    package var buffer: Int
    package var slot: Int
    package var count: Int

    package init(buffer: Int, slot: Int, count: Int) {
      self.buffer = buffer
      self.slot = slot
      self.count = count
    }
  }

  /// In the order of the logical channels. Neighbours that could be joined are joined; none is empty.
  package private(set) var pieces: [Piece] = []
  package let height: Int
  package let width: Int

  /// A view of nothing, to be appended to.
  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A whole buffer.
  package init(buffer: Int, channels: Int, height: Int, width: Int) {
    self.init(height: height, width: width)
    append(Piece(buffer: buffer, slot: 0, count: channels))
  }

  var pixels: Int { height * width }
  package var channels: Int { pieces.reduce(0) { $0 + $1.count } }
  var buffers: Set<BufferID> { Set(pieces.map(\.buffer)) }

  package mutating func append(_ piece: Piece) {
    guard piece.count > 0 else { return }
    if let last = pieces.last, last.buffer == piece.buffer, last.slot + last.count == piece.slot {
      pieces[pieces.count - 1].count += piece.count
    } else {
      pieces.append(piece)
    }
  }

  package mutating func append(_ other: View) { for piece in other.pieces { append(piece) } }

  /// Some neighbouring channels.
  package func channels(_ range: Range<Int>) -> View {
    var view = View(height: height, width: width)
    var first = 0
    for piece in pieces {
      let part = range.clamped(to: first..<first + piece.count)
      view.append(Piece(buffer: piece.buffer, slot: piece.slot + part.lowerBound - first, count: part.count))
      first += piece.count
    }
    return view
  }

  /// The place of each channel.
  var places: [(buffer: BufferID, slot: Int)] {
    pieces.flatMap { piece in (0..<piece.count).map { (piece.buffer, piece.slot + $0) } }
  }

  /// Channels in another order.
  package func selecting(_ order: [Int]) -> View {
    let places = places
    var view = View(height: height, width: width)
    for channel in order {
      view.append(Piece(buffer: places[channel].buffer, slot: places[channel].slot, count: 1))
    }
    return view
  }

  /// The same channels in the order in which they lie in memory, which makes the longest runs; with the logical channel of each.
  package func inMemoryOrder() -> (view: View, order: [Int]) {
    let places = places
    let order = places.indices.sorted {
      (places[$0].buffer, places[$0].slot, $0) < (places[$1].buffer, places[$1].slot, $1)
    }
    return (selecting(order), order)
  }

  /// The physical blocks that hold the channels, and the slot of each channel in a tensor of just those blocks.
  ///
  /// Kernels that treat each channel alike work on these blocks as they are.
  func blocks() -> (blocks: [Block], slots: [Int]) {
    var blocks: [Block] = []
    var index: [Block: Int] = [:]
    var slots: [Int] = []
    for place in places {
      let block = Block(buffer: place.buffer, index: place.slot / 16)
      if index[block] == nil {
        index[block] = blocks.count
        blocks.append(block)
      }
      slots.append(index[block]! * 16 + place.slot % 16)
    }
    return (blocks, slots)
  }

  /// One block of 16 channels of a buffer.
  struct Block: Hashable, Sendable {
    let buffer: BufferID
    let index: Int
  }

  /// Whether the channels are whole blocks in order, the last perhaps partial.
  package var isAligned: Bool { blocks().slots == Array(0..<channels) }

  /// The first block, where the channels are blocks of one buffer in order.
  var dense: Block? {
    guard pieces.count == 1, pieces[0].slot % 16 == 0 else { return nil }
    return Block(buffer: pieces[0].buffer, index: pieces[0].slot / 16)
  }

  /// The runs within an arena, in floats from its base.
  func runs(_ arena: Arena) -> [ChannelRun] {
    var runs: [ChannelRun] = []
    for piece in pieces {
      let base = arena.offsets[piece.buffer] / 4
      var slot = piece.slot
      while slot < piece.slot + piece.count {
        let count = min(16 - slot % 16, piece.slot + piece.count - slot)
        runs.append(ChannelRun(offset: base + slot / 16 * pixels * 16 + slot % 16, count: count))
        slot += count
      }
    }
    return runs
  }
}

extension Arena {
  var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }

  /// Floats from the base to a block's pixel 0.
  func offset(_ block: View.Block, pixels: Int) -> Int { offsets[block.buffer] / 4 + block.index * pixels * 16 }
}

/// Memory of a bound step that holds a list for the kernels.
final class Table<Element: BitwiseCopyable> {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  init(_ elements: [Element]) {
    count = elements.count
    pointer = .allocate(capacity: max(1, elements.count))
    pointer.initialize(from: elements, count: elements.count)
  }

  deinit { pointer.deallocate() }
}

/// The part of `0..<count` that falls to one of so many parts, cut at multiples of `unit`.
@inline(always)
func share(_ count: Int, _ part: Int, of parts: Int, unit: Int = 1) -> Range<Int> {
  let units = (count + unit - 1) / unit
  return min(count, units * part / parts * unit)..<min(count, units * (part + 1) / parts * unit)
}

/// A useful number of parts for a step of `count` units, whose work is the product of `factors` and goes at so many of them a
/// nanosecond.
func usefulParts(_ count: Int, work factors: Int..., perNanosecond rate: Double = 1) -> Int {
  let nanoseconds = factors.reduce(1 / rate) { $0 * Double($1) }
  return max(1, min(count, Int(min(16, nanoseconds / 8_000))))
}
