/// Words for reasons.
enum Reason {
  /// Seconds with at most one decimal.
  static func seconds(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard tenths.magnitude < 1e15 else { return "\(value)" }
    let whole = Int(tenths)
    let (sign, magnitude) = (whole < 0 ? "-" : "", whole.magnitude)
    return magnitude % 10 == 0 ? "\(sign)\(magnitude / 10)" : "\(sign)\(magnitude / 10).\(magnitude % 10)"
  }
}
