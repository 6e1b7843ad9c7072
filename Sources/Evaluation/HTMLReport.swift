public import Formats

/// One self-contained page that shows what is wrong with a system: charts as inline SVG, stills embedded, no script.
public struct HTMLReport: Sendable {
  /// JPEG bytes by clip and warning id or event id (`clip/id`); those that are there are shown.
  public var stills: [String: [UInt8]]
  /// Where a clip lies, as a link from the page, by the clip's name.
  public var clipLinks: [String: String]
  /// What was scored, such as the model's name and the program's version.
  public var subject: String

  public init(subject: String, stills: [String: [UInt8]] = [:], clipLinks: [String: String] = [:]) {
    self.subject = subject
    self.stills = stills
    self.clipLinks = clipLinks
  }

  /// The key of a still.
  public static func key(clip: String, id: String) -> String { "\(clip)/\(id)" }

  public func html(_ document: EvaluationDocument) -> [UInt8] {
    var page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    page += "<title>Evaluation</title><style>\(Self.style)</style></head><body>\n"
    page += "<h1>Evaluation</h1><p class=\"subject\">\(text(subject)) · preset \(document.preset.rawValue)"
    if let split = document.split { page += " · split \(text(split))" }
    page += " · \(document.clipResults.count) clips · \(number(document.hours, 2)) h</p>\n"
    if let gate = document.gate {
      let hasFailed = document.types.values.contains { $0.verdict == .fail }
      let state = gate.passed ? "pass" : hasFailed ? "fail" : "insufficient"
      page += "<div class=\"gate \(state)\"><b>Gate \(gate.passed ? "passed" : "not passed").</b>"
      page += gate.reason.split(separator: ". ").map { "<br>\(text(String($0)))" }.joined() + "</div>\n"
    }
    for hint in document.hints { page += "<p class=\"hint\">\(text(hint))</p>\n" }
    page += figures(document)
    page += wrong(document, "Missed", [.missed])
    page += wrong(document, "False", [.falsePositive, .early, .repeat])
    page += worst(document)
    page += charts(document)
    page += slices(document)
    page += confusion(document)
    page += wrong(document, "Found", [.truePositive, .ignored])
    return Array((page + "</body></html>\n").utf8)
  }

  private func text(_ text: String) -> String { Reports.escape(text) }

  private func number(_ value: Double, _ decimals: Int) -> String { JSONText.number(value, decimals) }

  private func percent(_ figure: Figure?) -> String {
    guard let figure, let value = figure.value else { return "–" }
    guard let low = figure.low, let high = figure.high else { return "\(number(value * 100, 1)) %" }
    return "\(number(value * 100, 1)) % <small>\(number(low * 100, 1))–\(number(high * 100, 1))</small>"
  }

  private func figures(_ document: EvaluationDocument) -> String {
    var (figureRows, countRows) = ("", "")
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) {
      let counts = figures.counts
      let hasPrecision = counts.truePositives + counts.falsePositives >= 10
      let hasRecall = counts.references >= 10
      func resampled(_ name: String, _ isShown: Bool, _ scale: Double, _ decimals: Int) -> String {
        guard isShown, let figure = figures.bootstrap[name], let low = figure.low, let high = figure.high else {
          return ""
        }
        return "<br><small>by clips \(number(low * scale, decimals))–\(number(high * scale, decimals))</small>"
      }
      let alarms = figures.falseAlarmsPerHour
      let rate =
        if let value = alarms.value, let low = alarms.low, let high = alarms.high {
          "\(number(value, 2)) <small>\(number(low, 2))–\(number(high, 2))</small>"
        } else {
          "–"
        }
      let cells = [
        hasPrecision ? percent(figures.precision) + resampled("precision", true, 100, 1) : "n < 10",
        hasRecall ? percent(figures.recall) + resampled("recall", true, 100, 1) : "n < 10",
        (figures.f1.map { number($0, 3) } ?? "–") + resampled("f1", hasPrecision && hasRecall, 1, 3),
        figures.averagePrecision.map { number($0, 3) } ?? "–", rate,
        figures.latency.map { "\(number($0.p50, 1)) / \(number($0.p90, 1)) / \(number($0.max, 1))" } ?? "–",
      ]
      figureRows +=
        "<tr><th>\(type.rawValue)</th><td class=\"\(figures.verdict.rawValue)\">\(figures.verdict.rawValue)</td>"
      figureRows += cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
      let all = [
        counts.references, counts.truePositives, counts.falseNegatives, counts.warnings, counts.falsePositives,
        counts.repeats,
        counts.early, counts.ignored,
      ]
      countRows += "<tr><th>\(type.rawValue)</th>" + all.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
    }
    return """
      <h2>Figures</h2><table><tr><th></th><th>verdict</th><th>precision <small>95 %</small></th><th>recall <small>95 %</small></th>
      <th>F1</th><th>AP</th><th>false an hour <small>95 %</small></th><th>due to alert <small>p50 / p90 / max s</small></th></tr>
      \(figureRows)</table>
      <table><tr><th></th><th>events</th><th>found</th><th>missed</th><th>warnings</th><th>false</th><th>of these repeats</th>
      <th>early</th><th>ignored</th></tr>
      \(countRows)</table>

      """
  }

  private func wrong(_ document: EvaluationDocument, _ title: String, _ outcomes: [Outcome]) -> String {
    let list = document.matches.filter { outcomes.contains($0.outcome) }
    guard !list.isEmpty else { return "<h2>\(title)</h2><p>None.</p>\n" }
    // A page of thousands of entries helps nobody; the whole list is in evaluation.json and warnings.csv.
    var cards = ""
    for match in list.prefix(300) { cards += card(match) }
    let more = list.count > 300 ? "<p>and \(list.count - 300) more, in warnings.csv</p>" : ""
    return "<h2>\(title) (\(list.count))</h2><div class=\"cards\">\(cards)</div>\(more)\n"
  }

  private func card(_ match: EvaluationDocument.Match) -> String {
    let id = match.warning ?? match.reference ?? ""
    var body = "<div class=\"card \(match.outcome.rawValue)\">"
    let still = stills[Self.key(clip: match.clip, id: id)]
    if let still { body += "<img alt=\"\" src=\"data:image/jpeg;base64,\(Base64.text(still))\">" }
    body += "<b>\(text(match.clip))</b> · \(match.type.rawValue)"
    if let zone = match.zone { body += " · \(text(zone))" }
    body += "<br>\(match.outcome.rawValue)"
    if let reference = match.reference { body += " · event \(text(reference))" }
    if let seconds = match.seconds {
      let label = "\(number(seconds, 1)) s"
      if let link = clipLinks[match.clip] {
        body += " · <a href=\"\(text(link))#t=\(number(max(seconds - 5, 0), 1))\">\(label)</a>"
      } else {
        body += " · \(label)"
      }
    }
    if let note = match.note { body += "<br><i>\(text(note))</i>" }
    return body + "</div>\n"
  }

  private func worst(_ document: EvaluationDocument) -> String {
    let worst = document.worstCameras
    guard !worst.isEmpty else { return "" }
    let most = worst.map { $0.falsePositives + $0.falseNegatives }.max()!
    var rows = ""
    for camera in worst {
      let (wrong, missed) = (camera.falsePositives * 240 / most, camera.falseNegatives * 240 / most)
      rows +=
        "<tr><th>\(text(camera.camera))</th><td>\(camera.falsePositives)</td><td>\(camera.falseNegatives)</td><td>"
      rows += "<svg width=\"250\" height=\"14\" role=\"img\"><rect width=\"\(wrong)\" height=\"14\" class=\"false\"/>"
      rows += "<rect x=\"\(wrong)\" width=\"\(missed)\" height=\"14\" class=\"miss\"/></svg></td></tr>\n"
    }
    return
      "<h2>Worst cameras</h2><table><tr><th>camera</th><th>false</th><th>missed</th><th></th></tr>\n\(rows)</table>\n"
  }

  private func charts(_ document: EvaluationDocument) -> String {
    var result = ""
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) where figures.curve.count >= 2 {
      var path = ""
      for point in figures.curve {
        let (x, y) = (number(40 + point.recall * 240, 1), number(10 + (1 - point.precision) * 200, 1))
        path += path.isEmpty ? "M\(x) \(y)" : " L\(x) \(y)"
      }
      var grid = ""
      for step in 0...4 {
        let (x, y) = (40 + step * 60, 10 + step * 50)
        grid +=
          "<line x1=\"\(x)\" y1=\"10\" x2=\"\(x)\" y2=\"210\"/><line x1=\"40\" y1=\"\(y)\" x2=\"280\" y2=\"\(y)\"/>"
        grid += "<text x=\"\(x)\" y=\"226\" text-anchor=\"middle\">\(number(Double(step) / 4, 2))</text>"
        grid += "<text x=\"34\" y=\"\(y + 4)\" text-anchor=\"end\">\(number(1 - Double(step) / 4, 2))</text>"
      }
      result += "<figure><svg width=\"300\" height=\"250\" class=\"chart\" role=\"img\">\(grid)<path d=\"\(path)\"/>"
      result +=
        "<text x=\"160\" y=\"244\" text-anchor=\"middle\">recall</text></svg><figcaption>\(type.rawValue): precision over recall"
      result += figures.averagePrecision.map { ", AP \(number($0, 3))" } ?? ""
      result += "</figcaption></figure>\n"
    }
    return result.isEmpty ? "" : "<h2>Precision over recall</h2><div class=\"cards\">\(result)</div>\n"
  }

  private func slices(_ document: EvaluationDocument) -> String {
    guard !document.slices.isEmpty else { return "" }
    var rows = ""
    for slice in document.slices {
      let counts = slice.counts
      rows += "<tr><td>\(slice.kind.rawValue)</td><th>\(text(slice.name))</th><td>\(slice.type.rawValue)</td>"
      for count in [counts.references, counts.truePositives, counts.falsePositives, counts.falseNegatives] {
        rows += "<td>\(count)</td>"
      }
      rows += "<td>\(slice.precision == nil ? "n < 10" : percent(slice.precision))</td>"
      rows += "<td>\(slice.recall == nil ? "n < 10" : percent(slice.recall))</td></tr>\n"
    }
    return """
      <h2>By camera, condition and zone</h2><table><tr><th></th><th></th><th>type</th><th>events</th><th>right</th><th>false</th>
      <th>missed</th><th>precision, 95 %</th><th>recall, 95 %</th></tr>
      \(rows)</table>

      """
  }

  private func confusion(_ document: EvaluationDocument) -> String {
    guard !document.confusion.isEmpty else { return "" }
    let rows = document.confusion.map {
      "<tr><td>\($0.reference.rawValue)</td><td>\($0.warning.rawValue)</td><td>\($0.count)</td></tr>\n"
    }
    return
      "<h2>Taken for another type</h2><table><tr><th>it was</th><th>raised as</th><th>times</th></tr>\n\(rows.joined())</table>\n"
  }

  private static let style = """
    body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b1f24;background:#fff}
    h1{margin:0}h2{margin:2rem 0 .5rem}.subject{color:#57606a;margin-top:.2rem}small{color:#57606a}
    table{border-collapse:collapse;margin-bottom:.8rem;font-variant-numeric:tabular-nums}th,td{padding:.25rem .6rem;text-align:left;border-bottom:1px solid #d8dee4;vertical-align:top}
    .gate,.hint{padding:.6rem .9rem;border-left:4px solid #9a6700;background:#fff8e5}.gate.pass{border-color:#1a7f37;background:#e9f8ee}
    .gate.fail{border-color:#cf222e;background:#ffeef0}td.pass{color:#1a7f37;font-weight:600}td.fail{color:#cf222e;font-weight:600}td.insufficient{color:#9a6700;font-weight:600}
    .cards{display:flex;flex-wrap:wrap;gap:.7rem}.card{width:17rem;border:1px solid #d8dee4;border-left:4px solid #1a7f37;border-radius:4px;padding:.5rem .7rem;break-inside:avoid;overflow-wrap:anywhere}
    .card img{width:100%;display:block;margin-bottom:.4rem}.card.missed{border-left-color:#0969da}.card.false-positive,.card.early,.card.repeat{border-left-color:#cf222e}.card.ignored{border-left-color:#8c959f}
    .chart line{stroke:#d8dee4}.chart text{font-size:11px;fill:#57606a}.chart path{fill:none;stroke:#0969da;stroke-width:2}figure{margin:0}
    rect.false{fill:#cf222e}rect.miss{fill:#0969da}@media print{body{margin:0;max-width:none;font-size:11px}a{color:inherit}}
    """
}

/// RFC 4648.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var word: UInt32 = 0
      for offset in 0..<3 { word = word << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
      for sextet in 0..<4 {
        out.append(sextet <= count ? alphabet[Int(word >> UInt32(18 - 6 * sextet)) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
