/// One-to-one pairs of rows and columns of which few may go together.
///
/// The Hungarian method (Kuhn, 1955; Munkres, 1957) as shortest augmenting paths with potentials (Jonker and Volgenant, 1987)
/// over the allowed pairs, row by row; each search stays within the rows and columns that allowed pairs connect. The same edges
/// give the same pairs everywhere: costs are whole numbers, so sums are exact, and of equally cheap choices it is the one that the
/// fixed order of rows and columns leads to.
public struct SparseAssignment: Sendable, Hashable {
  /// An allowed pair of a row and this column.
  public struct Edge: Sendable, Hashable {
    public var column: Int
    /// Of either sign, its magnitude below 2⁸⁴.
    public var cost: Int128

    public init(column: Int, cost: Int128) {
      self.column = column
      self.cost = cost
    }
  }

  /// For each row its column, or nil.
  public let columns: [Int?]

  /// As many pairs as can be, and of those choices the cheapest.
  ///
  /// - Parameters:
  ///   - edges: for each row its allowed columns; at most 2¹⁸ rows.
  ///   - columnCount: columns are numbered from 0.
  public init(edges: [[Edge]], columnCount: Int) {
    // More than all pairs together.
    columns = Self.solve(edges, columnCount, alone: 1 << 104)
  }

  /// The cheapest choice where a row may also stay alone at the cost `unmatched`, so that a good pair is not broken up to make
  /// two poor ones. Pairs dearer than `unmatched` are never made.
  public init(edges: [[Edge]], columnCount: Int, unmatched: Int128) {
    let worthwhile = edges.map { row in row.filter { $0.cost <= unmatched } }
    columns = Self.solve(worthwhile, columnCount, alone: unmatched)
  }

  private enum Visit: UInt8 {
    case unseen
    case reached
    case settled
  }

  /// Beside its edges each row has a column of its own, in which it stays alone.
  private static func solve(_ edges: [[Edge]], _ columnCount: Int, alone: Int128) -> [Int?] {
    let rows = edges.count
    let total = columnCount + rows
    var rowPotential = [Int128](repeating: 0, count: rows)
    var columnPotential = [Int128](repeating: 0, count: total)
    var rowOf = [Int](repeating: -1, count: total)
    var columnOf = [Int](repeating: -1, count: rows)
    var distance = [Int128](repeating: 0, count: total)
    var visits = [Visit](repeating: .unseen, count: total)
    var previous = [Int](repeating: -1, count: total)
    var heap = Heap()
    for start in 0..<rows {
      var touched: [Int] = []
      var settled: [Int] = []
      heap.removeAll()
      var row = start
      var base: Int128 = 0
      var end = -1
      while end < 0 {
        func reach(_ column: Int, _ cost: Int128) {
          guard visits[column] != .settled else { return }
          let reached = base + cost - rowPotential[row] - columnPotential[column]
          guard visits[column] == .unseen || reached < distance[column] else { return }
          if visits[column] == .unseen { touched.append(column) }
          visits[column] = .reached
          distance[column] = reached
          previous[column] = row
          heap.insert(reached, column)
        }
        for edge in edges[row] { reach(edge.column, edge.cost) }
        reach(columnCount + row, alone)
        // The starting row's own column is free, so the search ends.
        var next = heap.removeMinimum()
        while visits[next.column] == .settled { next = heap.removeMinimum() }
        base = next.distance
        visits[next.column] = .settled
        settled.append(next.column)
        if rowOf[next.column] < 0 { end = next.column } else { row = rowOf[next.column] }
      }
      for column in settled where column != end {
        let step = base - distance[column]
        columnPotential[column] -= step
        rowPotential[rowOf[column]] += step
      }
      rowPotential[start] += base
      var column = end
      while column >= 0 {
        let row = previous[column]
        let before = columnOf[row]
        rowOf[column] = row
        columnOf[row] = column
        column = before
      }
      for column in touched { visits[column] = .unseen }
    }
    return columnOf.map { $0 < columnCount ? $0 : nil }
  }

  /// A binary heap of columns by distance, then by index.
  private struct Heap {
    private var entries: [(distance: Int128, column: Int)] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
      let (left, right) = (entries[a], entries[b])
      return left.distance != right.distance ? left.distance < right.distance : left.column < right.column
    }

    mutating func insert(_ distance: Int128, _ column: Int) {
      entries.append((distance, column))
      var index = entries.count - 1
      while index > 0, precedes(index, (index - 1) / 2) {
        entries.swapAt(index, (index - 1) / 2)
        index = (index - 1) / 2
      }
    }

    mutating func removeMinimum() -> (distance: Int128, column: Int) {
      entries.swapAt(0, entries.count - 1)
      let minimum = entries.removeLast()
      var index = 0
      while true {
        var least = index
        for child in [2 * index + 1, 2 * index + 2] where child < entries.count && precedes(child, least) {
          least = child
        }
        if least == index { return minimum }
        entries.swapAt(index, least)
        index = least
      }
    }
  }
}
