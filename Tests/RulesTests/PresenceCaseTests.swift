import Formats
import Geometry
import Rules
import Testing

/// Cases A1 to A18 of the research notes: what goes wrong with every kind of event. A9 and A16 are the pipeline's and the
/// service's.
@Suite("Cases of all events")
struct PresenceCaseTests {
  let bay = Scene.bay

  @Test("A1: another class and another id behind a passing bus are the same presence")
  func idSwitchBehindBus() throws {
    let bus = Box(x: 0.35, y: 0.3, width: 0.3, height: 0.35)
    var car = Actor(at: bay, look: 3)
    car.labels = { $0 < 105 ? "car" : "truck" }
    let street = Street([car, Actor("bus", at: bus, from: 100, to: 110, look: 9)])
    let outcome = try Scene.run(street, seconds: 400)
    #expect(outcome.raised.count == 1)
    #expect(outcome.raised.map(\.alert) == [180])
  }

  @Test("A2: occlusion of 5 to 115 s keeps the first start", arguments: [5.0, 30, 60, 115])
  func occlusion(seconds: Double) throws {
    let bus = Box(x: 0.35, y: 0.3, width: 0.3, height: 0.35)
    let street = Street([Actor(at: bay), Actor("bus", at: bus, from: 40, to: 40 + seconds, look: 9)])
    let outcome = try Scene.run(street, seconds: 250)
    #expect(outcome.raised.map(\.start) == [0])
    #expect(outcome.raised.map(\.alert) == [180])
  }

  @Test("faint boxes of a lorry's parts are no things of their own")
  func faintParts() throws {
    let lorry = Box(x: 0.35, y: 0.3, width: 0.24, height: 0.3)
    var rear = Actor("truck", at: Box(x: 0.36, y: 0.45, width: 0.12, height: 0.14), score: 0.26)
    var top = Actor("truck", at: Box(x: 0.4, y: 0.42, width: 0.18, height: 0.16), score: 0.26)
    rear.isDetected = { Int($0) % 3 != 0 }
    top.isDetected = { Int($0) % 4 != 0 }
    let outcome = try Scene.run(Street([Actor("truck", at: lorry, score: 0.6), rear, top]), seconds: 250)
    #expect(outcome.raised.map(\.alert) == [180])
    #expect(outcome.suppressed.isEmpty)
  }

  @Test("A3: scores that blink around the threshold make one presence")
  func blinkingScores() throws {
    var street = Street([Actor(at: bay, score: 0.42)])
    let faint = Actor(at: bay, score: 0.15)
    street.actors.append(faint)
    street.actors[0].isDetected = { Int($0) % 3 == 0 }
    street.actors[1].isDetected = { Int($0) % 3 != 0 }
    // Only one of the two is reported at a time; neither hides the other.
    street.actors[1].box = { [bay] _ in Box(x: bay.x, y: bay.y - 0.0001, width: bay.width, height: bay.height * 0.61) }
    street.actors[0].box = { [bay] _ in bay }
    street.actors[1].box = street.actors[0].box
    street.actors.swapAt(0, 1)
    street.actors[0].isDetected = { Int($0) % 3 != 0 }
    street.actors[1].isDetected = { Int($0) % 3 == 0 }
    var rules = try Scene.rules([Scene.zone()])
    var raised: [WarningRecord] = []
    for time in Scene.times(300) {
      let actor = Int(time) % 3 == 0 ? 1 : 0
      let picture = Street([street.actors[actor]]).observation(at: time)
      for case .raised(let record) in rules.step(picture) { raised.append(record) }
    }
    #expect(raised.map(\.start) == [0])
    #expect(raised.map(\.alert) == [180])
  }

  @Test("A4: one leaves, another takes the place within seconds: its look tells them apart")
  func replacedWithinSeconds() throws {
    var street = Street([Actor(at: bay, to: 100, look: 3), Actor(at: bay, from: 104, look: 6)])
    street.paintsThumbnails = true
    let outcome = try Scene.run(street, seconds: 400)
    #expect(outcome.raised.map(\.start) == [104])
    #expect(outcome.raised.map(\.alert) == [284])
  }

  @Test("A5: scores that drop for some seconds do not end a presence")
  func headlightSweep() throws {
    var street = Street([Actor(at: bay)])
    street.actors[0].isDetected = { !($0 >= 90 && $0 < 94) }
    let outcome = try Scene.run(street, seconds: 250)
    #expect(outcome.raised.map(\.start) == [0])
    #expect(outcome.raised.map(\.alert) == [180])
  }

  @Test("A6: a shadow that makes the box grow is no movement")
  func growingShadow() throws {
    var street = Street([Actor(at: bay)])
    street.actors[0].box = { [bay] time in
      let growth = min(max(0, time - 50) / 60, 0.5)
      return Box(x: bay.x, y: bay.y, width: bay.width * (1 + growth), height: bay.height)
    }
    let outcome = try Scene.run(street, seconds: 250)
    #expect(outcome.raised.map(\.start) == [0])
  }

  @Test("A8: day turns to infra-red: everything is lost for 20 s and found again in its place")
  func infraRed() throws {
    var street = Street([Actor(at: bay, look: 3), Actor(at: Box(x: 0.25, y: 0.45, width: 0.1, height: 0.1), look: 5)])
    street.paintsThumbnails = true
    street.isGrey = { $0 >= 100 }
    street.light = { $0 >= 100 ? (0.6, 0) : (1, 0) }
    for index in street.actors.indices { street.actors[index].isDetected = { !($0 >= 100 && $0 < 120) } }
    let outcome = try Scene.run(street, seconds: 250)
    #expect(outcome.raised.map(\.start) == [0, 0])
    #expect(outcome.raised.map(\.alert) == [180, 180])
  }

  @Test("A10: a box that jitters over the zone's edge neither comes nor goes")
  func edgeOfTheZone() throws {
    // 70 % of the ground contact is in the zone, give or take 8 %.
    var street = Street([Actor(at: Box(x: 0.164, y: 0.45, width: 0.12, height: 0.12))])
    street.jitter = 0.05
    let outcome = try Scene.run(street, seconds: 400)
    #expect(outcome.raised.count == 1)
    #expect(outcome.suppressed.isEmpty)
  }

  @Test("A11: what stands in an ignore zone is not looked at")
  func poster() throws {
    let zones = [try Scene.zone(), try Scene.zone(.ignore, id: "poster", bay)]
    let outcome = try Scene.run(Street([Actor(at: bay)]), zones: zones, seconds: 400)
    #expect(outcome.events.isEmpty)
  }

  @Test("A12: what is there in the first picture must stand for the whole dwell, and its history says so")
  func thereBefore() throws {
    let outcome = try Scene.run(Street([Actor(at: bay)]), seconds: 400)
    #expect(outcome.raised.map(\.alert) == [180])
    #expect(outcome.raised[0].history[0].reason == "there in the first picture in kerb")
  }

  @Test("A13: a violation for hours is one warning")
  func hours() throws {
    let outcome = try Scene.run(Street([Actor(at: bay)]), seconds: 14_400, every: 5)
    #expect(outcome.raised.count == 1)
    #expect(outcome.warnings.map(\.state) == [.warned])
  }

  @Test("A14: a warned car that moves up by less than its length, or returns at once, is the same violation")
  func movesUp() throws {
    var street = Street([Actor(at: bay)])
    street.actors[0].box = { [bay] time in
      Box(x: bay.x + 0.08 * min(max(0, time - 220) / 10, 1), y: bay.y, width: bay.width, height: bay.height)
    }
    let moved = try Scene.run(street, seconds: 600)
    #expect(moved.raised.count == 1)
    #expect(moved.warnings.map(\.state) == [.warned])
    #expect(moved.warnings[0].history.contains { $0.state == .clearing })

    let back = Street([Actor(at: bay, to: 220), Actor(at: bay, from: 250)])
    let returned = try Scene.run(back, seconds: 600)
    #expect(returned.raised.count == 1)
    #expect(returned.warnings.map(\.state) == [.warned])
  }

  @Test("A14: a car that comes back after minutes is a new violation, after a new dwell")
  func comesBackLater() throws {
    let street = Street([Actor(at: bay, to: 220), Actor(at: bay, from: 400)])
    let outcome = try Scene.run(street, seconds: 700)
    #expect(outcome.raised.map(\.start) == [0, 400])
    #expect(outcome.raised.map(\.alert) == [180, 580])
    #expect(outcome.warnings.map(\.state) == [.cleared, .warned])
    #expect(outcome.warnings[0].end == 219)
    #expect(Set(outcome.raised.map(\.id)) == ["cam-illegal-parking-0-1", "cam-illegal-parking-400-1"])
  }

  @Test("A15: after a gap longer than the allowance nothing is raised before the thing is seen again")
  func gap() throws {
    let street = Street([Actor(at: bay, to: 250)])
    let times = Scene.times(60) + Scene.times(100).map { 300 + $0 }
    let outcome = Scene.run(street, try Scene.rules([Scene.zone()]), at: times)
    #expect(outcome.raised.isEmpty)
    #expect(outcome.suppressed.map(\.end) == [60])
  }

  @Test("A17 and A18: a permit, a holiday and a schedule rest the zone")
  func permitsAndSchedules() throws {
    let start = "2024-05-02T08:00:00+07:00"
    func run(_ change: (inout Zone) throws -> Void) throws -> Outcome {
      var zone = try Scene.zone()
      try change(&zone)
      let rules = try Scene.rules([zone]) { camera in
        camera.clock = WallClock(timeZone: "Asia/Ho_Chi_Minh")!
        camera.clipStart = Timestamp(start)
      }
      return Scene.run(Street([Actor(at: bay)]), rules, at: Scene.times(400))
    }
    #expect(try run { _ in }.raised.count == 1)
    let permit = try run { zone in
      zone.permits = [
        Permit(from: Timestamp("2024-05-02T06:00:00+07:00")!, to: Timestamp("2024-05-02T09:00:00+07:00")!)
      ]
    }
    #expect(permit.events.isEmpty)
    let night = try run { $0.schedule = [WeeklyWindow(from: 22 * 60, to: 6 * 60)] }
    #expect(night.events.isEmpty)
    // Opens at 08:02: a car that stood there before has its dwell from then.
    let opening = try run { $0.schedule = [WeeklyWindow(from: 8 * 60 + 2, to: 20 * 60)] }
    #expect(opening.raised.map(\.start) == [120])
    #expect(opening.raised.map(\.alert) == [300])
    // Closes at 08:02, before the dwell is over.
    let closing = try run { $0.schedule = [WeeklyWindow(from: 7 * 60, to: 8 * 60 + 2)] }
    #expect(closing.raised.isEmpty)
    #expect(closing.suppressed.map(\.reason) == ["the zone's window closed before the dwell"])
  }

  @Test("without a clip start schedules are always on, and a note says so")
  func noCalendar() throws {
    var zone = try Scene.zone()
    zone.schedule = [WeeklyWindow(from: 0, to: 1)]
    let outcome = try Scene.run(Street([Actor(at: bay)]), zones: [zone], seconds: 200)
    #expect(outcome.raised.count == 1)
    #expect(outcome.rules.notes.count == 1)
  }
}
