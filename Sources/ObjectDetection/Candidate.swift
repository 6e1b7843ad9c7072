/// A cell's claim that something of a class stands there, in pixels of the network's picture.
package struct Candidate {
  /// Index of the cell in the head's output; breaks ties.
  package var cell: Int
  package var classIndex: Int
  package var score: Double
  package var left: Double
  package var top: Double
  package var right: Double
  package var bottom: Double

  package init(
    cell: Int, classIndex: Int, score: Double, left: Double, top: Double, right: Double, bottom: Double
  ) {
    self.cell = cell
    self.classIndex = classIndex
    self.score = score
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }
}

/// Greedy non-maximum suppression, class by class.
///
/// By falling score, ties by the lower cell; a candidate goes where its IoU with one that was kept exceeds the class's
/// `overlap`. At most `limit` of each class stay. The result is ordered by falling score, then class, then cell.
package func suppressed(_ candidates: [Candidate], overlap: [Double], limit: Int) -> [Candidate] {
  var byClass: [Int: [Candidate]] = [:]
  for candidate in candidates { byClass[candidate.classIndex, default: []].append(candidate) }
  var kept: [Candidate] = []
  for (classIndex, members) in byClass {
    kept += suppressed(
      members.sorted { ($1.score, $0.cell) < ($0.score, $1.cell) }, overlap: overlap[classIndex], limit: limit)
  }
  return kept.sorted { ($1.score, $0.classIndex, $0.cell) < ($0.score, $1.classIndex, $1.cell) }
}

private func suppressed(_ ordered: [Candidate], overlap: Double, limit: Int) -> [Candidate] {
  var kept: [Candidate] = []
  for candidate in ordered {
    if kept.count == limit { break }
    if !kept.contains(where: { iou($0, candidate) > overlap }) { kept.append(candidate) }
  }
  return kept
}

private func iou(_ a: Candidate, _ b: Candidate) -> Double {
  let width = min(a.right, b.right) - max(a.left, b.left)
  let height = min(a.bottom, b.bottom) - max(a.top, b.top)
  guard width > 0, height > 0 else { return 0 }
  let shared = width * height
  let union = (a.right - a.left) * (a.bottom - a.top) + (b.right - b.left) * (b.bottom - b.top) - shared
  return shared / union
}
