import Evaluation
import Formats
import Geometry
import Testing

@Suite("comparison, calibration, splits and reports")
struct ReportTests {
  func many(_ count: Int, found: (Int) -> Bool, wrong: Int = 0) throws -> EvaluationDocument {
    let clips = (0..<4).map { part in
      let events = (0..<count).filter { $0 % 4 == part }.map { numbered($0) }
      var warnings = events.enumerated().filter { found(Int($0.element.id.dropFirst())!) }
        .map { warning($0.element.id, alert: $0.element.due, score: 0.9) }
      if part == 0 { warnings += (0..<wrong).map { warning("x\($0)", alert: Double($0), box: square(8), score: 0.4) } }
      return clip(named: "c\(part)", events, warnings)
    }
    return try Evaluator.evaluate(clips)
  }

  @Test("a comparison lists what was gained and lost, with the exact test")
  func comparison() throws {
    let before = try many(24, found: { $0 < 15 }, wrong: 5)
    let after = try many(24, found: { $0 >= 3 }, wrong: 1)
    let comparison = try Comparison(before, after)
    let type = try #require(comparison.types[.illegalParking])
    #expect(type.lost == 3 && type.gained == 9 && type.both == 12 && type.neither == 0)
    #expect(comparison.lost.map(\.reference).sorted() == ["E0", "E1", "E2"])
    #expect(comparison.gained.count == 9)
    // 2 · (1 + 12 + 66 + 220) / 4096
    #expect(abs(type.recallP - 598.0 / 4096) < 1e-12)
    let precision = try #require(type.precisionDifference)
    #expect(abs(precision.value! - (21.0 / 22 - 15.0 / 20)) < 1e-12)
    #expect(precision.low! <= precision.value! && precision.value! <= precision.high!)
    #expect(comparison.falsePositives.map { $0.clip } == ["c0"])
    let itself = try Comparison(before, before)
    #expect(itself.gained.isEmpty && itself.lost.isEmpty && itself.types[.illegalParking]?.recallP == 1)
  }

  @Test("other clips, references or presets are not compared")
  func incomparable() throws {
    let a = try Evaluator.evaluate([clip([event("A", due: 5)], [])])
    let b = try Evaluator.evaluate([clip([event("B", due: 5)], [])])
    let c = try Evaluator.evaluate([clip(named: "c", [event("A", due: 5)], [])])
    let d = try Evaluator.evaluate([clip([event("A", due: 5)], [])], options: EvaluationOptions(preset: .strict))
    for other in [b, c, d] { #expect(throws: EvaluationError.self) { try Comparison(a, other) } }
  }

  @Test("a site in two splits is refused, a camera in none goes with its site")
  func splits() throws {
    let cameras = [("a", "s"), ("b", "s"), ("c", "c"), ("d", "s")]
    #expect(throws: EvaluationError.self) {
      try SplitPlan(SuiteDocument(splits: ["test": ["a"], "validation": ["b"]]), cameras: cameras)
    }
    #expect(throws: EvaluationError("suite.json: splits.test names the camera z, which no clip of the suite is of")) {
      try SplitPlan(SuiteDocument(splits: ["test": ["z"]]), cameras: cameras)
    }
    let plan = try SplitPlan(SuiteDocument(splits: ["test": ["a", "b"], "validation": ["c"]]), cameras: cameras)
    #expect(plan.split(of: "d") == "test" && plan.split(of: "c") == "validation" && plan.split(of: "z") == nil)
  }

  func samples(_ count: Int, sites: Int, right: (Int) -> Bool) -> [Calibrator.Sample] {
    (0..<count).map { .init(score: Double($0) / Double(count), right: right($0), site: "s\($0 % sites)") }
  }

  @Test("the threshold is the lowest that keeps the promise, walking from the strict end")
  func threshold() throws {
    // Of 200 the upper 100 are all right; below that every other one.
    let fit = try #require(Calibrator().fit(samples(200, sites: 5) { $0 >= 100 || $0 % 2 == 0 }, data: "val"))
    #expect(fit.isCrossFitted && fit.calibration.count == 200)
    let (count, precision) = try #require(fit.atThreshold)
    #expect(precision.low! >= 0.85 && count > 100)
    // One more warning would be one too many: the next fails or is past a failure.
    let right = samples(200, sites: 5) { $0 >= 100 || $0 % 2 == 0 }.reversed().prefix(count + 2).count { $0.right }
    #expect(right < count + 2)
    #expect(fit.calibration.probability(of: 0.9) > fit.calibration.probability(of: 0.2))
    #expect(fit.brier > 0 && fit.brier < 0.25)
  }

  @Test("without enough right ones there is no threshold, and a curve that falls is level")
  func noThreshold() throws {
    #expect(try #require(Calibrator().fit(samples(15, sites: 3) { _ in true }, data: "v")).threshold == nil)
    let falling = try #require(Calibrator().fit(samples(60, sites: 3) { $0 < 30 }, data: "v"))
    #expect(falling.calibration.probability(of: 0) == falling.calibration.probability(of: 1))
    #expect(falling.threshold == nil)
    #expect(Calibrator().fit([], data: "v") == nil)
    let isotonic = try #require(Calibrator(isotonicFrom: 10).fit(samples(60, sites: 1) { $0 > 30 }, data: "v"))
    guard case .isotonic(let points) = isotonic.calibration.curve else {
      Issue.record("expected an isotonic curve")
      return
    }
    #expect(zip(points, points.dropFirst()).allSatisfy { $0.probability <= $1.probability })
    #expect(points.first!.probability > 0 && points.last!.probability < 1)
    #expect(!isotonic.isCrossFitted)
  }

  @Test("samples come from scored clips, without ignored warnings, and need scores")
  func calibrationSamples() throws {
    let scored = clip(
      [event("A", due: 5), event("I", due: 5, box: square(5), ignore: true)],
      [
        warning("a", alert: 5, score: 0.9), warning("x", alert: 5, box: square(8), score: 0.3),
        warning("i", alert: 5, box: square(5), score: 0.8),
      ])
    let samples = try #require(try Calibrator.samples([scored])[.illegalParking])
    #expect(Set(samples) == [.init(score: 0.9, right: true, site: "a"), .init(score: 0.3, right: false, site: "a")])
    #expect(throws: EvaluationError.self) { try Calibrator.samples([clip([], [warning("w", alert: 1)])]) }
  }

  @Test("the CSV disarms formulas and doubles quotes")
  func csv() throws {
    let document = try Evaluator.evaluate([clip(named: "=cmd|' /C calc'!A0", [event("say \"hi\"", due: 5)], [])])
    let text = String(decoding: Reports.csv(document), as: UTF8.self)
    #expect(
      text
        == "\u{FEFF}clip,type,outcome,reference,warning,zone,seconds,note\r\n\"'=cmd|' /C calc'!A0\",\"illegal-parking\",\"missed\",\"say \"\"hi\"\"\",,,5,\"no candidate there\"\r\n"
    )
  }

  @Test("the JUnit file has a case for each event, wrong warning and verdict")
  func junit() throws {
    let document = try Evaluator.evaluate([
      clip(
        named: "a<b", [event("A", due: 5), event("B", due: 5, box: square(4))],
        [warning("w", alert: 5), warning("x", alert: 9, box: square(8))])
    ])
    let text = String(decoding: Reports.junit(document), as: UTF8.self)
    #expect(text.contains("<testsuite name=\"illegal-parking\" tests=\"4\" failures=\"3\" skipped=\"0\">"))
    #expect(text.contains("name=\"a&lt;b: event A\"/>"))
    #expect(text.contains("<failure message=\"missed, due at 5 s: no candidate there\"/>"))
    #expect(text.contains("<failure message=\"false-positive at 9 s: no event there\"/>"))
    #expect(text.contains("<failure message=\"insufficient\"/>"))
  }

  @Test("a look at the test set is one line")
  func look() throws {
    let document = try Evaluator.evaluate(
      [clip([event("A", due: 5)], [warning("a", alert: 5)])],
      options: EvaluationOptions(require: ["precision": 0.85], split: "test"))
    let look = TestSetLook(instant: 1_714_611_600, version: "0.1.0", model: nil, document: document)
    #expect(
      String(decoding: look.line, as: UTF8.self)
        == "{\"date\": \"2024-05-02T01:00:00.000Z\", \"passed\": false, \"preset\": \"operational\", \"split\": \"test\", \"types\": {\"illegal-parking\": {\"falseNegatives\": 0, \"falsePositives\": 0, \"truePositives\": 1, \"verdict\": \"insufficient\"}}, \"version\": \"0.1.0\"}\n"
    )
  }

  @Test("the page escapes what it shows, embeds stills and links moments")
  func html() throws {
    let document = try Evaluator.evaluate(
      [
        clip(named: "<script>alert(1)</script>", [event("A", due: 5)], []),
        clip(named: "b", [], [warning("w", alert: 65, score: 0.5)]),
      ],
      options: EvaluationOptions(require: ["precision": 0.85]))
    let report = HTMLReport(
      subject: "street-n & co",
      stills: [
        HTMLReport.key(document.matches.first { $0.warning == "w" }!): .init(
          jpeg: Array("Man".utf8), warning: square(1))
      ],
      clipLinks: ["b": "b/clip.mp4"])
    let text = String(decoding: report.html(document), as: UTF8.self)
    #expect(!text.contains("<script"))
    #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(text.contains("street-n &amp; co"))
    #expect(text.contains("href=\"data:image/jpeg;base64,TWFu\""))
    #expect(text.contains("<a href=\"b/clip.mp4#t=60\">1:05 <small>(65 s)</small></a>"))
    #expect(text.contains("Gate not passed."))
    #expect(!text.contains("http"))
  }
}
