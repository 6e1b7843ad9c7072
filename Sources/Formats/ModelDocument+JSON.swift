extension ModelDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("a model document") { model throws(FormatError) in
      try model.schema(Self.schema)
      let classReader = try model.required("classes", "a list of class names")
      let classes = try classReader.array("a list of class names", count: 1...10_000) { text throws(FormatError) in
        try text.name()
      }
      try FormatError.checkDistinct(classes, file: file, list: "classes", key: "name")
      let known = Set(classes)
      let groups = try model.required("groups", "an object of lists of class names").dictionary(
        "an object of lists of class names"
      ) { _, list throws(FormatError) in
        try list.array("a list of class names") { text throws(FormatError) in
          let name = try text.name()
          guard known.contains(name) else { throw text.expected("one of the model's classes") }
          return name
        }
      }
      var document = ModelDocument(
        name: try model.required("name", "the model's name").identifier(),
        file: try model.required("file", "the weights' file name").identifier(),
        sha256: try Self.digest(model.required("sha256", "the digest of the weights' file")),
        classes: classes, groups: groups,
        input: try Input(model.required("input", "{width, height, resize, channels, mean, scale}")),
        head: try Head(model.required("head", "{kind, strides, scores, …}")),
        thresholds: try Thresholds(model.required("thresholds", "{score, nms, …}"), classes: known))
      document.version = try model.name("version")
      document.licence = try model.nullable("licence").map { text throws(FormatError) in try text.prose() }
      document.origin = model.optional("origin")?.value
      if let reader = model.optional("calibration") {
        for (type, curve) in try Self.byType(reader, { entry throws(FormatError) in try Calibration(entry) }) {
          document.calibration[type] = curve
        }
      }
      if let reader = model.optional("warningThresholds") {
        document.warningThresholds = try Self.byType(reader) { entry throws(FormatError) in try entry.number(0...1) }
      }
      if let multiple = document.input.multiple,
        document.input.width % multiple != 0 || document.input.height % multiple != 0
      {
        throw FormatError(file: file, path: "input.multiple", problem: "must divide the input's width and height")
      }
      return document
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .members([
        "schema": .string(Self.schema), "name": .string(name), "version": version.map(JSONNode.string),
        "file": .string(file), "sha256": .string(sha256), "licence": licence.map(JSONNode.string),
        "classes": .strings(classes), "groups": .object(groups.mapValues(JSONNode.strings)), "input": input.node,
        "head": head.node, "thresholds": thresholds.node,
        "calibration": .object(
          Dictionary(uniqueKeysWithValues: calibration.map { ($0.key.rawValue, $0.value.node) })),
        "warningThresholds": warningThresholds.isEmpty
          ? nil
          : .object(
            Dictionary(uniqueKeysWithValues: warningThresholds.map { ($0.key.rawValue, JSONNode.decimal($0.value, 6)) })
          ),
        "origin": origin.map(JSONNode.init),
      ]))
  }

  private static func digest(_ reader: ValueReader) throws(FormatError) -> String {
    guard case .string(let text) = reader.value, text.utf8.count == 64, text.allSatisfy({ $0.isHexDigit }) else {
      throw reader.expected("64 hexadecimal digits")
    }
    return text.lowercased()
  }

  private static func byType<Value>(
    _ reader: ValueReader, _ read: (ValueReader) throws(FormatError) -> Value
  ) throws(FormatError) -> [EventType: Value] {
    let entries = try reader.dictionary("an object by event type") { key, entry throws(FormatError) in
      guard let type = EventType(rawValue: key) else {
        throw entry.fail(
          "is no event type; expected one of " + EventType.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return (type, try read(entry))
    }
    return Dictionary(uniqueKeysWithValues: entries.values.map { ($0.0, $0.1) })
  }
}

extension ModelDocument.Input {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("an input") { input throws(FormatError) in
      let side = 1...16_384
      var result = ModelDocument.Input(
        width: try input.required("width", "pixels").integer(side),
        height: try input.required("height", "pixels").integer(side),
        resize: try input.required("resize", "stretch or letterbox").choice(Resizing.self),
        channels: try input.required("channels", "rgb or bgr").choice(ChannelOrder.self),
        mean: try Self.channels(input.required("mean", "three numbers")),
        scale: try Self.channels(input.required("scale", "three numbers")))
      result.name = try input.name("name")
      result.multiple = try input.optional("multiple").map { number throws(FormatError) in try number.integer(1...1024)
      }
      if let anchor = input.optional("anchor") { result.anchor = try anchor.choice(LetterboxAnchor.self) }
      if let pad = input.optional("pad") { result.pad = try pad.number(0...255) }
      return result
    }
  }

  private static func channels(_ reader: ValueReader) throws(FormatError) -> [Double] {
    try reader.array("a list of three numbers", count: 3...3) { number throws(FormatError) in
      try number.number(-1e6...1e6)
    }
  }

  var node: JSONNode {
    let isLetterbox = resize == .letterbox
    return .members([
      "width": .integer(width), "height": .integer(height), "resize": .string(resize.rawValue),
      "channels": .string(channels.rawValue), "mean": .array(mean.map(JSONNode.exact)),
      "scale": .array(scale.map(JSONNode.exact)), "name": name.map(JSONNode.string),
      "multiple": multiple.map(JSONNode.integer), "anchor": isLetterbox ? .string(anchor.rawValue) : nil,
      "pad": isLetterbox ? .exact(pad) : nil,
    ])
  }
}

extension ModelDocument.Head {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a head") { head throws(FormatError) in
      let kind = try head.required("kind", "one of " + HeadKind.allCases.map(\.rawValue).joined(separator: ", "))
        .choice(HeadKind.self)
      let regMax = head.optional("regMax")
      if kind.hasDistributions, regMax == nil { throw head.fail("lacks regMax, which \(kind.rawValue) needs") }
      return ModelDocument.Head(
        kind: kind,
        strides: try head.required("strides", "a list of strides").array("a list of strides", count: 1...16) {
          stride throws(FormatError) in try stride.integer(1...1024)
        },
        regMax: try regMax.map { number throws(FormatError) in try number.integer(0...64) },
        output: try head.name("output"),
        scores: try head.required("scores", "activated or logits").choice(ScoreKind.self),
        cellOffset: try head.optional("cellOffset").map { number throws(FormatError) in try number.number(0...1) }
          ?? (kind == .picodet || kind == .yolov8 ? 0.5 : 0))
    }
  }

  var node: JSONNode {
    .members([
      "kind": .string(kind.rawValue), "strides": .array(strides.map(JSONNode.integer)),
      "regMax": regMax.map(JSONNode.integer), "output": output.map(JSONNode.string), "scores": .string(scores.rawValue),
      "cellOffset": .decimal(cellOffset, 6),
    ])
  }
}

extension ModelDocument.Thresholds {
  init(_ reader: ValueReader, classes: Set<String>) throws(FormatError) {
    self = try reader.object("thresholds") { thresholds throws(FormatError) in
      var result = ModelDocument.Thresholds(
        score: try ClassThreshold(thresholds.required("score", "a number or an object by class"), classes: classes),
        nms: try ClassThreshold(thresholds.required("nms", "a number or an object by class"), classes: classes))
      if let low = thresholds.optional("low") { result.low = try ClassThreshold(low, classes: classes) }
      if let most = thresholds.optional("maxDetections") { result.maxDetections = try most.integer(1...100_000) }
      return result
    }
  }

  var node: JSONNode {
    .object(["score": score.node, "low": low.node, "nms": nms.node, "maxDetections": .integer(maxDetections)])
  }
}

extension ClassThreshold {
  init(_ reader: ValueReader, classes: Set<String>) throws(FormatError) {
    guard case .object = reader.value else {
      self.init(try reader.number(0...1))
      return
    }
    var values = try reader.dictionary { key, entry throws(FormatError) in
      guard key == "default" || classes.contains(key) else { throw entry.fail("is no class of the model") }
      return try entry.number(0...1)
    }
    guard let standard = values.removeValue(forKey: "default") else {
      throw reader.fail("lacks \"default\", which classes without a number of their own need")
    }
    self.init(standard, byClass: values)
  }

  var node: JSONNode {
    if byClass.isEmpty { return .exact(standard) }
    var members = byClass.mapValues(JSONNode.exact)
    members["default"] = .exact(standard)
    return .object(members)
  }
}
