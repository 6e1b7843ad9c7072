import Formats
import Foundation
import GRDB
import Synchronization

/// What is known of cameras, warnings, cases and people, kept on disk.
///
/// Each call is one intent and one transaction: when it returns, its effect survives a killed process. Calls that tell of
/// something that happened carry ids made by their writer, so that a repeated one changes nothing. Times are handed in, in
/// seconds since 1970. Safe to use from any task; nothing outside knows that SQLite is beneath.
public final class CaseStore: Sendable {
  let pool: DatabasePool
  private let listeners = Mutex<[Int: AsyncStream<Void>.Continuation]>([:])
  private let nextListener = Atomic<Int>(0)

  /// Opens the database `warden.sqlite` in a folder, making or bringing it up to date.
  public init(folder: String) throws(StoreError) {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    configuration.prepareDatabase { db in
      // A commit is on the disk when it returns: nothing confirmed is lost with the power.
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    do {
      pool = try DatabasePool(path: folder + "/warden.sqlite", configuration: configuration)
      let migrator = Schema.migrator
      guard try pool.read({ try !migrator.hasBeenSuperseded($0) }) else {
        throw StoreError.failed("it was written by a newer warden; start that one, or restore an older copy")
      }
      try migrator.migrate(pool)
    } catch { throw StoreError(error) }
  }

  /// Yields whenever something changed that `events(after:)` tells; a hint that may be lost, so look now and then besides.
  public func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let id = nextListener.add(1, ordering: .relaxed).newValue
    listeners.withLock { $0[id] = continuation }
    continuation.onTermination = { [weak self] _ in self?.listeners.withLock { _ = $0.removeValue(forKey: id) } }
    return stream
  }

  func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
    do { return try await pool.read(body) } catch { throw StoreError(error) }
  }

  func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
    do {
      // In a task of its own: who is cancelled still stores what it has found.
      let pool = pool
      let result = try await Task { try await pool.write(body) }.value
      listeners.withLock { for listener in $0.values { listener.yield() } }
      return result
    } catch { throw StoreError(error) }
  }
}

/// Whether an answer can be given at all, for `/health`.
extension CaseStore {
  public func check() async throws(StoreError) {
    _ = try await read { try Int.fetchOne($0, sql: "SELECT 1") }
  }
}

/// A place in a list, to go on from.
public struct Page: Sendable, Hashable {
  /// At most so many.
  public var limit: Int
  /// What the page before ended with.
  public var after: String?

  public init(limit: Int = 50, after: String? = nil) {
    self.limit = min(max(limit, 1), 500)
    self.after = after
  }

  /// Time and id of the last element of the page before.
  var place: (time: Double, id: String)? {
    guard let after, let tilde = after.firstIndex(of: "~"), let time = Double(after[..<tilde]) else { return nil }
    return (time, String(after[after.index(after: tilde)...]))
  }

  static func cursor(_ time: Double, _ id: String) -> String { "\(time)~\(id)" }
}

/// A part of a list.
public struct Listing<Element: Sendable>: Sendable {
  public var items: [Element]
  /// What to hand in for the next part; nil at the end.
  public var next: String?
  /// How many there are in all, where that is cheap to say.
  public var total: Int?

  public init(items: [Element], next: String? = nil, total: Int? = nil) {
    self.items = items
    self.next = next
    self.total = total
  }
}

func encoded(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
  try JSONDecoder().decode(type, from: Data(text.utf8))
}

/// Conditions of a query and their values.
struct Filter {
  private var conditions: [String] = []
  private(set) var arguments: [(any DatabaseValueConvertible)?] = []

  mutating func add(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
    conditions.append(condition)
    arguments += values
  }

  mutating func add(_ condition: String, ifPresent value: (any DatabaseValueConvertible)?) {
    guard let value else { return }
    add(condition, value)
  }

  var sql: String { conditions.isEmpty ? "1" : conditions.map { "(\($0))" }.joined(separator: " AND ") }
}
