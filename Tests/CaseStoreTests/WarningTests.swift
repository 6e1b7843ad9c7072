import CaseStore
import Formats
import Foundation
import Testing

@Suite("Warnings in the store")
struct WarningTests {
  @Test("a warning told twice is one warning, and the second telling brings its state up to date")
  func idempotent() async throws {
    let scratch = try await Scratch.withCamera()
    #expect(try await scratch.store.record(Scratch.warning(1), at: Scratch.morning))
    var later = try Scratch.warning(1, state: .cleared)
    later.times.end = Scratch.morning + 60
    #expect(try await scratch.store.record(later, at: Scratch.morning + 60) == false)
    let list = try await scratch.store.warnings(WarningFilter(), Page())
    #expect(list.total == 1)
    #expect(list.items.map(\.state) == [.cleared])
    #expect(list.items.first?.times.end == Scratch.morning + 60)
    #expect(list.items.first?.history.first?.time == Scratch.morning - 180)
  }

  @Test("what came back from the store is what was handed in")
  func roundTrip() async throws {
    let scratch = try await Scratch.withCamera()
    let warning = try Scratch.warning(1)
    try await scratch.store.record(warning, at: Scratch.morning)
    var stored = try await scratch.store.warning(warning.id)
    #expect(stored.cameraName == "Market Street")
    stored.cameraName = warning.cameraName
    #expect(stored == warning)
  }

  @Test("an update leaves decision and evidence alone")
  func updateKeepsDecision() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    try await store.record(Scratch.warning(1), at: Scratch.morning)
    let id = try Scratch.warning(1).id
    try await store.addEvidence(EvidenceFiles(clip: "clip.mp4", stills: ["first.jpg"]), to: id, at: Scratch.morning)
    _ = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("li"))
    try await store.record(Scratch.warning(1, state: .cleared), at: Scratch.morning + 9)
    let stored = try await store.warning(id)
    #expect(stored.review?.decision == .confirm)
    #expect(stored.evidence == EvidenceFiles(clip: "clip.mp4", stills: ["first.jpg"]))
    #expect(stored.state == .cleared)
  }

  @Test("a warning of a camera that is not registered is refused")
  func unknownCamera() async throws {
    let scratch = try await Scratch.withCamera()
    await #expect(throws: StoreError.self) {
      try await scratch.store.record(Scratch.warning(1, camera: "cam-2"), at: Scratch.morning)
    }
  }

  @Test("undecided warnings come the most urgent first, all of them once over the pages")
  func pages() async throws {
    let scratch = try await Scratch.withCamera()
    for number in 0..<7 {
      // Two share each time: the id breaks the tie.
      try await scratch.store.record(
        Scratch.warning(number, at: Double((number * 5) % 7 / 2)), at: Scratch.morning)
    }
    var filter = WarningFilter()
    filter.state = .undecided
    var page = Page(limit: 3)
    var seen: [StoredWarning] = []
    while true {
      let list = try await scratch.store.warnings(filter, page)
      #expect(list.total == 7)
      seen += list.items
      guard let next = list.next else { break }
      page.after = next
    }
    #expect(seen.count == 7)
    #expect(Set(seen.map(\.id)).count == 7)
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.times.alert <= $1.times.alert })
  }

  @Test("filters hold by type, camera, state and time")
  func filters() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    try await store.add(CameraEntry(id: "cam-2", name: "Two", url: "file:a.mp4"), Scratch.act("op"))
    for number in 0..<4 {
      try await store.record(
        Scratch.warning(number, at: Double(number) * 100, camera: number < 3 ? "cam-1" : "cam-2"), at: Scratch.morning)
    }
    _ = try await store.decide(
      Scratch.warning(0).id, .reject, reason: "wrong-object", note: "", Scratch.act("li"))
    func count(_ change: (inout WarningFilter) -> Void) async throws -> Int? {
      var filter = WarningFilter()
      change(&filter)
      return try await store.warnings(filter, Page()).total
    }
    #expect(try await count { $0.camera = "cam-2" } == 1)
    #expect(try await count { $0.state = .rejected } == 1)
    #expect(try await count { $0.state = .undecided } == 3)
    #expect(try await count { $0.type = .binOverflow } == 0)
    #expect(
      try await count {
        $0.from = Scratch.morning + 100
        $0.to = Scratch.morning + 300
      } == 2)
  }

  @Test("earlier confirmed warnings at the same place within 90 days are counted")
  func earlierHere() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    for (number, days) in [(1, -91.0), (2, -30.0), (3, -1.0), (4, 0.0)] {
      try await store.record(Scratch.warning(number, at: days * 86_400), at: Scratch.morning)
    }
    for number in 1...2 {
      _ = try await store.decide(Scratch.warning(number).id, .confirm, reason: nil, note: "", Scratch.act("li"))
    }
    #expect(try await store.warning(Scratch.warning(4).id).earlierHere == 1)
  }

  @Test("changes are told in order, once, and can be taken up where one left off")
  func events() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    let start = try await store.events(after: nil)
    #expect(start.events.isEmpty)
    try await store.record(Scratch.warning(1), at: Scratch.morning)
    _ = try await store.decide(Scratch.warning(1).id, .confirm, reason: nil, note: "", Scratch.act("li"))
    let first = try await store.events(after: start.last, limit: 2)
    #expect(first.events.map(\.kind) == ["warning", "case"])
    let second = try await store.events(after: first.last)
    #expect(second.events.map(\.kind) == ["review"])
    #expect(try await store.events(after: second.last).events.isEmpty)
  }

  @Test("a store opened again has what was confirmed")
  func reopened() async throws {
    let scratch = try await Scratch.withCamera()
    try await scratch.store.record(Scratch.warning(1), at: Scratch.morning)
    let other = try CaseStore(folder: scratch.folder)
    #expect(try await other.warnings(WarningFilter(), Page()).total == 1)
    #expect(try await other.camera("cam-1").zones == [Scratch.zone])
  }

  @Test("a task that was cancelled still stores what it has found")
  func cancelled() async throws {
    let scratch = try await Scratch.withCamera()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      try await scratch.store.record(Scratch.warning(1), at: Scratch.morning)
    }
    task.cancel()
    _ = try await task.value
    #expect(try await scratch.store.warnings(WarningFilter(), Page()).total == 1)
  }

  @Test("rules' state is kept by camera, the last one saved")
  func ruleState() async throws {
    let scratch = try await Scratch.withCamera()
    #expect(try await scratch.store.ruleState(of: "cam-1") == nil)
    try await scratch.store.saveRuleState([1], of: "cam-1", at: Scratch.morning)
    try await scratch.store.saveRuleState([2, 0, 255], of: "cam-1", at: Scratch.morning)
    #expect(try await scratch.store.ruleState(of: "cam-1") == [2, 0, 255])
  }
}
