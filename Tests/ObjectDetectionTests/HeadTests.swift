import Formats
import Geometry
import KernelInterface
import ObjectDetection
import Testing

private func document(_ head: ModelDocument.Head, width: Int = 16, height: Int = 16) -> ModelDocument {
  ModelDocument(
    name: "hand-made", file: "model.onnx", sha256: String(repeating: "0", count: 64), classes: ["car", "person"],
    groups: [:],
    input: .init(width: width, height: height, resize: .stretch, channels: .bgr, mean: [0, 0, 0], scale: [1, 1, 1]),
    head: head, thresholds: .init(score: ClassThreshold(0.4), nms: ClassThreshold(0.6)))
}

@Suite("Heads")
struct HeadTests {
  /// Two by two cells of stride 8; sides as distributions of four distances.
  private let distributions = ModelDocument.Head(
    kind: .nanodetPlus, strides: [8], regMax: 3, scores: .activated, cellOffset: 0)

  /// A row of the output: two scores, then for each side a sharp distance in cells.
  private func row(_ scores: [Float], sides: [Int]) -> [Float] {
    scores + sides.flatMap { side in (0...3).map { $0 == side ? Float(60) : 0 } }
  }

  @Test("a distribution head puts the box around the cell's corner or its middle, as the offset says")
  func distribution() throws {
    var output = row([0, 0], sides: [0, 0, 0, 0]) + row([0, 0], sides: [0, 0, 0, 0])
    output += row([0, 0], sides: [0, 0, 0, 0]) + row([0.41, 0.9], sides: [1, 0, 0, 1])
    let head = try Head(document(distributions), outputShape: [1, 4, 18])
    let found = head.candidates(output.span, thresholds: [0.4, 0.4])
    #expect(found.map(\.classIndex) == [0, 1])
    #expect(found.map(\.score) == [0.41, 0.9])
    // Cell (1, 1): its corner is at 8, 8; one cell to the left, none up or right, one down: no width beyond 8.
    #expect(found.map { [$0.left, $0.top, $0.right, $0.bottom] } == [[0, 8, 8, 16], [0, 8, 8, 16]])

    var middle = distributions
    middle.cellOffset = 0.5
    let other = try Head(document(middle), outputShape: [1, 4, 18]).candidates(output.span, thresholds: [0.4, 0.4])
    // The middle is 12, 12; what passes the picture's edge at 16 is cut.
    #expect(other.map { [$0.left, $0.top, $0.right, $0.bottom] } == [[4, 12, 12, 16], [4, 12, 12, 16]])
  }

  @Test("a YOLOX head multiplies objectness with the class and takes sizes as exponents")
  func yolox() throws {
    let head = try Head(
      document(.init(kind: .yolox, strides: [8], scores: .activated, cellOffset: 0)), outputShape: [1, 4, 7])
    var output = [Float](repeating: 0, count: 28)
    output.replaceSubrange(7..<14, with: [0.5, 0.25, 0, 0, 0.8, 0.9, 0.4])
    let found = head.candidates(output.span, thresholds: [0.4, 0.4])
    #expect(found.map(\.classIndex) == [0])
    #expect(found.map(\.score) == [0.72])
    // Cell (1, 0): centre (1.5 · 8, 0.25 · 8), sides 8: from 8, -2 to 16, 6, cut at the top.
    #expect(found.map { [$0.left, $0.top, $0.right, $0.bottom] } == [[8, 0, 16, 6]])
  }

  @Test("a YOLOv8 head reads one column a cell")
  func yolov8() throws {
    let head = try Head(
      document(.init(kind: .yolov8, strides: [8], scores: .logits, cellOffset: 0)), outputShape: [1, 6, 4])
    var output = [Float](repeating: 0, count: 16) + [Float](repeating: -9, count: 8)
    for (row, value) in [Float(6), 7, 4, 2, 0, -9].enumerated() { output[row * 4 + 2] = value }
    let found = head.candidates(output.span, thresholds: [0.4, 0.4])
    #expect(found.map(\.score) == [0.5])
    #expect(found.map { [$0.left, $0.top, $0.right, $0.bottom] } == [[4, 6, 8, 8]])
  }

  @Test("values that are no numbers give no boxes")
  func notNumbers() throws {
    let head = try Head(document(distributions), outputShape: [1, 4, 18])
    let output = [Float](repeating: .nan, count: 72)
    #expect(head.candidates(output.span, thresholds: [0, 0]).isEmpty)
    var wild = [Float](repeating: .infinity, count: 72)
    wild[0] = 0.9
    #expect(head.candidates(wild.span, thresholds: [0.4, 2]).isEmpty)
  }

  @Test("an output of another shape is refused with both shapes named")
  func shape() {
    #expect {
      try Head(document(distributions), outputShape: [1, 5, 18])
    } throws: { error in
      "\(error)"
        == "a nanodet-plus head with these classes and strides gives [1, 4, 18], but the network gives [1, 5, 18]"
    }
  }

  @Test("sides that no stride divides round up to whole cells")
  func rounding() throws {
    _ = try Head(
      document(.init(kind: .picodet, strides: [8, 32], regMax: 7, scores: .activated, cellOffset: 0.5), width: 41),
      outputShape: [1, 6 * 2 + 2, 34])
  }
}

@Suite("Placement")
struct PlacementTests {
  private func input(_ resize: Resizing, _ anchor: LetterboxAnchor = .centre) -> ModelDocument.Input {
    .init(
      width: 416, height: 416, resize: resize, channels: .rgb, mean: [0, 0, 0], scale: [1, 1, 1], anchor: anchor)
  }

  private func box(_ placement: Placement, _ x: Double, _ y: Double, _ right: Double, _ bottom: Double) -> Box? {
    placement.box(
      Candidate(cell: 0, classIndex: 0, score: 1, left: x, top: y, right: right, bottom: bottom))
  }

  @Test("stretched pictures map back side by side")
  func stretch() throws {
    let placement = Placement(view: .picture, pictureWidth: 1000, pictureHeight: 500, input: input(.stretch))
    #expect(box(placement, 104, 208, 208, 416) == Box(x: 0.25, y: 0.5, width: 0.25, height: 0.5))
  }

  @Test("a letterbox keeps the shape and leaves margins at its anchor's other side")
  func letterbox() throws {
    let centred = Placement(view: .picture, pictureWidth: 832, pictureHeight: 416, input: input(.letterbox))
    #expect(centred.destination.y == 104 && centred.destination.height == 208)
    #expect(box(centred, 0, 104, 416, 312) == .picture)
    let top = Placement(view: .picture, pictureWidth: 832, pictureHeight: 416, input: input(.letterbox, .topLeft))
    #expect(top.destination.y == 0)
    #expect(box(top, 0, 0, 208, 104) == Box(x: 0, y: 0, width: 0.5, height: 0.5))
    #expect(box(top, 0, 300, 208, 400) == nil, "a box in the margin is none")
  }

  @Test("a view's boxes are given in the whole picture")
  func view() throws {
    let placement = Placement(
      view: Box(x: 0.5, y: 0.5, width: 0.25, height: 0.25), pictureWidth: 800, pictureHeight: 400,
      input: input(.stretch))
    #expect(box(placement, 0, 0, 416, 208) == Box(x: 0.5, y: 0.5, width: 0.25, height: 0.125))
  }

  @Test("views at the edge and views of nothing become at least two pixels within the picture")
  func edge() throws {
    let placement = Placement(
      view: Box(x: 1, y: 1, width: 0, height: 0), pictureWidth: 64, pictureHeight: 48, input: input(.stretch))
    #expect(placement.source.x == 62 && placement.source.width == 2)
    #expect(placement.source.y == 46 && placement.source.height == 2)
  }
}
