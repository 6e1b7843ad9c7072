/// `categories.json`: the category code that each event type has at a site (GB/T 30428-style major and minor codes).
public struct CategoriesDocument: Document, Hashable, Codable {
  public static let schema = "warden.categories/1"

  /// Codes by type; every type has one.
  public private(set) var codes: [EventType: String]
  public private(set) var warnings: [String] = []

  /// The codes that hold until a site says otherwise.
  public static let standard: [EventType: String] = [
    .illegalParking: "05-05", .streetVending: "05-01", .binOverflow: "01-02",
  ]

  /// Types without a code of their own keep the standard one.
  public init(codes: [EventType: String] = [:]) { self.codes = Self.standard.merging(codes) { $1 } }

  public subscript(type: EventType) -> String { codes[type]! }
}

extension CategoriesDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("a categories document") { source throws(FormatError) in
      try source.schema(Self.schema)
      let codes = try source.required("codes", "an object of a code for each event type").object {
        list throws(FormatError) in
        var codes: [EventType: String] = [:]
        for type in EventType.allCases {
          codes[type] = try list.name(type.rawValue)
        }
        return codes
      }
      return CategoriesDocument(codes: codes)
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    let entries = codes.map { ($0.key.rawValue, JSONNode.string($0.value)) }
    return JSONWriter.document(
      .object(["schema": .string(Self.schema), "codes": .object(Dictionary(uniqueKeysWithValues: entries))]))
  }
}
