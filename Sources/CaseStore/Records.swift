public import Formats
import Foundation
import GRDB
import Geometry

/// A change that somebody made.
public struct AuditEntry: Sendable, Hashable {
  public var act: Act
  public var action: String
  public var object: String
  public var detail: [String: String]
}

/// Something that changed, for those who watch. Its number rises.
public struct StoreEvent: Sendable, Hashable {
  public var id: Int
  /// `warning`, `review`, `case` or `health`.
  public var kind: String
  /// The id of what changed.
  public var object: String
  /// JSON that was handed in with it.
  public var data: String?
}

/// A candidate that did not become a warning. Times are seconds since 1970.
public struct StoredSuppressed: Sendable, Hashable {
  public var camera: String
  public var cameraName: String
  public var zoneName: String?
  /// Its times are seconds since 1970.
  public var record: SuppressedRecord

  public init(_ record: SuppressedRecord, camera: String, zoneName: String?) {
    self.record = record
    self.camera = camera
    self.zoneName = zoneName
    cameraName = camera
  }
}

extension CaseStore {
  public func audit(_ act: Act, _ action: String, _ object: String, _ detail: [String: String]) async throws(StoreError)
  {
    try await write { try $0.audit(act, action, object, detail) }
  }

  /// The newest first.
  public func audit(
    by: String?, action: String?, from: Double?, to: Double?, _ page: Page
  ) async throws(StoreError) -> Listing<AuditEntry> {
    try await read { db in
      var conditions = Filter()
      conditions.add("by = ?", ifPresent: by)
      conditions.add("action = ?", ifPresent: action)
      conditions.add("at >= ?", ifPresent: from)
      conditions.add("at < ?", ifPresent: to)
      if let after = page.after.flatMap({ Int($0) }) { conditions.add("id < ?", after) }
      var rows = try Row.fetchAll(
        db, sql: "SELECT * FROM audit WHERE \(conditions.sql) ORDER BY id DESC LIMIT \(page.limit + 1)",
        arguments: StatementArguments(conditions.arguments))
      let more = rows.count > page.limit
      if more { rows.removeLast() }
      let items = try rows.map { row in
        AuditEntry(
          act: Act(by: row["by"], at: row["at"]), action: row["action"], object: row["object"],
          detail: try decoded([String: String].self, row["detail"]))
      }
      return Listing(items: items, next: more ? rows.last.map { String($0["id"] as Int) } : nil)
    }
  }

  // MARK: events

  /// Notes something that is not kept but told.
  public func tell(_ kind: String, _ object: String, data: String, at time: Double) async throws(StoreError) {
    try await write { try $0.tell(kind, object, at: time, data: data) }
  }

  /// What changed after event `id`, in order; nil starts with the next change and gives nothing.
  public func events(after id: Int?, limit: Int = 200) async throws(StoreError) -> (events: [StoreEvent], last: Int) {
    try await read { db in
      let last = try Int.fetchOne(db, sql: "SELECT max(id) FROM event") ?? 0
      guard let id else { return ([], last) }
      let rows = try Row.fetchAll(
        db, sql: "SELECT * FROM event WHERE id > ? ORDER BY id LIMIT ?", arguments: [id, limit])
      let events = rows.map { StoreEvent(id: $0["id"], kind: $0["kind"], object: $0["object"], data: $0["data"]) }
      return (events, events.last?.id ?? max(id, last))
    }
  }

  // MARK: suppressed candidates

  public func record(_ suppressed: StoredSuppressed) async throws(StoreError) {
    try await write { db in
      let record = suppressed.record
      try db.execute(
        sql: """
          INSERT OR IGNORE INTO suppressed
            (camera, type, zone, zoneName, startTime, endTime, class, x, y, width, height, reason, why)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          suppressed.camera, record.type.rawValue, record.zone ?? "", suppressed.zoneName, record.start, record.end,
          record.label, record.box.x, record.box.y, record.box.width, record.box.height, record.reason,
          try encoded(record.why),
        ])
    }
  }

  /// Candidates that began in a span of time, the newest first; or a random sample of them, the same for the same seed.
  public func suppressed(
    camera: String?, from: Double?, to: Double?, sample: (count: Int, seed: Int)?, _ page: Page
  ) async throws(StoreError) -> Listing<StoredSuppressed> {
    try await read { db in
      var conditions = Filter()
      conditions.add("suppressed.camera = ?", ifPresent: camera)
      conditions.add("startTime >= ?", ifPresent: from)
      conditions.add("startTime < ?", ifPresent: to)
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM suppressed WHERE \(conditions.sql)",
        arguments: StatementArguments(conditions.arguments))
      let query = "SELECT suppressed.*, camera.name AS cameraName FROM suppressed JOIN camera ON camera.id = camera"
      var rows: [Row]
      if let sample {
        // A fixed scramble of the row's number in place of random(): the sample can be drawn again.
        rows = try Row.fetchAll(
          db,
          sql: """
            \(query) WHERE \(conditions.sql)
            ORDER BY ((suppressed.id + ?) * 2654435761) % 4294967296, suppressed.id LIMIT ?
            """,
          arguments: StatementArguments(conditions.arguments + [sample.seed & 0xffff, min(sample.count, 500)]))
        return Listing(items: try rows.map(StoredSuppressed.init), total: total)
      }
      if let place = page.place, let id = Int(place.id) {
        conditions.add("(startTime, suppressed.id) < (?, ?)", place.time, id)
      }
      rows = try Row.fetchAll(
        db,
        sql: """
          \(query) WHERE \(conditions.sql) ORDER BY startTime DESC, suppressed.id DESC LIMIT \(page.limit + 1)
          """, arguments: StatementArguments(conditions.arguments))
      let more = rows.count > page.limit
      if more { rows.removeLast() }
      let next = more ? rows.last.map { Page.cursor($0["startTime"], String($0["id"] as Int)) } : nil
      return Listing(items: try rows.map(StoredSuppressed.init), next: next, total: total)
    }
  }
}

extension StoredSuppressed {
  init(_ row: Row) throws {
    guard let type = EventType(rawValue: row["type"]) else {
      throw StoreError.failed("a candidate has an unknown type")
    }
    let zone: String = row["zone"]
    let record = SuppressedRecord(
      type: type, zone: zone.isEmpty ? nil : zone, start: row["startTime"], end: row["endTime"], label: row["class"],
      box: Box(x: row["x"], y: row["y"], width: row["width"], height: row["height"]), reason: row["reason"],
      why: try decoded([Condition].self, row["why"]))
    self.init(record, camera: row["camera"], zoneName: row["zoneName"])
    cameraName = row["cameraName"]
  }
}

extension Database {
  func audit(_ act: Act, _ action: String, _ object: String, _ detail: [String: String]) throws {
    try execute(
      sql: "INSERT INTO audit (at, by, action, object, detail) VALUES (?, ?, ?, ?, ?)",
      arguments: [act.at, act.by, action, object, try encoded(detail)])
  }
}
