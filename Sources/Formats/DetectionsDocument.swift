public import Geometry

/// A detection as documents carry it.
public struct DetectionRecord: Sendable, Hashable, Codable {
  /// A class name of the model.
  public var label: String
  /// 0…1.
  public var score: Double
  public var box: Box
  /// The track it belongs to, where there was tracking.
  public var track: Int?

  public init(label: String, score: Double, box: Box, track: Int? = nil) {
    self.label = label
    self.score = score
    self.box = box
    self.track = track
  }

  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a detection {class, score, box}") { detection throws(FormatError) in
      DetectionRecord(
        label: try detection.required("class", "a class name").name(),
        score: try detection.required("score", "a number from 0 to 1").number(0...1),
        box: try detection.required("box", "a box [x, y, width, height]").box(allowEmpty: true),
        track: try detection.nullable("track").map { track throws(FormatError) in try track.integer(0...Int(Int32.max))
        })
    }
  }

  var node: JSONNode {
    .members([
      "class": .string(label), "score": .score(score), "box": .box(box), "track": track.map(JSONNode.integer),
    ])
  }
}

/// A picture and what was found in it, or why it could not be read.
public struct PictureRecord: Sendable, Hashable, Codable {
  public enum Outcome: Sendable, Hashable, Codable {
    /// Size in pixels as displayed; detections by falling score.
    case read(width: Int, height: Int, detections: [DetectionRecord])
    case unreadable(String)
  }

  /// The name as given, or for a folder the path within it.
  public var file: String
  public var outcome: Outcome

  public init(file: String, outcome: Outcome) {
    self.file = file
    self.outcome = outcome
  }

  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a picture {file, width, height, detections} or {file, error}") {
      picture throws(FormatError) in
      let file = try picture.required("file", "the picture's name").prose()
      if let error = picture.optional("error") {
        return PictureRecord(file: file, outcome: .unreadable(try error.prose()))
      }
      return PictureRecord(
        file: file,
        outcome: .read(
          width: try picture.required("width", "pixels").integer(1...1_000_000),
          height: try picture.required("height", "pixels").integer(1...1_000_000),
          detections: try picture.required("detections", "a list of detections").array("a list of detections") {
            detection throws(FormatError) in try DetectionRecord(detection)
          }))
    }
  }

  var node: JSONNode {
    switch outcome {
    case .read(let width, let height, let detections):
      .object([
        "file": .string(file), "width": .integer(width), "height": .integer(height),
        "detections": .array(detections.map(\.node)),
      ])
    case .unreadable(let reason): .object(["file": .string(file), "error": .string(reason)])
    }
  }
}

/// `detections.json`: what a detector found in pictures.
public struct DetectionsDocument: Document, Hashable {
  public static let schema = "warden.detections/1"

  public var model: ModelReference
  public var pictures: [PictureRecord]
  public private(set) var warnings: [String] = []

  public init(model: ModelReference, pictures: [PictureRecord] = []) {
    self.model = model
    self.pictures = pictures
  }
}

extension DetectionsDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("a detections document") { source throws(FormatError) in
      try source.schema(Self.schema)
      return DetectionsDocument(
        model: try ModelReference(source.required("model", "{name, sha256}")),
        pictures: try source.required("pictures", "a list of pictures").array("a list of pictures") {
          picture throws(FormatError) in try PictureRecord(picture)
        })
    }
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .object(["schema": .string(Self.schema), "model": model.node, "pictures": .array(pictures.map(\.node))]))
  }
}

/// A line of `detections.jsonl`: what one sampled picture showed.
public struct DetectionLine: Sendable, Hashable, Codable {
  /// Seconds on the media clock.
  public var time: Double
  public var detections: [DetectionRecord]

  public init(time: Double, detections: [DetectionRecord]) {
    self.time = time
    self.detections = detections
  }

  /// One line without its line feed.
  public func json() -> [UInt8] {
    JSONWriter.line(.object(["t": .seconds(time), "detections": .array(detections.map(\.node))]))
  }

  /// The lines of a file, by rising time.
  public static func lines(_ bytes: [UInt8], file: String) throws(FormatError) -> [DetectionLine] {
    var lines: [DetectionLine] = []
    for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      if text.isEmpty { continue }
      let name = "\(file), line \(index + 1)"
      let root = ValueReader(try JSONValue(parsing: Array(text), file: name), context: ReadingContext(file: name))
      let line = try root.object("{t, detections}") { source throws(FormatError) in
        let time = try source.required("t", "seconds on the media clock")
        let line = DetectionLine(
          time: try time.number(MediaTime.range, "seconds"),
          detections: try source.required("detections", "a list of detections").array("a list of detections") {
            detection throws(FormatError) in try DetectionRecord(detection)
          })
        if let last = lines.last, line.time <= last.time { throw time.fail("must be after the line before") }
        return line
      }
      lines.append(line)
    }
    return lines
  }
}
