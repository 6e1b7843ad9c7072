import Formats
import Foundation
import GRDB

extension CaseStore {
  /// Holds a warning for a person until `until`; holding it again renews.
  public func claim(_ warning: String, until: Double, _ act: Act) async throws(StoreError) -> Claim {
    try await write { db in
      let stored = try db.warning(warning)
      if let review = stored.review, review.decision != .unclear {
        throw StoreError.conflict("\(review.act.by) has decided this warning already")
      }
      try db.refuseForeignClaim(of: stored, act)
      try db.execute(
        sql: "INSERT OR REPLACE INTO claim (warning, by, until) VALUES (?, ?, ?)", arguments: [warning, act.by, until])
      try db.tell("review", warning, at: act.at)
      return Claim(by: act.by, until: until)
    }
  }

  /// Decides a warning. A confirmed one becomes a case; an unclear one may be decided later, by anyone.
  ///
  /// Throws `.conflict` where a colleague decided it or holds it. The same decision by the same person again changes nothing.
  public func decide(
    _ warning: String, _ decision: Decision, reason: String?, note: String, _ act: Act
  ) async throws(StoreError) -> StoredWarning {
    try await write { db in
      let stored = try db.warning(warning)
      if let review = stored.review, review.decision != .unclear {
        if review.act.by == act.by, review.decision == decision, review.reason == reason { return stored }
        throw StoreError.conflict("\(review.act.by) has decided this warning already")
      }
      try db.refuseForeignClaim(of: stored, act)
      try db.execute(
        sql: "INSERT INTO review (warning, decision, reason, note, by, at) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [warning, decision.rawValue, reason, note, act.by, act.at])
      try db.execute(sql: "UPDATE warning SET decision = ? WHERE id = ?", arguments: [decision.rawValue, warning])
      try db.execute(sql: "DELETE FROM claim WHERE warning = ?", arguments: [warning])
      if decision == .confirm {
        let id = "case-" + warning
        try db.execute(
          sql: "INSERT INTO caseFile (id, warning, stage, openedAt, changedAt) VALUES (?, ?, 'confirmed', ?, ?)",
          arguments: [id, warning, act.at, act.at])
        try db.execute(
          sql: """
            INSERT INTO caseStage (caseFile, stage, at, by, note)
            VALUES (?, 'flagged', ?, NULL, ''), (?, 'confirmed', ?, ?, ?)
            """, arguments: [id, stored.times.alert, id, act.at, act.by, note])
        try db.tell("case", id, at: act.at)
      }
      try db.audit(
        act, "warning." + decision.rawValue, warning,
        ["note": note].merging(reason.map { ["reason": $0] } ?? [:]) { $1 })
      try db.tell("review", warning, at: act.at)
      return try db.warning(warning)
    }
  }

  /// Takes back one's own decision, made after `earliest`, as long as its case has not gone on.
  public func undoDecision(of warning: String, madeAfter earliest: Double, _ act: Act) async throws(StoreError)
    -> StoredWarning
  {
    try await write { db in
      let stored = try db.warning(warning)
      guard let review = stored.review else { throw StoreError.conflict("this warning has no decision to take back") }
      guard review.act.by == act.by else {
        throw StoreError.conflict("\(review.act.by) made this decision; only they can take it back")
      }
      guard review.act.at >= earliest else { throw StoreError.conflict("it is too late to take this decision back") }
      if let id = stored.caseID {
        let stage = try String.fetchOne(db, sql: "SELECT stage FROM caseFile WHERE id = ?", arguments: [id])
        guard stage == "confirmed" else { throw StoreError.conflict("its case has gone on already") }
        try db.execute(sql: "DELETE FROM caseFile WHERE id = ?", arguments: [id])
        try db.tell("case", id, at: act.at)
      }
      try db.execute(
        sql: """
          UPDATE review SET undoneAt = ? WHERE id = (
            SELECT max(id) FROM review WHERE warning = ? AND undoneAt IS NULL)
          """, arguments: [act.at, warning])
      // What was unclear before is unclear again.
      try db.execute(
        sql: """
          UPDATE warning SET decision = (
            SELECT decision FROM review WHERE warning = ? AND undoneAt IS NULL ORDER BY id DESC LIMIT 1) WHERE id = ?
          """, arguments: [warning, warning])
      try db.audit(act, "warning.undo", warning, ["decision": review.decision.rawValue])
      try db.tell("review", warning, at: act.at)
      return try db.warning(warning)
    }
  }
}

extension Database {
  fileprivate func refuseForeignClaim(of warning: StoredWarning, _ act: Act) throws {
    guard let claim = warning.claim, claim.by != act.by, claim.until > act.at else { return }
    throw StoreError.conflict("\(claim.by) is looking at this warning")
  }
}
