/// What is written: JSON with numbers already turned into their text.
public indirect enum JSONNode: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number's text, made by one of the functions below.
  case literal(String)
  case string(String)
  case array([JSONNode])
  case object([String: JSONNode])

  /// A whole number.
  public static func integer(_ value: Int) -> JSONNode { .literal(String(value)) }

  /// A fraction of the picture: at most 6 decimals, at least one.
  public static func fraction(_ value: Double) -> JSONNode { decimal(value, 6) }

  /// Seconds: at most 3 decimals, at least one.
  public static func seconds(_ value: Double) -> JSONNode { decimal(value, 3) }

  /// Seconds or null.
  public static func seconds(_ value: Double?) -> JSONNode { value.map { decimal($0, 3) } ?? .null }

  /// A score, probability or share: at most 4 decimals, at least one.
  public static func score(_ value: Double) -> JSONNode { decimal(value, 4) }

  /// A score or null.
  public static func score(_ value: Double?) -> JSONNode { value.map { decimal($0, 4) } ?? .null }

  /// A figure with at most so many decimals; whole numbers keep `.0`. The value must be finite.
  public static func decimal(_ value: Double, _ decimals: Int) -> JSONNode {
    .literal(JSONWriter.decimal(value, decimals, keepPoint: true))
  }

  /// As `decimal`, but whole numbers are written without a point.
  public static func plain(_ value: Double, _ decimals: Int = 6) -> JSONNode {
    .literal(JSONWriter.decimal(value, decimals, keepPoint: false))
  }

  /// Any number in full precision, without a point where it is whole.
  public static func exact(_ value: Double) -> JSONNode { .literal(JSONWriter.shortest(value)) }

  /// A list of texts.
  public static func strings(_ texts: [String]) -> JSONNode { .array(texts.map(JSONNode.string)) }

  /// A value as it was read, numbers in full precision.
  public init(_ value: JSONValue) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .number(let number): self = .exact(number)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map(JSONNode.init))
    case .object(let object):
      self = .object(Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, JSONNode($0.value)) }))
    }
  }
}

/// Writes JSON so that the same value gives the same bytes: keys sorted by their UTF-8 bytes, numbers as `JSONNode` made them.
public enum JSONWriter {
  /// A document of several lines that ends with a line feed; lists of numbers and texts that fit a line stay on one.
  public static func document(_ node: JSONNode) -> [UInt8] {
    var out: [UInt8] = []
    write(node, indent: 0, into: &out)
    out.append(UInt8(ascii: "\n"))
    return out
  }

  /// One line without a line feed.
  public static func line(_ node: JSONNode) -> [UInt8] {
    var out: [UInt8] = []
    writeLine(node, into: &out)
    return out
  }

  /// Rounded half away from zero to so many decimals, without trailing zeros and never with an exponent below 10¹⁵.
  static func decimal(_ value: Double, _ decimals: Int, keepPoint: Bool) -> String {
    precondition(value.isFinite, "a document holds finite numbers")
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard abs(scaled) < 1e15 else { return shortest(value) }
    var digits = String(Int64(abs(scaled)))
    if digits.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits }
    var fraction = digits.suffix(decimals)
    while fraction.last == "0" { fraction.removeLast() }
    let whole = digits.dropLast(decimals)
    let sign = scaled < 0 ? "-" : ""
    return fraction.isEmpty ? sign + whole + (keepPoint ? ".0" : "") : sign + whole + "." + fraction
  }

  /// The shortest text that reads back as the same double, whole numbers without a point.
  static func shortest(_ value: Double) -> String {
    precondition(value.isFinite, "a document holds finite numbers")
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return value.description
  }

  private static func write(_ node: JSONNode, indent: Int, into out: inout [UInt8]) {
    switch node {
    case .array(let items) where !items.isEmpty && !fitsLine(node):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        newLine(indent + 2, comma: index > 0, into: &out)
        write(item, indent: indent + 2, into: &out)
      }
      newLine(indent, comma: false, into: &out)
      out.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      out.append(UInt8(ascii: "{"))
      for (index, (key, value)) in sorted(members).enumerated() {
        newLine(indent + 2, comma: index > 0, into: &out)
        quote(key, into: &out)
        out.append(contentsOf: ": ".utf8)
        write(value, indent: indent + 2, into: &out)
      }
      newLine(indent, comma: false, into: &out)
      out.append(UInt8(ascii: "}"))
    default:
      writeLine(node, into: &out)
    }
  }

  private static func newLine(_ indent: Int, comma: Bool, into out: inout [UInt8]) {
    if comma { out.append(UInt8(ascii: ",")) }
    out.append(UInt8(ascii: "\n"))
    out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent))
  }

  /// Lists without objects stay on one line up to 100 columns.
  private static func fitsLine(_ node: JSONNode) -> Bool {
    func width(_ node: JSONNode) -> Int? {
      switch node {
      case .null: return 4
      case .bool: return 5
      case .literal(let text): return text.utf8.count
      case .string(let text): return text.utf8.count + 2
      case .object: return nil
      case .array(let items):
        var sum = 2
        for item in items {
          guard let width = width(item) else { return nil }
          sum += width + 2
          if sum > 100 { return nil }
        }
        return sum
      }
    }
    return width(node) != nil
  }

  private static func writeLine(_ node: JSONNode, into out: inout [UInt8]) {
    switch node {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
    case .literal(let text): out.append(contentsOf: text.utf8)
    case .string(let text): quote(text, into: &out)
    case .array(let items):
      out.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { out.append(contentsOf: ", ".utf8) }
        writeLine(item, into: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (index, (key, value)) in sorted(members).enumerated() {
        if index > 0 { out.append(contentsOf: ", ".utf8) }
        quote(key, into: &out)
        out.append(contentsOf: ": ".utf8)
        writeLine(value, into: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func sorted(_ members: [String: JSONNode]) -> [(key: String, value: JSONNode)] {
    members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private static func quote(_ text: String, into out: inout [UInt8]) {
    let hex = Array("0123456789abcdef".utf8)
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
      case 0x0A: out.append(contentsOf: "\\n".utf8)
      case 0x0D: out.append(contentsOf: "\\r".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        out.append(contentsOf: "\\u00".utf8)
        out += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
