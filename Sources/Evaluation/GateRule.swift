import Formats
import Statistics

/// Whether the lower bounds of precision and recall hold, for every type with events or warnings.
///
/// A bound passes where the Wilson interval's lower end reaches it, fails where the upper end stays below it, and is
/// insufficient between, or where even all right would not reach it.
public struct GateRule: Sendable, Hashable {
  public let require: [String: Double]

  /// Without a requirement a type is held to a precision of `Evaluator.standardTarget`.
  public init(_ require: [String: Double]) {
    self.require = require.isEmpty ? ["precision": Evaluator.standardTarget] : require
  }

  /// The verdict on one type, with the reason where it is not a pass.
  func verdict(_ counts: EventCounts) -> (verdict: Verdict, reason: String?) {
    var reasons: [(Verdict, String)] = []
    for (name, target) in require.sorted(by: { $0.key < $1.key }) {
      let whole = name == "recall" ? counts.references : counts.truePositives + counts.falsePositives
      let (verdict, reason) = Self.hold(counts.truePositives, of: whole, target: target)
      if let reason { reasons.append((verdict, "\(name) \(reason)")) }
    }
    guard !reasons.isEmpty else { return (.pass, nil) }
    let verdict: Verdict = reasons.contains { $0.0 == .fail } ? .fail : .insufficient
    return (verdict, reasons.map(\.1).joined(separator: "; "))
  }

  static func hold(_ right: Int, of whole: Int, target: Double) -> (Verdict, String?) {
    let bound = JSONText.number(target, 4)
    guard let interval = Intervals.wilson(right, of: whole), Intervals.fewestRight(of: whole, target: target) != nil
    else {
      return (.insufficient, "insufficient: n = \(whole), needs \(needs(target))")
    }
    if interval.low >= target { return (.pass, nil) }
    let span =
      "\(right) of \(whole) right, 95 % interval \(JSONText.number(interval.low, 4)) to \(JSONText.number(interval.high, 4))"
    if interval.high < target { return (.fail, "fails: \(span), all below \(bound)") }
    return (
      .insufficient,
      "insufficient: \(span) holds \(bound); of n = \(whole) at least \(Intervals.fewestRight(of: whole, target: target)!) must be right"
    )
  }

  /// The smallest samples that could pass by the bound in use: for 0.85 `at least 22 with all right or 34 with 33 right`. By the
  /// exact bound of Clopper and Pearson they would be 23 and 35; 40 with 39, which also passes, is not the smallest by either.
  private static func needs(_ target: Double) -> String {
    let all = Intervals.fewestTrials(wrong: 0, target: target)!
    let one = Intervals.fewestTrials(wrong: 1, target: target)!
    return "at least \(all) with all right or \(one) with \(one - 1) right"
  }

  func gate(_ types: [EventType: EvaluationDocument.TypeFigures]) -> EvaluationDocument.Gate {
    guard !types.isEmpty else {
      return .init(require: require, passed: false, reason: "insufficient: no events and no warnings")
    }
    let reasons = types.sorted { $0.key < $1.key }.compactMap { type, figures in
      verdict(figures.counts).reason.map { "\(type.rawValue): \($0)" }
    }
    return .init(
      require: require, passed: reasons.isEmpty,
      reason: reasons.isEmpty ? "the lower bounds hold for every type" : reasons.joined(separator: ". "))
  }
}
