public import Formats
import Statistics

/// Two evaluations of the same clips against the same references.
public struct Comparison: Sendable, Hashable {
  /// An event that one found and the other did not.
  public struct Change: Sendable, Hashable {
    public var clip: String
    public var type: EventType
    public var reference: String
    /// When it was due, or raised, in seconds on the media clock.
    public var seconds: Double?
    public var note: String?
  }

  public struct TypeComparison: Sendable, Hashable {
    /// Events found by both, by A alone, by B alone, by neither.
    public var both = 0
    public var lost = 0
    public var gained = 0
    public var neither = 0
    /// McNemar's exact two-sided p value of gained against lost.
    public var recallP = 1.0
    /// Precision of B less that of A, with its interval by resampling clips; nil where one raised nothing.
    public var precisionDifference: Figure?
    public var recallDifference: Figure?

    init() {}
  }

  public private(set) var types: [EventType: TypeComparison] = [:]
  /// Found by B, not by A.
  public private(set) var gained: [Change] = []
  /// Found by A, not by B.
  public private(set) var lost: [Change] = []
  /// Wrong warnings of A that B does not raise, and of B that A did not, counted by clip.
  public private(set) var falsePositives: [(clip: String, before: Int, after: Int)] = []

  public static func == (a: Comparison, b: Comparison) -> Bool {
    a.types == b.types && a.gained == b.gained && a.lost == b.lost
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(types)
    hasher.combine(gained)
    hasher.combine(lost)
  }

  private struct EventKey: Hashable {
    var clip: String
    var type: EventType
    var reference: String
  }

  /// - Throws: where the two are not of the same clips, references or preset.
  public init(_ a: EvaluationDocument, _ b: EvaluationDocument, rounds: Int = 2000) throws(EvaluationError) {
    guard a.preset == b.preset else {
      throw EvaluationError(
        "the first was scored by \(a.preset.rawValue), the second by \(b.preset.rawValue); they cannot be compared")
    }
    let (clipsA, clipsB) = (a.clipResults.map(\.clip), b.clipResults.map(\.clip))
    guard clipsA == clipsB else {
      let odd = Set(clipsA).symmetricDifference(clipsB).sorted().first ?? "?"
      throw EvaluationError("the two are not of the same clips: \(odd) is in one alone")
    }
    let (foundA, foundB) = (Self.events(a), Self.events(b))
    guard Set(foundA.keys) == Set(foundB.keys) else {
      let odd =
        Set(foundA.keys).symmetricDifference(foundB.keys).map { "\($0.clip) \($0.reference)" }.sorted().first ?? "?"
      throw EvaluationError("the two have other references: the event \(odd) is in one alone")
    }
    for (key, before) in foundA {
      let after = foundB[key]!
      var type = types[key.type] ?? TypeComparison()
      switch (before.outcome == .truePositive, after.outcome == .truePositive) {
      case (true, true): type.both += 1
      case (false, false): type.neither += 1
      case (true, false):
        type.lost += 1
        lost.append(
          Change(clip: key.clip, type: key.type, reference: key.reference, seconds: after.seconds, note: after.note))
      case (false, true):
        type.gained += 1
        gained.append(
          Change(clip: key.clip, type: key.type, reference: key.reference, seconds: after.seconds, note: before.note))
      }
      types[key.type] = type
    }
    gained.sort { ($0.clip, $0.type, $0.reference) < ($1.clip, $1.type, $1.reference) }
    lost.sort { ($0.clip, $0.type, $0.reference) < ($1.clip, $1.type, $1.reference) }
    for type in EventType.allCases where a.types[type] != nil || b.types[type] != nil {
      var entry = types[type] ?? TypeComparison()
      entry.recallP = Intervals.mcNemar(gained: entry.gained, lost: entry.lost)
      let rows = zip(a.clipResults, b.clipResults).map { before, after in
        [before, after].flatMap { result in
          let counts = result.counts[type] ?? EventCounts()
          return [Double(counts.truePositives), Double(counts.falsePositives), Double(counts.references)]
        }
      }
      let total = rows.reduce([Double](repeating: 0, count: 6)) { sum, row in zip(sum, row).map { $0 + $1 } }
      let intervals = Bootstrap(rounds: rounds, seed: a.seed).intervals(rows, figures: Self.differences)
      let figures = zip(Self.differences(total), intervals).map { value, interval in
        value.map { Figure(value: $0, low: interval?.low, high: interval?.high, method: "bootstrap-by-clip") }
      }
      entry.precisionDifference = figures.first ?? nil
      entry.recallDifference = figures.last ?? nil
      types[type] = entry
    }
    for (before, after) in zip(a.clipResults, b.clipResults) {
      let counts = [before, after].map { $0.counts.values.reduce(0) { $0 + $1.falsePositives } }
      if counts[0] != counts[1] { falsePositives.append((before.clip, counts[0], counts[1])) }
    }
  }

  /// Differences of precision and recall from sums of right, wrong and references of A, then of B.
  private static func differences(_ sums: [Double]) -> [Double?] {
    func share(_ part: Double, _ whole: Double) -> Double? { whole > 0 ? part / whole : nil }
    func difference(_ a: Double?, _ b: Double?) -> Double? {
      guard let a, let b else { return nil }
      return b - a
    }
    return [
      difference(share(sums[0], sums[0] + sums[1]), share(sums[3], sums[3] + sums[4])),
      difference(share(sums[0], sums[2]), share(sums[3], sums[5])),
    ]
  }

  private static func events(_ document: EvaluationDocument) -> [EventKey: EvaluationDocument.Match] {
    var result: [EventKey: EvaluationDocument.Match] = [:]
    for match in document.matches where match.outcome == .truePositive || match.outcome == .missed {
      guard let reference = match.reference else { continue }
      result[EventKey(clip: match.clip, type: match.type, reference: reference)] = match
    }
    return result
  }
}
