import Formats

/// Reads XML piece by piece: elements, attributes and text of a plain document in UTF-8.
///
/// Declarations of document types are refused, and with them every entity but the five of XML and character numbers, so that
/// nothing is expanded or fetched. Nesting is at most 32 deep, the text at most 64 MiB.
struct XMLScanner {
  enum Piece: Equatable {
    case start(String, [String: String])
    case text(String)
    case end(String)
  }

  private let bytes: [UInt8]
  private let file: String
  private var at = 0
  private var open: [String] = []
  private var pending: [Piece] = []
  private var hasRoot = false

  static let mostDepth = 32

  init(_ bytes: [UInt8], file: String) throws(FormatError) {
    guard bytes.count <= JSONLimits.bytes else { throw FormatError(file: file, problem: "is larger than 64 MiB") }
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
  }

  /// Nil at the end of a whole document.
  mutating func next() throws(FormatError) -> Piece? {
    if !pending.isEmpty { return pending.removeFirst() }
    while at < bytes.count {
      if bytes[at] != UInt8(ascii: "<") {
        let text = try text(until: UInt8(ascii: "<"))
        if open.isEmpty {
          guard text.allSatisfy(\.isWhitespace) else { throw fail("text outside the document's element") }
          continue
        }
        return .text(text)
      }
      if skip("<?") {
        try skipPast("?>")
      } else if skip("<!--") {
        try skipPast("-->")
      } else if skip("<![CDATA[") {
        let start = at
        try skipPast("]]>")
        guard !open.isEmpty else { throw fail("text outside the document's element") }
        return .text(try string(start..<(at - 3)))
      } else if skip("<!") {
        throw fail("a document type is not allowed")
      } else if skip("</") {
        let name = try name()
        skipSpace()
        guard skip(">"), open.popLast() == name else { throw fail("an end tag that fits was expected") }
        return .end(name)
      } else {
        at += 1
        return try element()
      }
    }
    guard open.isEmpty, hasRoot else { throw fail("the document breaks off") }
    return nil
  }

  private mutating func element() throws(FormatError) -> Piece {
    guard !open.isEmpty || !hasRoot else { throw fail("a second element at the top") }
    hasRoot = true
    guard open.count < Self.mostDepth else { throw fail("nesting deeper than \(Self.mostDepth)") }
    let name = try name()
    var attributes: [String: String] = [:]
    while true {
      skipSpace()
      if skip("/>") {
        pending.append(.end(name))
        return .start(name, attributes)
      }
      if skip(">") {
        open.append(name)
        return .start(name, attributes)
      }
      let key = try self.name()
      skipSpace()
      guard skip("=") else { throw fail("= was expected") }
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == UInt8(ascii: "'") else {
        throw fail("a value in quotes was expected")
      }
      let quote = bytes[at]
      at += 1
      let value = try text(until: quote)
      guard at < bytes.count else { throw fail("the document breaks off") }
      at += 1
      guard attributes.updateValue(value, forKey: key) == nil, attributes.count <= 100 else {
        throw fail("the attribute \(key) is there twice, or there are more than 100")
      }
    }
  }

  private func fail(_ what: String) -> FormatError {
    let line = bytes[..<min(at, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
    return FormatError(file: file, problem: "is not plain XML: \(what) at line \(line)")
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    guard at <= bytes.count, bytes[at...].starts(with: text.description.utf8) else { return false }
    at += text.utf8CodeUnitCount
    return true
  }

  private mutating func skipPast(_ text: StaticString) throws(FormatError) {
    while at < bytes.count {
      if skip(text) { return }
      at += 1
    }
    throw fail("the document breaks off")
  }

  private mutating func skipSpace() {
    while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
  }

  private mutating func name() throws(FormatError) -> String {
    let start = at
    while at < bytes.count, at - start < 200 {
      switch bytes[at] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), 0x80...0xFF:
        at += 1
        continue
      default: break
      }
      break
    }
    guard at > start else { throw fail("a name was expected") }
    return try string(start..<at)
  }

  private func string(_ range: Range<Int>) throws(FormatError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw fail("text that is not UTF-8") }
    return text
  }

  /// Text up to a byte, with its references resolved.
  private mutating func text(until end: UInt8) throws(FormatError) -> String {
    var result = ""
    var start = at
    while at < bytes.count, bytes[at] != end {
      if bytes[at] == UInt8(ascii: "&") {
        result += try string(start..<at)
        result.unicodeScalars.append(try reference())
        start = at
      } else {
        at += 1
      }
    }
    return try result + string(start..<at)
  }

  private mutating func reference() throws(FormatError) -> Unicode.Scalar {
    at += 1
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: ";"), at - start < 12 { at += 1 }
    let name = try string(start..<at)
    guard skip(";") else { throw fail("an unfinished reference") }
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      var digits = name[...]
      guard digits.popFirst() == "#" else { throw fail("the entity &\(name); is not allowed") }
      let radix = digits.first == "x" ? 16 : 10
      if radix == 16 { digits.removeFirst() }
      guard let value = UInt32(digits, radix: radix), let scalar = Unicode.Scalar(value),
        value >= 0x20 || [9, 10, 13].contains(value)
      else { throw fail("the character &\(name); is not allowed") }
      return scalar
    }
  }
}
