import Evaluation
import Formats
import Geometry
import Testing

@Suite("which warnings fit which events")
struct MatchingTests {
  @Test("a warning from one tolerance before due up to ten seconds after the end fits", arguments: [1.0, 0.25])
  func window(rate: Double) throws {
    let early = max(2, 1 / rate)
    let events = [event("E", start: 0, due: 100, end: 200)]
    for (alert, outcome) in [
      (100 - early, Outcome.truePositive), (100 - early - 0.001, .early), (100, .truePositive), (210, .truePositive),
      (210.001, .falsePositive), (0.5, .early),
    ] {
      #expect(try outcomes(clip(rate: rate, events, [warning("w", alert: alert)]))["w"] == outcome)
    }
  }

  @Test("an event that ended long before it was due fits no warning")
  func neverDue() throws {
    let events = [event("E", start: 0, due: 100, end: 50)]
    for alert in [55, 60, 98, 100.0] {
      #expect(try outcomes(clip(events, [warning("w", alert: alert)]))["w"] != .truePositive)
    }
  }

  @Test("without a rate the sample period is two seconds")
  func noRate() throws {
    let events = [event("E", due: 13.4, end: 16.2)]
    #expect(try outcomes(clip(rate: nil, events, [warning("w", alert: 11.4)]))["w"] == .truePositive)
    #expect(try outcomes(clip(rate: nil, events, [warning("w", alert: 11.399)]))["w"] == .early)
  }

  @Test("shifting all alerts past the window flips exactly one")
  func shift() throws {
    let events = (0..<10).map { numbered($0, end: Double(60 + $0)) }
    func right(_ shift: Double) throws -> Int {
      try outcomes(clip(events, events.map { warning($0.id, alert: $0.due + shift) })).values.count {
        $0 == .truePositive
      }
    }
    #expect(try right(0) == 10)
    // The window of event k ends 20 + k seconds after due.
    for k in 0..<10 { #expect(try right(Double(20 + k)) == 10 - k && right(Double(20 + k) + 0.001) == 9 - k) }
  }

  @Test("the place is right by overlap or by the centre, and strict asks for half")
  func place() throws {
    let events = [event("E", due: 10, end: 20, box: Box(x: 0.2, y: 0.2, width: 0.2, height: 0.2))]
    func outcome(_ box: Box, _ preset: Preset) throws -> Outcome? {
      try outcomes(clip(events, [warning("w", alert: 10, box: box)]), preset)["w"]
    }
    // Shares 0.12 of 0.28 wide: 3/7 of the union, its centre inside.
    let shifted = Box(x: 0.28, y: 0.2, width: 0.2, height: 0.2)
    #expect(try outcome(shifted, .operational) == .truePositive)
    #expect(try outcome(shifted, .strict) == .falsePositive)
    // Half the width: an overlap of exactly one half.
    let half = Box(x: 0.2, y: 0.2, width: 0.1, height: 0.2)
    #expect(try outcome(half, .strict) == .truePositive)
    // Small but centred: the centre alone does for one, not for the other.
    let small = Box(x: 0.29, y: 0.29, width: 0.02, height: 0.02)
    #expect(try outcome(small, .operational) == .truePositive)
    #expect(try outcome(small, .strict) == .falsePositive)
    // Centre outside: an overlap of 2/5 does, one of 2/7 does not.
    #expect(try outcome(Box(x: 0.2, y: 0.2, width: 0.2, height: 0.5), .operational) == .truePositive)
    #expect(try outcome(Box(x: 0.2, y: 0.2, width: 0.2, height: 0.7), .operational) == .falsePositive)
    let aside = Box(x: 0.33, y: 0.2, width: 0.2, height: 0.2)
    #expect(try outcome(aside, .operational) == .falsePositive)
    #expect(try outcome(aside, .recording) == .truePositive)
  }

  @Test("a moving event is held against its box at the alert")
  func movingBox() throws {
    var moving = event("E", due: 10, end: 100)
    moving.boxes = [.init(time: 0, box: square(0)), .init(time: 100, box: square(9))]
    #expect(try outcomes(clip([moving], [warning("w", alert: 100, box: square(9))]))["w"] == .truePositive)
    #expect(try outcomes(clip([moving], [warning("w", alert: 100, box: square(0))]))["w"] == .falsePositive)
  }

  @Test("zones must be the same where both are named")
  func zones() throws {
    for (here, there, fits) in [("k", "k", true), ("k", "l", false), (nil, "l", true), ("k", nil, true)]
      as [(String?, String?, Bool)]
    {
      let outcome = try outcomes(clip([event("E", due: 10, zone: here)], [warning("w", alert: 10, zone: there)]))["w"]
      #expect(outcome == (fits ? .truePositive : .falsePositive))
    }
  }

  @Test("i-LIDS wants the alarm within ten seconds after due, recording at any time of the presence")
  func otherPresets() throws {
    let events = [event("E", start: 20, due: 100, end: 300)]
    func outcome(_ alert: Double, _ preset: Preset) throws -> Outcome? {
      try outcomes(clip(events, [warning("w", alert: alert)]), preset)["w"]
    }
    #expect(try outcome(110, .iLIDS) == .truePositive)
    #expect(try outcome(110.001, .iLIDS) == .falsePositive)
    #expect(try outcome(110.001, .operational) == .truePositive)
    #expect(try outcome(20, .recording) == .truePositive)
    #expect(try outcome(19.999, .recording) == .falsePositive)
    #expect(try outcome(20, .operational) == .early)
  }

  @Test("a second warning is a repeat, an early one leaves the event open, an ignored event absorbs")
  func fates() throws {
    let events = [
      event("A", due: 100, end: 200), event("B", due: 100, end: 200, box: square(3), ignore: true),
      event("C", due: 300, end: 400, box: square(5)),
    ]
    let warnings = [
      warning("a0", alert: 50), warning("a1", alert: 101), warning("a2", alert: 150),
      warning("b1", alert: 120, box: square(3)),
      warning("b2", alert: 130, box: square(3)), warning("x", alert: 120, box: square(8)),
    ]
    let document = try Evaluator.evaluate([clip(events, warnings)])
    let fates = try outcomes(clip(events, warnings))
    #expect(
      fates == [
        "a0": .early, "a1": .truePositive, "a2": .repeat, "b1": .ignored, "b2": .ignored, "x": .falsePositive,
        "C": .missed,
      ])
    let figures = try #require(document.types[.illegalParking])
    var counts = EventCounts()
    counts.references = 2
    counts.warnings = 6
    counts.truePositives = 1
    counts.falsePositives = 3
    counts.falseNegatives = 1
    counts.repeats = 1
    counts.early = 1
    counts.ignored = 2
    #expect(figures.counts == counts)
    #expect(figures.precision.value == 0.25 && figures.recall.value == 0.5)
    // 2 · 1 / (2 · 1 + 3 + 1)
    #expect(figures.f1 == 2.0 / 6)
    #expect(figures.falseAlarmsPerHour.value == 3)
    #expect(figures.latency == .init(p50: 1, p90: 1, max: 1))
  }

  @Test("an event's one warning is the better placed, then the earlier")
  func preference() throws {
    let events = [event("E", due: 10, end: 100)]
    let better = [warning("a", alert: 10, box: Box(x: 0.13, y: 0, width: 0.1, height: 0.1)), warning("b", alert: 50)]
    #expect(try outcomes(clip(events, better)) == ["a": .repeat, "b": .truePositive])
    let earlier = [warning("a", alert: 50), warning("b", alert: 10)]
    #expect(try outcomes(clip(events, earlier)) == ["a": .repeat, "b": .truePositive])
  }

  @Test(
    "of choices with as many pairs and as much overlap the earliest is taken, also where the first path does not lead to it"
  )
  func earliest() throws {
    // A took the last warning, whose price then rose; the first warning is free again at the same total as the fourth:
    // 0.7 + 0.8 + 0.6 = 0.8 + 0.7 + 0.6.
    let overlaps = [
      "A": [4: 0.8, 1: 0.7], "B": [4: 0.7, 0: 0.6], "C": [4: 0.8, 3: 0.7],
    ]
    let alerts = [100.0, 200, 300, 400, 500]
    let whole = Box(x: 0, y: 0, width: 0.5, height: 0.5)
    let events = overlaps.sorted { $0.key < $1.key }.enumerated().map { index, entry in
      var labelled = event(entry.key, start: 0, due: 50 + Double(index), end: 1000)
      // The event's box as each warning finds it: a part of the warning's own box, or elsewhere.
      labelled.boxes = alerts.enumerated().map { warning, alert in
        let share = entry.value[warning]
        return .init(
          time: alert,
          box: share.map { Box(x: 0, y: 0, width: 0.5 * $0, height: 0.5) }
            ?? Box(x: 0.8, y: 0.8, width: 0.1, height: 0.1))
      }
      return labelled
    }
    let warnings = alerts.enumerated().map { warning("w\($0)", alert: $1, box: whole) }
    let matches = try Evaluator.evaluate([clip(events, warnings)]).matches
    let pairs = matches.filter { $0.outcome == .truePositive }.map { "\($0.reference!)-\($0.warning!)" }
    #expect(Set(pairs) == ["A-w1", "B-w0", "C-w4"])
  }

  @Test("most pairs come before the largest overlap")
  func mostPairs() throws {
    // w1 fits both events, and A best; w2 fits A alone. Taking the best overlap first would leave B without a warning.
    let events = [
      event("A", due: 10, end: 100, box: Box(x: 0.1, y: 0, width: 0.2, height: 0.1)),
      event("B", due: 10, end: 100, box: Box(x: 0.2, y: 0, width: 0.2, height: 0.1)),
    ]
    let warnings = [
      warning("w1", alert: 10, box: Box(x: 0.13, y: 0, width: 0.2, height: 0.1)),
      warning("w2", alert: 10, box: Box(x: 0.05, y: 0, width: 0.2, height: 0.1)),
    ]
    let matches = try Evaluator.evaluate([clip(events, warnings)]).matches
    #expect(matches.first { $0.warning == "w1" }?.reference == "B")
    #expect(matches.first { $0.warning == "w2" }?.reference == "A")
  }

  @Test("an event raised as another type is confusion, not a find")
  func confusion() throws {
    let document = try Evaluator.evaluate([
      clip([event("A", .streetVending, due: 10, end: 50, zone: "v")], [warning("w", alert: 10, zone: "p")])
    ])
    #expect(document.confusion == [.init(reference: .streetVending, warning: .illegalParking, count: 1)])
    #expect(document.types[.streetVending]?.counts.falseNegatives == 1)
    #expect(document.types[.illegalParking]?.counts.falsePositives == 1)
  }

  @Test("warnings of another clip are refused")
  func otherClip() {
    var other = clip([event("A", due: 10)], [])
    other.system.durationSeconds = 3590
    #expect(throws: EvaluationError.self) { try Evaluator.evaluate([other]) }
    other.system.durationSeconds = 3600.9
    #expect(throws: Never.self) { try Evaluator.evaluate([other]) }
    other.system.clip = "other.mp4"
    #expect(throws: EvaluationError("a: the reference is of \"clip.mp4\", the warnings are of \"other.mp4\"")) {
      try Evaluator.evaluate([other])
    }
    #expect(throws: EvaluationError("the clip a is there twice")) {
      try Evaluator.evaluate([clip([], []), clip([], [])])
    }
  }

  @Test("a shift that all alerts share is said")
  func timeShift() throws {
    let events = (0..<4).map { numbered($0, box: square(Double($0))) }
    let warnings = events.map { warning("w" + $0.id, alert: $0.due + 3600, box: $0.box) }
    let document = try Evaluator.evaluate([clip(seconds: 8000, events, warnings)])
    #expect(document.hints.contains { $0.contains("3600 s late") })
  }
}
