import Foundation
import GRDB

/// What a person may do; the service's table of access says what each means.
public enum Role: String, Sendable, Hashable, CaseIterable {
  case `operator`, inspector, qa, administrator
}

/// A person with an account.
public struct Person: Sendable, Hashable {
  public var name: String
  public var role: Role
  /// The hash, with its salt and parameters.
  public var password: String
  public var mustChange: Bool
  public var isDisabled: Bool
  /// Seconds since 1970.
  public var createdAt: Double
  public var lastLogin: Double?

  public init(name: String, role: Role, password: String, mustChange: Bool, createdAt: Double) {
    self.name = name
    self.role = role
    self.password = password
    self.mustChange = mustChange
    self.createdAt = createdAt
    isDisabled = false
  }
}

/// A log-in that holds.
public struct Session: Sendable, Hashable {
  public var person: Person
  public var csrf: String
  public var createdAt: Double
  public var seenAt: Double
}

extension CaseStore {
  public func people() async throws(StoreError) -> [Person] {
    try await read { try Row.fetchAll($0, sql: "SELECT * FROM person ORDER BY name").map(Person.init) }
  }

  public func person(_ name: String) async throws(StoreError) -> Person {
    try await read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT * FROM person WHERE name = ?", arguments: [name]) else {
        throw StoreError.notFound
      }
      return try Person(row)
    }
  }

  public func add(_ person: Person, _ act: Act) async throws(StoreError) {
    try await write { db in
      guard try Row.fetchOne(db, sql: "SELECT 1 FROM person WHERE name = ?", arguments: [person.name]) == nil else {
        throw StoreError.conflict("there is a user \(person.name) already")
      }
      try db.execute(
        sql: "INSERT INTO person (name, role, password, mustChange, createdAt) VALUES (?, ?, ?, ?, ?)",
        arguments: [person.name, person.role.rawValue, person.password, person.mustChange, person.createdAt])
      try db.audit(act, "user.add", person.name, ["role": person.role.rawValue])
    }
  }

  /// Changes a person; nil keeps what there is. A change of role, password or access ends all sessions of theirs but `keeping`.
  public func change(
    _ name: String, role: Role? = nil, disabled: Bool? = nil, password: String? = nil, mustChange: Bool = false,
    keeping session: [UInt8]? = nil, _ act: Act
  ) async throws(StoreError) -> Person {
    try await write { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT * FROM person WHERE name = ?", arguments: [name]) else {
        throw StoreError.notFound
      }
      var person = try Person(row)
      let wasAdministrator = person.role == .administrator && !person.isDisabled
      person.role = role ?? person.role
      person.isDisabled = disabled ?? person.isDisabled
      if let password {
        person.password = password
        person.mustChange = mustChange
      }
      if wasAdministrator, person.role != .administrator || person.isDisabled {
        let others = try Int.fetchOne(
          db,
          sql: "SELECT count(*) FROM person WHERE role = 'administrator' AND disabled = 0 AND name <> ?",
          arguments: [person.name])
        guard others ?? 0 > 0 else { throw StoreError.conflict("\(person.name) is the last administrator") }
      }
      try db.execute(
        sql: "UPDATE person SET role = ?, disabled = ?, password = ?, mustChange = ? WHERE name = ?",
        arguments: [person.role.rawValue, person.isDisabled, person.password, person.mustChange, person.name])
      try db.execute(
        sql: "DELETE FROM session WHERE person = ? AND token IS NOT ?",
        arguments: [person.name, session.map { Data($0) }])
      var detail: [String: String] = [:]
      if let role { detail["role"] = role.rawValue }
      if let disabled { detail["disabled"] = String(disabled) }
      if password != nil { detail["password"] = "changed" }
      try db.audit(act, "user.update", person.name, detail)
      return person
    }
  }

  /// Stores a hash with newer parameters of the password just given; nothing else changes.
  public func rehash(_ name: String, password: String) async throws(StoreError) {
    try await write { db in
      try db.execute(sql: "UPDATE person SET password = ? WHERE name = ?", arguments: [password, name])
    }
  }

  // MARK: sessions

  /// Stores a session under the digest of its token.
  public func open(token: [UInt8], csrf: String, address: String, _ act: Act) async throws(StoreError) {
    try await write { db in
      try db.execute(
        sql: "INSERT INTO session (token, person, csrf, createdAt, seenAt, address) VALUES (?, ?, ?, ?, ?, ?)",
        arguments: [Data(token), act.by, csrf, act.at, act.at, address])
      try db.execute(sql: "UPDATE person SET lastLogin = ? WHERE name = ?", arguments: [act.at, act.by])
      try db.audit(act, "session.open", act.by, ["address": address])
    }
  }

  /// The session of a token's digest, of a person who may log in.
  public func session(token: [UInt8]) async throws(StoreError) -> Session? {
    try await read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT person.*, csrf, session.createdAt AS openedAt, seenAt
          FROM session JOIN person ON person.name = session.person WHERE token = ? AND disabled = 0
          """, arguments: [Data(token)])
      return try row.map {
        Session(person: try Person($0), csrf: $0["csrf"], createdAt: $0["openedAt"], seenAt: $0["seenAt"])
      }
    }
  }

  public func touch(token: [UInt8], at time: Double) async throws(StoreError) {
    try await write { db in
      try db.execute(sql: "UPDATE session SET seenAt = ? WHERE token = ?", arguments: [time, Data(token)])
    }
  }

  public func close(token: [UInt8]) async throws(StoreError) {
    try await write { try $0.execute(sql: "DELETE FROM session WHERE token = ?", arguments: [Data(token)]) }
  }

  /// Forgets sessions opened or last seen before these times.
  public func forgetSessions(openedBefore: Double, seenBefore: Double) async throws(StoreError) {
    try await write { db in
      try db.execute(
        sql: "DELETE FROM session WHERE createdAt < ? OR seenAt < ?", arguments: [openedBefore, seenBefore])
    }
  }

  // MARK: log-in attempts

  /// Until when none of these keys (an account, an address) may try again; nil where they may now.
  public func lockedUntil(_ keys: [String], at time: Double) async throws(StoreError) -> Double? {
    try await read { db in
      var latest: Double?
      for key in keys {
        let until = try Double.fetchOne(db, sql: "SELECT lockedUntil FROM attempts WHERE key = ?", arguments: [key])
        if let until, until > time { latest = max(latest ?? until, until) }
      }
      return latest
    }
  }

  /// Counts a failed log-in. After `allowed` failures the key is locked for `seconds`, twice as long at each further one up
  /// to `most`; failures older than an hour are forgotten.
  public func failed(
    _ key: String, allowed: Int, seconds: Double, most: Double, at time: Double
  ) async throws(StoreError) {
    try await write { db in
      let row = try Row.fetchOne(db, sql: "SELECT failures, lastAt FROM attempts WHERE key = ?", arguments: [key])
      var failures = 1
      if let row, time - (row["lastAt"] as Double) < 3600 { failures += row["failures"] as Int }
      let over = failures - allowed
      let lock = over >= 0 ? min(most, seconds * Double(1 << min(over, 20))) : 0
      try db.execute(
        sql: "INSERT OR REPLACE INTO attempts (key, failures, lastAt, lockedUntil) VALUES (?, ?, ?, ?)",
        arguments: [key, failures, time, lock > 0 ? time + lock : 0])
      if over == 0 { try db.audit(Act(by: "warden", at: time), "session.lock", key, ["failures": String(failures)]) }
    }
  }

  public func succeeded(_ keys: [String]) async throws(StoreError) {
    try await write { db in
      for key in keys { try db.execute(sql: "DELETE FROM attempts WHERE key = ?", arguments: [key]) }
    }
  }
}

extension Person {
  init(_ row: Row) throws {
    let name: String = row["name"]
    guard let role = Role(rawValue: row["role"]) else { throw StoreError.failed("user \(name) has an unknown role") }
    self.init(
      name: name, role: role, password: row["password"], mustChange: row["mustChange"], createdAt: row["createdAt"])
    isDisabled = row["disabled"]
    lastLogin = row["lastLogin"]
  }
}
