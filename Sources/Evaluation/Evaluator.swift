public import Formats
import Geometry
import Statistics

/// What is asked of an evaluation.
public struct EvaluationOptions: Sendable, Hashable {
  public var preset: Preset
  /// Least lower bounds by figure (`precision`, `recall`); empty asks for no gate.
  public var require: [String: Double]
  /// i-LIDS's recall bias; below 1 favours precision.
  public var alpha: Double
  /// The split that the clips are of; nil for a whole suite.
  public var split: String?
  public var rounds: Int
  public var seed: UInt64

  public init(
    preset: Preset = .operational, require: [String: Double] = [:], alpha: Double = 0.6, split: String? = nil,
    rounds: Int = 2000, seed: UInt64 = 20_240_502
  ) {
    self.preset = preset
    self.require = require
    self.alpha = alpha
    self.split = split
    self.rounds = rounds
    self.seed = seed
  }
}

/// Scores clips: a pure function of their documents, the same by every order of clips, events and warnings.
public enum Evaluator {
  /// The precision that a warning system is held to where nothing else is required.
  public static let standardTarget = 0.85

  public static func evaluate(
    _ clips: [ScoredClip], options: EvaluationOptions = EvaluationOptions()
  ) throws(EvaluationError) -> EvaluationDocument {
    let clips = clips.sorted { $0.name < $1.name }
    for (a, b) in zip(clips, clips.dropFirst()) where a.name == b.name {
      throw EvaluationError("the clip \(a.name) is there twice")
    }
    for (name, bound) in options.require where !["precision", "recall"].contains(name) || !(0..<1).contains(bound) {
      throw EvaluationError(
        "--require takes precision=… and recall=… with bounds from 0 to below 1, not \(name)=\(bound)")
    }
    var scores: [ClipScore] = []
    for clip in clips { scores.append(try ClipScore(clip, preset: options.preset)) }
    let results = zip(clips, scores).map { clip, score in
      EvaluationDocument.ClipResult(
        clip: clip.name, camera: clip.camera, seconds: clip.reference.durationSeconds, counts: score.counts)
    }
    let hours = results.reduce(0) { $0 + $1.seconds } / 3600
    var types: [EventType: EvaluationDocument.TypeFigures] = [:]
    for type in EventType.allCases where results.contains(where: { $0.counts[type] != nil }) {
      types[type] = figures(
        type, entries: scores.flatMap { $0.entries.filter { $0.type == type } }, results: results, hours: hours,
        options: options)
    }
    return EvaluationDocument(
      preset: options.preset, split: options.split, hours: hours, types: types,
      gate: options.require.isEmpty ? nil : GateRule(options.require).gate(types), matches: matches(clips, scores),
      slices: slices(clips, scores), confusion: confusion(scores), clipResults: results, seed: options.seed,
      hints: hints(clips, scores))
  }

  static func precision(_ counts: EventCounts) -> Figure {
    share(counts.truePositives, of: counts.truePositives + counts.falsePositives)
  }

  static func recall(_ counts: EventCounts) -> Figure { share(counts.truePositives, of: counts.references) }

  private static func share(_ part: Int, of whole: Int) -> Figure {
    let interval = Intervals.wilson(part, of: whole)
    return Figure(
      value: whole > 0 ? Double(part) / Double(whole) : nil, low: interval?.low, high: interval?.high, method: "wilson")
  }

  private static func figures(
    _ type: EventType, entries: [ClipScore.Entry], results: [EvaluationDocument.ClipResult], hours: Double,
    options: EvaluationOptions
  ) -> EvaluationDocument.TypeFigures {
    var counts = EventCounts()
    for entry in entries { counts.add(entry) }
    let (precision, recall) = (precision(counts), recall(counts))
    let errors = 2 * counts.truePositives + counts.falsePositives + counts.falseNegatives
    var fAlpha: Double?
    if options.preset == .iLIDS, let p = precision.value, let r = recall.value {
      let below = r + options.alpha * p
      fAlpha = below > 0 ? (options.alpha + 1) * r * p / below : 0
    }
    let alarms = Intervals.poisson(counts.falsePositives, exposure: hours)
    let curve = curve(entries, references: counts.references)
    let found = entries.filter { $0.outcome == .truePositive }
    return EvaluationDocument.TypeFigures(
      counts: counts, precision: precision, recall: recall,
      f1: errors > 0 ? Double(2 * counts.truePositives) / Double(errors) : nil, fAlpha: fAlpha,
      averagePrecision: curve?.averagePrecision,
      falseAlarmsPerHour: Figure(
        value: hours > 0 ? Double(counts.falsePositives) / hours : nil, low: alarms?.low, high: alarms?.high,
        method: "poisson-exact"),
      latency: spread(found.compactMap { entry in entry.warning.map { $0.alert - entry.event!.due } }),
      endError: spread(
        found.compactMap { entry in
          guard let said = entry.warning?.end, let real = entry.event?.end else { return nil }
          return abs(said - real)
        }),
      bootstrap: bootstrap(type, results: results, options: options),
      curve: curve?.points.map { .init(score: $0.score, precision: $0.precision, recall: $0.recall) } ?? [],
      verdict: GateRule(options.require).verdict(counts).verdict)
  }

  /// With the matching held fixed at that of all warnings; nil where a warning has no score.
  private static func curve(_ entries: [ClipScore.Entry], references: Int) -> PrecisionRecallCurve? {
    var samples: [(score: Double, right: Bool)] = []
    for entry in entries {
      guard let warning = entry.warning, entry.outcome != .ignored else { continue }
      guard let score = warning.score else { return nil }
      samples.append((score, entry.outcome == .truePositive))
    }
    return PrecisionRecallCurve(samples, positives: references)
  }

  private static func spread(_ values: [Double]) -> EvaluationDocument.Spread? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return .init(
      p50: Quantiles.of(sorted: sorted, 0.5), p90: Quantiles.of(sorted: sorted, 0.9), max: sorted[sorted.count - 1])
  }

  /// Precision, recall and F1 by resampling clips; needs two clips.
  private static func bootstrap(
    _ type: EventType, results: [EvaluationDocument.ClipResult], options: EvaluationOptions
  ) -> [String: Figure] {
    guard results.count >= 2 else { return [:] }
    let rows = results.map { result in
      let counts = result.counts[type] ?? EventCounts()
      return [Double(counts.truePositives), Double(counts.falsePositives), Double(counts.references)]
    }
    func figures(_ sum: [Double]) -> [Double?] {
      let (right, wrong, references) = (sum[0], sum[1], sum[2])
      return [
        right + wrong > 0 ? right / (right + wrong) : nil, references > 0 ? right / references : nil,
        right + wrong + references > 0 ? 2 * right / (right + wrong + references) : nil,
      ]
    }
    let total = rows.reduce([0, 0, 0]) { [$0[0] + $1[0], $0[1] + $1[1], $0[2] + $1[2]] }
    let intervals = Bootstrap(rounds: options.rounds, seed: options.seed).intervals(rows, figures: figures)
    var result: [String: Figure] = [:]
    for (name, (value, interval)) in zip(["precision", "recall", "f1"], zip(figures(total), intervals)) {
      guard let value, let interval else { continue }
      result[name] = Figure(value: value, low: interval.low, high: interval.high, method: "bootstrap-by-clip")
    }
    return result
  }

  private static func matches(_ clips: [ScoredClip], _ scores: [ClipScore]) -> [EvaluationDocument.Match] {
    zip(clips, scores).flatMap { clip, score in
      score.entries.map { entry in
        EvaluationDocument.Match(
          clip: clip.name, type: entry.type, reference: entry.event?.id, warning: entry.warning?.id,
          outcome: entry.outcome,
          zone: entry.warning?.zone ?? entry.event?.zone, seconds: entry.warning?.alert ?? entry.event?.due,
          note: entry.note)
      }
    }
  }

  private static func slices(_ clips: [ScoredClip], _ scores: [ClipScore]) -> [EvaluationDocument.Slice] {
    struct Key: Hashable {
      var kind: EvaluationDocument.Slice.Kind
      var name: String
      var type: EventType
    }
    var sums: [Key: EventCounts] = [:]
    for (clip, score) in zip(clips, scores) {
      for entry in score.entries {
        var keys = [Key(kind: .camera, name: clip.camera, type: entry.type)]
        keys += clip.reference.conditions.map { Key(kind: .condition, name: $0, type: entry.type) }
        if let zone = entry.event?.zone ?? entry.warning?.zone {
          keys.append(Key(kind: .zone, name: "\(clip.camera)/\(zone)", type: entry.type))
        }
        for key in Set(keys) { sums[key, default: EventCounts()].add(entry) }
      }
    }
    let slices = sums.map { key, counts in
      EvaluationDocument.Slice(
        kind: key.kind, name: key.name, type: key.type, counts: counts,
        precision: counts.truePositives + counts.falsePositives >= 10 ? precision(counts) : nil,
        recall: counts.references >= 10 ? recall(counts) : nil)
    }
    return slices.sorted { ($0.kind.rawValue, $0.name, $0.type) < ($1.kind.rawValue, $1.name, $1.type) }
  }

  private static func confusion(_ scores: [ClipScore]) -> [EvaluationDocument.Confusion] {
    var sums: [[EventType]: Int] = [:]
    for pair in scores.flatMap(\.confusion) { sums[[pair.reference, pair.warning], default: 0] += pair.count }
    return sums.map { .init(reference: $0.key[0], warning: $0.key[1], count: $0.value) }
      .sorted { ($0.reference, $0.warning) < ($1.reference, $1.warning) }
  }

  private static func hints(_ clips: [ScoredClip], _ scores: [ClipScore]) -> [String] {
    var hints: [String] = []
    if clips.count < 10 {
      hints.append("Few clips (\(clips.count)): the intervals by resampling clips say little.")
    }
    if let shift = TimeShift.common(clips, scores) {
      let side = shift > 0 ? "late" : "early"
      hints.append(
        "All missed events have a warning in their place that is \(JSONText.seconds(abs(shift))) s \(side): is the time base the same?"
      )
    }
    return hints
  }
}

/// Looks for one shift in time that explains all missed events, as a wrong time zone or clock would make it.
enum TimeShift {
  /// Seconds from due to alert that at least three missed events, and all that have a warning in place, share within 2 s; nil
  /// where there is none.
  static func common(_ clips: [ScoredClip], _ scores: [ClipScore]) -> Double? {
    var shifts: [Double] = []
    var missedCount = 0
    for score in scores {
      let missed = score.entries.filter { $0.outcome == .missed }.compactMap(\.event)
      let wrong = score.entries.filter { $0.outcome.isFalsePositive }.compactMap(\.warning)
      guard missed.count * wrong.count <= 1_000_000 else { return nil }
      missedCount += missed.count
      for event in missed {
        let there = wrong.filter { $0.type == event.type && event.box.iou($0.box) >= 0.3 }
        if let nearest = there.min(by: { abs($0.alert - event.due) < abs($1.alert - event.due) }) {
          shifts.append(nearest.alert - event.due)
        }
      }
    }
    guard shifts.count >= 3, shifts.count == missedCount, let low = shifts.min(), let high = shifts.max(),
      high - low <= 2
    else {
      return nil
    }
    return Quantiles.of(sorted: shifts.sorted(), 0.5)
  }
}
