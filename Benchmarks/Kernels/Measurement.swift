import CProcessor
import Glibc

/// Seconds since an arbitrary moment.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC_RAW, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The shortest of many runs in seconds, after one that is not counted; stops after `budget` seconds or 3000 runs.
///
/// The machine may be shared: the shortest run is the one that nobody disturbed.
func shortest(budget: Double = 0.2, _ body: () -> Void) -> Double {
  body()
  var best = Double.infinity
  let end = now() + budget
  for _ in 0..<3000 {
    let start = now()
    body()
    let stop = now()
    best = min(best, stop - start)
    if stop > end { break }
  }
  return best
}

/// The core's clock in Hz: a chain of dependent additions runs one a cycle.
func clockRate() -> Double {
  let count: UInt64 = 20_000
  return Double(count * 16) / shortest(budget: 0.05) { _ = dependent_additions(count) }
}

/// The processor's name as Linux tells it, with family and model.
func processorName() -> String {
  guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown processor" }
  defer { fclose(file) }
  var (name, family, model) = ("unknown processor", "?", "?")
  var line = [CChar](repeating: 0, count: 4096)
  while fgets(&line, Int32(line.count), file) != nil {
    let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
    guard parts.count == 2 else { break }
    let (key, value) = (parts[0].filter { $0 != "\t" }, String(parts[1].dropFirst().filter { $0 != "\n" }))
    if key == "model name" { name = value }
    if key == "cpu family" { family = value }
    if key == "model" { model = value }
  }
  return "\(name), family \(family) model \(model)"
}

/// Prints a row of cells, the first to the left, the others to the right.
func row(_ cells: [String], _ widths: [Int]) {
  let padded = zip(cells, widths).enumerated().map { i, cell in
    let gap = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
    return i == 0 ? cell.0 + gap : gap + cell.0
  }
  print(padded.joined(separator: "  "))
  fflush(nil)
}

extension Double {
  /// With `digits` decimals.
  func text(_ digits: Int = 1) -> String {
    let scale = pow(10, Double(digits))
    let rounded = (self * scale).rounded() / scale
    guard digits > 0 else { return String(Int(rounded)) }
    let parts = String(rounded).split(separator: ".")
    guard parts.count == 2 else { return String(rounded) }
    return parts[0] + "." + parts[1].prefix(digits)
  }

  var percent: String { (self * 100).text(0) + " %" }
}
