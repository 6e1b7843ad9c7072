/// The last packets of a stream, from a keyframe on, for clips of what has just happened.
public struct PacketRing: Sendable {
  /// How much is kept.
  public struct Bounds: Sendable, Hashable {
    public var seconds: Double
    public var bytes: Int

    public init(seconds: Double, bytes: Int = 64 << 20) {
      self.seconds = seconds
      self.bytes = bytes
    }
  }

  public let bounds: Bounds
  /// Bytes of the packets kept.
  public private(set) var byteCount = 0
  private var kept: [Packet] = []
  /// Packets before this index are gone; the array is closed up now and then.
  private var head = 0

  public init(_ bounds: Bounds) {
    self.bounds = bounds
  }

  public var count: Int { kept.count - head }

  /// The kept packets, in decoding order; the first is a keyframe.
  public var packets: ArraySlice<Packet> { kept[head...] }

  /// Takes in the next packet; stretches from keyframe to keyframe at the old end go when a bound is passed.
  ///
  /// A stretch that passes the bound in bytes by itself goes too, and the ring begins anew at the next keyframe.
  public mutating func append(_ packet: Packet) {
    guard packet.isKeyframe || count > 0 else { return }
    kept.append(packet)
    byteCount += packet.byteCount
    while count > 0 {
      let next = kept[(head + 1)...].firstIndex { $0.isKeyframe }
      let tooLong = next.map { packet.decodingTime - kept[$0].decodingTime >= bounds.seconds } ?? false
      guard tooLong || byteCount > bounds.bytes else { break }
      drop(to: next ?? kept.count)
    }
    if head > 256, head > kept.count / 2 {
      kept.removeFirst(head)
      head = 0
    }
  }

  /// The packets from the keyframe shown at or before `start` up to the last one shown before `end`, on the packets' clock.
  ///
  /// Begins at the oldest keyframe where the ring does not reach back to `start`.
  public func packets(from start: Double, to end: Double) -> [Packet] {
    guard count > 0 else { return [] }
    let shown = { (packet: Packet) in packet.time ?? packet.decodingTime }
    let first = packets.lastIndex { $0.isKeyframe && shown($0) <= start } ?? head
    // In decoding order what is shown before `end` may follow what is shown after it, but never decodes after it.
    return Array(kept[first...].prefix { $0.decodingTime < end || shown($0) < end })
  }

  private mutating func drop(to index: Int) {
    for packet in kept[head..<index] { byteCount -= packet.byteCount }
    head = index
    if head == kept.count {
      kept.removeAll(keepingCapacity: true)
      head = 0
    }
  }
}
