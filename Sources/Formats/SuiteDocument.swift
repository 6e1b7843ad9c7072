/// `suite.json`: which cameras of a suite are for what.
public struct SuiteDocument: Document, Hashable {
  public static let schema = "warden.suite/1"

  /// Camera ids by split (`validation`, `test`); no camera is in two.
  public var splits: [String: [String]]
  public private(set) var warnings: [String] = []

  public init(splits: [String: [String]] = [:]) { self.splits = splits }

  /// The split that a camera is in.
  public func split(of camera: String) -> String? { splits.first { $0.value.contains(camera) }?.key }
}

extension SuiteDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    var places: [String: String] = [:]
    self = try root.object("a suite document") { suite throws(FormatError) in
      try suite.schema(Self.schema)
      guard let splits = suite.optional("splits") else { return SuiteDocument() }
      return SuiteDocument(
        splits: try splits.dictionary("an object of lists of camera ids") { _, list throws(FormatError) in
          try list.array("a list of camera ids") { entry throws(FormatError) in
            let camera = try entry.identifier()
            if let other = places.updateValue(entry.path, forKey: camera) {
              throw entry.fail("names the camera \"\(camera)\" that \(other) names too; a camera is in one split only")
            }
            return camera
          }
        })
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .object(["schema": .string(Self.schema), "splits": .object(splits.mapValues(JSONNode.strings))]))
  }
}
