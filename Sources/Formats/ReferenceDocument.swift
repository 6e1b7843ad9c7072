public import Geometry

/// Something that really happened in a clip, as people labelled it. Times are seconds on the media clock.
public struct ReferenceEvent: Sendable, Hashable, Codable {
  /// A box at a time.
  public struct TimedBox: Sendable, Hashable, Codable {
    public var time: Double
    public var box: Box

    public init(time: Double, box: Box) {
      self.time = time
      self.box = box
    }
  }

  public var id: String
  public var type: EventType
  public var zone: String?
  /// The presence begins.
  public var start: Double
  /// From then a warning is right.
  public var due: Double
  /// The presence ends; nil where it outlasts the clip.
  public var end: Double?
  public var box: Box
  /// By rising time; empty where `box` holds throughout.
  public var boxes: [TimedBox]
  /// Neither found nor missed.
  public var ignore: Bool
  public var note: String?

  public init(
    id: String, type: EventType, zone: String? = nil, start: Double, due: Double, end: Double? = nil, box: Box,
    boxes: [TimedBox] = [], ignore: Bool = false, note: String? = nil
  ) {
    self.id = id
    self.type = type
    self.zone = zone
    self.start = start
    self.due = due
    self.end = end
    self.box = box
    self.boxes = boxes
    self.ignore = ignore
    self.note = note
  }

  /// The box at a time: between timed boxes by linear interpolation, before the first and after the last of them as these are.
  public func box(at time: Double) -> Box {
    guard let first = boxes.first, let last = boxes.last else { return box }
    if time <= first.time { return first.box }
    if time >= last.time { return last.box }
    var low = 0
    var high = boxes.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if boxes[middle].time <= time { low = middle } else { high = middle }
    }
    let (a, b) = (boxes[low], boxes[high])
    let share = (time - a.time) / (b.time - a.time)
    func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
    return Box(
      x: mix(a.box.x, b.box.x), y: mix(a.box.y, b.box.y), width: mix(a.box.width, b.box.width),
      height: mix(a.box.height, b.box.height))
  }
}

/// `reference.json`: what a system should find in a clip.
public struct ReferenceDocument: Document, Hashable {
  public static let schema = "warden.reference/1"

  /// The clip's file name.
  public var clip: String?
  public var durationSeconds: Double
  public var labelledBy: String?
  public var conditions: [String]
  public var events: [ReferenceEvent]
  public private(set) var warnings: [String] = []

  public init(
    clip: String? = nil, durationSeconds: Double, labelledBy: String? = nil, conditions: [String] = [],
    events: [ReferenceEvent] = []
  ) {
    self.clip = clip
    self.durationSeconds = durationSeconds
    self.labelledBy = labelledBy
    self.conditions = conditions
    self.events = events
  }
}

extension ReferenceDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("a reference document") { reference throws(FormatError) in
      try reference.schema(Self.schema)
      let duration = try reference.required("durationSeconds", "the clip's length in seconds")
        .number(0...MediaTime.most, "seconds")
      var document = ReferenceDocument(durationSeconds: duration)
      document.clip = try reference.nullable("clip").map { text throws(FormatError) in try text.identifier() }
      document.labelledBy = try reference.nullable("labelledBy").map { text throws(FormatError) in try text.prose() }
      if let list = reference.optional("conditions") {
        document.conditions = try list.array("a list of texts") { text throws(FormatError) in try text.name() }
      }
      document.events = try reference.required("events", "a list of events, which may be empty").array(
        "a list of events"
      ) {
        event throws(FormatError) in try ReferenceEvent(event, clipEnd: duration)
      }
      return document
    }
    try FormatError.checkDistinct(events.map(\.id), file: file, list: "events")
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .members([
        "schema": .string(Self.schema),
        "clip": clip.map(JSONNode.string),
        "durationSeconds": .seconds(durationSeconds),
        "labelledBy": labelledBy.map(JSONNode.string),
        "conditions": conditions.isEmpty ? nil : .strings(conditions),
        "events": .array(events.map(\.node)),
      ]))
  }
}

/// Bounds of times on the media clock.
enum MediaTime {
  /// A year.
  static let most = 31_622_400.0
  static let range = 0...most
}

extension ReferenceEvent {
  init(_ reader: ValueReader, clipEnd: Double) throws(FormatError) {
    self = try reader.object("an event") { event throws(FormatError) in
      let id = try event.required("id", "the event's id").name()
      let type = try event.required("type", "one of " + EventType.allCases.map(\.rawValue).joined(separator: ", "))
        .choice(EventType.self)
      let startReader = try event.required("startSeconds", "seconds on the media clock")
      let start = try startReader.number(MediaTime.range, "seconds")
      guard start <= clipEnd + 1 else {
        throw startReader.fail(
          "must lie within the clip of \(JSONWriter.shortest(clipEnd)) s, found \(startReader.value.summary)")
      }
      let dueReader = try event.required("dueSeconds", "seconds on the media clock")
      let due = try dueReader.number(MediaTime.range, "seconds")
      guard due >= start else {
        throw dueReader.fail("must not be before startSeconds, found \(dueReader.value.summary)")
      }
      var end: Double?
      if let endReader = event.nullable("endSeconds") {
        let value = try endReader.number(MediaTime.range, "seconds")
        guard value >= start else {
          throw endReader.fail("must not be before startSeconds, found \(endReader.value.summary)")
        }
        if value < due { endReader.warn("is before dueSeconds: the event was never due") }
        end = value
      }
      let box = try event.required("box", "a box [x, y, width, height]").box()
      var result = ReferenceEvent(id: id, type: type, start: start, due: due, end: end, box: box)
      result.zone = try event.nullable("zone").map { text throws(FormatError) in try text.identifier() }
      result.ignore = try event.optional("ignore").map { flag throws(FormatError) in try flag.bool() } ?? false
      result.note = try event.nullable("note").map { text throws(FormatError) in try text.prose() }
      if let list = event.optional("boxes") {
        result.boxes = try list.array("a list of {t, box}") { entry throws(FormatError) in
          try entry.object("{t, box}") { timed throws(FormatError) in
            TimedBox(
              time: try timed.required("t", "seconds").number(MediaTime.range, "seconds"),
              box: try timed.required("box", "a box [x, y, width, height]").box())
          }
        }
        for (index, pair) in zip(result.boxes, result.boxes.dropFirst()).enumerated() where pair.1.time <= pair.0.time {
          throw list.fail("must have rising times, but entry \(index + 1) is not after entry \(index)")
        }
      }
      return result
    }
  }

  var node: JSONNode {
    .members([
      "id": .string(id), "type": .string(type.rawValue), "zone": zone.map(JSONNode.string),
      "startSeconds": .plain(start, 3), "dueSeconds": .plain(due, 3), "endSeconds": end.map { .plain($0, 3) } ?? .null,
      "box": .box(box),
      "boxes": boxes.isEmpty ? nil : .array(boxes.map { .object(["t": .plain($0.time, 3), "box": .box($0.box)]) }),
      "ignore": .bool(ignore), "note": note.map(JSONNode.string),
    ])
  }
}
