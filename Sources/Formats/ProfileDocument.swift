/// `profile.json`: where a network's time goes.
public struct ProfileDocument: Document, Hashable {
  public static let schema = "warden.profile/1"

  /// One fused step.
  public struct Step: Sendable, Hashable, Codable {
    public var name: String
    /// Which operator ran, such as `Conv+Relu`.
    public var kind: String
    /// Of the output.
    public var shape: [Int]
    /// Median of the runs.
    public var microseconds: Double
    public var gflopPerSecond: Double
    /// 0…1 of the core's peak.
    public var shareOfPeak: Double
    /// Read and written.
    public var bytes: Int

    public init(
      name: String, kind: String, shape: [Int], microseconds: Double, gflopPerSecond: Double, shareOfPeak: Double,
      bytes: Int
    ) {
      self.name = name
      self.kind = kind
      self.shape = shape
      self.microseconds = microseconds
      self.gflopPerSecond = gflopPerSecond
      self.shareOfPeak = shareOfPeak
      self.bytes = bytes
    }
  }

  /// Of a whole run, in milliseconds.
  public struct Milliseconds: Sendable, Hashable, Codable {
    public var min: Double
    public var p50: Double
    public var p90: Double

    public init(min: Double, p50: Double, p90: Double) {
      self.min = min
      self.p50 = p50
      self.p90 = p90
    }
  }

  public var model: ModelReference
  public var threads: Int
  public var instructionSet: String
  public var runs: Int
  public var milliseconds: Milliseconds
  public var parameters: Int
  /// Floating point operations of a run, in 10⁹.
  public var gigaflop: Double
  public var arenaBytes: Int
  public var steps: [Step]
  public private(set) var warnings: [String] = []

  public init(
    model: ModelReference, threads: Int, instructionSet: String, runs: Int, milliseconds: Milliseconds, parameters: Int,
    gigaflop: Double, arenaBytes: Int, steps: [Step]
  ) {
    self.model = model
    self.threads = threads
    self.instructionSet = instructionSet
    self.runs = runs
    self.milliseconds = milliseconds
    self.parameters = parameters
    self.gigaflop = gigaflop
    self.arenaBytes = arenaBytes
    self.steps = steps
  }
}

extension ProfileDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    let count = 0...Int(1e15)
    let figure = 0...1e12
    self = try root.object("a profile document") { source throws(FormatError) in
      try source.schema(Self.schema)
      return ProfileDocument(
        model: try ModelReference(source.required("model", "{name, sha256}")),
        threads: try source.required("threads", "a number of threads").integer(1...4096),
        instructionSet: try source.required("instructionSet", "its name").name(),
        runs: try source.required("runs", "a number of runs").integer(count),
        milliseconds: try source.required("milliseconds", "{min, p50, p90}").object { time throws(FormatError) in
          Milliseconds(
            min: try time.required("min", "milliseconds").number(figure),
            p50: try time.required("p50", "milliseconds").number(figure),
            p90: try time.required("p90", "milliseconds").number(figure))
        },
        parameters: try source.required("parameters", "a number").integer(count),
        gigaflop: try source.required("gigaflop", "a number").number(figure),
        arenaBytes: try source.required("arenaBytes", "a number of bytes").integer(count),
        steps: try source.required("steps", "a list of steps").array("a list of steps") { step throws(FormatError) in
          try Step(step)
        })
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .object([
        "schema": .string(Self.schema), "model": model.node, "threads": .integer(threads),
        "instructionSet": .string(instructionSet), "runs": .integer(runs),
        "milliseconds": .object([
          "min": .decimal(milliseconds.min, 3), "p50": .decimal(milliseconds.p50, 3),
          "p90": .decimal(milliseconds.p90, 3),
        ]),
        "parameters": .integer(parameters), "gigaflop": .decimal(gigaflop, 6), "arenaBytes": .integer(arenaBytes),
        "steps": .array(steps.map(\.node)),
      ]))
  }
}

extension ProfileDocument.Step {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a step") { step throws(FormatError) in
      ProfileDocument.Step(
        name: try step.required("name", "a name").prose(),
        kind: try step.required("operator", "an operator").prose(),
        shape: try step.required("shape", "a list of sizes").array("a list of sizes", count: 0...16) {
          size throws(FormatError) in try size.integer(0...Int(1e12))
        },
        microseconds: try step.required("microseconds", "a number").number(0...1e12),
        gflopPerSecond: try step.required("gflopPerSecond", "a number").number(0...1e12),
        shareOfPeak: try step.required("shareOfPeak", "a number").number(0...1000),
        bytes: try step.required("bytes", "a number of bytes").integer(0...Int(1e15)))
    }
  }

  var node: JSONNode {
    .object([
      "name": .string(name), "operator": .string(kind), "shape": .array(shape.map(JSONNode.integer)),
      "microseconds": .decimal(microseconds, 3), "gflopPerSecond": .decimal(gflopPerSecond, 3),
      "shareOfPeak": .score(shareOfPeak), "bytes": .integer(bytes),
    ])
  }
}
