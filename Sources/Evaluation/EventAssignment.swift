/// One-to-one pairs between events and warnings: most pairs first, then the cheapest by exact whole numbers.
///
/// The Hungarian method (Kuhn, 1955) as shortest augmenting paths over a sparse graph with potentials, row by row; each search
/// stays within the connected component of its row. Every row may also stay alone at a cost above all sums of pairs.
package struct EventAssignment {
  package struct Edge {
    package var column: Int
    /// Not negative, below 2¹⁰⁰ ÷ the number of rows.
    package var cost: Int128

    package init(column: Int, cost: Int128) {
      self.column = column
      self.cost = cost
    }
  }

  /// The column of each row, or nil.
  package private(set) var columns: [Int?]

  private static let alone: Int128 = 1 << 104

  /// - Parameters:
  ///   - edges: for each row its allowed columns.
  ///   - columnCount: columns are numbered from 0.
  package init(edges: [[Edge]], columnCount: Int) {
    let rows = edges.count
    let total = columnCount + rows
    var rowPotential = [Int128](repeating: 0, count: rows)
    var columnPotential = [Int128](repeating: 0, count: total)
    var rowOf = [Int](repeating: -1, count: total)
    var columnOf = [Int](repeating: -1, count: rows)
    var distance = [Int128](repeating: .max, count: total)
    var previous = [Int](repeating: -1, count: total)
    var isSettled = [Bool](repeating: false, count: total)
    var heap = MinimumHeap()
    for start in 0..<rows {
      var touched: [Int] = []
      var settled: [Int] = []
      heap.removeAll()
      var row = start
      var base: Int128 = 0
      var end = -1
      while end < 0 {
        func reach(_ column: Int, _ cost: Int128) {
          guard !isSettled[column] else { return }
          let reached = base + cost - rowPotential[row] - columnPotential[column]
          if reached < distance[column] {
            if distance[column] == .max { touched.append(column) }
            distance[column] = reached
            previous[column] = row
            heap.insert(reached, column)
          }
        }
        for edge in edges[row] { reach(edge.column, edge.cost) }
        reach(columnCount + row, Self.alone)
        // A row's own place to stay alone is always free, so the search ends.
        var next = heap.removeMinimum()
        while isSettled[next.column] { next = heap.removeMinimum() }
        base = next.distance
        isSettled[next.column] = true
        settled.append(next.column)
        if rowOf[next.column] < 0 { end = next.column } else { row = rowOf[next.column] }
      }
      for column in settled where column != end {
        columnPotential[column] -= base - distance[column]
        rowPotential[rowOf[column]] += base - distance[column]
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
      for column in touched {
        distance[column] = .max
        isSettled[column] = false
      }
    }
    columns = columnOf.map { $0 < columnCount ? $0 : nil }
  }
}

/// A binary heap of columns by distance, then by index.
struct MinimumHeap {
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
