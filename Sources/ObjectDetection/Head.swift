package import Formats
import Glibc

/// Turns a network's output into candidates. One value per model; pure.
package struct Head: Sendable {
  let kind: HeadKind
  let levels: [Level]
  let classCount: Int
  /// Highest distance a box side may have, in cells; the distribution has one value more.
  let regMax: Int
  let cellOffset: Double
  let scoresAreLogits: Bool
  /// The network's picture, in pixels.
  let width: Int
  let height: Int

  /// A grid of cells, `stride` pixels apart.
  struct Level: Sendable, Hashable {
    let stride: Int
    let columns: Int
    let rows: Int
    /// Index of the level's first cell.
    let firstCell: Int
  }

  /// - Throws: `DetectorError` where the output's shape does not fit the head that the package names.
  package init(_ document: ModelDocument, outputShape: [Int]) throws(DetectorError) {
    kind = document.head.kind
    classCount = document.classes.count
    regMax = document.head.regMax ?? 7
    cellOffset = document.head.cellOffset
    scoresAreLogits = document.head.scores == .logits
    width = document.input.width
    height = document.input.height
    var levels: [Level] = []
    var cells = 0
    for stride in document.head.strides {
      let columns = (width + stride - 1) / stride
      let rows = (height + stride - 1) / stride
      levels.append(Level(stride: stride, columns: columns, rows: rows, firstCell: cells))
      cells += columns * rows
    }
    self.levels = levels
    let expected =
      switch kind {
      case .nanodetPlus, .picodet: [1, cells, classCount + 4 * (regMax + 1)]
      case .yolox: [1, cells, 5 + classCount]
      case .yolov8: [1, 4 + classCount, cells]
      }
    guard outputShape == expected else {
      throw .outputShape(head: kind.rawValue, expected: expected, found: outputShape)
    }
  }

  /// Every cell and class whose rounded score exceeds the class's threshold, boxes cut to the network's picture.
  ///
  /// Scores are rounded to four decimals first, so that instruction sets that round differently decide alike.
  package func candidates(_ output: Span<Float>, thresholds: [Double]) -> [Candidate] {
    switch kind {
    case .nanodetPlus, .picodet: distributions(output, thresholds)
    case .yolox: yolox(output, thresholds)
    case .yolov8: yolov8(output, thresholds)
    }
  }

  /// Generalised focal loss: each side of a box is a distribution over `regMax + 1` distances (Li et al., 2020).
  private func distributions(_ output: Span<Float>, _ thresholds: [Double]) -> [Candidate] {
    var found: [Candidate] = []
    let columns = classCount + 4 * (regMax + 1)
    forEachCell { cell, x, y, stride in
      let row = cell * columns
      for classIndex in 0..<classCount {
        guard let score = score(output[row + classIndex], above: thresholds[classIndex]) else { continue }
        let centreX = (Double(x) + cellOffset) * stride
        let centreY = (Double(y) + cellOffset) * stride
        let first = row + classCount
        let bins = regMax + 1
        add(
          to: &found, cell: cell, classIndex: classIndex, score: score,
          left: centreX - stride * expectation(output, first),
          top: centreY - stride * expectation(output, first + bins),
          right: centreX + stride * expectation(output, first + 2 * bins),
          bottom: centreY + stride * expectation(output, first + 3 * bins))
      }
    }
    return found
  }

  /// YOLOX (Ge et al., 2021): centre and size raw, then objectness and class scores.
  private func yolox(_ output: Span<Float>, _ thresholds: [Double]) -> [Candidate] {
    var found: [Candidate] = []
    let columns = classCount + 5
    forEachCell { cell, x, y, stride in
      let row = cell * columns
      let objectness = activated(output[row + 4])
      for classIndex in 0..<classCount {
        let product = objectness * activated(output[row + 5 + classIndex])
        guard let score = rounded(product, above: thresholds[classIndex]) else { continue }
        let centreX = (Double(output[row]) + Double(x)) * stride
        let centreY = (Double(output[row + 1]) + Double(y)) * stride
        // A wild logit must not become an infinite box.
        let halfWidth = exp(min(Double(output[row + 2]), 20)) * stride / 2
        let halfHeight = exp(min(Double(output[row + 3]), 20)) * stride / 2
        add(
          to: &found, cell: cell, classIndex: classIndex, score: score, left: centreX - halfWidth,
          top: centreY - halfHeight, right: centreX + halfWidth, bottom: centreY + halfHeight)
      }
    }
    return found
  }

  /// YOLOv8's exported form: centre and size in pixels, then class scores, one column a cell.
  private func yolov8(_ output: Span<Float>, _ thresholds: [Double]) -> [Candidate] {
    var found: [Candidate] = []
    let cells = levels.reduce(0) { $0 + $1.columns * $1.rows }
    for classIndex in 0..<classCount {
      for cell in 0..<cells {
        guard let score = score(output[(4 + classIndex) * cells + cell], above: thresholds[classIndex]) else {
          continue
        }
        let (x, y) = (Double(output[cell]), Double(output[cells + cell]))
        let (halfWidth, halfHeight) = (Double(output[2 * cells + cell]) / 2, Double(output[3 * cells + cell]) / 2)
        add(
          to: &found, cell: cell, classIndex: classIndex, score: score, left: x - halfWidth, top: y - halfHeight,
          right: x + halfWidth, bottom: y + halfHeight)
      }
    }
    return found
  }

  private func forEachCell(_ body: (_ cell: Int, _ x: Int, _ y: Int, _ stride: Double) -> Void) {
    for level in levels {
      for y in 0..<level.rows {
        for x in 0..<level.columns { body(level.firstCell + y * level.columns + x, x, y, Double(level.stride)) }
      }
    }
  }

  private func add(
    to found: inout [Candidate], cell: Int, classIndex: Int, score: Double, left: Double, top: Double, right: Double,
    bottom: Double
  ) {
    let (left, top) = (max(left, 0), max(top, 0))
    let (right, bottom) = (min(right, Double(width)), min(bottom, Double(height)))
    // Also false for a box that is not a number.
    guard right > left, bottom > top else { return }
    found.append(
      Candidate(cell: cell, classIndex: classIndex, score: score, left: left, top: top, right: right, bottom: bottom))
  }

  private func activated(_ value: Float) -> Double {
    scoresAreLogits ? 1 / (1 + exp(-Double(value))) : Double(value)
  }

  private func score(_ value: Float, above threshold: Double) -> Double? {
    // Most cells are far below: decide those without the exponential or the rounding.
    if !scoresAreLogits && Double(value) < threshold - 0.001 { return nil }
    return rounded(activated(value), above: threshold)
  }

  private func rounded(_ score: Double, above threshold: Double) -> Double? {
    let rounded = (score * 10_000).rounded() / 10_000
    return rounded > threshold ? min(rounded, 1) : nil
  }

  /// The mean of the distances 0…regMax under the softmax of their logits.
  private func expectation(_ output: Span<Float>, _ first: Int) -> Double {
    var highest = output[first]
    for bin in 1...regMax { highest = max(highest, output[first + bin]) }
    var (sum, weighted) = (0.0, 0.0)
    for bin in 0...regMax {
      let weight = exp(Double(output[first + bin] - highest))
      sum += weight
      weighted += weight * Double(bin)
    }
    return weighted / sum
  }
}
