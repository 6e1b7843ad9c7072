import Assignment
public import Formats
import Geometry

/// A clip with what should be found in it and what a system found.
public struct ScoredClip: Sendable {
  /// Its name in the suite.
  public var name: String
  public var camera: String
  /// What splits keep together.
  public var site: String
  public var reference: ReferenceDocument
  public var system: WarningsDocument

  public init(
    name: String, camera: String, site: String? = nil, reference: ReferenceDocument, system: WarningsDocument
  ) {
    self.name = name
    self.camera = camera
    self.site = site ?? camera
    self.reference = reference
    self.system = system
  }
}

/// Why clips cannot be scored: one sentence.
public struct EvaluationError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// What became of a clip's events and warnings.
public struct ClipScore: Sendable {
  /// A warning's fate, or that of an event without one.
  public struct Entry: Sendable {
    public var type: EventType
    public var outcome: Outcome
    public var event: ReferenceEvent?
    public var warning: WarningRecord?
    public var note: String?
  }

  public private(set) var entries: [Entry] = []
  public private(set) var confusion: [EvaluationDocument.Confusion] = []

  /// Pairs that a clip may have to weigh; beyond it the input is no street.
  static let mostPairs = 20_000_000

  /// Scores a clip. The order of events and warnings in their documents does not matter.
  public init(_ clip: ScoredClip, preset: Preset) throws(EvaluationError) {
    try Self.checkSameClip(clip)
    let rule = FitRule(preset, sampleRate: clip.system.sampling?.rate)
    for type in EventType.allCases {
      let events = clip.reference.events.filter { $0.type == type }.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
      let warnings = clip.system.raised.filter { $0.type == type }.sorted(by: Self.precedes)
      entries += try Self.score(events, warnings, rule: rule, suppressed: clip.system.suppressed, clip: clip.name)
    }
    confusion = try Self.confuse(entries, rule: rule, clip: clip.name)
  }

  /// Counts by type, for every type with events or warnings.
  public var counts: [EventType: EventCounts] {
    var result: [EventType: EventCounts] = [:]
    for entry in entries {
      result[entry.type, default: EventCounts()].add(entry)
    }
    return result
  }

  private static func checkSameClip(_ clip: ScoredClip) throws(EvaluationError) {
    if let a = clip.reference.clip, let b = clip.system.clip, a != b {
      throw EvaluationError("\(clip.name): the reference is of \"\(a)\", the warnings are of \"\(b)\"")
    }
    if let b = clip.system.durationSeconds, abs(b - clip.reference.durationSeconds) > 1,
      !(clip.system.sampling?.truncated ?? false)
    {
      let a = clip.reference.durationSeconds
      throw EvaluationError(
        "\(clip.name): the reference is of a clip of \(a) s, the warnings are of one of \(b) s; they do not belong together"
      )
    }
  }

  private static func precedes(_ a: WarningRecord, _ b: WarningRecord) -> Bool {
    if a.alert != b.alert { return a.alert < b.alert }
    if a.id != b.id { return a.id < b.id }
    return (a.box.x, a.box.y, a.box.width, a.box.height) < (b.box.x, b.box.y, b.box.width, b.box.height)
  }

  private static func score(
    _ events: [ReferenceEvent], _ warnings: [WarningRecord], rule: FitRule, suppressed: [SuppressedRecord], clip: String
  ) throws(EvaluationError) -> [Entry] {
    let counted = events.filter { !$0.ignore }
    let ignored = events.filter(\.ignore)
    let fits = try pairs(counted, warnings, rule: rule, clip: clip)
    let assignment = SparseAssignment(edges: fits, columnCount: warnings.count)
    var eventOf = [Int?](repeating: nil, count: warnings.count)
    for (event, warning) in assignment.columns.enumerated() {
      if let warning { eventOf[warning] = event }
    }
    // The matched event that an unmatched warning fits best: the cheapest edge, then the first event.
    var repeatOf = [Int?](repeating: nil, count: warnings.count)
    var repeatCost = [Int128](repeating: .max, count: warnings.count)
    for (event, edges) in fits.enumerated() {
      for edge in edges where edge.cost < repeatCost[edge.column] {
        repeatCost[edge.column] = edge.cost
        repeatOf[edge.column] = event
      }
    }
    var absorbed = [Int?](repeating: nil, count: warnings.count)
    for (event, edges) in try pairs(ignored, warnings, rule: rule, clip: clip).enumerated() {
      for edge in edges where absorbed[edge.column] == nil { absorbed[edge.column] = event }
    }
    let early = earlyEvents(counted, warnings, rule: rule)
    var entries: [Entry] = []
    for (index, warning) in warnings.enumerated() {
      var entry = Entry(type: warning.type, outcome: .falsePositive, event: nil, warning: warning, note: nil)
      if let event = eventOf[index] {
        entry.outcome = .truePositive
        entry.event = counted[event]
      } else if let event = absorbed[index] {
        entry.outcome = .ignored
        entry.event = ignored[event]
      } else if let event = repeatOf[index] {
        entry.outcome = .repeat
        entry.event = counted[event]
        entry.note = "a further warning for an event that was found"
      } else if let event = early[index] {
        entry.outcome = .early
        entry.event = counted[event]
        entry.note = "raised \(JSONText.seconds(counted[event].due - warning.alert)) s before due"
      } else {
        entry.note = nearest(warning, counted, rule: rule)
      }
      entries.append(entry)
    }
    for (index, event) in counted.enumerated() where assignment.columns[index] == nil {
      entries.append(
        Entry(
          type: event.type, outcome: .missed, event: event, warning: nil,
          note: whyMissed(event, suppressed: suppressed)))
    }
    return entries
  }

  /// For each event the warnings that fit it, by a sweep over time. A pair costs its lack of overlap, then its lateness.
  private static func pairs(
    _ events: [ReferenceEvent], _ warnings: [WarningRecord], rule: FitRule, clip: String
  ) throws(EvaluationError) -> [[SparseAssignment.Edge]] {
    var edges = [[SparseAssignment.Edge]](repeating: [], count: events.count)
    let windows = events.map { rule.window(of: $0) }
    let byStart = events.indices.filter { windows[$0] != nil }.sorted {
      (windows[$0]!.lowerBound, $0) < (windows[$1]!.lowerBound, $1)
    }
    var next = 0
    var open: [Int] = []
    var count = 0
    for (column, warning) in warnings.enumerated() {
      let alert = FitRule.milliseconds(warning.alert)
      while next < byStart.count, windows[byStart[next]]!.lowerBound <= alert {
        open.append(byStart[next])
        next += 1
      }
      open.removeAll { windows[$0]!.upperBound < alert }
      for event in open {
        guard let overlap = rule.place(events[event], warning) else { continue }
        count += 1
        // Overlap counts before earliness: 2⁶⁰ ms are more than all alerts together.
        edges[event].append(.init(column: column, cost: Int128(1_000_000 - overlap) << 60 + Int128(alert)))
      }
      guard count <= mostPairs else {
        throw EvaluationError(
          "\(clip): more than \(mostPairs) pairs of events and warnings fit each other; that cannot be weighed")
      }
    }
    return edges
  }

  /// For each warning the event that it is early for, the one that is due first.
  private static func earlyEvents(_ events: [ReferenceEvent], _ warnings: [WarningRecord], rule: FitRule) -> [Int?] {
    let spans = events.map { rule.earlySpan(of: $0) }
    let byStart = events.indices.filter { spans[$0] != nil }.sorted {
      (spans[$0]!.lowerBound, $0) < (spans[$1]!.lowerBound, $1)
    }
    var next = 0
    var open: [Int] = []
    return warnings.map { warning in
      let alert = FitRule.milliseconds(warning.alert)
      while next < byStart.count, spans[byStart[next]]!.lowerBound <= alert {
        open.append(byStart[next])
        next += 1
      }
      open.removeAll { spans[$0]!.upperBound <= alert }
      return open.filter { rule.place(events[$0], warning) != nil }.min()
    }
  }

  /// Why a wrong warning is wrong, as far as an event in its place tells.
  private static func nearest(_ warning: WarningRecord, _ events: [ReferenceEvent], rule: FitRule) -> String {
    // Long lists are not searched: a reason is a help, not a figure.
    guard events.count <= 2000 else { return "no event there at that time" }
    let here = events.filter { rule.place($0, warning) != nil }
    guard let event = here.min(by: { abs($0.due - warning.alert) < abs($1.due - warning.alert) }) else {
      return "no event there"
    }
    let late = warning.alert - event.due
    return late > 0
      ? "\(JSONText.seconds(late)) s after \(event.id) was due"
      : "\(JSONText.seconds(-late)) s before \(event.id) was due"
  }

  /// The system's own reason, where it had the thing as a candidate.
  private static func whyMissed(_ event: ReferenceEvent, suppressed: [SuppressedRecord]) -> String {
    guard suppressed.count <= 20_000 else { return "no warning" }
    let candidates = suppressed.filter { candidate in
      candidate.type == event.type && candidate.start <= (event.end ?? .infinity)
        && (candidate.end ?? .infinity) >= event.start
        && event.box(at: candidate.start).iou(candidate.box) >= 0.3
    }
    guard let best = candidates.max(by: { event.box.iou($0.box) < event.box.iou($1.box) }) else {
      return "no candidate there"
    }
    return "held back: \(best.reason)"
  }

  /// Missed events for which a warning of another type was raised that would have fitted.
  private static func confuse(
    _ entries: [Entry], rule: FitRule, clip: String
  ) throws(EvaluationError) -> [EvaluationDocument.Confusion] {
    let missed = entries.filter { $0.outcome == .missed }.compactMap(\.event)
    let wrong = entries.filter { $0.outcome == .falsePositive }.compactMap(\.warning).sorted(by: precedes)
    guard !missed.isEmpty, !wrong.isEmpty else { return [] }
    // Zones are of one kind, so another type's warning names another zone.
    let events = missed.map { event in
      var event = event
      event.zone = nil
      return event
    }
    var edges = try pairs(events, wrong, rule: rule, clip: clip)
    for (row, event) in missed.enumerated() { edges[row].removeAll { wrong[$0.column].type == event.type } }
    var counts: [[EventType]: Int] = [:]
    for (row, column) in SparseAssignment(edges: edges, columnCount: wrong.count).columns.enumerated() {
      if let column { counts[[missed[row].type, wrong[column].type], default: 0] += 1 }
    }
    return counts.map { .init(reference: $0.key[0], warning: $0.key[1], count: $0.value) }
      .sorted { ($0.reference, $0.warning) < ($1.reference, $1.warning) }
  }
}

extension EventCounts {
  mutating func add(_ entry: ClipScore.Entry) {
    if entry.warning != nil { warnings += 1 }
    switch entry.outcome {
    case .truePositive:
      truePositives += 1
      references += 1
    case .missed:
      falseNegatives += 1
      references += 1
    case .falsePositive: falsePositives += 1
    case .repeat:
      falsePositives += 1
      repeats += 1
    case .early:
      falsePositives += 1
      early += 1
    case .ignored: ignored += 1
    }
  }
}

enum JSONText {
  /// Seconds in a sentence: at most one decimal.
  static func seconds(_ value: Double) -> String {
    String(decoding: JSONWriter.line(.plain(value, 1)), as: UTF8.self)
  }

  static func number(_ value: Double, _ decimals: Int) -> String {
    String(decoding: JSONWriter.line(.plain(value, decimals)), as: UTF8.self)
  }
}
