import Foundation
import Statistics
import Testing

/// The vectors of the specification, computed with scipy and statsmodels.
@Suite("intervals and tests")
struct IntervalTests {
  func near(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-10) -> Bool {
    a.map { abs($0 - b) <= tolerance } ?? false
  }

  @Test(
    "Wilson intervals are those of statsmodels",
    arguments: [
      (0, 10, 0.0, 0.2775327999), (1, 1, 0.2065493144, 1.0), (17, 20, 0.6395811353, 0.9476312541),
      (22, 22, 0.8513451254, 1.0), (38, 44, 0.7329054695, 0.9359704550), (90, 100, 0.8256343385, 0.9447708629),
      (92, 100, 0.8500189230, 0.9589065385),
    ])
  func wilson(successes: Int, trials: Int, low: Double, high: Double) {
    let interval = Intervals.wilson(successes, of: trials)
    #expect(near(interval?.low, low) && near(interval?.high, high))
    #expect(Intervals.wilson(0, of: 0) == nil)
  }

  @Test("exact Poisson intervals are those of scipy")
  func poisson() {
    let none = Intervals.poisson(0, exposure: 1)
    #expect(none?.low == 0 && near(none?.high, 3.6888794541))
    let three = Intervals.poisson(3, exposure: 1)
    #expect(near(three?.low, 0.6186721229) && near(three?.high, 8.7672730697))
    let ten = Intervals.poisson(10, exposure: 1)
    #expect(near(ten?.low, 4.7953886961) && near(ten?.high, 18.3903560420))
    let hours = Intervals.poisson(6, exposure: 9.31)
    #expect(near(hours?.low, 0.2365085127) && near(hours?.high, 1.4027362001))
    #expect(Intervals.poisson(6, exposure: 0) == nil)
    #expect(Intervals.poisson(1_000_000, exposure: 1).map { $0.low < 1_000_000 && $0.high > 1_000_000 } == true)
  }

  @Test("Clopper and Pearson's interval inverts the binomial tails")
  func clopperPearson() {
    // By hand: all of n right has the lower bound (α/2)^(1/n).
    let all = Intervals.clopperPearson(10, of: 10)
    #expect(near(all?.low, 0.6915028921812392, 1e-12) && all?.high == 1)
    let none = Intervals.clopperPearson(0, of: 10)
    #expect(near(none?.high, 0.3084971078187608, 1e-12) && none?.low == 0)
    // The table of the specification: fewest right whose lower bound reaches 0.85.
    for (n, k) in [(30, 30), (40, 39), (50, 48), (100, 93), (200, 181), (1000, 873)] {
      #expect(Intervals.clopperPearson(k, of: n)!.low >= 0.85)
      #expect(Intervals.clopperPearson(k - 1, of: n)!.low < 0.85)
    }
  }

  @Test("McNemar's exact test gives the specified p values")
  func mcNemar() {
    #expect(near(Intervals.mcNemar(gained: 12, lost: 3), 0.0351562500))
    #expect(near(Intervals.mcNemar(gained: 5, lost: 15), 0.0413894653))
    #expect(Intervals.mcNemar(gained: 0, lost: 0) == 1)
    #expect(Intervals.mcNemar(gained: 4, lost: 4) == 1)
    // The most balanced splits that are still significant, and the next that are not.
    for (gained, lost) in [(6, 0), (9, 1), (10, 2), (12, 3), (15, 5), (18, 7), (27, 13)] {
      #expect(Intervals.mcNemar(gained: gained, lost: lost) < 0.05)
      #expect(Intervals.mcNemar(gained: gained - 1, lost: lost + 1) >= 0.05)
    }
    #expect(Intervals.mcNemar(gained: 5, lost: 0) > 0.05)
  }

  @Test("the fewest right for a lower bound of 0.85 are those of the table")
  func fewestRight() {
    let table = [
      (21, nil), (22, 22), (30, 30), (40, 39), (50, 48), (60, 57), (80, 75), (100, 92), (150, 137), (200, 180),
      (300, 268),
      (500, 441), (1000, 873), (2000, 1732),
    ]
    for (trials, right) in table { #expect(Intervals.fewestRight(of: trials, target: 0.85) == right) }
    #expect(Intervals.fewestTrials(wrong: 0, target: 0.85) == 22)
    let one = Intervals.fewestTrials(wrong: 1, target: 0.85)!
    #expect(Intervals.wilson(one - 1, of: one)!.low >= 0.85 && Intervals.wilson(one - 2, of: one - 1)!.low < 0.85)
  }

  @Test("other confidences use their own quantile")
  func confidence() {
    // One-sided 95 % is two-sided 90 %: 16 of 16 is the first that reaches 0.85.
    #expect(Intervals.wilson(16, of: 16, confidence: 0.9)!.low >= 0.85)
    #expect(Intervals.wilson(15, of: 15, confidence: 0.9)!.low < 0.85)
  }
}

@Suite("resampling")
struct BootstrapTests {
  @Test("the generator gives the published numbers")
  func generator() {
    // SplitMix64 from 0, then xoshiro256** by its definition, worked out with whole numbers in Python.
    var generator = Xoshiro256(seed: 0)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        11_091_344_671_253_066_420, 13_793_997_310_169_335_082, 1_900_383_378_846_508_768,
      ])
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[generator.below(7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
  }

  @Test("the interval of a mean is that of theory, and the same every time")
  func mean() throws {
    var generator = Xoshiro256(seed: 3)
    let rows = (0..<400).map { _ in [Double(generator.below(1000)) / 1000, 1] }
    let first = Bootstrap().intervals(rows) { [$0[0] / $0[1]] }
    let interval = try #require(first[0])
    let mean = rows.reduce(0) { $0 + $1[0] } / 400
    // ±1.96 · 0.2887 / √400 = ±0.0283.
    #expect(abs(interval.low - (mean - 0.0283)) < 0.004 && abs(interval.high - (mean + 0.0283)) < 0.004)
    #expect(Bootstrap().intervals(rows) { [$0[0] / $0[1]] } == first)
    #expect(Bootstrap(seed: 1).intervals(rows) { [$0[0] / $0[1]] } != first)
  }

  @Test("figures that are not defined in most rounds have no interval")
  func undefined() {
    #expect(Bootstrap(rounds: 100).intervals([[0], [0]]) { _ in [nil, 1] } == [nil, Interval(low: 1, high: 1)])
    #expect(Bootstrap().intervals([]) { _ in [1] } == [])
  }

  @Test("quantiles are interpolated")
  func quantiles() {
    #expect(Quantiles.of(sorted: [1, 2, 3, 4], 0.5) == 2.5)
    #expect(abs(Quantiles.of(sorted: [1, 2, 3, 4], 0.9) - 3.7) < 1e-12)
    #expect(Quantiles.of(sorted: [7], 0.9) == 7)
  }
}

@Suite("precision, recall and probabilities")
struct CurveTests {
  @Test("average precision is that of scikit-learn")
  func averagePrecision() throws {
    let scores = [0.95, 0.9, 0.85, 0.8, 0.6, 0.55, 0.5, 0.1]
    let truth = [true, true, false, true, false, false, true, false]
    let curve = PrecisionRecallCurve(Array(zip(scores, truth)), positives: 4)
    #expect(abs(try #require(curve.averagePrecision) - 0.8303571429) < 1e-10)
    #expect(curve.points.count == 8)
    // Equal scores are one point: (2 of 4 right at recall ½) then nothing more.
    let tied = PrecisionRecallCurve([(0.5, true), (0.5, false), (0.5, true), (0.5, false)], positives: 4)
    #expect(tied.points == [.init(score: 0.5, precision: 0.5, recall: 0.5)])
    #expect(tied.averagePrecision == 0.25)
    #expect(PrecisionRecallCurve([], positives: 0).averagePrecision == nil)
    #expect(PrecisionRecallCurve([], positives: 3).averagePrecision == 0)
  }

  @Test("COCO's average is taken at 101 recalls")
  func averagePrecision101() {
    #expect(PrecisionRecallCurve.averagePrecision101([true, true], positives: 2) == 1)
    // Precision 1 up to recall ½, ⅔ up to 1: 51 of 101 recalls at 1, 50 at ⅔.
    let value = PrecisionRecallCurve.averagePrecision101([true, false, true], positives: 2)!
    #expect(abs(value - (51 + 50 * 2.0 / 3) / 101) < 1e-12)
    #expect(PrecisionRecallCurve.averagePrecision101([], positives: 2) == 0)
    #expect(PrecisionRecallCurve.averagePrecision101([], positives: 0) == nil)
  }

  @Test("isotonic regression pools neighbours that fall")
  func isotonic() {
    #expect(ProbabilityFits.isotonic([0, 1, 0, 1, 0, 1]) == [0, 0.5, 0.5, 0.5, 0.5, 1])
    #expect(ProbabilityFits.isotonic([3, 2, 1]) == [2, 2, 2])
    #expect(ProbabilityFits.isotonic([1, 0], weights: [3, 1]) == [0.75, 0.75])
    #expect(ProbabilityFits.isotonic([]) == [])
    let curve = ProbabilityFits.isotonicCurve(
      zip([1.0, 2, 3, 4, 5, 6], [false, true, false, true, false, true]).map { .init(score: $0 / 10, right: $1) })
    #expect(curve.map(\.score) == [0.1, 0.2, 0.5, 0.6])
    #expect(curve.map(\.probability) == [0.125, 0.5, 0.5, 0.875])
  }

  @Test("the isotonic fit is the best of all that do not fall", arguments: 1...20)
  func isotonicIsBest(seed: Int) {
    var generator = Xoshiro256(seed: UInt64(seed))
    let values = (0..<8).map { _ in Double(generator.below(5)) }
    let fit = ProbabilityFits.isotonic(values)
    func loss(_ other: [Double]) -> Double { zip(values, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    #expect(zip(fit, fit.dropFirst()).allSatisfy { $0 <= $1 })
    for _ in 0..<300 {
      let other = (0..<8).map { _ in Double(generator.below(41)) / 10 }.sorted()
      #expect(loss(fit) <= loss(other) + 1e-12)
    }
  }

  @Test("Platt's fit finds the curve that made the data")
  func platt() throws {
    var generator = Xoshiro256(seed: 11)
    var samples: [ProbabilityFits.Sample] = []
    for _ in 0..<20_000 {
      let score = Double(generator.below(1_000_000)) / 1_000_000
      let chance = 1 / (1 + exp(3 - 6 * score))
      samples.append(.init(score: score, right: Double(generator.below(1_000_000)) / 1_000_000 < chance))
    }
    let fit = try #require(ProbabilityFits.platt(samples))
    #expect(abs(fit.slope + 6) < 0.3 && abs(fit.intercept - 3) < 0.15)
    #expect(ProbabilityFits.platt([]) == nil)
    let certain = try #require(ProbabilityFits.platt([.init(score: 0.9, right: true), .init(score: 0.8, right: true)]))
    #expect(certain.slope.isFinite && certain.intercept.isFinite)
  }

  @Test("Brier score and calibration error of hand-worked samples")
  func brier() throws {
    let samples: [ProbabilityFits.Sample] = [
      .init(score: 0.1, right: false), .init(score: 0.4, right: true), .init(score: 0.6, right: true),
      .init(score: 0.9, right: false),
    ]
    // (0.01 + 0.36 + 0.16 + 0.81) / 4
    #expect(abs(try #require(ProbabilityFits.brier(samples)) - 0.335) < 1e-12)
    let bins = ProbabilityFits.reliability(samples, bins: 2)
    #expect(bins.map(\.count) == [2, 2])
    #expect(bins.map(\.happened) == [0.5, 0.5])
    // |0.25 − 0.5| and |0.75 − 0.5|
    #expect(abs(try #require(ProbabilityFits.expectedCalibrationError(bins)) - 0.25) < 1e-12)
    #expect(ProbabilityFits.expectedCalibrationError([]) == nil)
  }
}
