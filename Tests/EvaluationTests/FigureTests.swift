import Evaluation
import Formats
import Geometry
import Testing

@Suite("figures and the gate")
struct FigureTests {
  /// The contract's example: 38 right, 6 wrong of which one repeat, 3 missed, 2 ignored, in 9.31 h.
  func example() -> [ScoredClip] {
    var events: [ReferenceEvent] = []
    var warnings: [WarningRecord] = []
    for index in 0..<41 {
      let due = Double(index * 700 + 100)
      events.append(event("E\(index)", start: due - 90, due: due, end: due + 100))
      if index < 38 { warnings.append(warning("w\(index)", alert: due + 1, score: 0.9)) }
    }
    warnings.append(warning("again", alert: 150, score: 0.8))
    for index in 0..<5 { warnings.append(warning("wrong\(index)", alert: Double(index), box: square(9), score: 0.5)) }
    events.append(event("I", due: 10, end: 5000, box: square(5), ignore: true))
    for index in 0..<2 {
      warnings.append(warning("ignored\(index)", alert: 20 + Double(index), box: square(5), score: 0.99))
    }
    return [clip(named: "a", seconds: 9.31 * 3600, events, warnings)]
  }

  @Test("the contract's example adds up as it says")
  func contract() throws {
    let document = try Evaluator.evaluate(example(), options: EvaluationOptions(require: ["precision": 0.85]))
    let figures = try #require(document.types[.illegalParking])
    #expect(figures.counts.references == 41 && figures.counts.warnings == 46 && figures.counts.truePositives == 38)
    #expect(figures.counts.falsePositives == 6 && figures.counts.falseNegatives == 3 && figures.counts.repeats == 1)
    #expect(figures.counts.early == 0 && figures.counts.ignored == 2)
    let text = String(decoding: document.json(), as: UTF8.self)
    for line in [
      "\"value\": 0.8636", "\"low\": 0.7329", "\"high\": 0.936", "\"value\": 0.9268", "\"low\": 0.8057",
      "\"high\": 0.9748",
      "\"f1\": 0.8941", "\"value\": 0.6445", "\"low\": 0.2365", "\"high\": 1.4027", "\"hours\": 9.31",
    ] { #expect(text.contains(line), "\(line)") }
    #expect(figures.verdict == .insufficient)
    let gate = try #require(document.gate)
    #expect(!gate.passed)
    #expect(
      gate.reason
        == "illegal-parking: precision insufficient: 38 of 44 right, 95 % interval 0.7329 to 0.936 holds 0.85; of n = 44 at least 43 must be right"
    )
  }

  @Test("what is written reads back, byte for byte")
  func roundTrip() throws {
    let document = try Evaluator.evaluate(
      example() + [clip(named: "b", conditions: ["night"], [event("X", due: 5)], [])],
      options: EvaluationOptions(preset: .iLIDS, require: ["recall": 0.5]))
    let bytes = document.json()
    let again = try EvaluationDocument(json: bytes, file: "evaluation.json")
    #expect(again.json() == bytes)
    #expect(again.warnings.isEmpty)
  }

  @Test("perfect is one, nothing is nought, an empty suite has no figures")
  func extremes() throws {
    let events = (0..<25).map { numbered($0) }
    let perfect = try Evaluator.evaluate([clip(events, events.map { warning($0.id, alert: $0.due, score: 0.9) })])
    let figures = try #require(perfect.types[.illegalParking])
    #expect(
      figures.precision.value == 1 && figures.recall.value == 1 && figures.f1 == 1 && figures.averagePrecision == 1)
    #expect(figures.verdict == .pass)
    let silent = try Evaluator.evaluate([clip(events, [])])
    let none = try #require(silent.types[.illegalParking])
    #expect(none.precision.value == nil && none.recall.value == 0 && none.f1 == 0 && none.verdict == .insufficient)
    #expect(none.averagePrecision == 0)
    let wrong = try Evaluator.evaluate([clip([], (0..<30).map { warning("w\($0)", alert: Double($0)) })])
    #expect(wrong.types[.illegalParking]?.precision.value == 0)
    #expect(wrong.types[.illegalParking]?.recall.value == nil)
    #expect(wrong.types[.illegalParking]?.verdict == .fail)
    let empty = try Evaluator.evaluate([], options: EvaluationOptions(require: ["precision": 0.85]))
    #expect(empty.types.isEmpty && empty.gate?.passed == false)
  }

  @Test("the order of clips, events and warnings does not matter", arguments: 0..<20)
  func order(seed: Int) throws {
    var generator = Seeded(UInt64(seed))
    func random(_ name: String) -> ScoredClip {
      let events = (0..<12).map { index in
        let start = Double(Int.random(in: 0...20, using: &generator) * 10)
        return event(
          "E\(index)", EventType.allCases.randomElement(using: &generator)!, start: start, due: start + 20,
          end: Bool.random(using: &generator) ? start + 60 : nil,
          box: square(Double(Int.random(in: 0...3, using: &generator))),
          ignore: Int.random(in: 0...5, using: &generator) == 0)
      }
      let warnings = (0..<20).map { index in
        warning(
          "w\(index)", EventType.allCases.randomElement(using: &generator)!,
          alert: Double(Int.random(in: 0...28, using: &generator) * 10),
          box: square(Double(Int.random(in: 0...3, using: &generator))),
          score: Double(Int.random(in: 0...10, using: &generator)) / 10)
      }
      return clip(named: name, conditions: ["day"], events, warnings)
    }
    let clips = [random("a"), random("b"), random("c")]
    let options = EvaluationOptions(rounds: 50)
    let bytes = try Evaluator.evaluate(clips, options: options).json()
    for _ in 0..<5 {
      let shuffled = clips.shuffled(using: &generator).map { clip in
        var clip = clip
        clip.reference.events.shuffle(using: &generator)
        clip.system.raised.shuffle(using: &generator)
        return clip
      }
      #expect(try Evaluator.evaluate(shuffled, options: options).json() == bytes)
    }
  }

  @Test("splitting an event's warning in two adds one repeat and nothing else")
  func splitting() throws {
    let one = try Evaluator.evaluate(example()).types[.illegalParking]!.counts
    var clips = example()
    clips[0].system.raised.append(warning("w5b", alert: 3602.5, score: 0.1))
    let two = try Evaluator.evaluate(clips).types[.illegalParking]!.counts
    #expect(two.repeats == one.repeats + 1 && two.falsePositives == one.falsePositives + 1)
    #expect(two.truePositives == one.truePositives && two.falseNegatives == one.falseNegatives)
  }

  @Test("average precision counts all events and leaves ignored warnings out")
  func averagePrecision() throws {
    let figures = try #require(try Evaluator.evaluate(example()).types[.illegalParking])
    // At 0.9 all 38: recall 38/41 at precision 1; nothing more is found below.
    #expect(abs(figures.averagePrecision! - 38.0 / 41) < 1e-12)
    var clips = example()
    clips[0].system.raised[0].score = nil
    #expect(try Evaluator.evaluate(clips).types[.illegalParking]?.averagePrecision == nil)
  }

  @Test("i-LIDS's F leans as alpha says")
  func fAlpha() throws {
    let options = EvaluationOptions(preset: .iLIDS, alpha: 0.6)
    let figures = try #require(try Evaluator.evaluate(example(), options: options).types[.illegalParking])
    let (p, r) = (figures.precision.value!, figures.recall.value!)
    #expect(abs(figures.fAlpha! - 1.6 * r * p / (r + 0.6 * p)) < 1e-12)
    #expect(try Evaluator.evaluate(example()).types[.illegalParking]?.fAlpha == nil)
  }

  @Test("a slice below ten shows counts and no share")
  func slices() throws {
    let document = try Evaluator.evaluate(
      example() + [clip(named: "b", conditions: ["night"], [event("X", due: 5)], [])])
    let a = try #require(document.slices.first { $0.kind == .camera && $0.name == "a" })
    #expect(a.precision != nil && a.recall != nil)
    let night = try #require(document.slices.first { $0.kind == .condition })
    #expect(night.name == "night" && night.counts.falseNegatives == 1 && night.recall == nil)
  }

  @Test("a small sample is its own verdict, with what it needs")
  func insufficient() throws {
    let events = (0..<12).map { numbered($0) }
    let document = try Evaluator.evaluate(
      [clip(events, events.map { warning($0.id, alert: $0.due) })],
      options: EvaluationOptions(require: ["precision": 0.85]))
    #expect(document.types[.illegalParking]?.verdict == .insufficient)
    #expect(
      document.gate?.reason.hasPrefix(
        "illegal-parking: precision insufficient: n = 12, needs at least 22 with all right or ") == true)
    #expect(throws: EvaluationError.self) {
      try Evaluator.evaluate([], options: EvaluationOptions(require: ["f1": 0.5]))
    }
  }

  @Test("worst cameras come first, right ones not at all")
  func worst() throws {
    let document = try Evaluator.evaluate([
      clip(named: "a", camera: "x", [event("A", due: 5)], []),
      clip(named: "b", camera: "y", [event("A", due: 5)], [warning("w", alert: 5)]),
      clip(named: "c", camera: "z", [event("A", due: 5)], [warning("w", alert: 5, box: square(7))]),
    ])
    #expect(document.worstCameras.map(\.camera) == ["z", "x"])
  }
}
