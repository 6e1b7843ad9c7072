public import Formats
public import Geometry

/// One self-contained page that shows what is wrong with a system, the wrong things first: charts and stills as inline SVG, no
/// script, nothing fetched.
public struct HTMLReport: Sendable {
  /// A picture of what a card tells of.
  public struct Still: Sendable {
    public var jpeg: [UInt8]
    /// What was raised.
    public var warning: Box?
    /// What people drew.
    public var event: Box?
    /// Corners of the zone.
    public var zone: [Point]

    public init(jpeg: [UInt8], warning: Box? = nil, event: Box? = nil, zone: [Point] = []) {
      self.jpeg = jpeg
      self.warning = warning
      self.event = event
      self.zone = zone
    }
  }

  /// By `key`; those that are there are shown.
  public var stills: [String: Still]
  /// Where a clip lies, as a link from the page, by the clip's name.
  public var clipLinks: [String: String]
  /// What was scored, such as the model's name and the program's version.
  public var subject: String

  /// A page of thousands of cards helps nobody; the whole list is in evaluation.json and warnings.csv.
  static let mostCards = 200

  public init(subject: String, stills: [String: Still] = [:], clipLinks: [String: String] = [:]) {
    self.subject = subject
    self.stills = stills
    self.clipLinks = clipLinks
  }

  /// The key of a match's still.
  public static func key(_ match: EvaluationDocument.Match) -> String {
    "\(match.clip)/\(match.outcome.rawValue)/\(match.warning ?? match.reference ?? "")"
  }

  /// The matches that get a card, and so may have a still.
  public func shown(_ document: EvaluationDocument) -> [EvaluationDocument.Match] {
    Array(falseWarnings(document).prefix(Self.mostCards)) + Array(missedEvents(document).prefix(Self.mostCards))
  }

  private func falseWarnings(_ document: EvaluationDocument) -> [EvaluationDocument.Match] {
    byType(document.matches.filter { $0.outcome.isFalsePositive })
  }

  private func missedEvents(_ document: EvaluationDocument) -> [EvaluationDocument.Match] {
    byType(document.matches.filter { $0.outcome == .missed })
  }

  private func byType(_ matches: [EvaluationDocument.Match]) -> [EvaluationDocument.Match] {
    EventType.allCases.sorted().flatMap { type in matches.filter { $0.type == type } }
  }

  public func html(_ document: EvaluationDocument) -> [UInt8] {
    var page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    page += "<title>Evaluation</title><style>\(Self.style)</style></head><body>\n"
    page += "<h1>Evaluation</h1><p class=\"subject\">\(text(subject)) · preset \(document.preset.rawValue)"
    if let split = document.split { page += " · split \(text(split))" }
    page += " · \(document.clipResults.count) clips · \(number(document.hours, 2)) h</p>\n"
    page += gate(document)
    for hint in document.hints { page += "<p class=\"hint\">\(text(hint))</p>\n" }
    page += tiles(document)
    page += reasons(document)
    let (wrong, missed) = (falseWarnings(document), missedEvents(document))
    if !stills.isEmpty {
      page +=
        "<p class=\"key\"><b class=\"kw\">red</b> what was raised, <b class=\"ke\">blue, dashed</b> what people drew, "
      page += "<b class=\"kz\">yellow</b> the zone; beside each picture the place enlarged</p>\n"
    }
    page += cards(wrong, "False warnings", "raised where there was nothing to raise, too early, or twice")
    page += cards(missed, "Missed events", "labelled, but no warning fits them")
    page += worst(document)
    page += figures(document)
    page += charts(document)
    page += slices(document)
    page += confusion(document)
    page += found(document)
    return Array((page + "</body></html>\n").utf8)
  }

  // MARK: What is wrong

  private func gate(_ document: EvaluationDocument) -> String {
    guard let gate = document.gate else { return "" }
    let hasFailed = document.types.values.contains { $0.verdict == .fail }
    let state = gate.passed ? "pass" : hasFailed ? "fail" : "insufficient"
    let reasons = gate.reason.split(separator: ". ").map { "<br>\(text(String($0)))" }.joined()
    return "<div class=\"gate \(state)\"><b>Gate \(gate.passed ? "passed" : "not passed").</b>\(reasons)</div>\n"
  }

  /// What matters of each type in large figures.
  private func tiles(_ document: EvaluationDocument) -> String {
    var tiles = ""
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) {
      let counts = figures.counts
      let judged = counts.truePositives + counts.falsePositives
      func line(_ large: String, _ words: String, _ small: String, isBad: Bool) -> String {
        "<div class=\"line\"><span class=\"large\(isBad ? " bad" : "")\">\(large)</span> \(words)<br><small>\(small)</small></div>"
      }
      func interval(_ name: String, _ figure: Figure, _ n: Int) -> String {
        n >= 10 ? "\(name) \(percent(figure))" : "n = \(n): too few for a percentage"
      }
      tiles += "<div class=\"tile\"><h3>\(type.rawValue) <span class=\"verdict \(figures.verdict.rawValue)\">"
      tiles += "\(figures.verdict.rawValue)</span></h3><div class=\"lines\">"
      tiles += line(
        "\(counts.falsePositives)", "of \(judged) warnings false", interval("precision", figures.precision, judged),
        isBad: counts.falsePositives > 0)
      tiles += line(
        "\(counts.falseNegatives)", "of \(counts.references) events missed",
        interval("recall", figures.recall, counts.references), isBad: counts.falseNegatives > 0)
      tiles += "</div></div>\n"
    }
    return "<div class=\"tiles\">\(tiles)</div>\n"
  }

  /// The wrong ones by what they have in common, the most frequent first.
  private func reasons(_ document: EvaluationDocument) -> String {
    struct Key: Hashable {
      var what: String
      var type: EventType
      var reason: String
    }
    var counts: [Key: Int] = [:]
    for match in document.matches where match.outcome.isFalsePositive || match.outcome == .missed {
      let what = match.outcome == .missed ? "missed" : "false"
      counts[Key(what: what, type: match.type, reason: Self.reason(match)), default: 0] += 1
    }
    guard !counts.isEmpty else { return "<h2>What is wrong</h2><p>Nothing.</p>\n" }
    let sorted = counts.sorted {
      ($1.value, $0.key.what, $0.key.type, $0.key.reason) < ($0.value, $1.key.what, $1.key.type, $1.key.reason)
    }
    let most = sorted[0].value
    var rows = ""
    for (key, count) in sorted.prefix(20) {
      rows += "<tr><td>\(count)</td><td><svg width=\"120\" height=\"12\" role=\"img\"><rect height=\"12\" "
      rows +=
        "width=\"\(max(3, count * 120 / most))\" class=\"\(key.what == "missed" ? "miss" : "false")\"/></svg></td>"
      rows += "<td class=\"\(key.what == "missed" ? "m" : "f")\">\(key.what)</td><td>\(key.type.rawValue)</td>"
      rows += "<td>\(text(key.reason))</td></tr>\n"
    }
    return
      "<h2>What is wrong</h2><table><tr><th>times</th><th></th><th></th><th>type</th><th>why</th></tr>\n\(rows)</table>\n"
  }

  /// A match's reason without its figures, so that like ones count together.
  static func reason(_ match: EvaluationDocument.Match) -> String {
    switch match.outcome {
    case .repeat: return "a further warning for an event that was found"
    case .early: return "raised before the event was due"
    case .falsePositive:
      guard let note = match.note, note.hasPrefix("no event") else {
        return "in an event's place, but at another time"
      }
      return "no event there"
    default:
      let note = match.note ?? "no warning"
      var short = note.prefix { !$0.isNumber }
      while let last = short.last, " (:,<>≥≤=".contains(last) { short.removeLast() }
      return short.isEmpty ? note : String(short)
    }
  }

  private func cards(_ list: [EvaluationDocument.Match], _ title: String, _ words: String) -> String {
    guard !list.isEmpty else { return "<h2>\(title)</h2><p>None.</p>\n" }
    var cards = ""
    for (index, match) in list.prefix(Self.mostCards).enumerated() {
      cards += card(match, id: "\(title.prefix(1))\(index)")
    }
    let more =
      list.count > Self.mostCards ? "<p>and \(list.count - Self.mostCards) more, in warnings.csv</p>" : ""
    return "<h2>\(title) (\(list.count)) <small>\(words)</small></h2><div class=\"cards\">\(cards)</div>\(more)\n"
  }

  private func card(_ match: EvaluationDocument.Match, id: String) -> String {
    var body = "<div class=\"card \(match.outcome.rawValue)\">"
    if let still = stills[Self.key(match)] { body += picture(still, id: id) }
    body += "<p class=\"why\">\(text(match.note ?? match.outcome.rawValue))</p>"
    body += "<p>\(match.type.rawValue)"
    if match.outcome != .falsePositive { body += " · \(match.outcome.rawValue)" }
    body += " · <b>\(text(match.clip))</b> at \(moment(match))"
    if let zone = match.zone { body += " · zone \(text(zone))" }
    var names: [String] = []
    if let reference = match.reference { names.append("event \(text(reference))") }
    if let warning = match.warning { names.append(text(warning)) }
    if !names.isEmpty { body += "<br><small>\(names.joined(separator: " · "))</small>" }
    return body + "</p></div>\n"
  }

  /// The time, as a link to just before it where the clip is known.
  private func moment(_ match: EvaluationDocument.Match) -> String {
    guard let seconds = match.seconds else { return "–" }
    let label = "\(Self.clock(seconds)) <small>(\(number(seconds, 1)) s)</small>"
    guard let link = clipLinks[match.clip] else { return label }
    return "<a href=\"\(text(link))#t=\(number(max(seconds - 5, 0), 1))\">\(label)</a>"
  }

  static func clock(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }

  /// The whole picture with zone and boxes, and a closer look at the boxes.
  private func picture(_ still: Still, id: String) -> String {
    let size = JPEGSize(still.jpeg)
    let (width, height) = (Double(size.width), Double(size.height))
    func rectangle(_ box: Box, _ kind: String) -> String {
      "<rect class=\"\(kind)\" x=\"\(number(box.x * width, 1))\" y=\"\(number(box.y * height, 1))\" "
        + "width=\"\(number(box.width * width, 1))\" height=\"\(number(box.height * height, 1))\"/>"
    }
    var marks = ""
    if still.zone.count >= 3 {
      let corners = still.zone.map { "\(number($0.x * width, 1)),\(number($0.y * height, 1))" }
      marks += "<polygon class=\"z\" points=\"\(corners.joined(separator: " "))\"/>"
    }
    if let event = still.event { marks += rectangle(event, "e") }
    if let warning = still.warning { marks += rectangle(warning, "w") }
    var body = "<div class=\"pictures\"><svg viewBox=\"0 0 \(size.width) \(size.height)\" role=\"img\">"
    body += "<image id=\"\(id)\" width=\"\(size.width)\" height=\"\(size.height)\" "
    body += "href=\"data:image/jpeg;base64,\(Base64.text(still.jpeg))\"/>\(marks)</svg>"
    if let place = [still.event, still.warning].compactMap({ $0 }).reduce(nil, Self.union) {
      let side = min(max(place.width * width, place.height * height) * 1.6 + 16, min(width, height))
      let x = min(max(place.centre.x * width - side / 2, 0), width - side)
      let y = min(max(place.centre.y * height - side / 2, 0), height - side)
      body += "<svg class=\"close\" viewBox=\"\(number(x, 1)) \(number(y, 1)) \(number(side, 1)) \(number(side, 1))\" "
      body += "role=\"img\"><use href=\"#\(id)\"/>\(marks)</svg>"
    }
    return body + "</div>"
  }

  private static func union(_ a: Box?, _ b: Box) -> Box? {
    guard let a else { return b }
    return Box(
      from: Point(x: min(a.x, b.x), y: min(a.y, b.y)), to: Point(x: max(a.maxX, b.maxX), y: max(a.maxY, b.maxY)))
  }

  private func worst(_ document: EvaluationDocument) -> String {
    let worst = document.worstCameras
    guard let most = worst.map({ $0.falsePositives + $0.falseNegatives }).max() else { return "" }
    var rows = ""
    for camera in worst {
      let (wrong, missed) = (camera.falsePositives * 240 / most, camera.falseNegatives * 240 / most)
      rows +=
        "<tr><th>\(text(camera.camera))</th><td>\(camera.falsePositives)</td><td>\(camera.falseNegatives)</td><td>"
      rows += "<svg width=\"250\" height=\"14\" role=\"img\"><rect width=\"\(wrong)\" height=\"14\" class=\"false\"/>"
      rows += "<rect x=\"\(wrong)\" width=\"\(missed)\" height=\"14\" class=\"miss\"/></svg></td></tr>\n"
    }
    return
      "<h2>Worst cameras</h2><table><tr><th>camera</th><th class=\"f\">false</th><th class=\"m\">missed</th><th></th></tr>\n\(rows)</table>\n"
  }

  // MARK: Figures

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
      var cells = [
        hasPrecision ? percent(figures.precision) + resampled("precision", true, 100, 1) : "n < 10",
        hasRecall ? percent(figures.recall) + resampled("recall", true, 100, 1) : "n < 10",
        hasPrecision && hasRecall ? (figures.f1.map { number($0, 3) } ?? "–") + resampled("f1", true, 1, 3) : "n < 10",
        hasRecall ? figures.averagePrecision.map { number($0, 3) } ?? "–" : "n < 10", rate,
        figures.latency.map { "\(number($0.p50, 1)) / \(number($0.p90, 1)) / \(number($0.max, 1))" } ?? "–",
      ]
      if document.preset == .iLIDS { cells.append(figures.fAlpha.map { number($0, 3) } ?? "–") }
      figureRows +=
        "<tr><th>\(type.rawValue)</th><td class=\"\(figures.verdict.rawValue)\">\(figures.verdict.rawValue)</td>"
      figureRows += cells.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
      let all = [
        counts.references, counts.truePositives, counts.falseNegatives, counts.warnings, counts.falsePositives,
        counts.repeats, counts.early, counts.ignored,
      ]
      countRows += "<tr><th>\(type.rawValue)</th>" + all.map { "<td>\($0)</td>" }.joined() + "</tr>\n"
    }
    return """
      <h2>Figures</h2><table><tr><th></th><th>verdict</th><th>precision <small>95 %</small></th><th>recall <small>95 %</small></th>
      <th>F1</th><th>AP</th><th>false an hour <small>95 %</small></th><th>due to alert <small>p50 / p90 / max s</small></th>\
      \(document.preset == .iLIDS ? "<th>F<small>α</small></th>" : "")</tr>
      \(figureRows)</table>
      <table><tr><th></th><th>events</th><th>found</th><th>missed</th><th>warnings</th><th>false</th><th>of these repeats</th>
      <th>early</th><th>ignored</th></tr>
      \(countRows)</table>

      """
  }

  private func charts(_ document: EvaluationDocument) -> String {
    var result = ""
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) where figures.curve.count >= 2 {
      var (path, points) = ("", "")
      for point in figures.curve {
        let (x, y) = (number(40 + point.recall * 240, 1), number(10 + (1 - point.precision) * 200, 1))
        path += path.isEmpty ? "M\(x) \(y)" : " L\(x) \(y)"
        if figures.curve.count <= 60 {
          let score = number(point.score, 3)
          points += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"3\"><title>from score \(score)</title></circle>"
        }
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
      result += points
      result +=
        "<text x=\"160\" y=\"244\" text-anchor=\"middle\">recall</text></svg><figcaption>\(type.rawValue): precision over recall"
      result += figures.averagePrecision.map { ", AP \(number($0, 3))" } ?? ""
      result += figures.counts.references < 10 ? " (n < 10)" : ""
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

  private func found(_ document: EvaluationDocument) -> String {
    let list = byType(document.matches.filter { $0.outcome == .truePositive || $0.outcome == .ignored })
    guard !list.isEmpty else { return "<h2>Found</h2><p>None.</p>\n" }
    var rows = ""
    for match in list.prefix(1000) {
      rows += "<tr><td>\(match.type.rawValue)</td><th>\(text(match.clip))</th><td>\(moment(match))</td>"
      rows += "<td>\(text(match.zone ?? "–"))</td><td>\(text(match.reference ?? "–"))</td>"
      rows += "<td>\(text(match.warning ?? "–"))</td><td>\(match.outcome == .ignored ? "ignored" : "found")</td></tr>\n"
    }
    let more = list.count > 1000 ? "<p>and \(list.count - 1000) more, in warnings.csv</p>" : ""
    return """
      <h2>Found (\(list.count))</h2><table><tr><th>type</th><th>clip</th><th>alert</th><th>zone</th><th>event</th><th>warning</th>
      <th></th></tr>
      \(rows)</table>\(more)

      """
  }

  private static let style = """
    body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;max-width:82rem;padding:0 1rem;color:#1b1f24;background:#fff}
    h1{margin:0;font-size:1.6rem}h2{margin:1.6rem 0 .5rem;font-size:1.25rem}h2 small{font-weight:400}h3{margin:0 0 .3rem;font-size:1rem}
    .subject{color:#57606a;margin:.1rem 0 .8rem}small{color:#57606a}p{margin:.2rem 0}
    table{border-collapse:collapse;margin-bottom:.8rem;font-variant-numeric:tabular-nums}
    th,td{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #d8dee4;vertical-align:top}
    .gate,.hint{padding:.5rem .9rem;border-left:4px solid #9a6700;background:#fff8e5;margin:.4rem 0}
    .gate.pass{border-color:#1a7f37;background:#e9f8ee}.gate.fail{border-color:#cf222e;background:#ffeef0}
    td.pass{color:#1a7f37;font-weight:600}td.fail{color:#cf222e;font-weight:600}td.insufficient{color:#9a6700;font-weight:600}
    .verdict{font-size:.8rem;font-weight:600;padding:.05rem .5rem;border-radius:1rem;background:#fff1c9;color:#7d5400;margin-left:.3rem}
    .verdict.pass{background:#d5f3df;color:#11632a}.verdict.fail{background:#ffdcdf;color:#a40e1b}
    .tiles{display:flex;flex-wrap:wrap;gap:.7rem;margin:.8rem 0}
    .tile{border:1px solid #d8dee4;border-radius:6px;padding:.6rem .9rem;break-inside:avoid}.lines{display:flex;gap:1.6rem}
    .large{font-size:1.9rem;font-weight:650;line-height:1.1}.large.bad{color:#cf222e}.line+.line .large.bad{color:#0969da}
    td.f,th.f{color:#cf222e}td.m,th.m{color:#0969da}
    .cards{display:flex;flex-wrap:wrap;gap:.7rem}
    .card{width:25.5rem;border:1px solid #d8dee4;border-left:4px solid #cf222e;border-radius:4px;padding:.5rem .6rem;break-inside:avoid;overflow-wrap:anywhere}
    .card.missed{border-left-color:#0969da}.why{font-weight:600}
    .pictures{display:flex;gap:3px;margin-bottom:.3rem}.pictures svg{display:block;height:9.2rem;min-width:0;flex:0 1 auto;background:#eaeef2}
    .pictures .close{flex:0 0 9.2rem;width:9.2rem}
    .w,.e,.z{fill:none;vector-effect:non-scaling-stroke;stroke-width:2}.w{stroke:#ff3b30}.e{stroke:#2f9bff;stroke-dasharray:5 3}
    .z{stroke:#ffd54a;stroke-width:1.2;stroke-opacity:.9}
    .key{color:#57606a;margin-top:.8rem}.kw{color:#d70015}.ke{color:#0969da}.kz{background:#ffd54a;color:#1b1f24;padding:0 .2rem}a{white-space:nowrap}
    .chart line{stroke:#d8dee4}.chart text{font-size:11px;fill:#57606a}.chart path{fill:none;stroke:#0969da;stroke-width:2}
    .chart circle{fill:#0969da}figure{margin:0}rect.false{fill:#cf222e}rect.miss{fill:#0969da}
    @media print{@page{margin:12mm}body{margin:0;padding:0;max-width:none;font-size:10px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
    a{color:inherit;text-decoration:none}h2{break-after:avoid}tr{break-inside:avoid}.card{width:47%;box-sizing:border-box}
    .pictures svg{height:5.4rem}.pictures .close{flex-basis:5.4rem;width:5.4rem}}
    """
}

/// A JPEG's size from its frame header (ITU T.81, B.2.2); 640 × 360 where it has none.
struct JPEGSize {
  var width = 640
  var height = 360

  init(_ bytes: [UInt8]) {
    var at = 2
    while at + 9 < bytes.count, bytes[at] == 0xFF {
      let marker = bytes[at + 1]
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        let (height, width) = (
          Int(bytes[at + 5]) << 8 | Int(bytes[at + 6]), Int(bytes[at + 7]) << 8 | Int(bytes[at + 8])
        )
        if width > 0, height > 0 { (self.width, self.height) = (width, height) }
        return
      }
      at += 2 + (Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
    }
  }
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
