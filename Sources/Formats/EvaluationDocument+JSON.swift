extension EvaluationDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("an evaluation document") { source throws(FormatError) in
      try source.schema(Self.schema)
      // `clips` repeats the length of `clipResults`, `worst` is made from them.
      _ = try source.required("clips", "a number").integer(0...1_000_000_000)
      _ = source.optional("worstCameras")
      let types = try source.required("types", "an object by event type").object { list throws(FormatError) in
        var types: [EventType: TypeFigures] = [:]
        for type in EventType.allCases {
          if let reader = list.optional(type.rawValue) { types[type] = try TypeFigures(reader) }
        }
        return types
      }
      return EvaluationDocument(
        preset: try source.required("preset", "a preset").choice(Preset.self),
        split: try source.name("split"),
        hours: try source.required("hours", "hours").number(0...1e9),
        types: types,
        gate: try source.nullable("gate").map { gate throws(FormatError) in try Gate(gate) },
        matches: try source.required("matches", "a list of matches").array { match throws(FormatError) in
          try Match(match)
        },
        slices: try source.list("slices", "a list of slices") { slice throws(FormatError) in try Slice(slice) },
        confusion: try source.list("confusion", "a list of pairs") { pair throws(FormatError) in try Confusion(pair) },
        clipResults: try source.list("clipResults", "a list of clips") { clip throws(FormatError) in
          try ClipResult(clip)
        },
        seed: UInt64(
          try source.nullable("seed").map { seed throws(FormatError) in try seed.integer(0...Int(1e15)) } ?? 0),
        hints: try source.list("hints", "a list of texts") { hint throws(FormatError) in try hint.prose() })
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .members([
        "schema": .string(Self.schema), "preset": .string(preset.rawValue), "split": split.map(JSONNode.string),
        "clips": .integer(clipResults.count), "hours": .score(hours),
        "types": .object(Dictionary(uniqueKeysWithValues: types.map { ($0.key.rawValue, $0.value.node) })),
        "gate": gate.map(\.node), "matches": .array(matches.map(\.node)),
        "slices": .array(slices.map(\.node)),
        "confusion": .array(
          confusion.map {
            .object([
              "reference": .string($0.reference.rawValue), "warning": .string($0.warning.rawValue),
              "count": .integer($0.count),
            ])
          }),
        "clipResults": .array(clipResults.map(\.node)), "seed": .integer(Int(seed)),
        "hints": hints.isEmpty ? nil : .strings(hints),
        "worstCameras": .array(
          worstCameras.map {
            .object([
              "camera": .string($0.camera), "falsePositives": .integer($0.falsePositives),
              "falseNegatives": .integer($0.falseNegatives),
            ])
          }),
      ]))
  }

  /// Cameras with something wrong, the worst first, at most ten.
  public var worstCameras: [(camera: String, falsePositives: Int, falseNegatives: Int)] {
    var sums: [String: (Int, Int)] = [:]
    for clip in clipResults {
      for counts in clip.counts.values {
        sums[clip.camera, default: (0, 0)].0 += counts.falsePositives
        sums[clip.camera, default: (0, 0)].1 += counts.falseNegatives
      }
    }
    let wrong = sums.filter { $0.value.0 + $0.value.1 > 0 }
    let sorted = wrong.sorted { a, b in
      let (left, right) = (a.value.0 + a.value.1, b.value.0 + b.value.1)
      return left != right ? left > right : a.key < b.key
    }
    return sorted.prefix(10).map { ($0.key, $0.value.0, $0.value.1) }
  }
}

extension Figure {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a figure {value, low, high, method}") { figure throws(FormatError) in
      func number(_ key: String) throws(FormatError) -> Double? {
        try figure.nullable(key).map { number throws(FormatError) in try number.number(-1e12...1e12) }
      }
      return Figure(
        value: try number("value"), low: try number("low"), high: try number("high"),
        method: try figure.required("method", "how the interval was made").name())
    }
  }

  var node: JSONNode {
    .object(["value": .score(value), "low": .score(low), "high": .score(high), "method": .string(method)])
  }
}

extension EventCounts {
  init(_ object: ObjectReader) throws(FormatError) {
    func count(_ key: String) throws(FormatError) -> Int {
      try object.required(key, "a count").integer(0...1_000_000_000)
    }
    self.init()
    references = try count("references")
    warnings = try count("warnings")
    truePositives = try count("truePositives")
    falsePositives = try count("falsePositives")
    falseNegatives = try count("falseNegatives")
    repeats = try count("repeats")
    early = try count("early")
    ignored = try count("ignored")
  }

  var members: [String: JSONNode?] {
    [
      "references": .integer(references), "warnings": .integer(warnings), "truePositives": .integer(truePositives),
      "falsePositives": .integer(falsePositives), "falseNegatives": .integer(falseNegatives),
      "repeats": .integer(repeats),
      "early": .integer(early), "ignored": .integer(ignored),
    ]
  }
}

extension EvaluationDocument.Spread {
  init(_ reader: ValueReader) throws(FormatError) {
    let range = -1e9...1e9
    self = try reader.object("{p50, p90, max}") { spread throws(FormatError) in
      EvaluationDocument.Spread(
        p50: try spread.required("p50", "seconds").number(range),
        p90: try spread.required("p90", "seconds").number(range),
        max: try spread.required("max", "seconds").number(range))
    }
  }

  var node: JSONNode { .object(["p50": .seconds(p50), "p90": .seconds(p90), "max": .seconds(max)]) }
}

extension EvaluationDocument.TypeFigures {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("figures") { source throws(FormatError) in
      func number(_ key: String) throws(FormatError) -> Double? {
        try source.nullable(key).map { number throws(FormatError) in try number.number(0...1) }
      }
      func spread(_ key: String) throws(FormatError) -> EvaluationDocument.Spread? {
        try source.nullable(key).map { spread throws(FormatError) in try EvaluationDocument.Spread(spread) }
      }
      return EvaluationDocument.TypeFigures(
        counts: try EventCounts(source),
        precision: try Figure(source.required("precision", "a figure")),
        recall: try Figure(source.required("recall", "a figure")),
        f1: try number("f1"), fAlpha: try number("fAlpha"), averagePrecision: try number("averagePrecision"),
        falseAlarmsPerHour: try Figure(source.required("falseAlarmsPerHour", "a figure")),
        latency: try spread("latencySeconds"), endError: try spread("endErrorSeconds"),
        bootstrap: try source.nullable("bootstrap").map { list throws(FormatError) in
          try list.dictionary { _, figure throws(FormatError) in try Figure(figure) }
        } ?? [:],
        curve: try source.list("curve", "a list of [score, precision, recall]") { point throws(FormatError) in
          let values = try point.array("[score, precision, recall]", count: 3...3) { value throws(FormatError) in
            try value.number(0...1)
          }
          return EvaluationDocument.CurvePoint(score: values[0], precision: values[1], recall: values[2])
        },
        verdict: try source.required("verdict", "a verdict").choice(Verdict.self))
    }
  }

  var node: JSONNode {
    var members = counts.members
    members["precision"] = precision.node
    members["recall"] = recall.node
    members["f1"] = .score(f1)
    members["fAlpha"] = fAlpha.map { .score($0) }
    members["averagePrecision"] = .score(averagePrecision)
    members["falseAlarmsPerHour"] = falseAlarmsPerHour.node
    members["latencySeconds"] = latency?.node ?? .null
    members["endErrorSeconds"] = endError?.node ?? .null
    members["bootstrap"] = bootstrap.isEmpty ? nil : .object(bootstrap.mapValues(\.node))
    members["curve"] = .array(curve.map { .array([.score($0.score), .score($0.precision), .score($0.recall)]) })
    members["verdict"] = .string(verdict.rawValue)
    return .members(members)
  }
}

extension EvaluationDocument.Gate {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a gate {require, passed, reason}") { gate throws(FormatError) in
      EvaluationDocument.Gate(
        require: try gate.required("require", "an object of bounds").dictionary { _, bound throws(FormatError) in
          try bound.number(0...1)
        },
        passed: try gate.required("passed", "true or false").bool(),
        reason: try gate.required("reason", "a text").prose())
    }
  }

  var node: JSONNode {
    .object([
      "require": .object(require.mapValues { .plain($0, 4) }), "passed": .bool(passed), "reason": .string(reason),
    ])
  }
}

extension EvaluationDocument.Match {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a match") { match throws(FormatError) in
      EvaluationDocument.Match(
        clip: try match.required("clip", "a clip's name").name(),
        type: try match.required("type", "an event type").choice(EventType.self),
        reference: try match.name("reference"), warning: try match.name("warning"),
        outcome: try match.required("outcome", "an outcome").choice(Outcome.self), zone: try match.name("zone"),
        seconds: try match.seconds("seconds"),
        note: try match.nullable("note").map { note throws(FormatError) in try note.prose() })
    }
  }

  var node: JSONNode {
    .members([
      "clip": .string(clip), "type": .string(type.rawValue), "reference": reference.map(JSONNode.string),
      "warning": warning.map(JSONNode.string), "outcome": .string(outcome.rawValue), "zone": zone.map(JSONNode.string),
      "seconds": seconds.map { .seconds($0) }, "note": note.map(JSONNode.string),
    ])
  }
}

extension EvaluationDocument.Slice {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a slice") { slice throws(FormatError) in
      EvaluationDocument.Slice(
        kind: try slice.required("kind", "camera, condition or zone").choice(Kind.self),
        name: try slice.required("name", "its name").name(),
        type: try slice.required("type", "an event type").choice(EventType.self), counts: try EventCounts(slice),
        precision: try slice.nullable("precision").map { figure throws(FormatError) in try Figure(figure) },
        recall: try slice.nullable("recall").map { figure throws(FormatError) in try Figure(figure) })
    }
  }

  var node: JSONNode {
    var members = counts.members
    members["kind"] = .string(kind.rawValue)
    members["name"] = .string(name)
    members["type"] = .string(type.rawValue)
    members["precision"] = precision?.node
    members["recall"] = recall?.node
    return .members(members)
  }
}

extension EvaluationDocument.Confusion {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("{reference, warning, count}") { pair throws(FormatError) in
      EvaluationDocument.Confusion(
        reference: try pair.required("reference", "an event type").choice(EventType.self),
        warning: try pair.required("warning", "an event type").choice(EventType.self),
        count: try pair.required("count", "a count").integer(0...1_000_000_000))
    }
  }
}

extension EvaluationDocument.ClipResult {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a clip") { clip throws(FormatError) in
      EvaluationDocument.ClipResult(
        clip: try clip.required("clip", "its name").name(), camera: try clip.required("camera", "its camera").name(),
        seconds: try clip.required("seconds", "its length").number(0...MediaTime.most),
        counts: try clip.required("types", "an object by event type").object { list throws(FormatError) in
          var result: [EventType: EventCounts] = [:]
          for type in EventType.allCases {
            result[type] = try list.optional(type.rawValue)?.object { counts throws(FormatError) in
              try EventCounts(counts)
            }
          }
          return result
        })
    }
  }

  var node: JSONNode {
    .object([
      "clip": .string(clip), "camera": .string(camera), "seconds": .seconds(seconds),
      "types": .object(
        Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, JSONNode.members($0.value.members)) })),
    ])
  }
}
