import Assignment
import Testing

@Suite("Assignment")
struct AssignmentTests {
  /// A small generator with a written seed (SplitMix64, Steele and others 2014).
  struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// The most pairs and, of those, the least cost, by trying everything.
  static func best(_ matrix: CostMatrix, row: Int = 0, used: Set<Int> = []) -> (pairs: Int, cost: Double) {
    guard row < matrix.rows else { return (0, 0) }
    var best = best(matrix, row: row + 1, used: used)
    for column in 0..<matrix.columns where !used.contains(column) {
      guard let cost = matrix[row, column] else { continue }
      let rest = Self.best(matrix, row: row + 1, used: used.union([column]))
      let found = (pairs: rest.pairs + 1, cost: rest.cost + cost)
      if found.pairs > best.pairs || found.pairs == best.pairs && found.cost < best.cost { best = found }
    }
    return best
  }

  @Test("every small matrix is solved as well as by trying everything", arguments: 0..<300)
  func agreesWithBruteForce(seed: Int) {
    var generator = SeededGenerator(state: UInt64(seed))
    let rows = Int.random(in: 0...6, using: &generator)
    let columns = Int.random(in: 0...6, using: &generator)
    let forbidden = Double.random(in: 0...0.8, using: &generator)
    let matrix = CostMatrix(rows: rows, columns: columns) { _, _ in
      Double.random(in: 0...1, using: &generator) < forbidden
        ? nil : Double(Int.random(in: -20...20, using: &generator)) / 4
    }
    let assignment = Assignment(matrix)
    let pairs = assignment.pairs
    #expect(Set(pairs.map(\.column)).count == pairs.count)
    let cost = pairs.reduce(0) { sum, pair in sum + (matrix[pair.row, pair.column] ?? .nan) }
    let best = Self.best(matrix)
    #expect(pairs.count == best.pairs)
    #expect(cost == best.cost)
    #expect(Assignment(matrix) == assignment)
  }

  @Test("a dear pair is taken when it makes one pair more")
  func pairsComeFirst() {
    var matrix = CostMatrix(rows: 2, columns: 2)
    matrix[0, 0] = 0
    matrix[0, 1] = 1e9
    matrix[1, 0] = 1e9
    #expect(Assignment(matrix).columns == [1, 0])
  }

  @Test("with a price for staying alone, a good pair is not broken up for two poor ones")
  func unmatchedRows() {
    var matrix = CostMatrix(rows: 2, columns: 2)
    matrix[0, 0] = 0.1
    matrix[0, 1] = 0.69
    matrix[1, 0] = 0.69
    #expect(Assignment(matrix, unmatched: 0.8).columns == [0, nil])
    #expect(Assignment(matrix).columns == [1, 0])
    #expect(Assignment(matrix, unmatched: 0.05).columns == [nil, nil])
  }

  /// The least cost where staying alone has a price, by trying everything.
  static func cheapest(_ matrix: CostMatrix, unmatched: Double, row: Int = 0, used: Set<Int> = []) -> Double {
    guard row < matrix.rows else { return 0 }
    var best = unmatched + cheapest(matrix, unmatched: unmatched, row: row + 1, used: used)
    for column in 0..<matrix.columns where !used.contains(column) {
      guard let cost = matrix[row, column] else { continue }
      best = min(best, cost + cheapest(matrix, unmatched: unmatched, row: row + 1, used: used.union([column])))
    }
    return best
  }

  @Test("with a price for staying alone, small matrices are solved as well as by trying everything", arguments: 0..<200)
  func unmatchedAgreesWithBruteForce(seed: Int) {
    var generator = SeededGenerator(state: UInt64(seed) + 1000)
    let matrix = CostMatrix(
      rows: Int.random(in: 0...6, using: &generator), columns: Int.random(in: 0...6, using: &generator)
    ) { _, _ in Bool.random(using: &generator) ? nil : Double(Int.random(in: 0...40, using: &generator)) / 4 }
    let assignment = Assignment(matrix, unmatched: 6)
    let paired = assignment.pairs.reduce(0) { sum, pair in sum + (matrix[pair.row, pair.column] ?? .nan) }
    let cost = paired + Double(matrix.rows - assignment.pairs.count) * 6
    #expect(cost == Self.cheapest(matrix, unmatched: 6))
  }

  @Test("a matrix without allowed pairs, or without a side, gives none")
  func nothingAllowed() {
    #expect(Assignment(CostMatrix(rows: 3, columns: 2)).columns == [nil, nil, nil])
    #expect(Assignment(CostMatrix(rows: 0, columns: 2)).columns == [])
    #expect(Assignment(CostMatrix(rows: 2, columns: 0)).columns == [nil, nil])
  }

  @Test("a dense matrix of 150 is solved to the known optimum")
  func permutation() {
    var generator = SeededGenerator(state: 5)
    let hidden = Array(0..<150).shuffled(using: &generator)
    let matrix = CostMatrix(rows: 150, columns: 150) { row, column in
      hidden[row] == column ? 0 : 1 + Double.random(in: 0...1, using: &generator)
    }
    #expect(Assignment(matrix).columns == hidden)
  }

  @Test("a sparse choice of whole costs is solved as well as by trying everything", arguments: 0..<300)
  func sparseAgreesWithBruteForce(seed: Int) {
    var generator = SeededGenerator(state: UInt64(seed) + 5000)
    let (rows, columns) = (Int.random(in: 0...6, using: &generator), Int.random(in: 0...6, using: &generator))
    let density = Double.random(in: 0.1...1, using: &generator)
    let matrix = CostMatrix(rows: rows, columns: columns) { _, _ in
      Double.random(in: 0..<1, using: &generator) < density ? Double(Int.random(in: -9...9, using: &generator)) : nil
    }
    let edges = (0..<rows).map { row in
      (0..<columns).compactMap { column in
        matrix[row, column].map { SparseAssignment.Edge(column: column, cost: Int128($0) << 60) }
      }
    }
    let found = SparseAssignment(edges: edges, columnCount: columns).columns
    let used = found.compactMap { $0 }
    #expect(Set(used).count == used.count)
    let best = Self.best(matrix)
    #expect(used.count == best.pairs)
    let cost = found.enumerated().reduce(0) { sum, pair in sum + (pair.element.flatMap { matrix[pair.offset, $0] } ?? 0)
    }
    #expect(cost == best.cost)
  }
}
