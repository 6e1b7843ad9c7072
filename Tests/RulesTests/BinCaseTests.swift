import Formats
import Geometry
import Rules
import Testing

/// Cases B1 to B11 of the research notes. B4, B7 and B10 are the detector's, B5 is a schedule's.
@Suite("Cases of bins")
struct BinCaseTests {
  let bin = Box(x: 0.45, y: 0.5, width: 0.06, height: 0.12)

  func zone(dwell: Double = 120) throws -> Zone { try Scene.zone(.bin, id: "bins", dwell: dwell) }

  /// A bin that is over-full in a span.
  func actor(full: @escaping (Double) -> Bool) -> Actor {
    var actor = Actor("bin", at: bin)
    actor.labels = { full($0) ? "bin-overflow" : "bin" }
    return actor
  }

  @Test("a bin that fills up is raised once the dwell is over, and cleared when it is emptied")
  func fillsUp() throws {
    let outcome = try Scene.run(Street([actor { $0 >= 60 && $0 < 400 }]), zones: [zone()], seconds: 500)
    #expect(outcome.raised.map(\.type) == [.binOverflow])
    #expect(outcome.raised.map(\.start) == [60])
    #expect(outcome.raised.map(\.alert) == [180])
    #expect(outcome.raised.map(\.category) == ["01-02"])
    #expect(outcome.raised.map(\.label) == ["bin-overflow"])
    #expect(outcome.warnings.map(\.state) == [.cleared])
    #expect(outcome.warnings.map(\.end) == [399])
  }

  @Test("B1: a bin that is not full says nothing, however long it stands")
  func notFull() throws {
    #expect(try Scene.run(Street([actor { _ in false }]), zones: [zone()], seconds: 600).events.isEmpty)
  }

  @Test("a state that flickers is voted: seven in ten looks over-full is full, three in ten is not")
  func voted() throws {
    let mostly = try Scene.run(
      Street([actor { SeededGenerator.chance(1, 1, $0) < 0.85 }]), zones: [zone()], seconds: 400)
    #expect(mostly.raised.count == 1)
    let seldom = try Scene.run(
      Street([actor { SeededGenerator.chance(1, 2, $0) < 0.25 }]), zones: [zone()], seconds: 400)
    #expect(seldom.raised.isEmpty)
  }

  @Test("B2: rubbish beside a bin counts")
  func rubbishBeside() throws {
    let bag = Actor("garbage", at: Box(x: 0.51, y: 0.57, width: 0.04, height: 0.05), from: 20)
    let outcome = try Scene.run(Street([actor { _ in false }, bag]), zones: [zone()], seconds: 300)
    #expect(outcome.raised.map(\.start) == [20])
    #expect(outcome.raised.map(\.label) == ["garbage"])
    let far = Actor("garbage", at: Box(x: 0.65, y: 0.57, width: 0.04, height: 0.05))
    #expect(try Scene.run(Street([actor { _ in false }, far]), zones: [zone()], seconds: 300).events.isEmpty)
  }

  @Test("B3: looks with somebody before the bin do not vote")
  func somebodyBefore() throws {
    let person = Actor("person", at: Box(x: 0.47, y: 0.4, width: 0.06, height: 0.24), from: 30, to: 90)
    let outcome = try Scene.run(
      Street([person, actor { $0 >= 30 && $0 < 90 }]), zones: [zone(dwell: 30)], seconds: 300)
    #expect(outcome.raised.isEmpty)
  }

  @Test("B6: a bin that is hidden is neither full nor empty, one that is moved away is not full any more")
  func hiddenOrMoved() throws {
    let lorry = Actor("truck", at: Box(x: 0.3, y: 0.3, width: 0.4, height: 0.4), from: 200, to: 500)
    let hidden = try Scene.run(Street([actor { $0 >= 10 }, lorry]), zones: [zone()], seconds: 700)
    #expect(hidden.raised.count == 1)
    #expect(hidden.warnings[0].history.map(\.state).contains(.unknown))
    #expect(hidden.warnings[0].state == .warned)
    var gone = actor { $0 >= 10 }
    gone.to = 200
    // Without a bin the zone is taken to be the bin itself, and that is not over-full.
    let moved = try Scene.run(Street([gone]), zones: [zone()], seconds: 500)
    #expect(moved.warnings.map(\.state) == [.cleared])
  }

  @Test("B9: a bin under 16 pixels is named in a note")
  func small() throws {
    var tiny = Actor("bin-overflow", at: Box(x: 0.45, y: 0.5, width: 0.01, height: 0.02))
    tiny.score = 0.9
    #expect(try Scene.run(Street([tiny]), zones: [zone()], seconds: 200).rules.notes.count == 1)
  }

  @Test("B11: emptied and full again is a second violation")
  func fullAgain() throws {
    let outcome = try Scene.run(
      Street([actor { $0 >= 10 && $0 < 200 || $0 >= 300 }]), zones: [zone()], seconds: 600)
    #expect(outcome.raised.map(\.start) == [10, 300])
    #expect(outcome.raised.map(\.alert) == [130, 420])
    #expect(outcome.warnings.map(\.state) == [.cleared, .warned])
  }

  @Test("a bin that the operator has drawn is judged by the rubbish in its zone")
  func drawnBin() throws {
    let zone = try Scene.zone(.bin, id: "bin-1", bin, dwell: 120)
    let bag = Actor("garbage", at: Box(x: 0.46, y: 0.48, width: 0.04, height: 0.05), from: 20)
    let outcome = try Scene.run(Street([bag]), zones: [zone], seconds: 300)
    #expect(outcome.raised.map(\.start) == [20])
    #expect(try Scene.run(Street([]), zones: [zone], seconds: 300).events.isEmpty)
  }
}
