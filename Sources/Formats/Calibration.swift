#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A point of a calibration curve.
public struct CalibrationPoint: Sendable, Hashable, Codable {
  public var score: Double
  public var probability: Double

  public init(score: Double, probability: Double) {
    self.score = score
    self.probability = probability
  }
}

/// Turns a warning's score into the probability that it is right.
public struct Calibration: Sendable, Hashable, Codable {
  public enum Curve: Sendable, Hashable, Codable {
    /// Points by rising score with probabilities that do not fall; linear between them, level beyond.
    case isotonic([CalibrationPoint])
    /// 1 / (1 + exp(slope · score + intercept)); a good score has a negative slope (Platt, 1999).
    case platt(slope: Double, intercept: Double)
  }

  public var curve: Curve
  /// What it was fitted on.
  public var data: String
  /// On how many warnings.
  public var count: Int

  public init(curve: Curve, data: String, count: Int) {
    self.curve = curve
    self.data = data
    self.count = count
  }

  /// The probability for a score, 0…1.
  public func probability(of score: Double) -> Double {
    switch curve {
    case .platt(let slope, let intercept):
      return 1 / (1 + exp(slope * score + intercept))
    case .isotonic(let points):
      guard let first = points.first, let last = points.last else { return score }
      if score <= first.score { return first.probability }
      if score >= last.score { return last.probability }
      let next = points.firstIndex { $0.score > score }!
      let (a, b) = (points[next - 1], points[next])
      return a.probability + (b.probability - a.probability) * (score - a.score) / (b.score - a.score)
    }
  }
}

extension Calibration {
  private enum Method: String, CaseIterable {
    case isotonic
    case platt
  }

  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a calibration {method, …}") { source throws(FormatError) in
      let data = try source.optional("data").map { text throws(FormatError) in try text.prose() } ?? ""
      let count = try source.optional("n").map { number throws(FormatError) in try number.integer(0...Int(1e9)) } ?? 0
      switch try source.required("method", "isotonic or platt").choice(Method.self) {
      case .platt:
        let curve = Curve.platt(
          slope: try source.required("slope", "a number").number(-1e6...1e6),
          intercept: try source.required("intercept", "a number").number(-1e6...1e6))
        return Calibration(curve: curve, data: data, count: count)
      case .isotonic:
        let list = try source.required("points", "a list of [score, probability]")
        let points = try list.array("a list of [score, probability]", count: 1...100_000) { point throws(FormatError) in
          let pair = try point.array("a point [score, probability]", count: 2...2) { number throws(FormatError) in
            try number.number(0...1)
          }
          return CalibrationPoint(score: pair[0], probability: pair[1])
        }
        for (index, (a, b)) in zip(points, points.dropFirst()).enumerated()
        where b.score <= a.score || b.probability < a.probability {
          throw list.fail("must rise in score and not fall in probability, but entry \(index + 1) breaks that")
        }
        return Calibration(curve: .isotonic(points), data: data, count: count)
      }
    }
  }

  var node: JSONNode {
    var members: [String: JSONNode] = ["data": .string(data), "n": .integer(count)]
    switch curve {
    case .isotonic(let points):
      members["method"] = .string(Method.isotonic.rawValue)
      members["points"] = .array(points.map { .array([.decimal($0.score, 6), .decimal($0.probability, 6)]) })
    case .platt(let slope, let intercept):
      members["method"] = .string(Method.platt.rawValue)
      members["slope"] = .exact(slope)
      members["intercept"] = .exact(intercept)
    }
    return .object(members)
  }
}
