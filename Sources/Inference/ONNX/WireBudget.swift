/// Counts the messages of a serialised model before it is decoded.
///
/// Two bytes on the wire can become a message of a few hundred bytes in memory, so a small hostile file could ask for a great
/// deal. The walk follows the schema's nesting and allocates nothing.
struct WireBudget {
  /// The messages whose children matter.
  private enum Message {
    case model, graph, node, attribute, tensor, leaf

    /// What a length-delimited field holds; nil for strings, bytes and packed numbers.
    func child(_ field: UInt64) -> Message? {
      switch (self, field) {
      case (.model, 7): .graph
      case (.model, 8), (.model, 14), (.model, 20), (.model, 25), (.model, 26): .leaf
      case (.graph, 1): .node
      case (.graph, 5): .tensor
      case (.graph, 11), (.graph, 12), (.graph, 13), (.graph, 14), (.graph, 15), (.graph, 16): .leaf
      case (.node, 5): .attribute
      case (.node, 1), (.node, 2), (.node, 9), (.node, 10): .leaf
      case (.attribute, 5), (.attribute, 10): .tensor
      case (.attribute, 6), (.attribute, 11): .graph
      case (.attribute, 9), (.attribute, 14), (.attribute, 15), (.attribute, 22), (.attribute, 23): .leaf
      case (.tensor, 6), (.tensor, 13), (.tensor, 16): .leaf
      // Types, training, functions and metadata nest as well; their kinds do not matter, so every field may be a message.
      case (.leaf, _): .leaf
      default: nil
      }
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private var left: Int

  /// Whether the model holds at most `limit` messages and repeated strings. Bytes that do not parse end the count; the decoder
  /// reports them.
  static func holds(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
    var walk = WireBudget(bytes: bytes, left: limit)
    walk.visit(0..<bytes.count, as: .model, depth: 0)
    return walk.left >= 0
  }

  private mutating func visit(_ range: Range<Int>, as message: Message, depth: Int) {
    guard depth < 40 else { return }
    var at = range.lowerBound
    while at < range.upperBound, left >= 0 {
      guard let tag = variable(&at, range.upperBound) else { return }
      switch tag & 7 {
      case 0: guard variable(&at, range.upperBound) != nil else { return }
      case 1: at += 8
      case 5: at += 4
      case 2:
        guard let length = variable(&at, range.upperBound), length <= UInt64(range.upperBound - at) else { return }
        if let child = message.child(tag >> 3) {
          left -= 1
          visit(at..<at + Int(length), as: child, depth: depth + 1)
        }
        at += Int(length)
      default: return
      }
    }
  }

  /// A base-128 number, of at most ten bytes.
  private func variable(_ at: inout Int, _ end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard at < end else { return nil }
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
    }
    return nil
  }
}
