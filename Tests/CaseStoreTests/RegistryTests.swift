import CaseStore
import Formats
import Foundation
import Geometry
import Testing

@Suite("Cameras, people, audit")
struct RegistryTests {
  @Test("each version of the zones is kept, and one that was edited from an older version is refused")
  func zones() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    var zone = try Scratch.zone
    zone.dwellSeconds = 240
    #expect(try await store.setZones([zone], of: "cam-1", from: 1, Scratch.act("op")) == 2)
    await #expect(throws: StoreError.self) { try await store.setZones([], of: "cam-1", from: 1, Scratch.act("chen")) }
    let camera = try await store.camera("cam-1")
    #expect(camera.zones == [zone] && camera.zonesVersion == 2)
  }

  @Test("a camera that was taken away is gone from the list, keeps its warnings and may come back")
  func removal() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    try await store.record(Scratch.warning(1), at: Scratch.morning)
    try await store.removeCamera("cam-1", Scratch.act("op"))
    #expect(try await store.cameras().isEmpty)
    #expect(try await store.warnings(WarningFilter(), Page()).total == 1)
    try await store.add(CameraEntry(id: "cam-1", name: "Again", url: "file:a.mp4"), Scratch.act("op"))
    #expect(try await store.cameras().map(\.name) == ["Again"])
  }

  @Test("two cameras do not share an id")
  func duplicate() async throws {
    let scratch = try await Scratch.withCamera()
    await #expect(throws: StoreError.conflict("there is a camera cam-1 already")) {
      try await scratch.store.add(CameraEntry(id: "cam-1", name: "B", url: "file:b.mp4"), Scratch.act("op"))
    }
  }

  @Test("every change leaves a line in the audit")
  func audit() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    try await store.update(store.camera("cam-1"), Scratch.act("op"))
    _ = try await store.setZones([], of: "cam-1", from: 1, Scratch.act("op"))
    try await store.record(Scratch.warning(1), at: Scratch.morning)
    let id = try Scratch.warning(1).id
    let decided = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("li"))
    _ = try await store.undoDecision(of: id, madeAfter: 0, Scratch.act("li"))
    _ = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("li"))
    _ = try await store.advance(#require(decided.caseID), to: .dispatched, note: "", Scratch.act("li"))
    try await store.add(person("wang", .inspector), Scratch.act("admin"))
    _ = try await store.change("wang", role: .qa, Scratch.act("admin"))
    try await store.removeCamera("cam-1", Scratch.act("op"))
    let actions = try await store.audit(by: nil, action: nil, from: nil, to: nil, Page()).items.map(\.action)
    #expect(
      actions.reversed() == [
        "camera.add", "camera.update", "camera.zones", "warning.confirm", "warning.undo", "warning.confirm",
        "case.dispatched", "user.add", "user.update", "camera.remove",
      ])
  }

  private func person(_ name: String, _ role: Role) -> Person {
    Person(name: name, role: role, password: "hash", mustChange: false, createdAt: Scratch.morning)
  }

  @Test("a change of role ends a person's sessions, and the last administrator stays one")
  func people() async throws {
    let scratch = try Scratch()
    let store = scratch.store
    try await store.add(person("admin", .administrator), Scratch.act("start"))
    try await store.add(person("li", .inspector), Scratch.act("admin"))
    await #expect(throws: StoreError.self) { try await store.add(person("LI", .qa), Scratch.act("admin")) }
    try await store.open(token: [1], csrf: "c", address: "10.0.0.1", Scratch.act("li"))
    #expect(try await store.session(token: [1])?.person.name == "li")
    _ = try await store.change("li", role: .qa, Scratch.act("admin"))
    #expect(try await store.session(token: [1]) == nil)
    try await store.open(token: [2], csrf: "c", address: "10.0.0.1", Scratch.act("li"))
    _ = try await store.change("li", disabled: true, Scratch.act("admin"))
    #expect(try await store.session(token: [2]) == nil)
    await #expect(throws: StoreError.conflict("admin is the last administrator")) {
      _ = try await store.change("admin", disabled: true, Scratch.act("admin"))
    }
  }

  @Test("failed log-ins lock a key for a while, and the count outlives the store")
  func attempts() async throws {
    let scratch = try Scratch()
    for _ in 0..<5 {
      try await scratch.store.failed("user:li", allowed: 5, seconds: 60, most: 60, at: Scratch.morning)
    }
    let again = try CaseStore(folder: scratch.folder)
    #expect(try await again.lockedUntil(["user:li", "address:1"], at: Scratch.morning + 1) == Scratch.morning + 60)
    #expect(try await again.lockedUntil(["user:li"], at: Scratch.morning + 61) == nil)
    #expect(try await again.lockedUntil(["user:wang"], at: Scratch.morning + 1) == nil)
  }

  @Test("a sample of suppressed candidates is the same for the same seed")
  func sample() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    for index in 0..<40 {
      let record = SuppressedRecord(
        type: .illegalParking, zone: "kerb", start: Scratch.morning + Double(index),
        box: Box(x: 0, y: 0, width: 0.1, height: 0.1), reason: "left before the dwell")
      try await store.record(StoredSuppressed(record, camera: "cam-1", zoneName: nil))
      // Told again after a restart.
      try await store.record(StoredSuppressed(record, camera: "cam-1", zoneName: nil))
    }
    func draw(_ seed: Int) async throws -> [Double] {
      try await store.suppressed(camera: nil, from: nil, to: nil, sample: (10, seed), Page()).items.map(\.record.start)
    }
    #expect(try await store.suppressed(camera: "cam-1", from: nil, to: nil, sample: nil, Page()).total == 40)
    #expect(try await draw(1) == draw(1))
    #expect(try await draw(1) != draw(2))
    #expect(Set(try await draw(1)).count == 10)
  }

  @Test("lists of a city's size are read by an index, none by looking through all")
  func plans() async throws {
    let scratch = try await Scratch.withCamera()
    for plan in try await scratch.store.listPlans() {
      #expect(!plan.contains("SCAN warning"), "\(plan)")
      #expect(!plan.contains("TEMP B-TREE FOR ORDER BY"), "\(plan)")
    }
  }
}
