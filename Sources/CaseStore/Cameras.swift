public import Formats
import Foundation
import GRDB

/// A camera as it was registered.
public struct CameraEntry: Sendable, Hashable {
  public var id: String
  public var name: String
  /// Without user name and password.
  public var url: String
  public var username: String?
  /// The password, encrypted by whoever hands it in.
  public var secret: [UInt8]?
  public var district: String?
  public var placeCode: String?
  /// Degrees east.
  public var longitude: Double?
  /// Degrees north.
  public var latitude: Double?
  public var owner: String?
  public var clock: WallClock
  /// Pictures a second.
  public var sampleRate: Double
  /// The picture's size; nil before the first picture.
  public var frame: CameraDocument.Frame?
  public var zones: [Zone]
  /// 0 before the first zones were saved.
  public var zonesVersion: Int

  public init(
    id: String, name: String, url: String, username: String? = nil, secret: [UInt8]? = nil, clock: WallClock = .utc,
    sampleRate: Double = 1
  ) {
    self.id = id
    self.name = name
    self.url = url
    self.username = username
    self.secret = secret
    self.clock = clock
    self.sampleRate = sampleRate
    zones = []
    zonesVersion = 0
  }

  /// As the rules read it.
  public var document: CameraDocument {
    var document = CameraDocument(
      id: id, name: name, clock: clock, frame: frame ?? CameraDocument.Frame(width: 1, height: 1),
      sampleRate: sampleRate, zones: zones)
    document.district = district
    document.placeCode = placeCode
    document.longitude = longitude
    document.latitude = latitude
    document.owner = owner
    return document
  }
}

/// Who did something, and when.
public struct Act: Sendable, Hashable {
  public var by: String
  /// Seconds since 1970.
  public var at: Double

  public init(by: String, at: Double) {
    self.by = by
    self.at = at
  }
}

extension CaseStore {
  public func cameras() async throws(StoreError) -> [CameraEntry] {
    try await read { db in
      try Row.fetchAll(db, sql: Self.cameraQuery + " WHERE removedAt IS NULL ORDER BY camera.id").map(CameraEntry.init)
    }
  }

  public func camera(_ id: String) async throws(StoreError) -> CameraEntry {
    try await read { try $0.camera(id) }
  }

  /// Stores a new camera; its zones become version 1 where it has any. One that was removed comes back.
  public func add(_ camera: CameraEntry, _ act: Act) async throws(StoreError) {
    try await write { db in
      let known = try Row.fetchOne(db, sql: "SELECT removedAt FROM camera WHERE id = ?", arguments: [camera.id])
      if let known, known["removedAt"] as Double? == nil {
        throw StoreError.conflict("there is a camera \(camera.id) already")
      }
      if known == nil {
        try db.execute(
          sql: """
            INSERT INTO camera (id, name, url, timeZone, sampleRate, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [camera.id, camera.name, camera.url, camera.clock.name, camera.sampleRate, act.at, act.at])
      }
      try db.store(camera, act.at)
      if !camera.zones.isEmpty { _ = try db.store(camera.zones, of: camera.id, act) }
      try db.audit(act, "camera.add", camera.id, ["name": camera.name, "url": camera.url])
    }
  }

  /// Changes what was registered; zones are changed by `setZones`.
  public func update(_ camera: CameraEntry, _ act: Act) async throws(StoreError) {
    try await write { db in
      var camera = camera
      let old = try db.camera(camera.id)
      camera.frame = camera.frame ?? old.frame
      try db.store(camera, act.at)
      try db.audit(act, "camera.update", camera.id, ["name": camera.name, "url": camera.url])
    }
  }

  /// Takes a camera away; what it raised stays.
  public func removeCamera(_ id: String, _ act: Act) async throws(StoreError) {
    try await write { db in
      _ = try db.camera(id)
      try db.execute(sql: "UPDATE camera SET removedAt = ?, secret = NULL WHERE id = ?", arguments: [act.at, id])
      try db.execute(sql: "DELETE FROM ruleState WHERE camera = ?", arguments: [id])
      try db.audit(act, "camera.remove", id, [:])
    }
  }

  /// Saves a new version of a camera's zones, made from `version`.
  public func setZones(_ zones: [Zone], of camera: String, from version: Int, _ act: Act) async throws(StoreError)
    -> Int
  {
    try await write { db in
      let current = try db.camera(camera).zonesVersion
      guard current == version else {
        throw StoreError.conflict("the zones were changed meanwhile (version \(current)); load them and edit again")
      }
      let next = try db.store(zones, of: camera, act)
      try db.audit(act, "camera.zones", camera, ["version": String(next), "zones": String(zones.count)])
      return next
    }
  }

  /// Notes the size of a camera's pictures.
  public func setFrame(_ frame: CameraDocument.Frame, of camera: String) async throws(StoreError) {
    try await write { db in
      try db.execute(
        sql: "UPDATE camera SET width = ?, height = ? WHERE id = ?", arguments: [frame.width, frame.height, camera])
    }
  }

  /// The state of a camera's rules as it was last saved.
  public func ruleState(of camera: String) async throws(StoreError) -> [UInt8]? {
    try await read { db in
      try Data.fetchOne(db, sql: "SELECT state FROM ruleState WHERE camera = ?", arguments: [camera]).map { Array($0) }
    }
  }

  public func saveRuleState(_ state: [UInt8], of camera: String, at time: Double) async throws(StoreError) {
    try await write { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO ruleState (camera, state, at) VALUES (?, ?, ?)",
        arguments: [camera, Data(state), time])
    }
  }

  static let cameraQuery =
    "SELECT camera.*, zones.zones FROM camera LEFT JOIN zones ON zones.camera = id AND version = zonesVersion"
}

extension Database {
  func camera(_ id: String) throws -> CameraEntry {
    let row = try Row.fetchOne(
      self, sql: CaseStore.cameraQuery + " WHERE camera.id = ? AND removedAt IS NULL", arguments: [id])
    guard let row else { throw StoreError.notFound }
    return try CameraEntry(row)
  }

  fileprivate func store(_ camera: CameraEntry, _ at: Double) throws {
    try execute(
      sql: """
        UPDATE camera SET name = ?, url = ?, username = ?, secret = ?, district = ?, placeCode = ?, longitude = ?,
          latitude = ?, owner = ?, timeZone = ?, sampleRate = ?, width = ?, height = ?, updatedAt = ?, removedAt = NULL
        WHERE id = ?
        """,
      arguments: [
        camera.name, camera.url, camera.username, camera.secret.map { Data($0) }, camera.district, camera.placeCode,
        camera.longitude, camera.latitude, camera.owner, camera.clock.name, camera.sampleRate, camera.frame?.width,
        camera.frame?.height, at, camera.id,
      ])
  }

  fileprivate func store(_ zones: [Zone], of camera: String, _ act: Act) throws -> Int {
    let last = try Int.fetchOne(self, sql: "SELECT max(version) FROM zones WHERE camera = ?", arguments: [camera]) ?? 0
    let text = String(decoding: JSONWriter.line(.array(zones.map(\.node))), as: UTF8.self)
    try execute(
      sql: "INSERT INTO zones (camera, version, zones, by, at) VALUES (?, ?, ?, ?, ?)",
      arguments: [camera, last + 1, text, act.by, act.at])
    try execute(sql: "UPDATE camera SET zonesVersion = ? WHERE id = ?", arguments: [last + 1, camera])
    return last + 1
  }
}

extension CameraEntry {
  init(_ row: Row) throws {
    let zone: String = row["timeZone"]
    self.init(
      id: row["id"], name: row["name"], url: row["url"], username: row["username"],
      secret: (row["secret"] as Data?).map { Array($0) }, clock: WallClock(timeZone: zone) ?? .utc,
      sampleRate: row["sampleRate"])
    district = row["district"]
    placeCode = row["placeCode"]
    longitude = row["longitude"]
    latitude = row["latitude"]
    owner = row["owner"]
    if let width = row["width"] as Int?, let height = row["height"] as Int? {
      frame = CameraDocument.Frame(width: width, height: height)
    }
    zonesVersion = row["zonesVersion"]
    if let text = row["zones"] as String? {
      zones = try CameraEntry.zones(text)
    }
  }

  /// The zones of a camera document, checked as such.
  ///
  /// - Parameter text: the JSON list as it stands in `camera.json`.
  public static func zones(_ text: String) throws(FormatError) -> [Zone] {
    let document = """
      {"schema": "\(CameraDocument.schema)", "id": "camera", "frame": {"width": 1, "height": 1}, "zones": \(text)}
      """
    return try CameraDocument(json: Array(document.utf8), file: "zones").zones
  }
}
