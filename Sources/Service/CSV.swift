import Foundation

/// Comma-separated values as RFC 4180 writes them.
package enum CSV {
  package struct Row: Sendable, Hashable {
    /// Of its first character, from 1 on.
    package let line: Int
    package let cells: [String]
  }

  /// Reads UTF-8 with or without a byte order mark; lines end with CR LF or LF, quoted cells may hold both.
  package static func read(_ bytes: [UInt8]) throws(CSVError) -> [Row] {
    var bytes = bytes[...]
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw CSVError(line: 1, problem: "is not UTF-8") }
    var rows: [Row] = []
    var (line, began) = (1, 1)
    var cells: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var wasQuoted = false
    func take() {
      cells.append(String(decoding: cell, as: UTF8.self))
      cell = []
      wasQuoted = false
    }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      bytes.formIndex(after: &index)
      if byte == 0x0a { line += 1 }
      if isQuoted {
        if byte != 0x22 {
          cell.append(byte)
        } else if index < bytes.endIndex, bytes[index] == 0x22 {
          cell.append(byte)
          bytes.formIndex(after: &index)
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case 0x22 where cell.isEmpty && !wasQuoted:
        isQuoted = true
        wasQuoted = true
      case 0x22: throw CSVError(line: line, problem: "has a quotation mark within a cell that does not begin with one")
      case 0x2c: take()
      case 0x0d where index < bytes.endIndex && bytes[index] == 0x0a: break
      case 0x0a:
        take()
        rows.append(Row(line: began, cells: cells))
        cells = []
        began = line
      default: cell.append(byte)
      }
    }
    guard !isQuoted else { throw CSVError(line: began, problem: "begins a quoted cell that does not end") }
    if !cell.isEmpty || !cells.isEmpty || wasQuoted {
      take()
      rows.append(Row(line: began, cells: cells))
    }
    return rows
  }

  /// A row with its line end. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
  package static func line(_ cells: [String]) -> String {
    cells.map { cell in
      var text = cell
      if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + text }
      let needsQuotes = text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
      return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }.joined(separator: ",") + "\r\n"
  }
}

/// Why a file of comma-separated values cannot be read.
package struct CSVError: Error, Sendable, Hashable, CustomStringConvertible {
  package let line: Int
  package let problem: String

  package var description: String { "line \(line) \(problem)" }
}
