/// One-to-one pairs of rows and columns: as many as can be, and of those choices the cheapest.
///
/// The same matrix gives the same pairs everywhere: of equally cheap choices the one that the fixed order of rows and columns
/// leads to.
public struct Assignment: Sendable, Hashable {
  /// For each row its column, or nil.
  public let columns: [Int?]

  /// Solves the matrix by shortest augmenting paths with potentials (Kuhn 1955, Munkres 1957, Jonker and Volgenant 1987),
  /// O(n³) in each set of rows and columns that allowed pairs connect.
  public init(_ matrix: CostMatrix) {
    var columns = [Int?](repeating: nil, count: matrix.rows)
    for component in Self.components(of: matrix) {
      if component.rows.count == 1, component.columns.count == 1 {
        columns[component.rows[0]] = component.columns[0]
      } else if component.rows.count <= component.columns.count {
        let found = Self.solve(component.rows.count, component.columns.count) {
          Cost(matrix[component.rows[$0], component.columns[$1]])
        }
        for (row, column) in found.enumerated() {
          let pair = (component.rows[row], component.columns[column])
          if matrix[pair.0, pair.1] != nil { columns[pair.0] = pair.1 }
        }
      } else {
        let found = Self.solve(component.columns.count, component.rows.count) {
          Cost(matrix[component.rows[$1], component.columns[$0]])
        }
        for (column, row) in found.enumerated() {
          let pair = (component.rows[row], component.columns[column])
          if matrix[pair.0, pair.1] != nil { columns[pair.0] = pair.1 }
        }
      }
    }
    self.columns = columns
  }

  /// Solves the matrix where a row may also stay alone at the cost `unmatched`: the cheapest choice over all rows, so that a
  /// good pair is not broken up to make two poor ones. Pairs dearer than `unmatched` are never made.
  public init(_ matrix: CostMatrix, unmatched: Double) {
    var extended = CostMatrix(rows: matrix.rows, columns: matrix.columns + matrix.rows)
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        guard let cost = matrix[row, column], cost <= unmatched else { continue }
        extended[row, column] = cost
      }
      extended[row, matrix.columns + row] = unmatched
    }
    columns = Assignment(extended).columns.map { $0.flatMap { $0 < matrix.columns ? $0 : nil } }
  }

  /// The pairs by rising row.
  public var pairs: [(row: Int, column: Int)] {
    columns.enumerated().compactMap { row, column in column.map { (row, $0) } }
  }

  /// A cost in which a forbidden pair outweighs every sum of allowed ones: forbidden pairs are counted first, exactly.
  private struct Cost: Comparable {
    var forbidden: Int
    var value: Double

    init(forbidden: Int, value: Double) {
      self.forbidden = forbidden
      self.value = value
    }

    init(_ value: Double?) {
      self.init(forbidden: value == nil ? 1 : 0, value: value ?? 0)
    }

    static let zero = Cost(forbidden: 0, value: 0)
    static let unreached = Cost(forbidden: .max, value: 0)

    static func < (a: Cost, b: Cost) -> Bool {
      a.forbidden != b.forbidden ? a.forbidden < b.forbidden : a.value < b.value
    }

    static func + (a: Cost, b: Cost) -> Cost { Cost(forbidden: a.forbidden + b.forbidden, value: a.value + b.value) }
    static func - (a: Cost, b: Cost) -> Cost { Cost(forbidden: a.forbidden - b.forbidden, value: a.value - b.value) }
  }

  /// For each of `rows` rows (at most as many as columns) the column of a cheapest full assignment.
  private static func solve(_ rows: Int, _ columns: Int, cost: (Int, Int) -> Cost) -> [Int] {
    // Rows and columns count from 1 here; 0 is the row being placed and the root of its search.
    var rowPotential = [Cost](repeating: .zero, count: rows + 1)
    var columnPotential = [Cost](repeating: .zero, count: columns + 1)
    var rowOf = [Int](repeating: 0, count: columns + 1)
    var previous = [Int](repeating: 0, count: columns + 1)
    for row in 1...rows {
      rowOf[0] = row
      var column = 0
      var distance = [Cost](repeating: .unreached, count: columns + 1)
      var settled = [Bool](repeating: false, count: columns + 1)
      repeat {
        settled[column] = true
        let current = rowOf[column]
        var step = Cost.unreached
        var next = 0
        for candidate in 1...columns where !settled[candidate] {
          let reduced = cost(current - 1, candidate - 1) - rowPotential[current] - columnPotential[candidate]
          if reduced < distance[candidate] {
            distance[candidate] = reduced
            previous[candidate] = column
          }
          if distance[candidate] < step {
            step = distance[candidate]
            next = candidate
          }
        }
        for candidate in 0...columns {
          if settled[candidate] {
            rowPotential[rowOf[candidate]] = rowPotential[rowOf[candidate]] + step
            columnPotential[candidate] = columnPotential[candidate] - step
          } else if candidate > 0 {
            distance[candidate] = distance[candidate] - step
          }
        }
        column = next
      } while rowOf[column] != 0
      while column != 0 {
        rowOf[column] = rowOf[previous[column]]
        column = previous[column]
      }
    }
    var result = [Int](repeating: 0, count: rows)
    for column in 1...columns where rowOf[column] != 0 { result[rowOf[column] - 1] = column - 1 }
    return result
  }

  private struct Component {
    var rows: [Int] = []
    var columns: [Int] = []
  }

  /// The rows and columns that allowed pairs connect, each by rising index, components by their first row.
  private static func components(of matrix: CostMatrix) -> [Component] {
    var parent = Array(0..<(matrix.rows + matrix.columns))
    func root(_ node: Int) -> Int {
      var node = node
      while parent[node] != node {
        parent[node] = parent[parent[node]]
        node = parent[node]
      }
      return node
    }
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns where matrix[row, column] != nil {
        let (a, b) = (root(row), root(matrix.rows + column))
        if a != b { parent[max(a, b)] = min(a, b) }
      }
    }
    var index = [Int](repeating: -1, count: matrix.rows + matrix.columns)
    var result: [Component] = []
    for row in 0..<matrix.rows {
      let root = root(row)
      if index[root] < 0 {
        index[root] = result.count
        result.append(Component())
      }
      result[index[root]].rows.append(row)
    }
    for column in 0..<matrix.columns {
      let place = index[root(matrix.rows + column)]
      if place >= 0 { result[place].columns.append(column) }
    }
    return result.filter { !$0.columns.isEmpty }
  }
}
