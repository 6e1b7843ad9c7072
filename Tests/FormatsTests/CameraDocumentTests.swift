import Formats
import FoundationEssentials
import Geometry
import Testing

@Suite("camera.json")
struct CameraDocumentTests {
  static let example = """
    {
      "schema": "warden.camera/1", "id": "danang-a", "name": "Nguyen Van Linh, north kerb", "timeZone": "Asia/Ho_Chi_Minh",
      "frame": { "width": 1280, "height": 720 }, "clipStart": "2024-05-02T08:00:00+07:00", "sampleRate": 1.0,
      "zones": [
        { "id": "kerb-left", "name": "Left kerb", "kind": "no-parking",
          "polygon": [[0.02, 0.55], [0.35, 0.42], [0.38, 0.47], [0.04, 0.70]], "dwellSeconds": 180, "classes": ["vehicle"],
          "schedule": [{ "days": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00", "to": "20:00" }],
          "effective": { "from": "2024-01-01", "to": null },
          "holidays": { "dates": ["2024-05-01"], "rule": "off" },
          "permits": [{ "from": "2024-05-02T06:00:00+07:00", "to": "2024-05-02T09:00:00+07:00", "reason": "market day" }] },
        { "id": "stalls", "kind": "no-vending", "polygon": [[0, 0], [1, 0], [1, 1]] }
      ]
    }
    """

  static func read(_ text: String) throws(FormatError) -> CameraDocument {
    try CameraDocument(json: Array(text.utf8), file: "camera.json")
  }

  /// The example with one part replaced.
  static func broken(_ part: String, _ other: String) -> String {
    precondition(example.contains(part))
    return example.replacing(part, with: other, maxReplacements: 1)
  }

  @Test("the contract's example is read as it stands")
  func contract() throws {
    let camera = try Self.read(Self.example)
    #expect(camera.id == "danang-a")
    #expect(camera.clock.name == "Asia/Ho_Chi_Minh")
    #expect(camera.frame == .init(width: 1280, height: 720))
    #expect(camera.clipStart?.instant == 1_714_611_600)
    #expect(camera.zones.count == 2)
    #expect(camera.zones[0].polygon.corners[3] == Point(x: 0.04, y: 0.7))
    #expect(
      camera.zones[0].schedule == [
        WeeklyWindow(days: [.monday, .tuesday, .wednesday, .thursday, .friday], from: 420, to: 1200)
      ])
    #expect(camera.zones[0].permits[0].reason == "market day")
    #expect(camera.zones[1].dwell == 120)
    #expect(camera.zones[1].watched == ["stall-like"])
    #expect(camera.warnings.isEmpty)
  }

  @Test("what is written reads back the same and is written the same")
  func roundTrip() throws {
    let camera = try Self.read(Self.example)
    let bytes = camera.json()
    let again = try CameraDocument(json: bytes, file: "camera.json")
    #expect(again == camera)
    #expect(again.json() == bytes)
    #expect(bytes.last == UInt8(ascii: "\n"))
  }

  @Test("the shared clips' cameras are read without a remark", .enabled(if: Shared.exists))
  func sharedClips() throws {
    let files = Shared.files("camera.json", in: "clips")
    #expect(files.count >= 13)
    for file in files {
      let camera = try CameraDocument(json: Shared.bytes(file), file: file.path)
      #expect(camera.warnings.isEmpty)
      #expect(try CameraDocument(json: camera.json(), file: "again").json() == camera.json())
    }
  }

  @Test(
    "a mistake is named with its file, its path and what was expected",
    arguments: [
      (
        "\"schema\": \"warden.camera/1\"", "\"schema\": \"warden.camera/9\"",
        "camera.json: schema must be \"warden.camera/1\", found \"warden.camera/9\""
      ),
      ("\"id\": \"danang-a\", ", "", "camera.json: id is missing: expected the camera's id"),
      (
        "\"id\": \"danang-a\"", "\"id\": \"../a\"",
        "camera.json: id must be an id without slashes that does not begin with a dot, found \"../a\""
      ),
      (
        "\"width\": 1280", "\"width\": \"wide\"",
        "camera.json: frame.width must be a whole number from 1 to 65536, found \"wide\""
      ),
      (
        "\"width\": 1280", "\"width\": 12.5",
        "camera.json: frame.width must be a whole number from 1 to 65536, found 12.5"
      ),
      (
        "Asia/Ho_Chi_Minh", "Asia/Atlantis",
        "camera.json: timeZone must be a time zone such as \"Asia/Ho_Chi_Minh\", found \"Asia/Atlantis\""
      ),
      (
        "2024-05-02T08:00:00+07:00", "2024-02-30T08:00:00+07:00",
        "camera.json: clipStart must be a time with its distance from UTC such as \"2024-05-02T08:00:00+07:00\", found \"2024-02-30T08:00:00+07:00\""
      ),
      (
        "\"sampleRate\": 1.0", "\"sampleRate\": 0",
        "camera.json: sampleRate must be pictures a second from 0.0001 to 240, found 0"
      ),
      (
        "\"kind\": \"no-parking\"", "\"kind\": \"no-diving\"",
        "camera.json: zones[0].kind must be one of no-parking, permitted-parking, no-vending, permitted-vending, bin, ignore, privacy, found \"no-diving\""
      ),
      (
        "[0.35, 0.42], [0.38, 0.47]", "[0.38, 0.47], [0.02, 0.75], [0.35, 0.42]",
        "camera.json: zones[0].polygon is no polygon: the polygon crosses itself: edge 0 meets edge 2"
      ),
      (
        "[0.35, 0.42]", "[0.35, 1.42]",
        "camera.json: zones[0].polygon[1][1] must be a fraction of the picture from 0 to 1, found 1.42"
      ),
      (
        "[[0, 0], [1, 0], [1, 1]]", "[[0, 0], [1, 0]]",
        "camera.json: zones[1].polygon must be a list of at least three [x, y] corners, found a list"
      ),
      (
        "\"dwellSeconds\": 180", "\"dwellSeconds\": -1",
        "camera.json: zones[0].dwellSeconds must be seconds from 0 to 604800, found -1"
      ),
      (
        "\"mon\"", "\"monday\"",
        "camera.json: zones[0].schedule[0].days[0] must be one of mon, tue, wed, thu, fri, sat, sun, found \"monday\""
      ),
      (
        "\"07:00\"", "\"7:00\"",
        "camera.json: zones[0].schedule[0].from must be a time of day such as \"07:00\" up to \"23:59\", found \"7:00\""
      ),
      (
        "\"20:00\"", "\"24:30\"",
        "camera.json: zones[0].schedule[0].to must be a time of day such as \"07:00\" up to \"24:00\", found \"24:30\""
      ),
      (
        "\"20:00\"", "\"07:00\"",
        "camera.json: zones[0].schedule[0].to must differ from \"from\"; a whole day is \"00:00\" to \"24:00\""
      ),
      (
        "\"2024-05-01\"", "\"2023-02-29\"",
        "camera.json: zones[0].holidays.dates[0] must be a date such as \"2024-05-01\", found \"2023-02-29\""
      ),
      (
        "\"rule\": \"off\"", "\"rule\": \"on\"",
        "camera.json: zones[0].holidays.rule must be one of off, only, found \"on\""
      ),
      (
        "2024-05-02T09:00:00+07:00", "2024-05-02T05:00:00+07:00",
        "camera.json: zones[0].permits[0].to must be after \"from\""
      ),
      (
        "\"id\": \"stalls\"", "\"id\": \"kerb-left\"",
        "camera.json: zones[1].id repeats \"kerb-left\" of zones[0]; each must be there once"
      ),
      ("\"zones\": [", "\"zones\": 7, \"other\": [", "camera.json: zones must be a list of zones, found 7"),
    ])
  func mistakes(part: String, other: String, sentence: String) {
    #expect {
      try Self.read(Self.broken(part, other))
    } throws: { error in
      "\(error)" == sentence
    }
  }

  @Test("unknown keys are remarked, not refused")
  func unknownKeys() throws {
    let camera = try Self.read(
      Self.broken("\"kind\": \"no-parking\"", "\"kind\": \"no-parking\", \"colour\": {\"a\": 1}"))
    #expect(camera.warnings == ["camera.json: zones[0].colour is not a known key and is left aside"])
  }
}
