import ObjectDetection
import Testing

private func candidate(_ cell: Int, _ score: Double, x: Double, class classIndex: Int = 0) -> Candidate {
  Candidate(cell: cell, classIndex: classIndex, score: score, left: x, top: 0, right: x + 10, bottom: 10)
}

@Suite("Non-maximum suppression")
struct SuppressionTests {
  @Test("of two that overlap too much the better one stays, of two classes both")
  func overlap() {
    let found = suppressed(
      [candidate(0, 0.5, x: 0), candidate(1, 0.9, x: 1), candidate(2, 0.8, x: 1, class: 1)], overlap: [0.6, 0.6],
      limit: 100)
    #expect(found.map(\.cell) == [1, 2])
  }

  @Test("an overlap of exactly the limit stays")
  func limit() {
    // Boxes of 10 × 10 shifted by 5 share 50 of 150.
    let pair = [candidate(0, 0.9, x: 0), candidate(1, 0.5, x: 5)]
    #expect(suppressed(pair, overlap: [1 / 3.0], limit: 100).count == 2)
    #expect(suppressed(pair, overlap: [1 / 3.0 - 1e-9], limit: 100).count == 1)
  }

  @Test("equal scores go by the lower cell, in any order of input")
  func ties() {
    let pair = [candidate(7, 0.9, x: 0), candidate(3, 0.9, x: 1)]
    #expect(suppressed(pair, overlap: [0.5], limit: 100).map(\.cell) == [3])
    #expect(suppressed(pair.reversed(), overlap: [0.5], limit: 100).map(\.cell) == [3])
  }

  @Test("what a suppressed one would have suppressed stays")
  func chain() {
    let row = [candidate(0, 0.9, x: 0), candidate(1, 0.8, x: 4), candidate(2, 0.7, x: 8)]
    #expect(suppressed(row, overlap: [0.3], limit: 100).map(\.cell) == [0, 2])
  }

  @Test("at most so many of a class stay")
  func most() {
    let many = (0..<30).map { candidate($0, 0.5, x: Double($0) * 20) }
    #expect(suppressed(many, overlap: [0.5], limit: 7).map(\.cell) == Array(0..<7))
  }
}
