public import Formats
import Foundation
import GRDB
public import Geometry

/// A person's decision on a warning.
public enum Decision: String, Sendable, Hashable, CaseIterable {
  case confirm, reject, unclear
}

/// A decision as it was made.
public struct Review: Sendable, Hashable {
  public var decision: Decision
  public var reason: String?
  public var note: String
  public var act: Act
}

/// Somebody looks at a warning and will decide it.
public struct Claim: Sendable, Hashable {
  public var by: String
  /// Seconds since 1970.
  public var until: Double
}

/// A live warning and what people made of it.
public struct StoredWarning: Sendable, Hashable {
  public var id: String
  public var camera: String
  public var cameraName: String
  public var clock: WallClock
  public var type: EventType
  public var category: String?
  public var zone: String?
  public var zoneName: String?
  /// The zone as it was when the warning was raised, as JSON.
  public var polygon: String?
  public var state: WarningState
  public var score: Double?
  public var label: String?
  public var box: Box
  public var times: ClockTimes
  public var why: [Condition]
  /// Its times are seconds since 1970.
  public var history: [StateChange]
  /// Names of files in the warning's evidence folder.
  public var evidence: EvidenceFiles
  public var claim: Claim?
  public var review: Review?
  public var caseID: String?
  /// Confirmed warnings of this type in this zone in the 90 days before.
  public var earlierHere: Int

  /// - Parameters:
  ///   - record: of a live source: with `times`.
  ///   - mediaStart: seconds since 1970 of the record's media time 0.
  public init(_ record: WarningRecord, camera: String, zone: Zone?, times: ClockTimes, mediaStart: Double) {
    id = record.id
    self.camera = camera
    cameraName = camera
    clock = .utc
    type = record.type
    category = record.category
    self.zone = record.zone
    zoneName = zone?.name
    polygon = zone.map { String(decoding: JSONWriter.line(.polygonPoints($0.polygon)), as: UTF8.self) }
    state = record.state ?? .warned
    score = record.score
    label = record.label
    box = record.box
    self.times = times
    why = record.why
    history = record.history.map {
      StateChange(time: $0.time + mediaStart, state: $0.state, reason: $0.reason)
    }
    evidence = record.evidence ?? EvidenceFiles()
    earlierHere = 0
  }
}

extension JSONNode {
  static func polygonPoints(_ polygon: Polygon) -> JSONNode {
    .array(polygon.corners.map { .array([.fraction($0.x), .fraction($0.y)]) })
  }
}

/// Which warnings are asked for.
public struct WarningFilter: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Without a decision, the most urgent first; all others come newest first.
    case undecided
    case confirmed, rejected, unclear, all
  }

  public var state = State.all
  public var type: EventType?
  public var camera: String?
  /// Of the alert, in seconds since 1970.
  public var from: Double?
  public var to: Double?

  public init() {}
}

extension CaseStore {
  /// Stores a warning, or brings what is known of it up to date. Its decision, claim and evidence are left alone.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  public func record(_ warning: StoredWarning, at time: Double) async throws(StoreError) -> Bool {
    try await write { db in
      let columns: [(any DatabaseValueConvertible)?] = [
        warning.state.rawValue, warning.score, warning.label, warning.box.x, warning.box.y, warning.box.width,
        warning.box.height, warning.times.start, warning.times.due, warning.times.alert, warning.times.end,
        try encoded(warning.why), try encoded(warning.history), warning.id,
      ]
      try db.execute(
        sql: """
          UPDATE warning SET state = ?, score = ?, class = ?, x = ?, y = ?, width = ?, height = ?, startTime = ?,
            dueTime = ?, alertTime = ?, endTime = ?, why = ?, history = ? WHERE id = ?
          """, arguments: StatementArguments(columns))
      let isNew = db.changesCount == 0
      if isNew {
        try db.execute(
          sql: """
            INSERT INTO warning (state, score, class, x, y, width, height, startTime, dueTime, alertTime, endTime, why,
              history, id, camera, type, category, zone, zoneName, polygon, clip, stills, storedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: StatementArguments(
            columns + [
              warning.camera, warning.type.rawValue, warning.category, warning.zone, warning.zoneName, warning.polygon,
              warning.evidence.clip, try encoded(warning.evidence.stills), time,
            ]))
      }
      try db.tell("warning", warning.id, at: time)
      return isNew
    }
  }

  /// Notes files that lie in a warning's evidence folder, added to those that are known.
  public func addEvidence(_ files: EvidenceFiles, to warning: String, at time: Double) async throws(StoreError) {
    try await write { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT clip, stills FROM warning WHERE id = ?", arguments: [warning])
      else { throw StoreError.notFound }
      var stills = try decoded([String].self, row["stills"])
      stills += files.stills.filter { !stills.contains($0) }
      try db.execute(
        sql: "UPDATE warning SET clip = ?, stills = ? WHERE id = ?",
        arguments: [files.clip ?? (row["clip"] as String?), try encoded(stills), warning])
      try db.tell("warning", warning, at: time)
    }
  }

  public func warning(_ id: String) async throws(StoreError) -> StoredWarning {
    try await read { try $0.warning(id) }
  }

  public func warnings(_ filter: WarningFilter, _ page: Page) async throws(StoreError) -> Listing<StoredWarning> {
    try await read { db in
      var conditions = Filter()
      switch filter.state {
      case .undecided: conditions.add("warning.decision IS NULL")
      case .confirmed: conditions.add("warning.decision = 'confirm'")
      case .rejected: conditions.add("warning.decision = 'reject'")
      case .unclear: conditions.add("warning.decision = 'unclear'")
      case .all: break
      }
      conditions.add("warning.type = ?", ifPresent: filter.type?.rawValue)
      conditions.add("warning.camera = ?", ifPresent: filter.camera)
      conditions.add("warning.alertTime >= ?", ifPresent: filter.from)
      conditions.add("warning.alertTime < ?", ifPresent: filter.to)
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM warning WHERE \(conditions.sql)",
        arguments: StatementArguments(conditions.arguments))
      let rises = filter.state == .undecided
      if let place = page.place {
        conditions.add(
          "(warning.alertTime, warning.id) \(rises ? ">" : "<") (?, ?)", place.time, place.id)
      }
      let order = rises ? "ASC" : "DESC"
      var rows = try Row.fetchAll(
        db,
        sql: Database.warningQuery
          + " WHERE \(conditions.sql) ORDER BY warning.alertTime \(order), warning.id \(order) LIMIT \(page.limit + 1)",
        arguments: StatementArguments(conditions.arguments))
      let more = rows.count > page.limit
      if more { rows.removeLast() }
      let items = try rows.map(StoredWarning.init)
      let next = more ? items.last.map { Page.cursor($0.times.alert, $0.id) } : nil
      return Listing(items: items, next: next, total: total)
    }
  }

  /// Undecided warnings by camera.
  public func undecidedCounts() async throws(StoreError) -> [String: Int] {
    try await read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT camera, count(*) AS n FROM warning WHERE decision IS NULL GROUP BY camera")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["camera"] as String, $0["n"] as Int) })
    }
  }

  /// Warnings of a camera that have not cleared, for rules that begin anew.
  public func lasting(of camera: String, since time: Double) async throws(StoreError) -> [StoredWarning] {
    try await read { db in
      try Row.fetchAll(
        db, sql: Database.warningQuery + " WHERE warning.camera = ? AND warning.alertTime >= ? AND state <> 'cleared'",
        arguments: [camera, time]
      ).map(StoredWarning.init)
    }
  }
}

extension Database {
  static let warningQuery = """
    SELECT warning.*, camera.name AS cameraName, camera.timeZone, claim.by AS claimBy, claim.until AS claimUntil,
      review.decision AS reviewDecision, review.reason, review.note, review.by AS reviewBy, review.at AS reviewAt,
      caseFile.id AS caseID,
      (SELECT count(*) FROM warning AS earlier WHERE earlier.camera = warning.camera AND earlier.zone IS warning.zone
        AND earlier.type = warning.type AND earlier.decision = 'confirm' AND earlier.alertTime < warning.alertTime
        AND earlier.alertTime >= warning.alertTime - 7776000) AS earlierHere
    FROM warning JOIN camera ON camera.id = warning.camera
    LEFT JOIN claim ON claim.warning = warning.id
    LEFT JOIN review ON review.id = (
      SELECT max(id) FROM review AS last WHERE last.warning = warning.id AND last.undoneAt IS NULL)
    LEFT JOIN caseFile ON caseFile.warning = warning.id
    """

  func warning(_ id: String) throws -> StoredWarning {
    let row = try Row.fetchOne(self, sql: Database.warningQuery + " WHERE warning.id = ?", arguments: [id])
    guard let row else { throw StoreError.notFound }
    return try StoredWarning(row)
  }

  /// Notes that something changed, for `events(after:)`.
  func tell(_ kind: String, _ object: String, at time: Double, data: String? = nil) throws {
    try execute(
      sql: "INSERT INTO event (at, kind, object, data) VALUES (?, ?, ?, ?)", arguments: [time, kind, object, data])
  }
}

extension StoredWarning {
  init(_ row: Row) throws {
    id = row["id"]
    camera = row["camera"]
    cameraName = row["cameraName"]
    clock = WallClock(timeZone: row["timeZone"]) ?? .utc
    guard let type = EventType(rawValue: row["type"]), let state = WarningState(rawValue: row["state"]) else {
      throw StoreError.failed("warning \(id) has an unknown type or state")
    }
    self.type = type
    category = row["category"]
    zone = row["zone"]
    zoneName = row["zoneName"]
    polygon = row["polygon"]
    self.state = state
    score = row["score"]
    label = row["class"]
    box = Box(x: row["x"], y: row["y"], width: row["width"], height: row["height"])
    times = ClockTimes(start: row["startTime"], due: row["dueTime"], alert: row["alertTime"], end: row["endTime"])
    why = try decoded([Condition].self, row["why"])
    history = try decoded([StateChange].self, row["history"])
    evidence = EvidenceFiles(clip: row["clip"], stills: try decoded([String].self, row["stills"]))
    if let by = row["claimBy"] as String? { claim = Claim(by: by, until: row["claimUntil"]) }
    if let text = row["reviewDecision"] as String?, let decision = Decision(rawValue: text) {
      review = Review(
        decision: decision, reason: row["reason"], note: row["note"], act: Act(by: row["reviewBy"], at: row["reviewAt"])
      )
    }
    caseID = row["caseID"]
    earlierHere = row["earlierHere"]
  }
}

extension CaseStore {
  /// How SQLite reads the lists that grow with a city, for a test.
  package func listPlans() async throws(StoreError) -> [String] {
    try await read { db in
      let lists = [
        " WHERE warning.decision IS NULL ORDER BY warning.alertTime, warning.id LIMIT 51",
        " WHERE warning.decision = 'confirm' ORDER BY warning.alertTime DESC, warning.id DESC LIMIT 51",
        " WHERE warning.camera = 'a' ORDER BY warning.alertTime DESC, warning.id DESC LIMIT 51",
        " WHERE warning.type = 'a' ORDER BY warning.alertTime DESC, warning.id DESC LIMIT 51",
        " WHERE warning.alertTime >= 5 ORDER BY warning.alertTime DESC, warning.id DESC LIMIT 51",
      ]
      return try lists.map { list in
        try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + Database.warningQuery + list)
          .map { $0["detail"] as String }.joined(separator: "; ")
      }
    }
  }
}
