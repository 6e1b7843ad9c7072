/// Which warnings fit which events.
public enum Preset: String, Sendable, Hashable, Codable, CaseIterable {
  /// In time, and in place by overlap or by the centre: the gate.
  case operational
  /// As `operational` with an overlap of at least one half, and the centre alone does not do.
  case strict
  /// As `operational`, raised within 10 s after due.
  case iLIDS = "i-lids"
  /// At any time of the presence, without place.
  case recording
}

/// What became of a warning or an event.
public enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
  case truePositive = "true-positive"
  case falsePositive = "false-positive"
  /// A further warning for an event that was found; a false positive.
  case `repeat`
  /// Raised before the event was due; a false positive.
  case early
  /// For an event that is neither found nor missed.
  case ignored
  /// An event without a warning.
  case missed

  public var isFalsePositive: Bool { self == .falsePositive || self == .repeat || self == .early }
}

/// Whether a requirement holds.
public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
  case pass
  case fail
  /// Too little data to tell.
  case insufficient
}

/// A figure with its interval; all nil at n = 0.
public struct Figure: Sendable, Hashable {
  public var value: Double?
  public var low: Double?
  public var high: Double?
  /// How the interval was made: `wilson`, `poisson-exact`, `bootstrap-by-clip`.
  public var method: String

  public init(value: Double?, low: Double?, high: Double?, method: String) {
    self.value = value
    self.low = low
    self.high = high
    self.method = method
  }
}

/// How warnings and events of one kind add up.
public struct EventCounts: Sendable, Hashable {
  /// Events that count, without ignored ones.
  public var references = 0
  public var warnings = 0
  public var truePositives = 0
  /// With repeats and early ones.
  public var falsePositives = 0
  public var falseNegatives = 0
  public var repeats = 0
  public var early = 0
  /// Warnings for ignored events.
  public var ignored = 0

  public init() {}

  public static func += (a: inout EventCounts, b: EventCounts) {
    a.references += b.references
    a.warnings += b.warnings
    a.truePositives += b.truePositives
    a.falsePositives += b.falsePositives
    a.falseNegatives += b.falseNegatives
    a.repeats += b.repeats
    a.early += b.early
    a.ignored += b.ignored
  }
}

/// `evaluation.json`: how good a system's warnings are.
public struct EvaluationDocument: Document, Hashable {
  public static let schema = "warden.evaluation/1"

  /// Quantiles in seconds.
  public struct Spread: Sendable, Hashable {
    public var p50: Double
    public var p90: Double
    public var max: Double

    public init(p50: Double, p90: Double, max: Double) {
      self.p50 = p50
      self.p90 = p90
      self.max = max
    }
  }

  public struct CurvePoint: Sendable, Hashable {
    public var score: Double
    public var precision: Double
    public var recall: Double

    public init(score: Double, precision: Double, recall: Double) {
      self.score = score
      self.precision = precision
      self.recall = recall
    }
  }

  public struct TypeFigures: Sendable, Hashable {
    public var counts: EventCounts
    public var precision: Figure
    public var recall: Figure
    public var f1: Double?
    /// i-LIDS's F with its recall bias, only with that preset.
    public var fAlpha: Double?
    public var averagePrecision: Double?
    public var falseAlarmsPerHour: Figure
    /// From due to alert, of true positives; nil where there are none.
    public var latency: Spread?
    /// Distance of the reported end from the true one, of true positives with both.
    public var endError: Spread?
    /// `precision`, `recall` and `f1` by resampling clips; absent where it cannot be had.
    public var bootstrap: [String: Figure]
    /// Precision and recall by falling score.
    public var curve: [CurvePoint]
    public var verdict: Verdict

    public init(
      counts: EventCounts, precision: Figure, recall: Figure, f1: Double?, fAlpha: Double?, averagePrecision: Double?,
      falseAlarmsPerHour: Figure, latency: Spread?, endError: Spread?, bootstrap: [String: Figure], curve: [CurvePoint],
      verdict: Verdict
    ) {
      self.counts = counts
      self.precision = precision
      self.recall = recall
      self.f1 = f1
      self.fAlpha = fAlpha
      self.averagePrecision = averagePrecision
      self.falseAlarmsPerHour = falseAlarmsPerHour
      self.latency = latency
      self.endError = endError
      self.bootstrap = bootstrap
      self.curve = curve
      self.verdict = verdict
    }
  }

  public struct Gate: Sendable, Hashable {
    /// Least lower bounds by figure: `precision`, `recall`.
    public var require: [String: Double]
    public var passed: Bool
    public var reason: String

    public init(require: [String: Double], passed: Bool, reason: String) {
      self.require = require
      self.passed = passed
      self.reason = reason
    }
  }

  /// What became of one warning or event.
  public struct Match: Sendable, Hashable {
    public var clip: String
    public var type: EventType
    public var reference: String?
    public var warning: String?
    public var outcome: Outcome
    public var zone: String?
    /// Of the warning, or of a missed event its due time, in seconds on the media clock.
    public var seconds: Double?
    /// The system's reason where it had the thing as a candidate, or why the warning is wrong.
    public var note: String?

    public init(
      clip: String, type: EventType, reference: String? = nil, warning: String? = nil, outcome: Outcome,
      zone: String? = nil,
      seconds: Double? = nil, note: String? = nil
    ) {
      self.clip = clip
      self.type = type
      self.reference = reference
      self.warning = warning
      self.outcome = outcome
      self.zone = zone
      self.seconds = seconds
      self.note = note
    }
  }

  /// Counts of a part: a camera, a condition, a zone.
  public struct Slice: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
      case camera
      case condition
      case zone
    }

    public var kind: Kind
    public var name: String
    public var type: EventType
    public var counts: EventCounts
    /// Nil below ten warnings.
    public var precision: Figure?
    /// Nil below ten events.
    public var recall: Figure?

    public init(kind: Kind, name: String, type: EventType, counts: EventCounts, precision: Figure?, recall: Figure?) {
      self.kind = kind
      self.name = name
      self.type = type
      self.counts = counts
      self.precision = precision
      self.recall = recall
    }
  }

  /// An event of one type for which a warning of another was raised.
  public struct Confusion: Sendable, Hashable {
    public var reference: EventType
    public var warning: EventType
    public var count: Int

    public init(reference: EventType, warning: EventType, count: Int) {
      self.reference = reference
      self.warning = warning
      self.count = count
    }
  }

  /// What one clip added, for resampling.
  public struct ClipResult: Sendable, Hashable {
    public var clip: String
    public var camera: String
    public var seconds: Double
    public var counts: [EventType: EventCounts]

    public init(clip: String, camera: String, seconds: Double, counts: [EventType: EventCounts]) {
      self.clip = clip
      self.camera = camera
      self.seconds = seconds
      self.counts = counts
    }
  }

  public var preset: Preset
  /// The split that was scored; nil for the whole suite.
  public var split: String?
  public var hours: Double
  public var types: [EventType: TypeFigures]
  /// Nil where nothing was required.
  public var gate: Gate?
  public var matches: [Match]
  public var slices: [Slice]
  public var confusion: [Confusion]
  public var clipResults: [ClipResult]
  /// Of the bootstrap.
  public var seed: UInt64
  /// Sentences that a reader should know: few clips, a shift that all alerts share.
  public var hints: [String]
  public internal(set) var warnings: [String] = []

  public init(
    preset: Preset, split: String? = nil, hours: Double, types: [EventType: TypeFigures], gate: Gate? = nil,
    matches: [Match],
    slices: [Slice] = [], confusion: [Confusion] = [], clipResults: [ClipResult], seed: UInt64, hints: [String] = []
  ) {
    self.preset = preset
    self.split = split
    self.hours = hours
    self.types = types
    self.gate = gate
    self.matches = matches
    self.slices = slices
    self.confusion = confusion
    self.clipResults = clipResults
    self.seed = seed
    self.hints = hints
  }
}
