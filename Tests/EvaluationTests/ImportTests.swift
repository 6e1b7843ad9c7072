import Evaluation
import Formats
import FoundationEssentials
import Geometry
import Testing

@Suite("boxes and imports")
struct ImportTests {
  static let xml = """
    <?xml version="1.0" encoding="utf-8"?>
    <annotations>
      <version>1.1</version>
      <meta><task><id>7</id><name>clip</name><original_size><width>1000</width><height>500</height></original_size></task></meta>
      <track id="0" label="illegal-parking" source="manual">
        <box frame="50" outside="0" occluded="0" keyframe="1" xtl="100" ytl="100" xbr="200" ybr="200" z_order="0">
          <attribute name="zone">kerb</attribute><attribute name="note">a &amp; b</attribute>
        </box>
        <box frame="75" outside="0" occluded="0" keyframe="0" xtl="150" ytl="100" xbr="250" ybr="200"/>
        <box frame="100" outside="0" occluded="0" keyframe="1" xtl="200" ytl="100" xbr="300" ybr="200"/>
        <box frame="125" outside="1" occluded="0" keyframe="1" xtl="200" ytl="100" xbr="300" ybr="200"/>
      </track>
      <track id="1" label="bin-overflow">
        <box frame="0" outside="0" keyframe="1" xtl="0" ytl="0" xbr="100" ybr="50"><attribute name="due">9.5</attribute><attribute name="ignore">true</attribute></box>
      </track>
    </annotations>
    """

  func camera() throws -> CameraDocument {
    let polygon = try Polygon(Box(x: 0, y: 0, width: 1, height: 1))
    return CameraDocument(
      id: "c", frame: .init(width: 1000, height: 500),
      zones: [Zone(id: "kerb", kind: .noParking, polygon: polygon, dwellSeconds: 30)])
  }

  func problem(_ xml: String) -> String {
    do {
      _ = try CVATAnnotations(xml: Array(xml.utf8), file: "x.xml").reference(
        framesPerSecond: 25, durationSeconds: 60, camera: try camera())
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  @Test("CVAT tracks become events with seconds and fractions")
  func cvat() throws {
    let tracks = try CVATAnnotations(xml: Array(Self.xml.utf8), file: "x.xml")
    let reference = try tracks.reference(
      framesPerSecond: 25, durationSeconds: 60, clip: "clip.mp4", camera: try camera())
    let parked = reference.events[0]
    #expect(parked.start == 2 && parked.due == 32 && parked.end == 5)
    #expect(parked.zone == "kerb" && parked.note == "a & b" && !parked.ignore)
    #expect(parked.box == Box(x: 0.1, y: 0.2, width: 0.1, height: 0.2))
    // The middle one is no key frame: it follows by interpolation.
    #expect(parked.boxes.map(\.time) == [2, 4])
    #expect(abs(parked.box(at: 3).x - 0.15) < 1e-12)
    let bin = reference.events[1]
    #expect(bin.due == 9.5 && bin.end == nil && bin.ignore && bin.boxes.isEmpty)
    #expect(throws: FormatError.self) { try tracks.reference(framesPerSecond: 25, durationSeconds: 60) }
  }

  @Test(
    "hostile or wrong XML is refused in a sentence",
    arguments: [
      (
        "<version>", "<!DOCTYPE a [<!ENTITY b \"c\">]><version>",
        "x.xml: is not plain XML: a document type is not allowed at line 3"
      ),
      ("a &amp; b", "a &b; c", "x.xml: is not plain XML: the entity &b; is not allowed at line 7"),
      ("a &amp; b", "&#0;", "x.xml: is not plain XML: the character &#0; is not allowed at line 7"),
      ("</annotations>", "", "x.xml: is not plain XML: the document breaks off at line 16"),
      ("</track>", "</box>", "x.xml: is not plain XML: an end tag that fits was expected at line 12"),
      ("frame=\"50\"", "frame=\"fifty\"", "x.xml: has a box in track 0 whose \"frame\" is no number"),
      ("xtl=\"100\"", "xtl=\"nan\"", "x.xml: has a box in track 0 whose \"xtl\" is no number"),
      (
        "label=\"illegal-parking\"", "label=\"car\"",
        "x.xml: track 0 has the label \"car\"; expected one of illegal-parking, street-vending, bin-overflow"
      ),
      (">kerb<", ">other<", "x.xml: track 0 has no due time and no zone of the camera to take the dwell from"),
      (
        "frame=\"75\" outside=\"0\"", "frame=\"75\" outside=\"1\"",
        "x.xml: track 0 leaves and comes back; an event is one presence, so make it two tracks"
      ),
      ("<version>1.1", "<version>1.0", "x.xml: is not of version 1.1"),
      ("original_size", "size", "x.xml: lacks meta.task.original_size with the picture's width and height"),
    ])
  func hostileXML(part: String, other: String, sentence: String) {
    #expect(problem(Self.xml.replacing(part, with: other)) == sentence)
  }

  @Test("deep and endless XML ends at a limit, cut XML is refused at every length")
  func limits() {
    #expect(problem(String(repeating: "<a>", count: 100_000)).contains("nesting deeper than 32"))
    let bytes = Array(Self.xml.utf8)
    for length in stride(from: 0, to: bytes.count - 1, by: 7) {
      #expect(throws: FormatError.self) { try CVATAnnotations(xml: Array(bytes[..<length]), file: "x") }
    }
  }

  @Test("a reference is held against its camera")
  func referenceCheck() throws {
    var camera = try camera()
    camera.zones.append(
      Zone(id: "stall", kind: .noVending, polygon: try Polygon(Box(x: 0.5, y: 0.5, width: 0.5, height: 0.5))))
    func check(_ event: ReferenceEvent) throws -> [String] {
      try ReferenceCheck.check(ReferenceDocument(durationSeconds: 100, events: [event]), camera, file: "r")
    }
    #expect(try check(event("A", due: 30, zone: "kerb")).isEmpty)
    #expect(
      try check(event("A", due: 29, zone: "kerb")) == [
        "r: events[0].dueSeconds of A is before its start plus the dwell of kerb"
      ])
    #expect(
      try check(event("A", .streetVending, due: 120, zone: "stall")) == [
        "r: events[0].box of A lies outside its zone stall"
      ])
    #expect(
      throws: FormatError(
        file: "r", path: "events[0].zone", problem: "names \"none\", which the camera c does not have")
    ) {
      try check(event("A", due: 30, zone: "none"))
    }
    #expect(throws: FormatError.self) { try check(event("A", due: 30, zone: "stall")) }
  }

  func picture(_ truth: [COCODocument.Annotation], _ found: [(String, Double, Box)], labelled: Set<String>? = nil)
    -> BoxBenchmark.Picture
  {
    .init(width: 832, labelled: labelled, truth: truth, found: found.map { .init(label: $0.0, score: $0.1, box: $0.2) })
  }

  let one = Box(x: 100, y: 100, width: 50, height: 50)
  let two = Box(x: 300, y: 100, width: 50, height: 50)

  @Test("boxes: found, missed, wrong, absorbed, unlabelled and not by people")
  func boxes() {
    let pictures = [
      picture(
        [
          .init(label: "car", box: one), .init(label: "car", box: two),
          .init(label: "car", box: Box(x: 500, y: 0, width: 300, height: 300), isCrowd: true),
          .init(label: "car", box: Box(x: 0, y: 400, width: 50, height: 50), isHuman: false),
        ],
        [
          ("car", 0.9, one), ("car", 0.8, one), ("car", 0.7, Box(x: 600, y: 100, width: 50, height: 50)),
          ("person", 0.6, two),
        ]),
      picture([], [("car", 0.95, one)], labelled: ["person"]),
    ]
    let result = BoxBenchmark().score(pictures, .init("car", members: ["car"]))
    #expect(result.count == 2 && result.pictures == 1)
    // Right, then a repeat: precision 1 up to recall one half: 51 of 101.
    #expect(abs(result.averagePrecision! - 51.0 / 101) < 1e-12)
    #expect(result.recallAtPrecision90 == 0.5 && result.scoreAtPrecision90 == 0.9)
    let point = result.operatingPoints.first { abs($0.score - 0.85) < 1e-9 }
    #expect(point?.precision == 1 && point?.recall == 0.5)
    #expect(BoxBenchmark().score(pictures, .init("person", members: ["person"])).averagePrecision == nil)
  }

  @Test("a group is one class with suppression over it, and sizes leave out what is outside")
  func groups() {
    let shifted = Box(x: 102, y: 100, width: 50, height: 50)
    let pictures = [
      picture(
        [.init(label: "truck", box: one), .init(label: "car", box: Box(x: 10, y: 10, width: 10, height: 10))],
        [("car", 0.9, one), ("truck", 0.8, shifted), ("bus", 0.7, Box(x: 700, y: 0, width: 12, height: 12))])
    ]
    let group = ["car", "bus", "truck"]
    let all = BoxBenchmark().score(pictures, .init("vehicle", members: group))
    #expect(all.count == 2)
    // The lorry that was also called a car is found once, without a repeat; the small bus is wrong.
    #expect(all.operatingPoints[0].falsePerPicture == 1 && all.operatingPoints[0].recall == 0.5)
    let large = BoxBenchmark().score(pictures, .init("vehicle", members: group, sizes: 24 ... .infinity))
    #expect(large.count == 1 && large.averagePrecision == 1 && large.operatingPoints[0].falsePerPicture == 0)
    #expect(
      BoxBenchmark.measures(classes: ["car", "bus"], groups: ["vehicle": ["car", "bus"], "x": ["kite"]]).count == 15)
  }

  @Test("a bin that is found counts by the state that it was called")
  func states() {
    let three = Box(x: 500, y: 100, width: 50, height: 50)
    let table = StateTable(
      [
        picture(
          [.init(label: "bin", box: one), .init(label: "bin-overflow", box: two), .init(label: "bin", box: three)],
          [("bin-overflow", 0.9, one), ("bin", 0.4, one), ("bin-overflow", 0.8, two), ("bin", 0.1, three)])
      ], classes: ["bin", "bin-overflow"], score: 0.3)
    #expect(table.counts == ["bin": ["bin-overflow": 1], "bin-overflow": ["bin-overflow": 1]])
    #expect(table.missed == ["bin": 1] && table.accuracy == 0.5)
  }

  @Test("the truth is joined with detections by file, and a picture that was not read is named")
  func join() throws {
    let truth = COCODocument(classes: ["car"], pictures: [.init(file: "a.jpg", width: 200, height: 100)])
    let model = ModelReference(name: "m", sha256: "0")
    let record = DetectionRecord(label: "car", score: 0.5, box: Box(x: 0.5, y: 0.5, width: 0.25, height: 0.25))
    let found = DetectionsDocument(
      model: model, pictures: [.init(file: "a.jpg", outcome: .read(width: 200, height: 100, detections: [record]))])
    #expect(try BoxBenchmark.pictures(truth, found)[0].found[0].box == Box(x: 100, y: 50, width: 50, height: 25))
    let unread = DetectionsDocument(model: model, pictures: [.init(file: "a.jpg", outcome: .unreadable("no"))])
    #expect(throws: EvaluationError("the picture a.jpg was not looked at or could not be read")) {
      try BoxBenchmark.pictures(truth, unread)
    }
  }

  @Test("the shared data set is read", .enabled(if: Self.datasetExists))
  func dataset() throws {
    let bytes = [UInt8](try Data(contentsOf: Self.dataset))
    let document = try COCODocument(json: bytes, file: "val.json")
    #expect(document.classes.count == 12 && document.pictures.count >= 387)
    #expect(document.pictures.allSatisfy { $0.labelled != nil })
    #expect(document.pictures.contains { $0.annotations.contains { !$0.isHuman } })
  }

  static let dataset = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/dataset/annotations/val.json")
  static var datasetExists: Bool { FileManager.default.fileExists(atPath: dataset.path) }
}
