import GRDB

/// Why the store did not do what was asked. The description is one sentence for the person who asked.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no such object.
  case notFound
  /// Somebody or something else came first.
  case conflict(String)
  /// What was handed in cannot be stored.
  case invalid(String)
  /// Another process holds the database; trying again helps.
  case busy
  /// The database or the disk failed.
  case failed(String)

  public var description: String {
    switch self {
    case .notFound: "there is no such object"
    case .conflict(let sentence), .invalid(let sentence): sentence
    case .busy: "the database is busy; try again in a moment"
    case .failed(let reason): "the database failed: \(reason)"
    }
  }

  init(_ error: any Error) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED:
      self = .busy
    case let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT:
      self = .invalid("the database refuses this: \(error.message ?? "a constraint")")
    case let error as DatabaseError: self = .failed(error.message ?? error.resultCode.description)
    default: self = .failed(String(describing: error))
    }
  }
}
