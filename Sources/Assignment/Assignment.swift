/// One-to-one pairs of the rows and columns of a matrix of costs, by `SparseAssignment`.
public struct Assignment: Sendable, Hashable {
  /// For each row its column, or nil.
  public let columns: [Int?]

  /// As many pairs as can be, and of those choices the cheapest.
  public init(_ matrix: CostMatrix) {
    columns = SparseAssignment(edges: matrix.edges, columnCount: matrix.columns).columns
  }

  /// Solves the matrix where a row may also stay alone at the cost `unmatched`: the cheapest choice over all rows, so that a
  /// good pair is not broken up to make two poor ones. Pairs dearer than `unmatched` are never made.
  public init(_ matrix: CostMatrix, unmatched: Double) {
    columns =
      SparseAssignment(
        edges: matrix.edges, columnCount: matrix.columns, unmatched: CostMatrix.whole(unmatched)
      ).columns
  }

  /// The pairs by rising row.
  public var pairs: [(row: Int, column: Int)] {
    columns.enumerated().compactMap { row, column in column.map { (row, $0) } }
  }
}

extension CostMatrix {
  fileprivate var edges: [[SparseAssignment.Edge]] {
    (0..<rows).map { row in
      (0..<columns).compactMap { column in
        self[row, column].map { .init(column: column, cost: Self.whole($0)) }
      }
    }
  }

  /// In units of 2⁻⁵², so that sums are exact.
  fileprivate static func whole(_ cost: Double) -> Int128 { Int128((cost * 0x1p52).rounded()) }
}
