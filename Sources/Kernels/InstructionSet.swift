// The one file that knows instruction sets. Everything else is written in terms of these types.
//
// The vectors are types of this module, not bare SIMD types: generic code specialised for them (InlineArray's
// initialiser, say) then carries this module's name, and the linker cannot hand the copy that was compiled for AVX-512
// to the module that runs on an old processor.

import KernelInterface

#if arch(x86_64)
  import _Builtin_intrinsics.intel
#endif

#if ISA_AVX512
  typealias FloatLanes = SIMD16<Float>
  typealias IntLanes = SIMD16<Int32>
  /// Rows of a tile of two columns, and of one: as many sums as keep the multipliers busy and fit the registers.
  let tileHeight = 12
  let narrowTileHeight = 12
#elseif ISA_AVX2
  typealias FloatLanes = SIMD8<Float>
  typealias IntLanes = SIMD8<Int32>
  let tileHeight = 6
  let narrowTileHeight = 12
#else
  typealias FloatLanes = SIMD4<Float>
  typealias IntLanes = SIMD4<Int32>
  let tileHeight = 4
  let narrowTileHeight = 8
#endif

/// Columns of a packed panel, and of one for plain planes: three vectors fit the 24 channels that many first layers have.
let panelWidth = 2 &* FloatVector.count
#if ISA_AVX2
  let firstPanelWidth = 3 &* FloatVector.count
#else
  let firstPanelWidth = 2 &* FloatVector.count
#endif

private typealias Bytes = SIMD2<Int64>

/// A register of floats.
struct FloatVector: BitwiseCopyable {
  var lanes: FloatLanes

  static var count: Int { @inline(always) get { FloatLanes.scalarCount } }

  @inline(always) init(_ lanes: FloatLanes) { self.lanes = lanes }
  /// The same bits.
  @inline(always) init<Vector: BitwiseCopyable>(bits: Vector) { lanes = cast(bits) }
  @inline(always) init() { lanes = FloatLanes() }
  @inline(always) init(repeating value: Float) { lanes = FloatLanes(repeating: value) }

  /// Loads at any alignment.
  @inline(always) init(_ p: UnsafePointer<Float>) {
    lanes = UnsafeRawPointer(p).loadUnaligned(as: FloatLanes.self)
  }

  @inline(always) func store(_ p: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(p).storeBytes(of: lanes, as: FloatLanes.self)
  }

  /// The first `count` floats, then `fill`.
  @inline(always) init(_ p: UnsafePointer<Float>, count: Int, fill: Float = 0) {
    lanes = FloatLanes(repeating: fill)
    for i in 0..<Self.count where i < count { lanes[i] = p[i] }
  }

  /// Stores the first `count` lanes only.
  @inline(always) func store(_ p: UnsafeMutablePointer<Float>, count: Int) {
    for i in 0..<Self.count where i < count { p[i] = lanes[i] }
  }

  @inline(always) static func + (a: Self, b: Self) -> Self { Self(a.lanes + b.lanes) }
  @inline(always) static func - (a: Self, b: Self) -> Self { Self(a.lanes - b.lanes) }
  @inline(always) static func * (a: Self, b: Self) -> Self { Self(a.lanes * b.lanes) }
  @inline(always) static func / (a: Self, b: Self) -> Self { Self(a.lanes / b.lanes) }

  /// `self + a · b`: fused where the instruction set has it. On plain x86-64 `addingProduct` would call `fmaf` for
  /// each lane.
  @inline(always) func adding(_ a: Self, times b: Self) -> Self {
    #if ISA_AVX512 || ISA_AVX2 || arch(arm64)
      Self(lanes.addingProduct(a.lanes, b.lanes))
    #else
      Self(lanes + a.lanes * b.lanes)
    #endif
  }

  /// At least `low`; NaN stays NaN.
  @inline(always) func clamped(from low: Self) -> Self {
    Self(lanes.replacing(with: low.lanes, where: lanes .< low.lanes))
  }

  /// At most `high`; NaN stays NaN.
  @inline(always) func clamped(to high: Self) -> Self {
    Self(lanes.replacing(with: high.lanes, where: lanes .> high.lanes))
  }

  /// The sum of all lanes.
  @inline(always) var total: Float {
    var sum = lanes[0]
    for i in 1..<Self.count { sum += lanes[i] }
    return sum
  }

  /// The largest of all lanes.
  @inline(always) var largest: Float {
    var most = lanes[0]
    for i in 1..<Self.count where most < lanes[i] { most = lanes[i] }
    return most
  }
}

/// A register of 32-bit integers.
struct WordVector: BitwiseCopyable {
  var lanes: IntLanes

  @inline(always) init(_ lanes: IntLanes) { self.lanes = lanes }
  @inline(always) init() { lanes = IntLanes() }
  @inline(always) init(repeating value: Int32) { lanes = IntLanes(repeating: value) }
  /// The same bits.
  @inline(always) init<Vector: BitwiseCopyable>(bits: Vector) { lanes = cast(bits) }
  @inline(always) static func + (a: Self, b: Self) -> Self { Self(a.lanes &+ b.lanes) }
  @inline(always) static func - (a: Self, b: Self) -> Self { Self(a.lanes &- b.lanes) }
  @inline(always) func shiftedLeft(_ count: Int32) -> Self { Self(lanes &<< IntLanes(repeating: count)) }
  /// Keeps the sign.
  @inline(always) func shiftedRight(_ count: Int32) -> Self { Self(lanes &>> IntLanes(repeating: count)) }

  /// For each lane the two bytes that the table names, times their weights, added.
  ///
  /// `entry` counts the table's entries before, a multiple of the vector's width. One shuffle works within 16 bytes, so
  /// each four lanes bring their own load.
  @inline(always) init(picking table: PickTable, from row: UnsafePointer<UInt8>, entry: Int) {
    #if ISA_AVX512 || ISA_AVX2
      let weights = UnsafeRawPointer(table.weights + (entry &* 2)).loadUnaligned(as: IntLanes.self)
      if let starts = table.starts, let shuffles = table.shuffle {
        let shuffle = UnsafeRawPointer(shuffles + (entry &* 4)).loadUnaligned(as: IntLanes.self)
        let start = starts + (entry / 4)
        @inline(always) func bytes(_ i: Int) -> Bytes {
          UnsafeRawPointer(row + Int(start[i])).loadUnaligned(as: Bytes.self)
        }
        let (a, b) = (bytes(0), bytes(1))
        #if ISA_AVX512
          let (c, d) = (bytes(2), bytes(3))
          let quarters = SIMD8<Int64>(a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1])
          lanes = cast(_mm512_madd_epi16(_mm512_shuffle_epi8(cast(quarters), cast(shuffle)), cast(weights)))
        #else
          let halves = SIMD4<Int64>(a[0], a[1], b[0], b[1])
          lanes = cast(_mm256_madd_epi16(_mm256_shuffle_epi8(cast(halves), cast(shuffle)), cast(weights)))
        #endif
      } else {
        // The inputs are too far apart for a shuffle: two bytes at a time.
        let offset = table.offsets + entry
        @inline(always) func pair(_ i: Int) -> UInt16 {
          UnsafeRawPointer(row + Int(offset[i])).loadUnaligned(as: UInt16.self)
        }
        let low = SIMD8<UInt16>(pair(0), pair(1), pair(2), pair(3), pair(4), pair(5), pair(6), pair(7))
        #if ISA_AVX512
          let high = SIMD8<UInt16>(pair(8), pair(9), pair(10), pair(11), pair(12), pair(13), pair(14), pair(15))
          let (l, h): (Bytes, Bytes) = (cast(low), cast(high))
          let pairs = _mm512_cvtepu8_epi16(cast(SIMD4<Int64>(l[0], l[1], h[0], h[1])))
          lanes = cast(_mm512_madd_epi16(pairs, cast(weights)))
        #else
          lanes = cast(_mm256_madd_epi16(_mm256_cvtepu8_epi16(cast(low)), cast(weights)))
        #endif
      }
    #else
      // SSE2 has no shuffle of bytes.
      lanes = IntLanes()
      let (offsets, weights) = (table.offsets + entry, table.weights + (entry &* 2))
      for i in 0..<IntLanes.scalarCount {
        let first = row + Int(offsets[i])
        lanes[i] = Int32(first[0]) &* Int32(weights[i &* 2]) &+ Int32(first[1]) &* Int32(weights[i &* 2 &+ 1])
      }
    #endif
  }

  @inline(always) var asFloats: FloatVector {
    // The standard library's conversion between vectors is a function that the linker would share.
    #if ISA_AVX512
      FloatVector(bits: _mm512_cvtepi32_ps(cast(lanes)))
    #elseif ISA_AVX2
      FloatVector(bits: _mm256_cvtepi32_ps(cast(lanes)))
    #elseif arch(x86_64)
      FloatVector(bits: _mm_cvtepi32_ps(cast(lanes)))
    #else
      FloatVector(FloatLanes(lanes))
    #endif
  }
}

/// Where a channel of a pixel lies in a blocked tensor, in floats.
@inline(always)
func place(channel: Int, pixel: Int, plane: Int) -> Int {
  let row = (channel >> 4) &* plane &+ pixel
  return row &* 16 &+ (channel & 15)
}

@inline(always)
func cast<From: BitwiseCopyable, To: BitwiseCopyable>(_ value: From) -> To { unsafeBitCast(value, to: To.self) }

// The library's `min` and `max` are generic code that the linker could share.
@inline(always) func least(_ a: Int, _ b: Int) -> Int { a < b ? a : b }
@inline(always) func most(_ a: Int, _ b: Int) -> Int { a > b ? a : b }
