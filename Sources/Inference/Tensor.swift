import Glibc

/// What a tensor's elements are. The engine computes in `float32`; the rest serves shapes, indices and masks.
public enum ElementType: String, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case bool

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }
}

/// An element type and a shape whose sizes cannot overflow: every side is in 0 … 2³¹, the product of those that are not zero
/// is below 2⁴⁰, and there are at most 12.
struct TensorType: Equatable, Sendable {
  let element: ElementType
  let shape: [Int]

  static let maximumRank = 12

  /// Nil where the shape breaks the invariant.
  init?(_ element: ElementType, _ shape: [Int]) {
    guard shape.count <= Self.maximumRank else { return nil }
    var product = 1
    for side in shape {
      guard side >= 0, side <= 1 << 31 else { return nil }
      product *= max(side, 1)
      guard product < 1 << 40 else { return nil }
    }
    self.element = element
    self.shape = shape
  }

  var count: Int { shape.reduce(1, *) }
  var bytes: Int { count * element.size }
}

/// Memory on a 64-byte boundary that starts as zeros. Its maker fills it before anyone else sees it; afterwards it is only read.
final class Memory: Sendable {
  // Written only by its maker, see above.
  nonisolated(unsafe) let base: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    let rounded = (max(byteCount, 1) + 63) & ~63
    base = .allocate(byteCount: rounded, alignment: 64)
    memset(base, 0, rounded)
  }

  deinit { base.deallocate() }
}

/// A constant: type and contents, row-major.
struct Tensor: Sendable {
  let type: TensorType
  private let memory: Memory

  init(_ type: TensorType, fill: (TensorView) -> Void) {
    self.type = type
    memory = Memory(byteCount: type.bytes)
    fill(TensorView(type: type.element, shape: type.shape, base: memory.base))
  }

  init(_ type: TensorType, memory: Memory) {
    precondition(memory.byteCount >= type.bytes)
    self.type = type
    self.memory = memory
  }

  /// A vector of integers, as shapes and axes are.
  init(ints: [Int]) {
    self.init(TensorType(.int64, [ints.count])!) { view in
      for (i, value) in ints.enumerated() { view[Int64.self][i] = Int64(value) }
    }
  }

  init(floats: [Float], shape: [Int]) {
    precondition(floats.count == shape.reduce(1, *))
    self.init(TensorType(.float32, shape)!) { view in
      for (i, value) in floats.enumerated() { view[Float.self][i] = value }
    }
  }

  var shape: [Int] { type.shape }
  var count: Int { type.count }

  /// The same contents under another shape of as many elements.
  func reshaped(_ shape: [Int]) -> Tensor? {
    guard let other = TensorType(type.element, shape), other.count == count else { return nil }
    return Tensor(other, memory: memory)
  }

  /// The contents where they lie; valid while this tensor, or a copy of it, lives.
  var view: TensorView { TensorView(type: type.element, shape: shape, base: memory.base) }

  /// The contents as integers; nil unless the elements are `int64` or `int32`.
  var ints: [Int]? {
    withExtendedLifetime(memory) {
      switch type.element {
      case .int64: return (0..<count).map { Int(view[Int64.self][$0]) }
      case .int32: return (0..<count).map { Int(view[Int32.self][$0]) }
      default: return nil
      }
    }
  }

  /// The contents as floats; nil unless the elements are `float32`.
  var floats: [Float]? {
    guard type.element == .float32 else { return nil }
    return withExtendedLifetime(memory) {
      Array(UnsafeBufferPointer(start: view[Float.self], count: count))
    }
  }
}

/// A tensor in memory that somebody else owns, row-major.
struct TensorView {
  var type: ElementType
  var shape: [Int]
  var base: UnsafeMutableRawPointer

  var count: Int { shape.reduce(1, *) }

  /// The elements, which the caller knows to be of this type.
  @inline(always)
  subscript<Element: BitwiseCopyable>(_: Element.Type) -> UnsafeMutablePointer<Element> {
    base.assumingMemoryBound(to: Element.self)
  }
}

/// The distance in elements between neighbours along each axis of a row-major tensor.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for i in stride(from: shape.count - 2, through: 0, by: -1) { strides[i] = strides[i + 1] * shape[i + 1] }
  return strides
}
