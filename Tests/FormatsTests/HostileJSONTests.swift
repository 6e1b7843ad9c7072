import Formats
import Testing

@Suite("hostile JSON")
struct HostileJSONTests {
  func problem(_ bytes: [UInt8]) -> String {
    do {
      _ = try JSONValue(parsing: bytes, file: "x.json")
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  func problem(_ text: String) -> String { problem(Array(text.utf8)) }

  @Test(
    "what RFC 8259 does not allow is refused with its place",
    arguments: [
      ("", "x.json: is empty where a JSON document was expected"),
      ("{\"a\": 1, \"b\": 2, \"a\": 3}", "x.json: is not valid JSON: the key \"a\" occurs twice at line 1, column 18"),
      ("[1e999]", "x.json: is not valid JSON: a number beyond the range of a double at line 1, column 2"),
      ("[-1e999]", "x.json: is not valid JSON: a number beyond the range of a double at line 1, column 2"),
      ("[NaN]", "x.json: is not valid JSON: a value was expected at line 1, column 2"),
      ("[-Infinity]", "x.json: is not valid JSON: a digit was expected at line 1, column 3"),
      ("[01]", "x.json: is not valid JSON: a number with a leading zero at line 1, column 2"),
      ("[1.]", "x.json: is not valid JSON: a digit was expected at line 1, column 4"),
      ("[+1]", "x.json: is not valid JSON: a value was expected at line 1, column 2"),
      ("[1,]", "x.json: is not valid JSON: a value was expected at line 1, column 4"),
      ("{\"a\": 1,}", "x.json: is not valid JSON: a key in quotes was expected at line 1, column 9"),
      ("{} x", "x.json: is not valid JSON: text after the end of the document at line 1, column 4"),
      ("[\"a\nb\"]", "x.json: is not valid JSON: a control character within a text at line 1, column 4"),
      ("[\"\\x41\"]", "x.json: is not valid JSON: an unknown escape at line 1, column 3"),
      ("[\"\\ud800\"]", "x.json: is not valid JSON: half a surrogate pair at line 1, column 9"),
      ("[\"\\udc00\"]", "x.json: is not valid JSON: half a surrogate pair at line 1, column 9"),
      ("[\"\\ud800\\u0041\"]", "x.json: is not valid JSON: half a surrogate pair at line 1, column 15"),
      ("[\"abc", "x.json: is not valid JSON: a text is not closed at line 1, column 6"),
      ("[\n  tru\n]", "x.json: is not valid JSON: a value was expected at line 2, column 3"),
      ("\u{FEFF}{}", "x.json: begins with a byte order mark; save it as UTF-8 without one"),
      ("// no\n{}", "x.json: is not valid JSON: a value was expected at line 1, column 1"),
    ])
  func refused(text: String, sentence: String) {
    #expect(problem(text) == sentence)
  }

  @Test("text that is not UTF-8 is refused")
  func invalidUTF8() {
    let sentence = "x.json: is not valid JSON: text is not valid UTF-8 at line 1, column 2"
    for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
      #expect(
        problem([UInt8(ascii: "["), UInt8(ascii: "\"")] + bad + [UInt8(ascii: "\""), UInt8(ascii: "]")]) == sentence)
    }
    #expect(problem([UInt8(ascii: "["), 0xE2, UInt8(ascii: "]")]).contains("a value was expected"))
  }

  @Test("64 KB of opening brackets end at the depth limit, 64 levels are read")
  func depth() {
    let brackets = String(repeating: "[", count: 65_536)
    #expect(problem(brackets) == "x.json: is not valid JSON: nesting deeper than 64 at line 1, column 65")
    let objects = String(repeating: "{\"a\":", count: 65)
    #expect(problem(objects).contains("nesting deeper than 64"))
    #expect(problem(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)) == "accepted")
  }

  @Test("more than 64 MiB are refused before they are read")
  func size() {
    #expect(problem([UInt8](repeating: 0x20, count: (64 << 20) + 1)) == "x.json: is larger than 64 MiB")
  }

  @Test("every part of a document cut short is refused")
  func truncated() {
    let bytes = Array(CameraDocumentTests.example.utf8)
    for length in 0..<(bytes.count - 1) {
      #expect(problem(Array(bytes[..<length])) != "accepted")
    }
    #expect(problem(bytes) == "accepted")
  }

  @Test("flipping any bit never traps")
  func flipped() {
    let bytes = Array(CameraDocumentTests.example.utf8)
    var refused = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var other = bytes
        other[index] ^= 1 << UInt8(bit)
        do {
          _ = try CameraDocument(json: other, file: "x")
        } catch {
          refused += 1
          #expect(!error.description.contains("\n"))
        }
      }
    }
    #expect(refused > bytes.count)
  }

  @Test("many keys in one object are checked for repeats")
  func manyKeys() {
    let keys = (0..<1000).map { "\"k\($0)\": 1" }
    #expect(problem("{" + keys.joined(separator: ",") + "}") == "accepted")
    #expect(
      problem("{" + (keys + ["\"k500\": 2"]).joined(separator: ",") + "}").contains("the key \"k500\" occurs twice"))
    #expect(problem("{" + (keys + ["\"k3\": 2"]).joined(separator: ",") + "}").contains("the key \"k3\" occurs twice"))
  }

  @Test(
    "numbers become the nearest double",
    arguments: [
      "0", "-0", "1", "-17.25", "0.1", "1e3", "1E-3", "123456789012345678", "9007199254740993", "0.30000000000000004",
      "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308", "123456789.123456789", "1e22", "1e23", "0.000001",
      "100000000000000000000000000000000", "3.141592653589793238462643383279", "1e-400",
    ])
  func numbers(text: String) throws {
    #expect(try JSONValue(parsing: Array(text.utf8), file: "x") == .number(Double(text)!))
  }

  @Test("random numbers read as the standard library reads them")
  func randomNumbers() throws {
    var generator = Seeded(7)
    for _ in 0..<20_000 {
      let digits = Int.random(in: 1...20, using: &generator)
      var text = String((0..<digits).map { _ in "0123456789".randomElement(using: &generator)! })
      while text.count > 1, text.first == "0" { text.removeFirst() }
      if Bool.random(using: &generator) { text += "." + String(Int.random(in: 0...999_999, using: &generator)) }
      if Bool.random(using: &generator) { text += "e" + String(Int.random(in: -40...40, using: &generator)) }
      #expect(try JSONValue(parsing: Array(text.utf8), file: "x") == .number(Double(text)!))
    }
  }

  @Test("escapes and writing come back as they were")
  func strings() throws {
    let text = "\"\\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \\ud83d\\ude97 é 🚗 \\\"\""
    let value = try JSONValue(parsing: Array(text.utf8), file: "x")
    #expect(value == .string("\\ / \u{8}\u{c}\n\r\t é 🚗 é 🚗 \""))
    #expect(try JSONValue(parsing: JSONWriter.line(JSONNode(value)), file: "x") == value)
    let all = String((0..<0x250).compactMap { Unicode.Scalar($0) }.map(Character.init))
    #expect(try JSONValue(parsing: JSONWriter.line(.string(all)), file: "x") == .string(all))
  }
}

/// SplitMix64, for tests that are the same every time.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
