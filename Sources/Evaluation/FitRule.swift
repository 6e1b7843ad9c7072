public import Formats
import Geometry

/// Whether a warning fits an event under a preset. Times are compared in whole milliseconds, so that a boundary is a boundary.
public struct FitRule: Sendable, Hashable {
  public let preset: Preset
  /// How long before due a warning may come: at least 2 s and at least one sample period.
  public let earlyMilliseconds: Int

  /// 10 s after an event's end (or, for i-LIDS, after due).
  static let lateMilliseconds = 10_000

  /// - Parameter sampleRate: pictures a second of the system's document; nil where it says none: a period of 2 s.
  public init(_ preset: Preset, sampleRate: Double?) {
    self.preset = preset
    let period = sampleRate.map { 1 / $0 } ?? 2
    earlyMilliseconds = max(2000, Self.milliseconds(period))
  }

  static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

  /// The span in milliseconds, both ends included, in which a fitting warning is raised; nil where an event ended too soon for
  /// any.
  func window(of event: ReferenceEvent) -> ClosedRange<Int>? {
    let end = event.end.map { Self.milliseconds($0) + Self.lateMilliseconds } ?? Int.max
    let due = Self.milliseconds(event.due)
    let (low, high) =
      switch preset {
      case .operational, .strict: (due - earlyMilliseconds, end)
      case .iLIDS: (due - earlyMilliseconds, min(end, due + Self.lateMilliseconds))
      case .recording: (Self.milliseconds(event.start), end)
      }
    return low <= high ? low...high : nil
  }

  /// The span in which a warning in the right place is early: from the presence's start up to the window.
  func earlySpan(of event: ReferenceEvent) -> Range<Int>? {
    guard preset != .recording else { return nil }
    let low = Self.milliseconds(event.start) - earlyMilliseconds
    let high = Self.milliseconds(event.due) - earlyMilliseconds
    return low < high ? low..<high : nil
  }

  /// The overlap in millionths where the warning is in the event's place, else nil.
  func place(_ event: ReferenceEvent, _ warning: WarningRecord) -> Int? {
    let box = event.box(at: warning.alert)
    let overlap = Int((box.iou(warning.box) * 1_000_000).rounded())
    switch preset {
    case .recording: return overlap
    case .strict: guard overlap >= 500_000 else { return nil }
    case .operational, .iLIDS:
      guard overlap >= 300_000 || box.contains(warning.box.centre) else { return nil }
    }
    if let here = event.zone, let there = warning.zone, here != there { return nil }
    return overlap
  }
}
