public import KernelInterface

/// A seeded generator (SplitMix64): the same checks on every machine.
public struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  public init(_ seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  /// Values in -1..<1 times `scale`.
  public mutating func values(_ count: Int, scale: Float = 1) -> [Float] {
    (0..<count).map { _ in Float.random(in: -1..<1, using: &self) * scale }
  }
}

/// Floats on a 64-byte boundary, between guards that no kernel may touch.
public final class Memory {
  public let start: UnsafeMutablePointer<Float>
  public let count: Int
  private let raw: UnsafeMutablePointer<Float>
  private static let guardFloats = 64
  /// A value that no kernel computes.
  public static let untouched: Float = 12345.678

  public init(_ count: Int, _ value: Float = Memory.untouched) {
    let total = count + 2 * Self.guardFloats
    raw = UnsafeMutableRawPointer.allocate(byteCount: total * 4, alignment: 64)
      .initializeMemory(as: Float.self, repeating: Self.untouched, count: total)
    start = raw + Self.guardFloats
    self.count = count
    for i in 0..<count { start[i] = value }
  }

  public convenience init(_ values: [Float]) {
    self.init(values.count)
    for i in values.indices { start[i] = values[i] }
  }

  deinit { raw.deallocate() }

  public var constant: UnsafePointer<Float> { UnsafePointer(start) }
  public var values: [Float] { (0..<count).map { start[$0] } }

  public var guardsAreWhole: Bool {
    (0..<Self.guardFloats).allSatisfy {
      raw[$0] == Self.untouched && raw[Self.guardFloats + count + $0] == Self.untouched
    }
  }
}

/// A view of random values whose channels lie in a memory of blocks; slots of no channel hold NaN.
public struct RandomView {
  public enum Arrangement: CaseIterable, Sendable {
    /// Whole blocks in order.
    case dense
    /// Whole blocks, shuffled, in a larger memory.
    case aligned
    /// Pieces of 1 to 16 channels anywhere.
    case pieces
    /// Each channel for itself, as after a channel shuffle.
    case singles
  }

  public let memory: Memory
  public let runs: [ChannelRun]
  public let channels: Int
  public let pixels: Int

  public init(channels: Int, pixels: Int, _ arrangement: Arrangement, _ random: inout Seeded) {
    let blocks = (channels + 15) / 16
    let plane = pixels
    var runs: [ChannelRun] = []
    var total = blocks
    switch arrangement {
    case .dense: runs = ChannelRun.dense(channels: channels, offset: 0, plane: plane)
    case .aligned:
      total = blocks + 2
      let order = (0..<total).shuffled(using: &random)
      runs = (0..<blocks).map {
        ChannelRun(offset: order[$0] * plane * 16, count: Swift.min(16, channels - $0 * 16))
      }
    case .pieces:
      // Each block gives one piece.
      var left = channels
      total = 0
      while left > 0 {
        let count = random.integer(1...Swift.min(16, left))
        runs.append(ChannelRun(offset: total * plane * 16 + random.integer(0...16 - count), count: count))
        total += 1
        left -= count
      }
      runs.shuffle(using: &random)
    case .singles:
      runs = (0..<channels).map {
        ChannelRun(offset: blockedOffset(channel: $0, pixel: 0, plane: plane), count: 1)
      }
      runs.shuffle(using: &random)
    }
    memory = Memory(total * plane * 16, .nan)
    for run in runs {
      for pixel in 0..<pixels {
        for i in 0..<run.count { memory.start[run.offset + pixel * 16 + i] = Float.random(in: -1..<1, using: &random) }
      }
    }
    self.runs = runs
    self.channels = channels
    self.pixels = pixels
  }

  /// For each block of a block-aligned view, its offset.
  public var blockOffsets: [Int] { runs.map(\.offset) }
}

/// A blocked tensor that kernels write to.
public struct BlockedResult {
  public let channels: Int
  public let plane: Int
  public let memory: Memory

  public init(channels: Int, plane: Int) {
    self.channels = channels
    self.plane = plane
    memory = Memory(blockedCount(channels: channels, pixels: plane))
  }

  public subscript(channel: Int, pixel: Int) -> Float {
    memory.start[blockedOffset(channel: channel, pixel: pixel, plane: plane)]
  }

  /// The true channels' values.
  public var values: [Float] {
    (0..<channels).flatMap { channel in (0..<plane).map { self[channel, $0] } }
  }

  /// Whether only the named pixels and blocks were written.
  func isUntouched(outside pixels: Range<Int>, blocks: Range<Int>) -> Bool {
    memory.guardsAreWhole
      && (0..<memory.count).allSatisfy {
        blocks.contains($0 / 16 / plane) && pixels.contains($0 / 16 % plane) || memory.start[$0] == Memory.untouched
      }
  }
}

/// The largest difference, as a part of the largest expected value; infinite where one is NaN and the other is not.
public func difference(_ found: [Float], _ expected: [Float]) -> Float {
  precondition(found.count == expected.count)
  var (largest, most): (Float, Float) = (1e-20, 0)
  for (a, b) in zip(found, expected) where !(a.isNaN && b.isNaN) && a != b {
    if b.isFinite { largest = Swift.max(largest, abs(b)) }
    let apart = abs(a - b)
    most = Swift.max(most, apart.isFinite ? apart : .infinity)
  }
  for b in expected where b.isFinite { largest = Swift.max(largest, abs(b)) }
  return most / largest
}
