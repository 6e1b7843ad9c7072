public import Formats
import Geometry
public import ObjectDetection
public import Observation
public import Rules
public import Video

/// One camera's chain: a picture in, what it showed and what follows from it out.
///
/// Recordings, live streams and evaluation share it; they differ in where pictures come from and where warnings go.
public struct CameraChain {
  /// What one picture brought.
  public struct Step: Sendable {
    public let observation: Observation
    /// For each detection the track that it belongs to, or nil.
    public let tracks: [Int?]
    public let events: [RuleEvent]
  }

  public private(set) var rules: SceneRules
  private let session: DetectorSession
  /// The views of pictures of a size.
  private var views: (width: Int, height: Int, boxes: [Box]) = (0, 0, [])

  /// - Parameters:
  ///   - liveSince: for a live stream the UTC of media time 0 in seconds since 1970.
  /// - Throws: where a zone names a class or group that the detector does not have.
  public init(
    camera: CameraDocument, detector: Detector, categories: CategoriesDocument = CategoriesDocument(),
    liveSince: Double? = nil
  ) throws(UnknownClassName) {
    rules = try SceneRules(
      camera: camera, model: RuleModel(detector.document), categories: categories, liveSince: liveSince)
    session = detector.makeSession()
  }

  /// Pictures must come by rising time.
  public mutating func step(_ picture: Picture) -> Step {
    let observation = observe(picture)
    let events = rules.step(observation)
    return Step(observation: observation, tracks: rules.detectionTracks, events: events)
  }

  /// What the rules read of a picture. It does not depend on the pictures before.
  public mutating func observe(_ picture: Picture) -> Observation {
    if views.width != picture.width || views.height != picture.height {
      let input = session.detector.document.input
      let boxes = CameraViews.choose(
        for: rules.camera, pictureWidth: picture.width, pictureHeight: picture.height, inputWidth: input.width,
        inputHeight: input.height)
      views = (picture.width, picture.height, boxes)
    }
    return Observation(
      time: picture.time, detections: session.detect(picture, views: views.boxes, floor: .low),
      thumbnail: Thumbnail(picture))
  }

  /// The source has ended at `time`.
  public mutating func finish(at time: Double) -> [RuleEvent] { rules.finish(at: time) }
}

extension Thumbnail {
  /// The picture at most 320 wide, 240 high.
  public init(_ picture: Picture) {
    let scale = min(1, 320 / Double(picture.width), 240 / Double(picture.height))
    let width = max(1, Int((Double(picture.width) * scale).rounded()))
    let height = max(1, Int((Double(picture.height) * scale).rounded()))
    let planes = picture.reduced(width: width, height: height)
    self.init(
      width: width, height: height, luma: planes.luma, blueDifference: planes.blueDifference,
      redDifference: planes.redDifference)
  }
}
