import CProcessor

extension InstructionSet {
  /// What one core could do at the clock rate it has now, in single-precision Gflop/s (a multiply-add is two).
  ///
  /// The clock rate is that of a chain of additions, one a cycle, the best of some short stretches.
  public func measuredPeak() -> Double {
    let count: UInt64 = 100_000
    let clock = ContinuousClock()
    var best = Duration.seconds(1)
    for _ in 0..<20 { best = min(best, clock.measure { _ = dependent_additions(count) }) }
    let seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
    return Double(16 * count) / seconds / 1e9 * Double(floatOperationsPerCycle)
  }
}
