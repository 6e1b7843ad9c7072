import Evaluation
public import Formats
import FoundationEssentials
import Video

/// A folder of clips with what should be found in them.
public struct Suite: Sendable {
  /// A clip of a suite.
  public struct Clip: Sendable {
    /// The name of its folder.
    public let name: String
    /// The video's path.
    public let path: String
    public let camera: CameraDocument
    public let reference: ReferenceDocument
  }

  /// By name.
  public let clips: [Clip]
  /// Sentences for whoever looks after the suite.
  public let remarks: [String]
  /// Of each clip's camera, where the suite names splits.
  private let plan: SplitPlan?

  /// Reads the suite's documents; of its videos nothing but the rate and length of those that CVAT labelled.
  ///
  /// A clip's reference is `reference.json`, or what CVAT exports as `annotations.xml`.
  ///
  /// - Throws: `InputError`, `FormatError`, `EvaluationError` or `VideoError`, each one sentence.
  public init(_ folder: String) async throws {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      throw InputError.missing(folder)
    }
    guard isFolder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw EvaluationError("\(folder) is no suite: it needs a folder for each clip")
    }
    var clips: [Clip] = []
    var remarks: [String] = []
    for name in names.sorted() {
      let clipFolder = folder + "/" + name
      guard FileManager.default.fileExists(atPath: clipFolder, isDirectory: &isFolder), isFolder else { continue }
      let files = Set((try? FileManager.default.contentsOfDirectory(atPath: clipFolder)) ?? [])
      guard let video = files.filter({ $0.hasPrefix("clip.") }).min() else {
        guard files.isDisjoint(with: ["reference.json", "camera.json", "annotations.xml"]) else {
          throw EvaluationError("\(clipFolder) has no clip (clip.mp4, clip.mkv …)")
        }
        continue
      }
      let cameraFile = clipFolder + "/camera.json"
      let camera = try CameraDocument(json: readFile(cameraFile), file: cameraFile)
      let path = clipFolder + "/" + video
      let reference: ReferenceDocument
      let referenceFile: String
      if files.contains("reference.json") {
        referenceFile = clipFolder + "/reference.json"
        reference = try ReferenceDocument(json: readFile(referenceFile), file: referenceFile)
      } else if files.contains("annotations.xml") {
        referenceFile = clipFolder + "/annotations.xml"
        reference = try await Self.labelled(referenceFile, clip: path, camera: camera)
      } else {
        throw EvaluationError("\(clipFolder) has no reference.json")
      }
      if let named = reference.clip, named != video {
        throw EvaluationError("\(referenceFile) is of \"\(named)\", but the clip there is \(video)")
      }
      remarks += camera.warnings + reference.warnings
      remarks += try ReferenceCheck.check(reference, camera, file: referenceFile)
      clips.append(Clip(name: name, path: path, camera: camera, reference: reference))
    }
    guard !clips.isEmpty else { throw EvaluationError("\(folder) is no suite: no folder in it holds a clip") }
    let suiteFile = folder + "/suite.json"
    if FileManager.default.fileExists(atPath: suiteFile) {
      let suite = try SuiteDocument(json: readFile(suiteFile), file: suiteFile)
      remarks += suite.warnings
      plan = try SplitPlan(suite, cameras: clips.map { ($0.camera.id, $0.camera.site ?? $0.camera.id) })
    } else {
      plan = nil
    }
    self.clips = clips
    self.remarks = remarks
  }

  private static func labelled(
    _ file: String, clip: String, camera: CameraDocument
  ) async throws -> ReferenceDocument {
    let annotations = try CVATAnnotations(xml: readFile(file), file: file)
    let stream = try await VideoSource.open(clip).stream
    guard let rate = stream.pictureRate, let duration = stream.duration else {
      throw EvaluationError("\(clip) does not say its rate and length, which the frame numbers of \(file) need")
    }
    return try annotations.reference(framesPerSecond: rate, durationSeconds: duration, camera: camera)
  }

  /// Empty where the suite names none.
  public var splits: Set<String> { plan?.names ?? [] }

  /// The clips of a split.
  public func clips(of split: String) -> [Clip] { clips.filter { plan?.split(of: $0.camera.id) == split } }
}
