import Evaluation
import Formats

/// The tables that `evaluate`, `compare` and `calibrate` print.
enum EvaluationTables {
  /// A list of thousands helps nobody on a terminal.
  private static let mostRows = 60

  static func evaluation(_ document: EvaluationDocument) -> String {
    var table = Table(
      [
        "type", "events", "warnings", "right", "wrong", "missed", "precision", "recall", "false an hour",
        "due to alert p50/p90/max", "verdict",
      ],
      right: [1, 2, 3, 4, 5])
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) {
      let counts = figures.counts
      table.add([
        type.rawValue, "\(counts.references)", "\(counts.warnings)", "\(counts.truePositives)",
        "\(counts.falsePositives)", "\(counts.falseNegatives)", text(figures.precision), text(figures.recall),
        text(figures.falseAlarmsPerHour),
        figures.latency.map { "\(decimal($0.p50, 1))/\(decimal($0.p90, 1))/\(decimal($0.max, 1)) s" } ?? "–",
        figures.verdict.rawValue,
      ])
    }
    var matches = Table(["clip", "type", "reference", "warning", "outcome", "at", "note"])
    let wrong = document.matches.filter { $0.outcome != .truePositive && $0.outcome != .ignored }
    for match in wrong.prefix(mostRows) {
      matches.add([
        match.clip, match.type.rawValue, match.reference ?? "–", match.warning ?? "–", match.outcome.rawValue,
        match.seconds.map(duration) ?? "–", match.note ?? "",
      ])
    }
    return table.text + (wrong.isEmpty ? "" : "\n" + matches.text + more(wrong.count, "in evaluation.json"))
  }

  static func boxes(_ results: [BoxBenchmark.Result], threshold: (String) -> Double) -> String {
    var table = Table(
      [
        "objects", "n", "pictures", "AP50", "AP50:95", "recall at precision 0.90", "threshold", "precision", "recall",
        "false a picture",
      ], right: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    for one in results where one.count > 0 {
      let score = one.measure.members.map(threshold).min() ?? 0
      let point = one.operatingPoints.min { abs($0.score - score) < abs($1.score - score) }
      // Of fewer than ten objects the count alone is said.
      func share(_ value: Double?) -> String { one.count < 10 ? "n < 10" : Self.share(value) }
      table.add([
        one.measure.name, "\(one.count)", "\(one.pictures)", share(one.averagePrecision),
        share(one.averagePrecision5095), share(one.recallAtPrecision90), point.map { decimal($0.score, 2) } ?? "–",
        share(point?.precision), share(point?.recall), share(point?.falsePerPicture),
      ])
    }
    return table.text
  }

  static func states(_ name: String, _ states: StateTable) -> String {
    var table = Table(
      ["\(name): it was"] + states.classes.map { "called \($0)" } + ["not found"],
      right: Set(1...(states.classes.count + 1)))
    for label in states.classes {
      table.add(
        [label] + states.classes.map { "\(states.counts[label]?[$0] ?? 0)" } + ["\(states.missed[label] ?? 0)"])
    }
    return table.text
  }

  static func comparison(_ comparison: Comparison) -> String {
    var table = Table(
      ["type", "both", "A alone", "B alone", "neither", "McNemar p", "precision B − A", "recall B − A"],
      right: [1, 2, 3, 4, 5])
    for (type, one) in comparison.types.sorted(by: { $0.key < $1.key }) {
      table.add([
        type.rawValue, "\(one.both)", "\(one.lost)", "\(one.gained)", "\(one.neither)", decimal(one.recallP, 4),
        one.precisionDifference.map { text($0) } ?? "–", one.recallDifference.map { text($0) } ?? "–",
      ])
    }
    var out = table.text
    let discordant = comparison.gained.count + comparison.lost.count
    if discordant < 6 {
      out += "\n\(discordant) events were found by one alone: fewer than 6 prove nothing either way.\n"
    }
    out += list("Gained, found by B alone", comparison.gained) + list("Lost, found by A alone", comparison.lost)
    if !comparison.falsePositives.isEmpty {
      var clips = Table(["clip", "false in A", "false in B"], right: [1, 2])
      for entry in comparison.falsePositives.prefix(mostRows) {
        clips.add([entry.clip, "\(entry.before)", "\(entry.after)"])
      }
      out += "\nClips with another number of false warnings\n" + clips.text
      out += more(comparison.falsePositives.count, "in the document")
    }
    return out
  }

  private static func list(_ title: String, _ changes: [Comparison.Change]) -> String {
    guard !changes.isEmpty else { return "\n\(title): none\n" }
    var table = Table(["clip", "type", "event", "at", "why the other missed it"])
    for change in changes.prefix(mostRows) {
      table.add([
        change.clip, change.type.rawValue, change.reference, change.seconds.map(duration) ?? "–", change.note ?? "",
      ])
    }
    return "\n\(title): \(changes.count)\n" + table.text + more(changes.count, "in the document")
  }

  static func calibration(_ results: [(type: EventType, result: Calibrator.Result?)], target: Double) -> String {
    var table = Table(
      [
        "type", "n", "right", "fit", "threshold", "kept", "precision there", "Brier", "calibration error",
      ], right: [1, 2, 4, 5, 7, 8])
    var bins = ""
    for (type, result) in results {
      guard let result else {
        table.add([type.rawValue, "0", "0", "none", "–", "–", "–", "–", "–"])
        continue
      }
      let fit =
        switch result.calibration.curve {
        case .isotonic(let points): points.count == 1 ? "level" : "isotonic, \(points.count) points"
        case .platt: "Platt"
        }
      let right = result.reliability.reduce(0.0) { $0 + Double($1.count) * $1.happened }
      table.add([
        type.rawValue, "\(result.calibration.count)", decimal(right, 0), fit,
        result.threshold.map { decimal($0, 4) } ?? "none", result.atThreshold.map { "\($0.count)" } ?? "–",
        result.atThreshold.map { text($0.precision) } ?? "–", decimal(result.brier, 4),
        decimal(result.expectedCalibrationError, 4),
      ])
      var reliability = Table(["said", "happened", "n"], right: [0, 1, 2])
      for bin in result.reliability {
        reliability.add([decimal(bin.said, 3), decimal(bin.happened, 3), "\(bin.count)"])
      }
      let way = result.isCrossFitted ? "each site judged by a fit on the others" : "one site: the fit judges itself"
      bins += "\nReliability of \(type.rawValue) (\(way))\n" + reliability.text
    }
    return table.text + bins
  }

  private static func more(_ count: Int, _ place: String) -> String {
    count > mostRows ? "and \(count - mostRows) more, \(place)\n" : ""
  }

  private static func share(_ value: Double?) -> String { value.map { decimal($0, 3) } ?? "–" }

  private static func text(_ figure: Figure) -> String {
    guard let value = figure.value else { return "–" }
    guard let low = figure.low, let high = figure.high else { return decimal(value, 2) }
    return "\(decimal(value, 2)) (\(decimal(low, 2))–\(decimal(high, 2)))"
  }
}
