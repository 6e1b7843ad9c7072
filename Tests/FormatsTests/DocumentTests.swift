import Formats
import FoundationEssentials
import Geometry
import Testing

@Suite("the other documents")
struct DocumentTests {
  func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  func sentence<D: Document>(_ type: D.Type, _ text: String) -> String {
    do {
      let document = try D(json: bytes(text), file: "x.json")
      return document.warnings.first ?? "accepted"
    } catch {
      return "\(error)"
    }
  }

  /// Reads, writes and reads again: equal values and equal bytes.
  func expectStable<D: Document & Equatable>(_ document: D) throws {
    let written = document.json()
    let again = try D(json: written, file: "x.json")
    #expect(again.json() == written)
    #expect(again.warnings.isEmpty)
    #expect(written.last == UInt8(ascii: "\n"))
  }

  static let reference = """
    { "schema": "warden.reference/1", "clip": "clip.mp4", "durationSeconds": 3600.0, "labelledBy": "two people",
      "conditions": ["day", "dense-traffic"],
      "events": [ { "id": "A1", "type": "illegal-parking", "zone": "kerb-left", "startSeconds": 1520, "dueSeconds": 1700,
        "endSeconds": 3235, "box": [0.31, 0.44, 0.06, 0.09], "ignore": false, "note": "white van" } ] }
    """

  static let warnings = """
    { "schema": "warden.warnings/1", "camera": "danang-a", "clip": "clip.mp4", "durationSeconds": 3600.0,
      "model": { "name": "street-n", "sha256": "ab" }, "version": "0.1.0",
      "sampling": { "rate": 1.0, "sampled": 3600, "decoded": 3600, "keyframesOnly": false, "dropped": 0, "gaps": [] },
      "warnings": [ { "id": "danang-a-illegal-parking-1521-1", "type": "illegal-parking", "category": "05-05", "zone": "kerb-left",
        "startSeconds": 1521.0, "dueSeconds": 1701.0, "alertSeconds": 1701.0, "endSeconds": 3236.0, "state": "cleared",
        "score": 0.93, "class": "truck", "box": [0.31, 0.44, 0.06, 0.09], "track": 41,
        "why": [ { "condition": "dwell", "value": 180.0, "threshold": 180.0, "met": true } ],
        "history": [ { "t": 1521.0, "state": "appearing", "reason": "first seen in kerb-left" } ],
        "evidence": { "clip": "evidence/a/clip.mp4", "stills": ["evidence/a/first.jpg"] } } ],
      "suppressed": [ { "type": "illegal-parking", "zone": "kerb-left", "startSeconds": 12.0, "endSeconds": 71.0, "class": "car",
        "box": [0.31, 0.44, 0.06, 0.09], "reason": "left before the dwell", "why": [] } ] }
    """

  static let model = """
    { "schema": "warden.model/1", "name": "m", "version": "1", "file": "model.onnx", "licence": "Apache-2.0",
      "sha256": "8e1621793ffefa5cdedd15b9a168504f253f96965e244838e702ff3091b128b9",
      "classes": ["person", "car", "truck"], "groups": { "vehicle": ["car", "truck"] },
      "input": { "width": 416, "height": 416, "resize": "stretch", "channels": "bgr", "mean": [1, 2, 3], "scale": [1, 1, 0.017429193899782137], "multiple": 32 },
      "head": { "kind": "nanodet-plus", "strides": [8, 16], "regMax": 7, "output": "o", "scores": "activated", "cellOffset": 0 },
      "thresholds": { "score": { "default": 0.4, "car": 0.3 }, "nms": 0.6 },
      "calibration": { "illegal-parking": { "method": "isotonic", "points": [[0.1, 0.2], [0.9, 0.95]], "data": "val", "n": 120 },
        "street-vending": { "method": "platt", "slope": -4.5, "intercept": 2.25, "data": "val", "n": 30 } },
      "warningThresholds": { "illegal-parking": 0.61 }, "origin": { "any": [1, null, { "thing": true }] } }
    """

  @Test("the contract's examples are read and written again the same")
  func examples() throws {
    let reference = try ReferenceDocument(json: bytes(Self.reference), file: "r")
    #expect(reference.events[0].due == 1700)
    #expect(reference.warnings.isEmpty)
    try expectStable(reference)
    let warnings = try WarningsDocument(json: bytes(Self.warnings), file: "w")
    #expect(warnings.raised[0].history[0].state == .appearing)
    #expect(warnings.warnings.isEmpty)
    try expectStable(warnings)
    let model = try ModelDocument(json: bytes(Self.model), file: "m")
    #expect(model.thresholds.score["car"] == 0.3)
    #expect(model.thresholds.score["truck"] == 0.4)
    #expect(model.thresholds.low["truck"] == 0.1)
    #expect(model.thresholds.maxDetections == 100)
    #expect(model.warnings.isEmpty)
    try expectStable(model)
  }

  @Test("warnings are written as the contract shows them")
  func exactBytes() throws {
    let document = WarningsDocument(
      camera: "a", durationSeconds: 10, sampling: Sampling(rate: 1),
      raised: [
        WarningRecord(
          id: "w", type: .illegalParking, zone: "k", start: 1521, due: 1701, alert: 1701.0004, state: .warned,
          score: 0.93456,
          box: Box(x: 0.31, y: 1.0 / 3, width: 0.06, height: 0.09),
          why: [Condition("dwell", value: 180, threshold: 180, met: true)])
      ])
    let text = """
      {
        "camera": "a",
        "durationSeconds": 10.0,
        "sampling": {
          "decoded": 0,
          "dropped": 0,
          "gaps": [],
          "keyframesOnly": false,
          "rate": 1.0,
          "sampled": 0
        },
        "schema": "warden.warnings/1",
        "suppressed": [],
        "warnings": [
          {
            "alertSeconds": 1701.0,
            "box": [0.31, 0.333333, 0.06, 0.09],
            "dueSeconds": 1701.0,
            "endSeconds": null,
            "history": [],
            "id": "w",
            "score": 0.9346,
            "startSeconds": 1521.0,
            "state": "warned",
            "type": "illegal-parking",
            "why": [
              {
                "condition": "dwell",
                "met": true,
                "threshold": 180.0,
                "value": 180.0
              }
            ],
            "zone": "k"
          }
        ]
      }

      """
    #expect(String(decoding: document.json(), as: UTF8.self) == text)
  }

  @Test("a live warning carries its times in UTC too")
  func liveTimes() throws {
    let record = WarningRecord(
      id: "w", type: .binOverflow, alert: 3, box: Box(x: 0, y: 0, width: 1, height: 1),
      times: ClockTimes(start: 1_714_611_600, due: 1_714_611_720.5, alert: 1_714_611_721))
    let document = WarningsDocument(raised: [record])
    let text = String(decoding: document.json(), as: UTF8.self)
    #expect(text.contains("\"startTime\": \"2024-05-02T01:00:00.000Z\""))
    #expect(text.contains("\"dueTime\": \"2024-05-02T01:02:00.500Z\""))
    #expect(text.contains("\"endTime\": null"))
    #expect(try WarningsDocument(json: document.json(), file: "x").raised == [record])
  }

  @Test("of another maker's warnings the scorer needs little")
  func foreignWarnings() throws {
    let text = """
      {"schema": "warden.warnings/1", "warnings": [{"id": "1", "type": "street-vending", "alertSeconds": 7, "box": [0.1, 0.1, 0.2, 0.2]}]}
      """
    let document = try WarningsDocument(json: bytes(text), file: "w")
    #expect(document.raised[0].alert == 7)
    #expect(document.sampling == nil)
    try expectStable(document)
  }

  @Test(
    "mistakes in references are named",
    arguments: [
      (
        "\"id\": \"A1\"", "\"id\": \"\"",
        "x.json: events[0].id must be a text of 1 to 200 characters without control characters, found \"\""
      ),
      (
        "illegal-parking", "parking",
        "x.json: events[0].type must be one of illegal-parking, street-vending, bin-overflow, found \"parking\""
      ),
      (
        "\"startSeconds\": 1520", "\"startSeconds\": -1",
        "x.json: events[0].startSeconds must be seconds from 0 to 31622400, found -1"
      ),
      (
        "\"startSeconds\": 1520", "\"startSeconds\": 5120",
        "x.json: events[0].startSeconds must lie within the clip of 3600 s, found 5120"
      ),
      (
        "\"dueSeconds\": 1700", "\"dueSeconds\": 1500",
        "x.json: events[0].dueSeconds must not be before startSeconds, found 1500"
      ),
      (
        "\"endSeconds\": 3235", "\"endSeconds\": 1000",
        "x.json: events[0].endSeconds must not be before startSeconds, found 1000"
      ),
      (
        "\"endSeconds\": 3235", "\"endSeconds\": 1600",
        "x.json: events[0].endSeconds is before dueSeconds: the event was never due"
      ),
      ("0.06, 0.09", "0, 0.09", "x.json: events[0].box must have a width and a height above 0"),
      ("0.06, 0.09", "0.06, 0.9", "x.json: events[0].box must lie within the picture (fractions from 0 to 1)"),
      ("0.06, 0.09", "0.06", "x.json: events[0].box must be a box [x, y, width, height] of four numbers, found a list"),
      ("\"ignore\": false", "\"ignore\": 0", "x.json: events[0].ignore must be true or false, found 0"),
      ("\"durationSeconds\": 3600.0,", "", "x.json: durationSeconds is missing: expected the clip's length in seconds"),
      (
        "\"note\": \"white van\"", "\"boxes\": [{\"t\": 5, \"box\": [0, 0, 1, 1]}, {\"t\": 5, \"box\": [0, 0, 1, 1]}]",
        "x.json: events[0].boxes must have rising times, but entry 1 is not after entry 0"
      ),
      ("\"note\"", "\"nota\"", "x.json: events[0].nota is not a known key and is left aside"),
    ])
  func referenceMistakes(part: String, other: String, expected: String) {
    #expect(sentence(ReferenceDocument.self, Self.reference.replacing(part, with: other)) == expected)
  }

  @Test("ids that occur twice are refused")
  func repeatedIds() {
    let event = #"{"id": "A", "type": "bin-overflow", "startSeconds": 1, "dueSeconds": 2, "box": [0, 0, 1, 1]}"#
    let text = "{\"schema\": \"warden.reference/1\", \"durationSeconds\": 5, \"events\": [\(event), \(event)]}"
    #expect(
      sentence(ReferenceDocument.self, text)
        == "x.json: events[1].id repeats \"A\" of events[0]; each must be there once")
  }

  @Test(
    "mistakes in models are named",
    arguments: [
      (
        "\"vehicle\": [\"car\", \"truck\"]", "\"vehicle\": [\"van\"]",
        "x.json: groups.vehicle[0] must be one of the model's classes, found \"van\""
      ),
      (
        "\"file\": \"model.onnx\"", "\"file\": \"../model.onnx\"",
        "x.json: file must be an id without slashes that does not begin with a dot, found \"../model.onnx\""
      ),
      ("\"regMax\": 7, ", "", "x.json: head lacks regMax, which nanodet-plus needs"),
      ("nanodet-plus", "ssd", "x.json: head.kind must be one of nanodet-plus, picodet, yolox, yolov8, found \"ssd\""),
      (
        "\"default\": 0.4, ", "",
        "x.json: thresholds.score lacks \"default\", which classes without a number of their own need"
      ),
      ("\"car\": 0.3", "\"van\": 0.3", "x.json: thresholds.score.van is no class of the model"),
      (
        "8e1621793", "8e162179z",
        "x.json: sha256 must be 64 hexadecimal digits, found \"8e162179zffefa5cdedd15b9a168504f253f9696…\""
      ),
      ("\"width\": 416", "\"width\": 410", "x.json: input.multiple must divide the input's width and height"),
      (
        "[0.9, 0.95]", "[0.9, 0.15]",
        "x.json: calibration.illegal-parking.points must rise in score and not fall in probability, but entry 1 breaks that"
      ),
      (
        "\"street-vending\": {", "\"vending\": {",
        "x.json: calibration.vending is no event type; expected one of illegal-parking, street-vending, bin-overflow"
      ),
      (
        "[\"person\", \"car\", \"truck\"]", "[\"person\", \"car\", \"car\"]",
        "x.json: classes[2].name repeats \"car\" of classes[1]; each must be there once"
      ),
      ("\"thresholds\"", "\"threshold\"", "x.json: thresholds is missing: expected {score, nms, …}"),
    ])
  func modelMistakes(part: String, other: String, expected: String) {
    #expect(sentence(ModelDocument.self, Self.model.replacing(part, with: other, maxReplacements: 1)) == expected)
  }

  @Test("a name is a group first, then a class, then an empty group that every package may lack")
  func groups() throws {
    let groups = try ModelDocument(json: bytes(Self.model), file: "m").classGroups
    #expect(try groups.labels("vehicle") == ["car", "truck"])
    #expect(try groups.labels("person") == ["person"])
    #expect(try groups.labels("three-wheeler") == [])
    #expect(try groups.labels(["vehicle", "person"]) == ["car", "truck", "person"])
    #expect(throws: UnknownClassName.self) { try groups.labels("boat") }
    #expect(groups.association(of: "truck") == "vehicle")
    #expect(groups.association(of: "kite") == "kite")
    let polygon = try Polygon(Box(x: 0, y: 0, width: 1, height: 1))
    let camera = CameraDocument(
      id: "c", frame: .init(width: 1, height: 1),
      zones: [Zone(id: "z", kind: .noParking, polygon: polygon, classes: ["vehicle", "boat"])])
    #expect(
      throws: FormatError(
        file: "c.json", path: "zones[0].classes[1]",
        problem: "is unknown: the model m has no group and no class named \"boat\"")
    ) {
      try camera.checkClasses(against: groups, file: "c.json")
    }
  }

  @Test("a calibration curve is linear between its points and level beyond")
  func calibration() throws {
    let model = try ModelDocument(json: bytes(Self.model), file: "m")
    let curve = try #require(model.calibration[.illegalParking])
    #expect(curve.probability(of: 0) == 0.2)
    #expect(abs(curve.probability(of: 0.5) - 0.575) < 1e-12)
    #expect(curve.probability(of: 1) == 0.95)
    let platt = try #require(model.calibration[.streetVending])
    #expect(platt.probability(of: 0.5) == 0.5)
    #expect(platt.probability(of: 0.9) > 0.8)
  }

  @Test("timed boxes are read by linear interpolation")
  func timedBoxes() {
    let event = ReferenceEvent(
      id: "a", type: .streetVending, start: 0, due: 1, box: Box(x: 0, y: 0, width: 1, height: 1),
      boxes: [
        .init(time: 10, box: Box(x: 0, y: 0, width: 0.1, height: 0.1)),
        .init(time: 20, box: Box(x: 0.5, y: 0.2, width: 0.3, height: 0.1)),
        .init(time: 40, box: Box(x: 0.5, y: 0.4, width: 0.3, height: 0.1)),
      ])
    #expect(event.box(at: 5) == event.boxes[0].box)
    #expect(event.box(at: 15) == Box(x: 0.25, y: 0.1, width: 0.2, height: 0.1))
    #expect(abs(event.box(at: 35).y - 0.35) < 1e-12)
    #expect(event.box(at: 99) == event.boxes[2].box)
  }

  @Test("detections, lines of detections, profiles, suites and categories round-trip")
  func roundTrips() throws {
    let model = ModelReference(name: "m", sha256: "ab")
    let box = Box(x: 0.31, y: 0.44, width: 0.06, height: 0.09)
    let detections = DetectionsDocument(
      model: model,
      pictures: [
        PictureRecord(
          file: "a.jpg",
          outcome: .read(width: 1280, height: 720, detections: [DetectionRecord(label: "car", score: 0.91, box: box)])),
        PictureRecord(file: "b.jpg", outcome: .unreadable("is no picture")),
      ])
    #expect(try DetectionsDocument(json: detections.json(), file: "x") == detections)
    try expectStable(detections)
    let line = DetectionLine(time: 12, detections: [DetectionRecord(label: "car", score: 0.91, box: box, track: 7)])
    let text =
      #"{"detections": [{"box": [0.31, 0.44, 0.06, 0.09], "class": "car", "score": 0.91, "track": 7}], "t": 12.0}"#
    #expect(String(decoding: line.json(), as: UTF8.self) == text)
    #expect(try DetectionLine.lines(bytes(text + "\n"), file: "d.jsonl") == [line])
    #expect(throws: FormatError(file: "d.jsonl, line 2", path: "t", problem: "must be after the line before")) {
      try DetectionLine.lines(bytes(text + "\n" + text + "\n"), file: "d.jsonl")
    }
    let profile = ProfileDocument(
      model: model, threads: 1, instructionSet: "AVX2", runs: 30, milliseconds: .init(min: 1, p50: 2.0625, p90: 3),
      parameters: 10,
      gigaflop: 1.5, arenaBytes: 4096,
      steps: [
        .init(
          name: "c", kind: "Conv", shape: [1, 2, 3], microseconds: 1.5, gflopPerSecond: 20, shareOfPeak: 0.5, bytes: 99)
      ])
    try expectStable(profile)
    try expectStable(SuiteDocument(splits: ["test": ["a", "b"], "validation": ["c"]]))
    #expect(SuiteDocument(splits: ["test": ["a"]]).split(of: "a") == "test")
    let categories = CategoriesDocument(codes: [.streetVending: "05-02"])
    #expect(categories[.streetVending] == "05-02")
    #expect(categories[.illegalParking] == "05-05")
    #expect(try CategoriesDocument(json: categories.json(), file: "x") == categories)
  }

  @Test("a camera in two splits is refused")
  func splits() {
    let text = #"{"schema": "warden.suite/1", "splits": {"test": ["a"], "validation": ["b", "a"]}}"#
    #expect(
      sentence(SuiteDocument.self, text)
        == "x.json: splits.validation[1] names the camera \"a\" that splits.test[0] names too; a camera is in one split only"
    )
  }

  @Test("numbers are rounded to what the contract allows")
  func numbers() {
    func text(_ node: JSONNode) -> String { String(decoding: JSONWriter.line(node), as: UTF8.self) }
    #expect(text(.fraction(0.00000049)) == "0.0")
    #expect(text(.fraction(0.0000005)) == "0.000001")
    #expect(text(.fraction(-0.25)) == "-0.25")
    #expect(text(.seconds(1521)) == "1521.0")
    #expect(text(.seconds(0.0625)) == "0.063")
    #expect(text(.score(0.99996)) == "1.0")
    #expect(text(.plain(90, 3)) == "90")
    #expect(text(.decimal(-0.0000001, 6)) == "0.0")
    #expect(text(.exact(0.017429193899782137)) == "0.017429193899782137")
  }

  @Test("the shared clips and models are read without a remark", .enabled(if: Shared.exists))
  func sharedDocuments() throws {
    let references = Shared.files("reference.json", in: "clips")
    #expect(references.count >= 13)
    for file in references {
      let document = try ReferenceDocument(json: Shared.bytes(file), file: file.path)
      #expect(document.warnings.isEmpty)
      try expectStable(document)
    }
    let models =
      Shared.files("model.json", in: "models") + [
        Shared.root.appending(path: "training-prototype/street-prototype.json")
      ]
    #expect(models.count >= 4)
    for file in models {
      let document = try ModelDocument(json: Shared.bytes(file), file: file.path)
      #expect(document.warnings.isEmpty)
      try expectStable(document)
    }
  }
}
