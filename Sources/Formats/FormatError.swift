/// Why a document is refused: one sentence that names the file, the key's path and what was expected.
public struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The document's name as the caller gave it.
  public let file: String
  /// The key's path, such as `zones[2].polygon[1]`; empty where the document as a whole is wrong.
  public let path: String
  /// What is wrong with the value there, to be read after the path.
  public let problem: String

  public init(file: String, path: String = "", problem: String) {
    self.file = file
    self.path = path
    self.problem = problem
  }

  public var description: String { path.isEmpty ? "\(file): \(problem)" : "\(file): \(path) \(problem)" }
}
