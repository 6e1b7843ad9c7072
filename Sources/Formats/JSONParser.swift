/// The bounds within which a document is read.
public enum JSONLimits {
  /// 64 MiB.
  public static let bytes = 64 << 20
  public static let depth = 64
  /// Values in a document, so that a hostile one of 64 MiB takes neither gigabytes nor minutes; an event has about fifteen,
  /// a warning with all its reasons and states about sixty.
  public static let values = 3_000_000
  /// Members of an object: keys are names, not data.
  public static let members = 10_000
  /// Bytes of a text.
  public static let text = 1 << 20
}

extension JSONValue {
  /// Parses UTF-8 JSON (RFC 8259, no extensions) within `JSONLimits`.
  ///
  /// Refused: a byte order mark, duplicate keys, lone surrogates, invalid UTF-8, numbers beyond a double's range, text after the
  /// value. An error names line and column.
  ///
  /// - Parameter mostValues: the bound on values for documents that may be larger than those of the contract.
  public init(
    parsing bytes: [UInt8], file: String, mostValues: Int = JSONLimits.values
  ) throws(FormatError) {
    guard bytes.count <= JSONLimits.bytes else {
      throw FormatError(file: file, problem: "is larger than 64 MiB")
    }
    var parser = JSONParser(bytes: bytes, file: file, mostValues: mostValues)
    self = try parser.document()
  }
}

/// A recursive descent over the bytes; the depth limit bounds the recursion.
struct JSONParser {
  private let bytes: [UInt8]
  private let file: String
  private var at = 0
  private let mostValues: Int
  private var values = 0

  init(bytes: [UInt8], file: String, mostValues: Int) {
    self.mostValues = mostValues
    self.bytes = bytes
    self.file = file
  }

  mutating func document() throws(FormatError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw FormatError(file: file, problem: "begins with a byte order mark; save it as UTF-8 without one")
    }
    skipSpace()
    guard at < bytes.count else {
      throw FormatError(file: file, problem: "is empty where a JSON document was expected")
    }
    let value = try value(depth: 0)
    skipSpace()
    guard at == bytes.count else { throw fail("text after the end of the document") }
    return value
  }

  private func fail(_ what: String, at offset: Int? = nil) -> FormatError {
    let end = min(offset ?? at, bytes.count)
    var line = 1
    var start = 0
    for index in 0..<end where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      start = index + 1
    }
    return FormatError(file: file, problem: "is not valid JSON: \(what) at line \(line), column \(end - start + 1)")
  }

  private mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(FormatError) -> JSONValue {
    values += 1
    guard values <= mostValues else {
      throw FormatError(file: file, problem: "holds more than \(mostValues) values")
    }
    guard at < bytes.count else { throw fail("the document breaks off") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw fail("a value was expected")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(FormatError) -> JSONValue {
    let expected = Array(text.description.utf8)
    guard bytes[at...].starts(with: expected) else { throw fail("a value was expected") }
    at += expected.count
    return value
  }

  private func checkDepth(_ depth: Int) throws(FormatError) {
    guard depth <= JSONLimits.depth else { throw fail("nesting deeper than \(JSONLimits.depth)") }
  }

  private mutating func array(depth: Int) throws(FormatError) -> JSONValue {
    try checkDepth(depth)
    at += 1
    var items: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(items) }
    while true {
      skipSpace()
      items.append(try value(depth: depth))
      skipSpace()
      if take("]") { return .array(items) }
      guard take(",") else { throw fail("a comma or the list's end was expected") }
    }
  }

  private mutating func object(depth: Int) throws(FormatError) -> JSONValue {
    try checkDepth(depth)
    at += 1
    var members: [JSONObject.Member] = []
    // A few keys are compared one by one; a set takes over where an object has many.
    var seen: Set<String> = []
    skipSpace()
    if take("}") { return .object(JSONObject()) }
    while true {
      skipSpace()
      let start = at
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { throw fail("a key in quotes was expected") }
      let key = try string()
      guard members.count < JSONLimits.members else {
        throw fail("an object of more than \(JSONLimits.members) keys", at: start)
      }
      if members.count == 16 { seen = Set(members.map(\.key)) }
      let repeated = members.count < 16 ? members.contains { $0.key == key } : !seen.insert(key).inserted
      if repeated { throw fail("the key \(JSONValue.string(key).summary) occurs twice", at: start) }
      skipSpace()
      guard take(":") else { throw fail("a colon was expected") }
      skipSpace()
      members.append(.init(key: key, value: try value(depth: depth)))
      skipSpace()
      if take("}") { return .object(JSONObject(distinct: members)) }
      guard take(",") else { throw fail("a comma or the object's end was expected") }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func string() throws(FormatError) -> String {
    let start = at
    at += 1
    let first = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"), bytes[at] >= 0x20 {
      at += 1
    }
    var text: [UInt8] = []
    if at >= bytes.count || bytes[at] != UInt8(ascii: "\"") {
      text.append(contentsOf: bytes[first..<at])
      try rest(of: &text)
    }
    guard at - first <= JSONLimits.text else { throw fail("a text of more than 1 MiB", at: start) }
    let content = text.isEmpty ? bytes[first..<at] : text[...]
    at += 1
    guard let string = String(validating: content, as: UTF8.self) else {
      throw fail("text is not valid UTF-8", at: start)
    }
    // A text that does not fit a string's own bytes takes the place of three values.
    if content.count > 15 { values += 2 }
    return string
  }

  /// The part of a string from its first escape on, up to but without the closing quote.
  private mutating func rest(of text: inout [UInt8]) throws(FormatError) {
    while true {
      guard at < bytes.count else { throw fail("a text is not closed") }
      guard text.count <= JSONLimits.text else { throw fail("a text of more than 1 MiB") }
      switch bytes[at] {
      case UInt8(ascii: "\""):
        return
      case UInt8(ascii: "\\"):
        at += 1
        try escape(into: &text)
      case 0..<0x20:
        throw fail("a control character within a text")
      default:
        text.append(bytes[at])
        at += 1
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(FormatError) {
    guard at < bytes.count else { throw fail("a text is not closed") }
    let character = bytes[at]
    at += 1
    switch character {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(character)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try fourDigits()
      if (0xD800..<0xDC00).contains(code) {
        guard at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
          throw fail("half a surrogate pair")
        }
        at += 2
        let low = try fourDigits()
        guard (0xDC00..<0xE000).contains(low) else { throw fail("half a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fail("half a surrogate pair") }
      text.append(contentsOf: UTF8.encode(scalar)!)
    default:
      throw fail("an unknown escape", at: at - 2)
    }
  }

  private mutating func fourDigits() throws(FormatError) -> UInt32 {
    guard at + 4 <= bytes.count else { throw fail("a text is not closed") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue, bytes[at] < 0x80 else {
        throw fail("four hexadecimal digits were expected")
      }
      code = code << 4 | UInt32(digit)
      at += 1
    }
    return code
  }

  private func digit(_ index: Int) -> UInt64? {
    guard index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") else { return nil }
    return UInt64(bytes[index] - UInt8(ascii: "0"))
  }

  private mutating func number() throws(FormatError) -> Double {
    let start = at
    let negative = take("-")
    var mantissa: UInt64 = 0
    var exponent = 0
    // Digits that count; up to 15 fit a double's significand exactly.
    var digits = 0
    func add(_ next: UInt64) {
      if mantissa > 0 || next > 0 { digits += 1 }
      if digits <= 18 { mantissa = mantissa * 10 + next }
    }
    guard let leading = digit(at) else { throw fail("a digit was expected") }
    at += 1
    add(leading)
    if leading > 0 {
      while let next = digit(at) {
        add(next)
        at += 1
      }
    } else if digit(at) != nil {
      throw fail("a number with a leading zero", at: start)
    }
    if take(".") {
      guard digit(at) != nil else { throw fail("a digit was expected") }
      while let next = digit(at) {
        add(next)
        exponent -= 1
        at += 1
      }
    }
    if take("e") || take("E") {
      let down = take("-")
      if !down { _ = take("+") }
      guard digit(at) != nil else { throw fail("a digit was expected") }
      var power = 0
      while let next = digit(at) {
        power = min(power * 10 + Int(next), 100_000)
        at += 1
      }
      exponent += down ? -power : power
    }
    let value: Double
    if digits <= 15, abs(exponent) <= 22 {
      // Both sides are exact in a double, so one operation rounds once (Clinger, 1990).
      let scale = Self.powers[abs(exponent)]
      value = exponent < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
    } else {
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      guard let parsed = Double(text), parsed.isFinite else {
        throw fail("a number beyond the range of a double", at: start)
      }
      return parsed
    }
    return negative ? -value : value
  }

  private static let powers: [Double] = {
    var powers: [Double] = [1]
    for _ in 0..<22 { powers.append(powers.last! * 10) }
    return powers
  }()
}
