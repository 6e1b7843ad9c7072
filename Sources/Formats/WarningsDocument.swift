/// Which model made a document: its name and the digest of its weights.
public struct ModelReference: Sendable, Hashable, Codable {
  public var name: String
  /// 64 hexadecimal digits.
  public var sha256: String

  public init(name: String, sha256: String) {
    self.name = name
    self.sha256 = sha256
  }

  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("{name, sha256}") { model throws(FormatError) in
      ModelReference(
        name: try model.required("name", "the model's name").name(),
        sha256: try model.required("sha256", "the digest of its weights").name())
    }
  }

  var node: JSONNode { .object(["name": .string(name), "sha256": .string(sha256)]) }
}

/// How a clip or stream was sampled.
public struct Sampling: Sendable, Hashable, Codable {
  /// A span without a sampled picture where one was wanted, in seconds on the media clock.
  public struct Gap: Sendable, Hashable, Codable {
    public var from: Double
    public var to: Double

    public init(from: Double, to: Double) {
      self.from = from
      self.to = to
    }
  }

  /// Pictures a second that were wanted.
  public var rate: Double
  public var sampled: Int
  public var decoded: Int
  public var keyframesOnly: Bool
  public var dropped: Int
  public var gaps: [Gap]
  /// The recording broke off.
  public var truncated: Bool

  public init(
    rate: Double, sampled: Int = 0, decoded: Int = 0, keyframesOnly: Bool = false, dropped: Int = 0, gaps: [Gap] = [],
    truncated: Bool = false
  ) {
    self.rate = rate
    self.sampled = sampled
    self.decoded = decoded
    self.keyframesOnly = keyframesOnly
    self.dropped = dropped
    self.gaps = gaps
    self.truncated = truncated
  }

  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("{rate, …}") { sampling throws(FormatError) in
      let count = 0...Int(1e12)
      var result = Sampling(
        rate: try sampling.required("rate", "pictures a second").number(0.0001...1000, "pictures a second"))
      if let number = sampling.optional("sampled") { result.sampled = try number.integer(count) }
      if let number = sampling.optional("decoded") { result.decoded = try number.integer(count) }
      if let flag = sampling.optional("keyframesOnly") { result.keyframesOnly = try flag.bool() }
      if let number = sampling.optional("dropped") { result.dropped = try number.integer(count) }
      if let flag = sampling.optional("truncated") { result.truncated = try flag.bool() }
      result.gaps = try sampling.list("gaps", "a list of [from, to]") { gap throws(FormatError) in
        let ends = try gap.array("a span [from, to] in seconds", count: 2...2) { end throws(FormatError) in
          try end.number(MediaTime.range, "seconds")
        }
        return Gap(from: ends[0], to: ends[1])
      }
      return result
    }
  }

  var node: JSONNode {
    .members([
      "rate": .decimal(rate, 6), "sampled": .integer(sampled), "decoded": .integer(decoded),
      "keyframesOnly": .bool(keyframesOnly), "dropped": .integer(dropped),
      "gaps": .array(gaps.map { .array([.seconds($0.from), .seconds($0.to)]) }),
      "truncated": truncated ? .bool(true) : nil,
    ])
  }
}

/// `warnings.json`: what a system raised, and what it held back and why.
public struct WarningsDocument: Document, Hashable {
  public static let schema = "warden.warnings/1"

  public var camera: String?
  /// The clip's file name.
  public var clip: String?
  public var durationSeconds: Double?
  public var model: ModelReference?
  /// Of the program.
  public var version: String?
  public var sampling: Sampling?
  /// Sentences that a reader should know, such as that schedules were taken as always on.
  public var notes: [String]
  public var raised: [WarningRecord]
  public var suppressed: [SuppressedRecord]
  public private(set) var warnings: [String] = []

  public init(
    camera: String? = nil, clip: String? = nil, durationSeconds: Double? = nil, model: ModelReference? = nil,
    version: String? = nil, sampling: Sampling? = nil, notes: [String] = [], raised: [WarningRecord] = [],
    suppressed: [SuppressedRecord] = []
  ) {
    self.camera = camera
    self.clip = clip
    self.durationSeconds = durationSeconds
    self.model = model
    self.version = version
    self.sampling = sampling
    self.notes = notes
    self.raised = raised
    self.suppressed = suppressed
  }
}

extension WarningsDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("a warnings document") { source throws(FormatError) in
      try source.schema(Self.schema)
      var document = WarningsDocument()
      document.raised = try source.required("warnings", "a list of warnings, which may be empty").array(
        "a list of warnings"
      ) {
        warning throws(FormatError) in try WarningRecord(warning)
      }
      document.camera = try source.name("camera")
      document.clip = try source.name("clip")
      document.durationSeconds = try source.seconds("durationSeconds")
      document.model = try source.nullable("model").map { model throws(FormatError) in try ModelReference(model) }
      document.version = try source.name("version")
      document.sampling = try source.nullable("sampling").map { sampling throws(FormatError) in try Sampling(sampling) }
      document.notes = try source.list("notes", "a list of texts") { note throws(FormatError) in try note.prose() }
      document.suppressed = try source.list("suppressed", "a list of candidates") { candidate throws(FormatError) in
        try SuppressedRecord(candidate)
      }
      return document
    }
    var ids: Set<String> = []
    for (index, warning) in raised.enumerated() where !ids.insert(warning.id).inserted {
      context.warn("warnings[\(index)].id", "repeats an earlier warning's id")
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .members([
        "schema": .string(Self.schema), "camera": camera.map(JSONNode.string), "clip": clip.map(JSONNode.string),
        "durationSeconds": durationSeconds.map { .seconds($0) }, "model": model.map(\.node),
        "version": version.map(JSONNode.string), "sampling": sampling.map(\.node),
        "notes": notes.isEmpty ? nil : .strings(notes), "warnings": .array(raised.map(\.node)),
        "suppressed": .array(suppressed.map(\.node)),
      ]))
  }
}
