import Formats
import Foundation
import GRDB

/// How far a case is, in the order in which it goes on.
public enum Stage: String, Sendable, Hashable, CaseIterable {
  case flagged, confirmed, dispatched, handled, verified
}

/// A step of a case.
public struct StageEntry: Sendable, Hashable {
  public var stage: Stage
  /// Seconds since 1970.
  public var at: Double
  /// Nil for the machine.
  public var by: String?
  public var note: String
}

/// A confirmed warning on its way to being closed.
public struct CaseEntry: Sendable, Hashable {
  public var id: String
  public var stage: Stage
  /// In order; the last is the present one.
  public var stages: [StageEntry]
  public var warning: StoredWarning
}

/// Which cases are asked for.
public enum CaseFilter: Sendable, Hashable {
  /// All that are not verified, the oldest first; the others come newest first.
  case open
  case stage(Stage)
  case all
}

extension CaseStore {
  public func cases(_ filter: CaseFilter, _ page: Page) async throws(StoreError) -> Listing<CaseEntry> {
    try await read { db in
      var conditions = Filter()
      switch filter {
      case .open: conditions.add("stage <> 'verified'")
      case .stage(let stage): conditions.add("stage = ?", stage.rawValue)
      case .all: break
      }
      let total = try Int.fetchOne(
        db, sql: "SELECT count(*) FROM caseFile WHERE \(conditions.sql)",
        arguments: StatementArguments(conditions.arguments))
      let rises = filter == .open
      if let place = page.place { conditions.add("(openedAt, id) \(rises ? ">" : "<") (?, ?)", place.time, place.id) }
      let order = rises ? "ASC" : "DESC"
      var rows = try Row.fetchAll(
        db,
        sql: """
          SELECT id, openedAt FROM caseFile WHERE \(conditions.sql)
          ORDER BY openedAt \(order), id \(order) LIMIT \(page.limit + 1)
          """, arguments: StatementArguments(conditions.arguments))
      let more = rows.count > page.limit
      if more { rows.removeLast() }
      let items = try rows.map { try db.caseEntry($0["id"]) }
      let next = more ? rows.last.map { Page.cursor($0["openedAt"], $0["id"]) } : nil
      return Listing(items: items, next: next, total: total)
    }
  }

  public func caseEntry(_ id: String) async throws(StoreError) -> CaseEntry {
    try await read { try $0.caseEntry(id) }
  }

  /// Takes a case to the next stage; the stage it has, asked for again by the same person, changes nothing.
  public func advance(_ id: String, to stage: Stage, note: String, _ act: Act) async throws(StoreError) -> CaseEntry {
    try await write { db in
      let entry = try db.caseEntry(id)
      if entry.stage == stage, entry.stages.last?.by == act.by { return entry }
      let order = Stage.allCases
      guard let now = order.firstIndex(of: entry.stage), let next = order.firstIndex(of: stage), next == now + 1 else {
        throw StoreError.conflict("the case is \(entry.stage.rawValue) and cannot become \(stage.rawValue)")
      }
      try db.execute(
        sql: "INSERT INTO caseStage (caseFile, stage, at, by, note) VALUES (?, ?, ?, ?, ?)",
        arguments: [id, stage.rawValue, act.at, act.by, note])
      try db.execute(
        sql: "UPDATE caseFile SET stage = ?, changedAt = ? WHERE id = ?", arguments: [stage.rawValue, act.at, id])
      try db.audit(act, "case." + stage.rawValue, id, ["note": note])
      try db.tell("case", id, at: act.at)
      return try db.caseEntry(id)
    }
  }
}

extension Database {
  func caseEntry(_ id: String) throws -> CaseEntry {
    guard let row = try Row.fetchOne(self, sql: "SELECT * FROM caseFile WHERE id = ?", arguments: [id]),
      let stage = Stage(rawValue: row["stage"])
    else { throw StoreError.notFound }
    let steps = try Row.fetchAll(
      self, sql: "SELECT * FROM caseStage WHERE caseFile = ? ORDER BY at, rowid", arguments: [id])
    return CaseEntry(
      id: id, stage: stage,
      stages: steps.compactMap { step in
        Stage(rawValue: step["stage"]).map {
          StageEntry(stage: $0, at: step["at"], by: step["by"], note: step["note"])
        }
      }, warning: try warning(row["warning"]))
  }
}
