import Glibc

/// A command that ends early: one sentence for standard error, and the exit code of the contract.
struct Failure: Error {
  let message: String
  let code: Int32

  /// The command line or an input is wrong.
  static func input(_ message: String) -> Failure { Failure(message: message, code: 2) }
  /// Something outside failed: disk, network, permission, a source that went away.
  static func outside(_ message: String) -> Failure { Failure(message: message, code: 3) }
  /// Ctrl-C; what there was has been written.
  static let interrupted = Failure(message: "interrupted", code: 130)
}
