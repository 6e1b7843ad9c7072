/// Why the service does not start. The description is one sentence that names file and line or what to do.
public enum ServiceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The configuration or an input is wrong.
  case input(String)
  /// Something outside failed: disk, port, permission.
  case outside(String)

  public var description: String {
    switch self {
    case .input(let sentence), .outside(let sentence): sentence
    }
  }
}
