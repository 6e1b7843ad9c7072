/// Memory that a model may take while it is loaded, all in all: weights, folded constants, tables, packed weights.
final class MemoryBudget {
  let limit: Int
  private(set) var used = 0

  init(limit: Int) { self.limit = limit }

  /// Reserves memory before it is allocated. `bytes` is not negative.
  func take(_ bytes: Int, for what: @autoclosure () -> String) throws(NetworkError) {
    let (sum, overflow) = used.addingReportingOverflow(bytes)
    guard !overflow, sum <= limit else { throw .tooLarge(what: what(), bytes: overflow ? Int.max : sum, limit: limit) }
    used = sum
  }

  /// As `take`, for memory that one can do without.
  func takes(_ bytes: Int) -> Bool {
    do throws(NetworkError) {
      try take(bytes, for: "")
      return true
    } catch {
      return false
    }
  }
}
