import CaseStore
import Formats
import Foundation
import Testing

@Suite("Decisions and cases")
struct DecisionTests {
  private func undecided() async throws -> (Scratch, CaseStore, String) {
    let scratch = try await Scratch.withCamera()
    let warning = try Scratch.warning(1)
    try await scratch.store.record(warning, at: Scratch.morning)
    return (scratch, scratch.store, warning.id)
  }

  private func isConflict(_ body: () async throws -> Void) async -> Bool {
    do {
      try await body()
      return false
    } catch StoreError.conflict { return true } catch { return false }
  }

  @Test("a colleague's claim holds others off until it runs out")
  func claims() async throws {
    let (scratch, store, id) = try await undecided()
    _ = try await store.claim(id, until: Scratch.morning + 120, Scratch.act("li"))
    _ = try await store.claim(id, until: Scratch.morning + 150, Scratch.act("li", 30))
    #expect(await isConflict { _ = try await store.claim(id, until: Scratch.morning + 300, Scratch.act("wang", 60)) })
    #expect(
      await isConflict { _ = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("wang", 149)) })
    _ = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("wang", 151))
    #expect(try await store.warning(id).claim == nil)
    withExtendedLifetime(scratch) {}
  }

  @Test("of two inspectors who decide at once one is told that the other did")
  func race() async throws {
    let (scratch, store, id) = try await undecided()
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for name in ["li", "wang", "zhao", "chen"] {
        group.addTask {
          await isConflict { _ = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act(name)) }
        }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(outcomes.count { !$0 } == 1)
    #expect(try await store.cases(.all, Page()).total == 1)
    withExtendedLifetime(scratch) {}
  }

  @Test("the same decision sent again by the same person changes nothing")
  func repeated() async throws {
    let (scratch, store, id) = try await undecided()
    let first = try await store.decide(id, .confirm, reason: nil, note: "seen", Scratch.act("li"))
    let second = try await store.decide(id, .confirm, reason: nil, note: "seen", Scratch.act("li", 5))
    #expect(first == second)
    #expect(
      await isConflict { _ = try await store.decide(id, .reject, reason: "wrong-object", note: "", Scratch.act("li")) })
    withExtendedLifetime(scratch) {}
  }

  @Test("an unclear warning may be decided by a colleague, and is unclear again when that is taken back")
  func unclear() async throws {
    let (scratch, store, id) = try await undecided()
    _ = try await store.decide(id, .unclear, reason: nil, note: "is it loading?", Scratch.act("li"))
    let decided = try await store.decide(id, .reject, reason: "loading-or-boarding", note: "", Scratch.act("wang", 60))
    #expect(decided.review?.act.by == "wang")
    let undone = try await store.undoDecision(of: id, madeAfter: Scratch.morning + 30, Scratch.act("wang", 70))
    #expect(undone.review?.decision == .unclear)
    var filter = WarningFilter()
    filter.state = .unclear
    #expect(try await store.warnings(filter, Page()).total == 1)
    withExtendedLifetime(scratch) {}
  }

  @Test("a decision is taken back by its maker alone, in time, and only before its case goes on")
  func undo() async throws {
    let (scratch, store, id) = try await undecided()
    _ = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("li"))
    let early = Scratch.morning - 1
    #expect(await isConflict { _ = try await store.undoDecision(of: id, madeAfter: early, Scratch.act("wang")) })
    #expect(
      await isConflict { _ = try await store.undoDecision(of: id, madeAfter: Scratch.morning + 1, Scratch.act("li")) })
    let undone = try await store.undoDecision(of: id, madeAfter: early, Scratch.act("li"))
    #expect(undone.review == nil && undone.caseID == nil)
    let again = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("wang"))
    _ = try await store.advance(#require(again.caseID), to: .dispatched, note: "", Scratch.act("wang"))
    #expect(await isConflict { _ = try await store.undoDecision(of: id, madeAfter: early, Scratch.act("wang")) })
    withExtendedLifetime(scratch) {}
  }

  @Test("a case goes through its stages in order, each once")
  func stages() async throws {
    let (scratch, store, id) = try await undecided()
    let confirmed = try await store.decide(id, .confirm, reason: nil, note: "", Scratch.act("li", 60))
    let number = try #require(confirmed.caseID)
    #expect(await isConflict { _ = try await store.advance(number, to: .handled, note: "", Scratch.act("li", 70)) })
    for (index, stage) in [Stage.dispatched, .handled, .verified].enumerated() {
      let act = Scratch.act("li", 100 * Double(index + 1))
      _ = try await store.advance(number, to: stage, note: "step", act)
      // The answer was lost and the request came again.
      _ = try await store.advance(number, to: stage, note: "step", act)
    }
    #expect(await isConflict { _ = try await store.advance(number, to: .dispatched, note: "", Scratch.act("li", 900)) })
    let entry = try await store.caseEntry(number)
    #expect(entry.stages.map(\.stage) == [.flagged, .confirmed, .dispatched, .handled, .verified])
    #expect(entry.stages.first?.at == Scratch.morning && entry.stages.first?.by == nil)
    #expect(try await store.cases(.open, Page()).total == 0)
    #expect(try await store.cases(.stage(.verified), Page()).total == 1)
    #expect(try await store.responseSeconds(from: nil, to: nil) == [100])
    withExtendedLifetime(scratch) {}
  }

  @Test("retention takes what is decided and old, never what is undecided or open")
  func retention() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    for number in 0..<5 { try await store.record(Scratch.warning(number), at: Scratch.morning) }
    func id(_ number: Int) throws -> String { try Scratch.warning(number).id }
    _ = try await store.decide(id(0), .reject, reason: "wrong-object", note: "", Scratch.act("li"))
    _ = try await store.decide(id(1), .reject, reason: "wrong-object", note: "", Scratch.act("li", 1000))
    _ = try await store.decide(id(2), .unclear, reason: nil, note: "", Scratch.act("li"))
    let open = try await store.decide(id(3), .confirm, reason: nil, note: "", Scratch.act("li"))
    let cutoff = Scratch.morning + 500
    var removed = try await store.retire(
      undecidedBefore: nil, rejectedBefore: cutoff, closedBefore: cutoff, Scratch.act("warden", 9999))
    #expect(removed.warnings == [try id(0)])
    for stage in [Stage.dispatched, .handled, .verified] {
      _ = try await store.advance(#require(open.caseID), to: stage, note: "", Scratch.act("li", 10))
    }
    removed = try await store.retire(
      undecidedBefore: nil, rejectedBefore: nil, closedBefore: cutoff, Scratch.act("warden", 9999))
    #expect(removed.warnings == [try id(3)])
    #expect(try await store.warnings(WarningFilter(), Page()).items.count == 3)
    let log = try await store.audit(by: nil, action: "warning.retire", from: nil, to: nil, Page())
    #expect(log.items.map(\.object) == [try id(3), try id(0)])
  }

  @Test("decisions are counted by camera, type, reason and day")
  func counts() async throws {
    let scratch = try await Scratch.withCamera()
    let store = scratch.store
    for number in 0..<6 { try await store.record(Scratch.warning(number, at: Double(number)), at: Scratch.morning) }
    for number in 0..<3 {
      _ = try await store.decide(Scratch.warning(number).id, .confirm, reason: nil, note: "", Scratch.act("li"))
    }
    for number in 3..<5 {
      _ = try await store.decide(
        Scratch.warning(number).id, .reject, reason: "queue-in-traffic", note: "", Scratch.act("li"))
    }
    let rows = try await store.decisions(from: nil, to: nil)
    #expect(rows.count == 3)
    #expect(rows.first { $0.decision == .confirm }?.count == 3)
    #expect(rows.first { $0.decision == .reject }?.reason == "queue-in-traffic")
    #expect(rows.first { $0.decision == nil }?.count == 1)
  }
}
