public import Geometry

/// Where a warning is in its life.
public enum WarningState: String, Sendable, Hashable, Codable, CaseIterable {
  case appearing
  case candidate
  case warned
  case clearing
  case cleared
  /// Not seen for longer than the allowance: neither present nor gone.
  case unknown
}

/// One named condition of a decision: its value, the threshold it was held against and whether it was met.
public struct Condition: Sendable, Hashable, Codable {
  public var name: String
  public var value: Double
  public var threshold: Double
  public var met: Bool

  public init(_ name: String, value: Double, threshold: Double, met: Bool) {
    self.name = name
    self.value = value
    self.threshold = threshold
    self.met = met
  }
}

/// A change of state and its reason. The time is in seconds on the media clock.
public struct StateChange: Sendable, Hashable, Codable {
  public var time: Double
  public var state: WarningState
  public var reason: String

  public init(time: Double, state: WarningState, reason: String) {
    self.time = time
    self.state = state
    self.reason = reason
  }
}

/// Paths of a warning's evidence, relative to the output folder.
public struct EvidenceFiles: Sendable, Hashable, Codable {
  public var clip: String?
  public var stills: [String]

  public init(clip: String? = nil, stills: [String] = []) {
    self.clip = clip
    self.stills = stills
  }
}

/// A live warning's times as seconds since 1970 in UTC.
public struct ClockTimes: Sendable, Hashable, Codable {
  public var start: Double
  public var due: Double
  public var alert: Double
  /// Nil while it lasts.
  public var end: Double?

  public init(start: Double, due: Double, alert: Double, end: Double? = nil) {
    self.start = start
    self.due = due
    self.alert = alert
    self.end = end
  }
}

/// A warning as documents carry it. Times are seconds on the media clock.
///
/// A scorer needs `id`, `type`, `alert` and `box`; a system of another maker may leave the rest away.
public struct WarningRecord: Sendable, Hashable, Codable {
  public var id: String
  public var type: EventType
  /// The category code of the site's data.
  public var category: String?
  public var zone: String?
  public var start: Double?
  public var due: Double?
  public var alert: Double
  /// Nil while it lasts.
  public var end: Double?
  public var state: WarningState?
  /// 0…1.
  public var score: Double?
  /// The detector's class.
  public var label: String?
  public var box: Box
  public var track: Int?
  public var why: [Condition]
  public var history: [StateChange]
  public var evidence: EvidenceFiles?
  /// Of a live warning only.
  public var times: ClockTimes?

  public init(
    id: String, type: EventType, category: String? = nil, zone: String? = nil, start: Double? = nil, due: Double? = nil,
    alert: Double, end: Double? = nil, state: WarningState? = nil, score: Double? = nil, label: String? = nil, box: Box,
    track: Int? = nil, why: [Condition] = [], history: [StateChange] = [], evidence: EvidenceFiles? = nil,
    times: ClockTimes? = nil
  ) {
    self.id = id
    self.type = type
    self.category = category
    self.zone = zone
    self.start = start
    self.due = due
    self.alert = alert
    self.end = end
    self.state = state
    self.score = score
    self.label = label
    self.box = box
    self.track = track
    self.why = why
    self.history = history
    self.evidence = evidence
    self.times = times
  }
}

/// A candidate that did not become a warning, with the one reason that decided.
public struct SuppressedRecord: Sendable, Hashable, Codable {
  public var type: EventType
  public var zone: String?
  public var start: Double
  /// Nil while it lasts.
  public var end: Double?
  public var label: String?
  public var box: Box
  public var reason: String
  public var why: [Condition]

  public init(
    type: EventType, zone: String? = nil, start: Double, end: Double? = nil, label: String? = nil, box: Box,
    reason: String,
    why: [Condition] = []
  ) {
    self.type = type
    self.zone = zone
    self.start = start
    self.end = end
    self.label = label
    self.box = box
    self.reason = reason
    self.why = why
  }
}

extension Condition {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("{condition, value, threshold, met}") { condition throws(FormatError) in
      Condition(
        try condition.required("condition", "its name").name(),
        value: try condition.required("value", "a number").number(-1e12...1e12),
        threshold: try condition.required("threshold", "a number").number(-1e12...1e12),
        met: try condition.required("met", "true or false").bool())
    }
  }

  var node: JSONNode {
    .object(["condition": .string(name), "value": .score(value), "threshold": .score(threshold), "met": .bool(met)])
  }
}

extension StateChange {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("{t, state, reason}") { change throws(FormatError) in
      StateChange(
        time: try change.required("t", "seconds").number(MediaTime.range, "seconds"),
        state: try change.required("state", "a state").choice(WarningState.self),
        reason: try change.required("reason", "a text").prose())
    }
  }

  var node: JSONNode { .object(["t": .seconds(time), "state": .string(state.rawValue), "reason": .string(reason)]) }
}

extension EvidenceFiles {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("{clip, stills}") { evidence throws(FormatError) in
      EvidenceFiles(
        clip: try evidence.nullable("clip").map { path throws(FormatError) in try path.prose() },
        stills: try evidence.optional("stills").map { list throws(FormatError) in
          try list.array("a list of paths", count: 0...1000) { path throws(FormatError) in try path.prose() }
        } ?? [])
    }
  }

  var node: JSONNode { .members(["clip": clip.map(JSONNode.string), "stills": .strings(stills)]) }
}

extension ObjectReader {
  /// A list that may be absent or null.
  func list<Element>(
    _ key: String, _ what: String, _ element: (ValueReader) throws(FormatError) -> Element
  ) throws(FormatError) -> [Element] {
    guard let reader = nullable(key) else { return [] }
    return try reader.array(what, count: 0...1_000_000, element)
  }

  /// Seconds on the media clock that may be absent or null.
  func seconds(_ key: String) throws(FormatError) -> Double? {
    guard let reader = nullable(key) else { return nil }
    return try reader.number(MediaTime.range, "seconds")
  }

  /// A time in UTC that may be absent or null.
  func instant(_ key: String) throws(FormatError) -> Double? {
    guard let reader = nullable(key) else { return nil }
    return try Timestamp(reader).instant
  }

  /// A name that may be absent or null.
  func name(_ key: String) throws(FormatError) -> String? {
    guard let reader = nullable(key) else { return nil }
    return try reader.name()
  }

  func probability(_ key: String) throws(FormatError) -> Double? {
    guard let reader = nullable(key) else { return nil }
    return try reader.number(0...1)
  }
}

extension WarningRecord {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a warning") { warning throws(FormatError) in
      let id = try warning.required("id", "the warning's id").name()
      let type = try warning.required("type", "one of " + EventType.allCases.map(\.rawValue).joined(separator: ", "))
        .choice(EventType.self)
      let alert = try warning.required("alertSeconds", "seconds on the media clock").number(MediaTime.range, "seconds")
      let box = try warning.required("box", "a box [x, y, width, height]").box(allowEmpty: true)
      var record = WarningRecord(id: id, type: type, alert: alert, box: box)
      record.category = try warning.name("category")
      record.zone = try warning.name("zone")
      record.start = try warning.seconds("startSeconds")
      record.due = try warning.seconds("dueSeconds")
      record.end = try warning.seconds("endSeconds")
      record.state = try warning.nullable("state").map { state throws(FormatError) in
        try state.choice(WarningState.self)
      }
      record.score = try warning.probability("score")
      record.label = try warning.name("class")
      record.track = try warning.nullable("track").map { track throws(FormatError) in
        try track.integer(0...Int(Int32.max))
      }
      record.why = try warning.list("why", "a list of conditions") { item throws(FormatError) in try Condition(item) }
      record.history = try warning.list("history", "a list of states") { item throws(FormatError) in
        try StateChange(item)
      }
      record.evidence = try warning.nullable("evidence").map { item throws(FormatError) in try EvidenceFiles(item) }
      let end = try warning.instant("endTime")
      if let start = try warning.instant("startTime"), let due = try warning.instant("dueTime"),
        let alert = try warning.instant("alertTime")
      {
        record.times = ClockTimes(start: start, due: due, alert: alert, end: end)
      }
      return record
    }
  }

  /// As it stands in `warnings.json`.
  public var node: JSONNode {
    var members: [String: JSONNode?] = [
      "id": .string(id), "type": .string(type.rawValue), "category": category.map(JSONNode.string),
      "zone": zone.map(JSONNode.string), "alertSeconds": .seconds(alert), "endSeconds": .seconds(end),
      "state": state.map { .string($0.rawValue) }, "score": score.map { .score($0) },
      "class": label.map(JSONNode.string),
      "box": .box(box), "track": track.map(JSONNode.integer), "why": .array(why.map(\.node)),
      "history": .array(history.map(\.node)), "evidence": evidence.map(\.node),
    ]
    members["startSeconds"] = start.map { .seconds($0) }
    members["dueSeconds"] = due.map { .seconds($0) }
    if let times {
      members["startTime"] = .string(Timestamp.utc(times.start))
      members["dueTime"] = .string(Timestamp.utc(times.due))
      members["alertTime"] = .string(Timestamp.utc(times.alert))
      members["endTime"] = times.end.map { .string(Timestamp.utc($0)) } ?? .null
    }
    return .members(members)
  }
}

extension SuppressedRecord {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a candidate") { candidate throws(FormatError) in
      SuppressedRecord(
        type: try candidate.required("type", "an event type").choice(EventType.self),
        zone: try candidate.name("zone"),
        start: try candidate.required("startSeconds", "seconds").number(MediaTime.range, "seconds"),
        end: try candidate.seconds("endSeconds"),
        label: try candidate.name("class"),
        box: try candidate.required("box", "a box [x, y, width, height]").box(allowEmpty: true),
        reason: try candidate.required("reason", "a text").prose(),
        why: try candidate.list("why", "a list of conditions") { item throws(FormatError) in try Condition(item) })
    }
  }

  /// As it stands in `warnings.json`.
  public var node: JSONNode {
    .members([
      "type": .string(type.rawValue), "zone": zone.map(JSONNode.string), "startSeconds": .seconds(start),
      "endSeconds": .seconds(end), "class": label.map(JSONNode.string), "box": .box(box), "reason": .string(reason),
      "why": .array(why.map(\.node)),
    ])
  }
}
