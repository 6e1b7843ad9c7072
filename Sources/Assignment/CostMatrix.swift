/// What it costs to pair each row with each column; pairs may be forbidden.
///
/// Costs are of either sign, at most 10⁹ in magnitude, and told apart down to 2⁻⁵². Stored row by row.
public struct CostMatrix: Sendable, Hashable {
  public let rows: Int
  public let columns: Int
  private var values: [Double]

  /// A matrix in which every pair is forbidden.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    self.rows = rows
    self.columns = columns
    values = Array(repeating: .infinity, count: rows * columns)
  }

  /// A matrix filled from `cost`; nil forbids the pair.
  public init(rows: Int, columns: Int, cost: (Int, Int) -> Double?) {
    self.init(rows: rows, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns { self[row, column] = cost(row, column) }
    }
  }

  /// The pair's cost; nil where it is forbidden.
  public subscript(row: Int, column: Int) -> Double? {
    get {
      let value = values[row * columns + column]
      return value == .infinity ? nil : value
    }
    set {
      precondition(abs(newValue ?? 0) <= 1e9, "a cost is at most 10⁹")
      values[row * columns + column] = newValue ?? .infinity
    }
  }
}
