#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Distribution functions and their inverses, to about 1e-13 where the tests ask.
enum SpecialFunctions {
  /// ln |Γ(x)| for x > 0.
  static func logGamma(_ x: Double) -> Double {
    let (value, _) = lgamma(x)
    return value
  }

  /// The quantile of the standard normal distribution for a probability within 0…1, ends left out.
  static func normalQuantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "a probability between 0 and 1")
    // The tail below a point is monotone, so halving finds it to the last bit.
    return root(from: -40, to: 40) { erfc(-$0 / 2.0.squareRoot()) / 2 < probability }
  }

  /// The regularised lower incomplete gamma function P(a, x), a > 0, x ≥ 0: a series below a + 1, a continued fraction above
  /// (Abramowitz and Stegun 6.5.29 and 6.5.31).
  static func gammaP(_ a: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    let front = exp(a * log(x) - x - logGamma(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      while abs(term) > abs(sum) * 1e-17 {
        n += 1
        term *= x / n
        sum += term
      }
      return front * sum
    }
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var h = d
    for i in 1...100_000 {
      let an = -Double(i) * (Double(i) - a)
      b += 2
      d = an * d + b
      if abs(d) < tiny { d = tiny }
      c = b + an / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      let step = d * c
      h *= step
      if abs(step - 1) < 1e-16 { break }
    }
    return 1 - front * h
  }

  /// The x at which P(a, x) reaches the probability.
  static func gammaQuantile(_ a: Double, _ probability: Double) -> Double {
    var high = max(a, 1)
    while gammaP(a, high) < probability { high *= 2 }
    return root(from: 0, to: high) { gammaP(a, $0) < probability }
  }

  /// The regularised incomplete beta function I_x(a, b) (Abramowitz and Stegun 26.5.8, by Lentz's method).
  static func betaI(_ a: Double, _ b: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - betaI(b, a, 1 - x) }
    let front = exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)) / a
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    if abs(d) < tiny { d = tiny }
    d = 1 / d
    var h = d
    for step in 1...100_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 + even * d
      if abs(d) < tiny { d = tiny }
      c = 1 + even / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      h *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 + odd * d
      if abs(d) < tiny { d = tiny }
      c = 1 + odd / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      let factor = d * c
      h *= factor
      if abs(factor - 1) < 1e-16 { break }
    }
    return front * h
  }

  /// The x at which I_x(a, b) reaches the probability.
  static func betaQuantile(_ a: Double, _ b: Double, _ probability: Double) -> Double {
    root(from: 0, to: 1) { betaI(a, b, $0) < probability }
  }

  /// Where a condition that holds below a point and not above it changes, by halving until neighbours are reached.
  private static func root(from low: Double, to high: Double, isBelow: (Double) -> Bool) -> Double {
    var (low, high) = (low, high)
    while true {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { return middle }
      if isBelow(middle) { low = middle } else { high = middle }
    }
  }
}
