public import Formats

/// A look at the test split: a line of the register that is kept beside a suite, since a test set that is looked at often
/// enough becomes one that was tuned on.
public struct TestSetLook: Sendable, Hashable {
  /// When, as seconds since 1970 in UTC.
  public var instant: Double
  /// Of the program.
  public var version: String
  public var model: ModelReference?
  public var document: EvaluationDocument

  public init(instant: Double, version: String, model: ModelReference?, document: EvaluationDocument) {
    self.instant = instant
    self.version = version
    self.model = model
    self.document = document
  }

  /// One line of JSON with its line feed, to be appended.
  public var line: [UInt8] {
    var members: [String: JSONNode] = [
      "date": .string(Timestamp.utc(instant)), "version": .string(version), "preset": .string(document.preset.rawValue),
      "types": .object(
        Dictionary(
          uniqueKeysWithValues: document.types.map { type, figures in
            let counts = figures.counts
            return (
              type.rawValue,
              JSONNode.object([
                "truePositives": .integer(counts.truePositives), "falsePositives": .integer(counts.falsePositives),
                "falseNegatives": .integer(counts.falseNegatives), "verdict": .string(figures.verdict.rawValue),
              ])
            )
          })),
    ]
    if let split = document.split { members["split"] = .string(split) }
    if let gate = document.gate { members["passed"] = .bool(gate.passed) }
    if let model { members["model"] = .object(["name": .string(model.name), "sha256": .string(model.sha256)]) }
    return JSONWriter.line(.object(members)) + [UInt8(ascii: "\n")]
  }
}
