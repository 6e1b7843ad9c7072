public import Formats
import Statistics

/// Fits score to probability and picks the threshold that keeps the promised precision, by type.
public struct Calibrator: Sendable {
  /// A warning of the validation split.
  public struct Sample: Sendable, Hashable {
    public var score: Double
    public var right: Bool
    public var site: String

    public init(score: Double, right: Bool, site: String) {
      self.score = score
      self.right = right
      self.site = site
    }
  }

  public struct Result: Sendable, Hashable {
    public var calibration: Calibration
    /// The least probability that warns; nil where no threshold reaches the target.
    public var threshold: Double?
    /// Precision and its lower bound at the threshold, and on how many warnings.
    public var atThreshold: (count: Int, precision: Figure)?
    public var reliability: [ProbabilityBin]
    public var brier: Double
    public var expectedCalibrationError: Double
    /// Each site judged by a fit on the others; false where there is one site and the fit judges itself.
    public var isCrossFitted: Bool

    public static func == (a: Result, b: Result) -> Bool {
      a.calibration == b.calibration && a.threshold == b.threshold && a.reliability == b.reliability
        && a.brier == b.brier
        && a.expectedCalibrationError == b.expectedCalibrationError && a.isCrossFitted == b.isCrossFitted
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(calibration)
      hasher.combine(threshold)
      hasher.combine(reliability)
    }
  }

  /// A row of a reliability table.
  public struct ProbabilityBin: Sendable, Hashable {
    public var count: Int
    public var said: Double
    public var happened: Double
  }

  /// The least lower bound of precision.
  public var target: Double
  /// Below it Platt's two parameters are fitted, from there on an isotonic curve.
  public var isotonicFrom: Int

  public init(target: Double = Evaluator.standardTarget, isotonicFrom: Int = 300) {
    self.target = target
    self.isotonicFrom = isotonicFrom
  }

  /// The samples of scored clips by type: right or wrong by the matching of all warnings, ignored ones left out.
  ///
  /// - Throws: where a warning has no score.
  public static func samples(_ clips: [ScoredClip], preset: Preset = .operational) throws(EvaluationError)
    -> [EventType: [Sample]]
  {
    var result: [EventType: [Sample]] = [:]
    for clip in clips.sorted(by: { $0.name < $1.name }) {
      for entry in try ClipScore(clip, preset: preset).entries {
        guard let warning = entry.warning, entry.outcome != .ignored else { continue }
        guard let score = warning.score else {
          throw EvaluationError("\(clip.name): the warning \(warning.id) has no score to calibrate")
        }
        result[entry.type, default: []].append(
          Sample(score: score, right: entry.outcome == .truePositive, site: clip.site))
      }
    }
    return result
  }

  /// Nil for no samples. `data` names what they are, for the package.
  public func fit(_ samples: [Sample], data: String) -> Result? {
    guard !samples.isEmpty else { return nil }
    let calibration = Calibration(curve: curve(samples), data: data, count: samples.count)
    let sites = Set(samples.map(\.site)).sorted()
    var judged: [ProbabilityFits.Sample] = []
    for site in sites {
      let others = samples.filter { $0.site != site }
      let fit = Calibration(curve: curve(others.isEmpty ? samples : others), data: "", count: 0)
      judged += samples.filter { $0.site == site }.map { .init(score: fit.probability(of: $0.score), right: $0.right) }
    }
    let bins = ProbabilityFits.reliability(judged)
    let threshold = threshold(samples, calibration)
    return Result(
      calibration: calibration, threshold: threshold?.probability,
      atThreshold: threshold.map { ($0.count, $0.precision) },
      reliability: bins.map { ProbabilityBin(count: $0.count, said: $0.said, happened: $0.happened) },
      brier: ProbabilityFits.brier(judged)!,
      expectedCalibrationError: ProbabilityFits.expectedCalibrationError(bins)!, isCrossFitted: sites.count > 1)
  }

  private func curve(_ samples: [Sample]) -> Calibration.Curve {
    let samples = samples.map { ProbabilityFits.Sample(score: $0.score, right: $0.right) }
    if samples.count >= isotonicFrom {
      let points = ProbabilityFits.isotonicCurve(samples)
      return .isotonic(points.map { CalibrationPoint(score: $0.score, probability: $0.probability) })
    }
    let platt = ProbabilityFits.platt(samples)!
    // A curve that falls would turn the order of scores around; level is the honest answer then.
    guard platt.slope < 0 else {
      let right = Double(samples.count { $0.right })
      return .isotonic([CalibrationPoint(score: 0, probability: (right + 1) / Double(samples.count + 2))])
    }
    return .platt(slope: platt.slope, intercept: platt.intercept)
  }

  /// Walks from the strict end, equal probabilities together: the last that passes before the first, after a pass, that does not.
  /// Steps before any pass are too few to tell and are walked over. Probabilities are rounded as warnings' scores are, so that the
  /// threshold lets through what it was chosen on.
  private func threshold(
    _ samples: [Sample], _ calibration: Calibration
  ) -> (probability: Double, count: Int, precision: Figure)? {
    let judged = samples.map { sample in
      let probability = calibration.probability(of: sample.score)
      return (probability: (probability * 10_000).rounded() / 10_000, right: sample.right)
    }.sorted { $0.probability > $1.probability }
    var best: (Double, Int, Figure)?
    var right = 0
    for (index, sample) in judged.enumerated() {
      if sample.right { right += 1 }
      if index + 1 < judged.count, judged[index + 1].probability == sample.probability { continue }
      let interval = Intervals.wilson(right, of: index + 1)!
      if interval.low >= target {
        let figure = Figure(
          value: Double(right) / Double(index + 1), low: interval.low, high: interval.high, method: "wilson")
        best = (sample.probability, index + 1, figure)
      } else if best != nil {
        break
      }
    }
    return best
  }
}
