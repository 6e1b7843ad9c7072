public import Formats
import Foundation
import GRDB

/// How many warnings of one camera and type were decided in one way on one day.
public struct DecisionCount: Sendable, Hashable {
  public var camera: String
  public var cameraName: String
  public var type: EventType
  /// Nil: not yet decided.
  public var decision: Decision?
  public var reason: String?
  /// Days since 1970 in UTC, of the alert.
  public var day: Int
  public var count: Int
}

/// What retention took away.
public struct Removed: Sendable, Hashable {
  /// Warnings, whose evidence is to go, too.
  public var warnings: [String] = []
  public var suppressed = 0
}

extension CaseStore {
  /// Decisions on warnings whose alert lies in a span of time, in seconds since 1970.
  public func decisions(from: Double?, to: Double?) async throws(StoreError) -> [DecisionCount] {
    try await read { db in
      var conditions = Filter()
      conditions.add("alertTime >= ?", ifPresent: from)
      conditions.add("alertTime < ?", ifPresent: to)
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT warning.camera, camera.name AS cameraName, type, warning.decision, reason,
            CAST(alertTime / 86400 AS INTEGER) AS day, count(*) AS n
          FROM warning JOIN camera ON camera.id = warning.camera
          LEFT JOIN review ON review.warning = warning.id AND undoneAt IS NULL AND review.decision = 'reject'
          WHERE \(conditions.sql) GROUP BY 1, 3, 4, 5, 6
          """, arguments: StatementArguments(conditions.arguments))
      return rows.compactMap { row in
        EventType(rawValue: row["type"]).map {
          DecisionCount(
            camera: row["camera"], cameraName: row["cameraName"], type: $0,
            decision: (row["decision"] as String?).flatMap(Decision.init), reason: row["reason"], day: row["day"],
            count: row["n"])
        }
      }
    }
  }

  /// Seconds from alert to dispatch of the cases that were dispatched in a span of time, rising.
  public func responseSeconds(from: Double?, to: Double?) async throws(StoreError) -> [Double] {
    try await read { db in
      var conditions = Filter()
      conditions.add("at >= ?", ifPresent: from)
      conditions.add("at < ?", ifPresent: to)
      return try Double.fetchAll(
        db,
        sql: """
          SELECT at - alertTime AS seconds FROM caseStage JOIN caseFile ON caseFile.id = caseFile
          JOIN warning ON warning.id = caseFile.warning
          WHERE caseStage.stage = 'dispatched' AND \(conditions.sql) ORDER BY seconds
          """, arguments: StatementArguments(conditions.arguments))
    }
  }

  /// Decided warnings of a camera, by their alert: those confirmed or rejected.
  public func decided(camera: String, from: Double?, to: Double?) async throws(StoreError) -> [StoredWarning] {
    try await read { db in
      var conditions = Filter()
      conditions.add("warning.camera = ?", camera)
      conditions.add("warning.decision IN ('confirm', 'reject')")
      conditions.add("warning.alertTime >= ?", ifPresent: from)
      conditions.add("warning.alertTime < ?", ifPresent: to)
      return try Row.fetchAll(
        db, sql: Database.warningQuery + " WHERE \(conditions.sql) ORDER BY warning.alertTime, warning.id LIMIT 10000",
        arguments: StatementArguments(conditions.arguments)
      ).map(StoredWarning.init)
    }
  }

  /// Deletes what was decided long enough ago. What is undecided or unclear goes only where `undecided` says so, and what
  /// has an open case never.
  ///
  /// - Parameters: all in seconds since 1970; nil keeps for ever.
  public func retire(
    undecidedBefore undecided: Double?, rejectedBefore rejected: Double?, closedBefore closed: Double?, _ act: Act
  ) async throws(StoreError) -> Removed {
    try await write { db in
      var removed = Removed()
      if let rejected {
        removed.warnings += try String.fetchAll(
          db,
          sql: """
            SELECT warning.id FROM warning JOIN review ON review.warning = warning.id AND undoneAt IS NULL
            WHERE warning.decision = 'reject' AND review.decision = 'reject' AND review.at < ?
            """, arguments: [rejected])
        try db.execute(sql: "DELETE FROM suppressed WHERE startTime < ?", arguments: [rejected])
        removed.suppressed = db.changesCount
      }
      if let closed {
        removed.warnings += try String.fetchAll(
          db, sql: "SELECT warning FROM caseFile WHERE stage = 'verified' AND changedAt < ?", arguments: [closed])
      }
      if let undecided {
        removed.warnings += try String.fetchAll(
          db,
          sql: "SELECT id FROM warning WHERE (decision IS NULL OR decision = 'unclear') AND alertTime < ?",
          arguments: [undecided])
      }
      for id in removed.warnings {
        try db.execute(sql: "DELETE FROM warning WHERE id = ?", arguments: [id])
        try db.audit(act, "warning.retire", id, [:])
      }
      // Watchers that were away for longer load everything anew.
      try db.execute(sql: "DELETE FROM event WHERE at < ?", arguments: [act.at - 86_400])
      try db.execute(sql: "DELETE FROM attempts WHERE lastAt < ?", arguments: [act.at - 86_400])
      return removed
    }
  }
}
