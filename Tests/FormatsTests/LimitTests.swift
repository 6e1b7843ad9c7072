import Formats
import Geometry
import Testing

/// What a hostile document may cost.
@Suite("Limits of JSON documents")
struct LimitTests {
  func problem(_ text: String) -> String {
    do {
      _ = try JSONValue(parsing: Array(text.utf8), file: "x.json")
      return "accepted"
    } catch { return error.description }
  }

  @Test("too many values, keys or bytes of a text are refused before they are kept")
  func bounds() {
    #expect(
      problem("[" + String(repeating: "0,", count: JSONLimits.values) + "0]")
        == "x.json: holds more than 3000000 values")
    // A long text takes the place of three values.
    let text = "\"sixteen letters!\","
    #expect(
      problem("[" + String(repeating: text, count: JSONLimits.values / 3) + "0]")
        == "x.json: holds more than 3000000 values")
    let keys = (0...JSONLimits.members).map { "\"\($0)\": 1" }.joined(separator: ",")
    #expect(problem("{\(keys)}").contains("an object of more than 10000 keys"))
    #expect(
      problem("\"" + String(repeating: "a", count: JSONLimits.text + 1) + "\"").contains("a text of more than 1 MiB"))
    #expect(
      problem("\"" + String(repeating: "\\u0041", count: JSONLimits.text + 2) + "\"").contains(
        "a text of more than 1 MiB"))
    #expect(problem("\"" + String(repeating: "a", count: JSONLimits.text) + "\"") == "accepted")
  }

  @Test("a reference of a hundred thousand events, all that an event has, is within them")
  func legitimate() throws {
    let events = (0..<100_000).map { index in
      ReferenceEvent(
        id: "E\(index)", type: .illegalParking, zone: "kerb-left", start: Double(index), due: Double(index) + 180,
        end: Double(index) + 600, box: .init(x: 0.25, y: 0.5, width: 0.0625, height: 0.125), note: "white van")
    }
    let document = ReferenceDocument(clip: "clip.mp4", durationSeconds: 200_000, events: events)
    #expect(try ReferenceDocument(json: document.json(), file: "reference.json").events == events)
  }
}
