public import Formats

/// The evaluation as files for spreadsheets and build servers.
public enum Reports {
  /// One row for each warning and each missed event (RFC 4180, UTF-8 with a byte order mark, so that spreadsheets know it).
  ///
  /// Texts that a spreadsheet would take for a formula get an apostrophe.
  public static func csv(_ document: EvaluationDocument) -> [UInt8] {
    var text = "\u{FEFF}clip,type,outcome,reference,warning,zone,seconds,note\r\n"
    for match in document.matches {
      let fields = [
        cell(match.clip), cell(match.type.rawValue), cell(match.outcome.rawValue), cell(match.reference),
        cell(match.warning),
        cell(match.zone), match.seconds.map { JSONText.number($0, 3) } ?? "", cell(match.note),
      ]
      text += fields.joined(separator: ",") + "\r\n"
    }
    return Array(text.utf8)
  }

  private static func cell(_ text: String?) -> String {
    guard var text, !text.isEmpty else { return "" }
    let dangerous: Set<Character> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
    if let first = text.first, dangerous.contains(first) { text = "'" + text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// JUnit XML: a suite for each type; a case for each event and each wrong warning, and one for the verdict.
  public static func junit(_ document: EvaluationDocument) -> [UInt8] {
    var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    var suites = ""
    var (tests, failures, skipped) = (0, 0, 0)
    for type in document.types.keys.sorted() {
      var cases = ""
      var (own, wrong, left) = (0, 0, 0)
      func add(_ name: String, _ body: String?) {
        own += 1
        let head = "    <testcase classname=\"\(escape(type.rawValue))\" name=\"\(escape(name))\""
        cases += body.map { "\(head)>\n      \($0)\n    </testcase>\n" } ?? "\(head)/>\n"
      }
      func failure(_ message: String) -> String {
        wrong += 1
        return "<failure message=\"\(escape(message))\"/>"
      }
      for match in document.matches where match.type == type {
        let at = match.seconds.map { " at \(JSONText.number($0, 3)) s" } ?? ""
        let reason = match.note.map { ": \($0)" } ?? ""
        switch match.outcome {
        case .truePositive: add("\(match.clip): event \(match.reference ?? "")", nil)
        case .missed: add("\(match.clip): event \(match.reference ?? "")", failure("missed, due\(at)\(reason)"))
        case .ignored:
          left += 1
          add("\(match.clip): warning \(match.warning ?? "")", "<skipped message=\"for an ignored event\"/>")
        case .falsePositive, .repeat, .early:
          add("\(match.clip): warning \(match.warning ?? "")", failure("\(match.outcome.rawValue)\(at)\(reason)"))
        }
      }
      let verdict = document.types[type]!.verdict
      add("verdict", verdict == .pass ? nil : failure(verdict.rawValue))
      suites +=
        "  <testsuite name=\"\(escape(type.rawValue))\" tests=\"\(own)\" failures=\"\(wrong)\" skipped=\"\(left)\">\n"
      suites += cases + "  </testsuite>\n"
      tests += own
      failures += wrong
      skipped += left
    }
    out += "<testsuites name=\"warden evaluate\" tests=\"\(tests)\" failures=\"\(failures)\" skipped=\"\(skipped)\">\n"
    out += suites + "</testsuites>\n"
    return Array(out.utf8)
  }

  /// For texts and attributes of XML and HTML; control characters, which XML cannot carry, become spaces.
  static func escape(_ text: String) -> String {
    let special: [UInt8] = [
      UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"),
    ]
    // Most texts need nothing; U+FFFE and U+FFFF begin with the byte EF.
    if !text.utf8.contains(where: { $0 < 0x20 || $0 == 0xEF || special.contains($0) }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default:
        result.unicodeScalars.append(
          scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF ? " " : scalar)
      }
    }
    return result
  }
}
