public import Formats
public import Geometry
public import Inference
public import Observation
public import Video

/// A network with what its package says of it. Immutable; share it freely.
public final class Detector: Sendable {
  public let package: ModelPackage
  public let network: Network
  let inputIndex: Int
  let outputIndex: Int
  let head: Head
  /// In the order of the classes.
  let overlap: [Double]

  public var document: ModelDocument { package.document }

  /// - Parameters:
  ///   - threads: that each session runs the network on.
  ///   - instructionSet: nil takes the best that the processor has.
  public init(
    _ package: ModelPackage, threads: Int = 1, instructionSet: InstructionSet = .best
  ) throws(DetectorError) {
    self.package = package
    let document = package.document
    let file = package.networkPath
    var configuration = Network.Configuration()
    configuration.threads = threads
    configuration.instructionSet = instructionSet
    let shape = [1, 3, document.input.height, document.input.width]
    if let name = document.input.name { configuration.inputShapes[name] = shape }
    do throws(NetworkError) {
      network = try Network(contentsOf: file, configuration: configuration)
    } catch { throw .network(file: file, error) }

    let inputs = network.inputs
    let inputName = document.input.name ?? inputs.first?.name ?? "images"
    guard let input = inputs.firstIndex(where: { $0.name == inputName }), inputs.count == 1 else {
      throw .unknownInput(file: file, name: inputName, have: inputs.map(\.name))
    }
    guard inputs[input].shape == shape else {
      throw .inputShape(file: file, expected: shape, found: inputs[input].shape)
    }
    let outputs = network.outputs
    let outputName = document.head.output ?? outputs.first?.name ?? "output"
    guard let output = outputs.firstIndex(where: { $0.name == outputName }) else {
      throw .unknownOutput(file: file, name: outputName, have: outputs.map(\.name))
    }
    inputIndex = input
    outputIndex = output
    head = try Head(document, outputShape: outputs[output].shape)
    overlap = document.classes.map { document.thresholds.nms[$0] }
  }

  /// What a detection's score must exceed, in the order of the classes.
  func thresholds(_ floor: ScoreFloor) -> [Double] {
    document.classes.map { label in
      switch floor {
      case .score: document.thresholds.score[label]
      // A package may set a class's score below the common low threshold.
      case .low: min(document.thresholds.low[label], document.thresholds.score[label])
      case .value(let value): value
      }
    }
  }

  /// A user of the network, with memory of its own.
  public func makeSession() -> DetectorSession { DetectorSession(self) }
}

/// From which score on detections are wanted.
public enum ScoreFloor: Sendable, Hashable {
  /// The package's `thresholds.score`.
  case score
  /// The package's `thresholds.low`, for the tracker's second stage.
  case low
  case value(Double)
}

/// Runs a detector on one picture after the other. One user at a time.
public final class DetectorSession {
  public let detector: Detector
  private let executor: Executor
  private var preprocessors: [Preprocessor.Key: Preprocessor] = [:]

  init(_ detector: Detector) {
    self.detector = detector
    executor = detector.network.makeExecutor()
  }

  /// What the network sees in the picture, by falling score.
  ///
  /// - Parameter views: parts of the picture, in fractions, each looked at with the whole network. What several views
  ///   see is merged by non-maximum suppression; what a view's inner edge cuts is left to the view that sees it whole.
  public func detect(_ picture: Picture, views: [Box] = [.picture], floor: ScoreFloor = .score) -> [Detection] {
    let thresholds = detector.thresholds(floor)
    var merged: [(candidate: Candidate, box: Box)] = []
    for view in views {
      let found = look(at: picture, view: view, thresholds: thresholds)
      merged += views.count == 1 ? found : found.filter { !isCut($0.box, by: view) }
    }
    if views.count > 1 { merged = suppressed(merged) }
    return merged.map { candidate, box in
      Detection(label: detector.document.classes[candidate.classIndex], score: candidate.score, box: box)
    }
  }

  private func look(at picture: Picture, view: Box, thresholds: [Double]) -> [(candidate: Candidate, box: Box)] {
    let key = Preprocessor.Key(picture: picture, view: view)
    let preprocessor: Preprocessor
    if let known = preprocessors[key] {
      preprocessor = known
    } else {
      preprocessor = Preprocessor(picture: picture, view: view, input: detector.document.input)
      // Streams change their size now and then; views are few.
      if preprocessors.count > 32 { preprocessors.removeAll() }
      preprocessors[key] = preprocessor
    }
    executor.withInput(detector.inputIndex) {
      preprocessor.write(picture, into: &$0, kernels: detector.network.instructionSet.kernels)
    }
    executor.run()
    let candidates = executor.withOutput(detector.outputIndex) { detector.head.candidates($0, thresholds: thresholds) }
    let limit = detector.document.thresholds.maxDetections
    return ObjectDetection.suppressed(candidates, overlap: detector.overlap, limit: limit).compactMap { candidate in
      preprocessor.placement.box(candidate).map { (candidate, $0) }
    }
  }

  /// Whether the box ends at an edge of the view that is not the picture's.
  private func isCut(_ box: Box, by view: Box) -> Bool {
    let (x, y) = (0.01 * view.width, 0.01 * view.height)
    return view.x > 0 && box.x < view.x + x || view.maxX < 1 && box.maxX > view.maxX - x
      || view.y > 0 && box.y < view.y + y || view.maxY < 1 && box.maxY > view.maxY - y
  }

  private func suppressed(
    _ found: [(candidate: Candidate, box: Box)]
  ) -> [(candidate: Candidate, box: Box)] {
    let ordered = found.enumerated().sorted {
      ($1.element.candidate.score, $0.element.candidate.classIndex, $0.offset)
        < ($0.element.candidate.score, $1.element.candidate.classIndex, $1.offset)
    }
    var kept: [(candidate: Candidate, box: Box)] = []
    for (_, one) in ordered {
      let limit = detector.overlap[one.candidate.classIndex]
      let hidden = kept.contains { $0.candidate.classIndex == one.candidate.classIndex && $0.box.iou(one.box) > limit }
      if !hidden { kept.append(one) }
    }
    return kept
  }
}
