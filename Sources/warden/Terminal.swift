import Foundation
import Glibc

/// What a person sees: sentences and progress on standard error, tables on standard output.
struct Terminal: Sendable {
  /// Errors alone.
  let quiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1

  init(quiet: Bool) { self.quiet = quiet }

  /// A sentence on standard error, unless quiet.
  func note(_ message: String) {
    guard !quiet else { return }
    clearLine()
    Self.error(message)
  }

  static func error(_ message: String) { write("warden: " + message + "\n", to: .standardError) }

  static func output(_ text: String) { write(text, to: .standardOutput) }

  /// A line that moves in place; nothing where standard error is no terminal.
  func progress(_ line: String) {
    guard !quiet, isTerminal else { return }
    Self.write("\r\u{1B}[K" + line, to: .standardError)
  }

  /// Removes the moving line.
  func clearLine() {
    guard !quiet, isTerminal else { return }
    Self.write("\r\u{1B}[K", to: .standardError)
  }

  private static func write(_ text: String, to handle: FileHandle) {
    // A reader that went away (`warden … | head`) is no error of ours.
    try? handle.write(contentsOf: Data(text.utf8))
  }
}

/// A bar with rate and time left.
struct ProgressBar {
  let unit: String
  private let terminal: Terminal
  private let start = ContinuousClock.now
  private var drawn = ContinuousClock.now - .seconds(1)

  init(_ unit: String, on terminal: Terminal) {
    self.unit = unit
    self.terminal = terminal
  }

  /// - Parameters:
  ///   - done: units so far.
  ///   - share: 0…1 of the whole; nil where the end is not known.
  mutating func update(done: Int, share: Double?, note: String = "") {
    let now = ContinuousClock.now
    guard now - drawn > .milliseconds(100) else { return }
    drawn = now
    let elapsed = (now - start).seconds
    let rate = elapsed > 0 ? Double(done) / elapsed : 0
    var line = "\(done) \(unit), \(decimal(rate, 1)) a second"
    if let share, share > 0 {
      let filled = Int((min(share, 1) * 24).rounded())
      let left = elapsed / share * (1 - min(share, 1))
      line =
        "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: 24 - filled)
        + "] \(Int(min(share, 1) * 100)) %  \(line), \(duration(left)) left"
    }
    terminal.progress(note.isEmpty ? line : line + "  " + note)
  }

  func end() { terminal.clearLine() }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// Seconds as `1:02:03` or `2:03`.
func duration(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "–" }
  let whole = Int(seconds.rounded())
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
}

/// A number with a fixed count of decimals.
func decimal(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "–" }
  let factor = [1, 10, 100, 1000, 10_000][digits]
  let scaled = Int((abs(value) * Double(factor)).rounded())
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return sign + "\(scaled)" }
  let fraction = "\(scaled % factor)"
  return sign + "\(scaled / factor)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// A table of text with a header; columns are as wide as their widest cell.
struct Table {
  private var rows: [[String]]
  private let alignRight: Set<Int>

  /// - Parameter right: indices of columns that hold numbers.
  init(_ header: [String], right: Set<Int> = []) {
    rows = [header]
    alignRight = right
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    var widths = rows[0].map { Self.width($0) }
    for row in rows {
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], Self.width(cell)) }
    }
    let lines = rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - Self.width(cell))
        return alignRight.contains(column) ? space + cell : cell + space
      }
      return cells.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    let all = [lines[0], rule] + lines.dropFirst()
    return all.map { trimmed($0) + "\n" }.joined()
  }

  private func trimmed(_ line: String) -> Substring {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return line
  }

  /// Columns on a terminal: East Asian wide characters take two.
  private static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { sum, scalar in
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60: sum + 2
      case 0x0300...0x036F, 0x200B...0x200F: sum
      default: sum + 1
      }
    }
  }
}
