/// What it costs to pair each row with each column; pairs may be forbidden.
///
/// Costs are finite, of either sign. Stored row by row.
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
      precondition(newValue?.isFinite ?? true, "a cost is finite")
      values[row * columns + column] = newValue ?? .infinity
    }
  }
}
