/// A copy in which each output element names its source by a sum of one offset for each output axis.
///
/// Slices, transpositions, tiling, padding and gathering by constant indices are all of this kind.
struct AxisMap: Sendable {
  /// The offsets along one output axis, in elements of the source.
  struct Axis: Sendable {
    let count: Int
    private let start: Int
    private let step: Int
    private let table: [Int]?

    /// `start`, `start + step`, …
    init(start: Int = 0, step: Int, count: Int) {
      self.count = count
      self.start = start
      self.step = step
      table = nil
    }

    /// Any offsets; a negative one means that there is no source and the element becomes the fill value.
    init(table: [Int]) {
      count = table.count
      start = 0
      step = 0
      self.table = table
    }

    @inline(always)
    subscript(index: Int) -> Int { table.map { $0[index] } ?? start + index * step }

    /// Whether the axis runs on where rows of `length` elements end; if so, where it starts.
    func continues(_ length: Int) -> Int? {
      guard count > 0 else { return nil }
      if let table {
        return table[0] >= 0 && table.indices.allSatisfy { table[$0] == table[0] + $0 * length } ? table[0] : nil
      }
      return step == length || count == 1 ? start : nil
    }
  }

  /// Outermost first.
  private let axes: [Axis]
  /// The innermost axes that run along the source are joined to rows of this many elements.
  private let rowLength: Int
  private let rowStart: Int
  private let outputCount: Int

  init(_ axes: [Axis]) {
    var axes = axes
    var length = 1
    var start = 0
    outputCount = axes.reduce(1) { $0 * $1.count }
    while let last = axes.last, let first = last.continues(length) {
      length *= last.count
      start += first
      axes.removeLast()
    }
    self.axes = axes
    rowLength = length
    rowStart = start
  }

  /// The identity along every axis of a row-major tensor; a start for maps that change a few.
  static func identity(_ shape: [Int]) -> [Axis] {
    zip(shape, rowMajorStrides(shape)).map { Axis(step: $1, count: $0) }
  }

  /// `fill` holds the bits of one element.
  func copy(_ x: TensorView, to y: TensorView, fill: UInt64 = 0) {
    switch y.type.size {
    case 1: copy(x[UInt8.self], y[UInt8.self], UInt8(truncatingIfNeeded: fill))
    case 2: copy(x[UInt16.self], y[UInt16.self], UInt16(truncatingIfNeeded: fill))
    case 4: copy(x[UInt32.self], y[UInt32.self], UInt32(truncatingIfNeeded: fill))
    default: copy(x[UInt64.self], y[UInt64.self], fill)
    }
  }

  private func copy<T: BitwiseCopyable>(_ x: UnsafeMutablePointer<T>, _ y: UnsafeMutablePointer<T>, _ fill: T) {
    guard outputCount > 0 else { return }
    var to = y
    write(0, x + rowStart, &to, fill)
  }

  /// Writes everything below one position of the axes before; nil means that those have no source.
  private func write<T: BitwiseCopyable>(
    _ axis: Int, _ x: UnsafeMutablePointer<T>?, _ y: inout UnsafeMutablePointer<T>, _ fill: T
  ) {
    guard axis < axes.count else {
      if let x { y.update(from: x, count: rowLength) } else { y.update(repeating: fill, count: rowLength) }
      y += rowLength
      return
    }
    let offsets = axes[axis]
    if axis == axes.count - 1, rowLength == 1, let x {
      for i in 0..<offsets.count {
        let offset = offsets[i]
        y[i] = offset < 0 ? fill : x[offset]
      }
      y += offsets.count
      return
    }
    for i in 0..<offsets.count {
      let offset = offsets[i]
      write(axis + 1, offset < 0 ? nil : x.map { $0 + offset }, &y, fill)
    }
  }
}
