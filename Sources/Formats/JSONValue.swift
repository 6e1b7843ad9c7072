/// A JSON value as RFC 8259 knows it. Numbers are finite.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

/// The members of a JSON object, in the order of the document; no key occurs twice.
public struct JSONObject: Sendable, Hashable {
  public struct Member: Sendable, Hashable {
    public let key: String
    public let value: JSONValue

    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  public private(set) var members: [Member]

  public init() { members = [] }

  /// For the parser, which has checked that the keys differ.
  init(distinct members: [Member]) { self.members = members }

  /// The value under a key; setting nil takes the member away.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index] = Member(key: key, value: value)
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): break
      }
    }
  }
}

extension JSONValue: Codable {
  /// By way of the value's compact JSON text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do {
      self = try JSONValue(parsing: Array(text.utf8), file: "value")
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(decoding: JSONWriter.line(JSONNode(self)), as: UTF8.self))
  }
}

extension JSONValue {
  /// The value in a few words, for an error's sentence.
  var summary: String {
    switch self {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .number(let number): return JSONWriter.shortest(number)
    case .string(let text):
      let short = text.count > 40 ? text.prefix(40) + "…" : text[...]
      return String(decoding: JSONWriter.line(.string(String(short))), as: UTF8.self)
    case .array(let items): return items.isEmpty ? "an empty list" : "a list"
    case .object: return "an object"
    }
  }
}
