import Foundation
import Pipeline

/// Where warnings' pictures and clips lie: `evidence/WARNING/FILE` in the data folder.
struct EvidenceFolder: Sendable {
  private let root: String

  init(dataFolder: String) { root = dataFolder + "/evidence" }

  func path(of file: String, for warning: String) -> String { "\(root)/\(Self.name(warning))/\(file)" }

  /// Writes a file whole or not at all.
  func write(_ bytes: [UInt8], as file: String, for warning: String) throws(OutputError) {
    try OutputFolder.write(bytes, to: path(of: file, for: warning))
  }

  /// Makes a warning's folder.
  func prepare(_ warning: String) {
    try? FileManager.default.createDirectory(
      atPath: "\(root)/\(Self.name(warning))", withIntermediateDirectories: true)
  }

  func remove(_ warning: String) { try? FileManager.default.removeItem(atPath: "\(root)/\(Self.name(warning))") }

  /// An id holds a camera's id, a type and a time; what a file name may not hold becomes an underscore.
  private static func name(_ warning: String) -> String {
    let name = String(warning.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
    return name.hasPrefix(".") || name.isEmpty ? "_" + name : name
  }
}
