import Evaluation
public import Formats
import FoundationEssentials

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

  /// Reads the suite's documents, not its videos.
  ///
  /// - Throws: `InputError`, `FormatError` or `EvaluationError`, each one sentence.
  public init(_ folder: String) throws {
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
      let files = (try? FileManager.default.contentsOfDirectory(atPath: clipFolder)) ?? []
      guard let video = files.filter({ $0.hasPrefix("clip.") }).min() else { continue }
      guard files.contains("reference.json") else { throw EvaluationError("\(clipFolder) has no reference.json") }
      let cameraFile = clipFolder + "/camera.json"
      let referenceFile = clipFolder + "/reference.json"
      let camera = try CameraDocument(json: Array(readFile(cameraFile)), file: cameraFile)
      let reference = try ReferenceDocument(json: Array(readFile(referenceFile)), file: referenceFile)
      remarks += camera.warnings + reference.warnings
      remarks += try ReferenceCheck.check(reference, camera, file: referenceFile)
      clips.append(Clip(name: name, path: clipFolder + "/" + video, camera: camera, reference: reference))
    }
    guard !clips.isEmpty else { throw EvaluationError("\(folder) is no suite: no folder in it holds a clip") }
    let suiteFile = folder + "/suite.json"
    if FileManager.default.fileExists(atPath: suiteFile) {
      let suite = try SuiteDocument(json: Array(readFile(suiteFile)), file: suiteFile)
      remarks += suite.warnings
      plan = try SplitPlan(suite, cameras: clips.map { ($0.camera.id, $0.camera.site ?? $0.camera.id) })
    } else {
      plan = nil
    }
    self.clips = clips
    self.remarks = remarks
  }

  public var splits: Set<String> { plan?.names ?? [] }

  /// The clips of a split.
  public func clips(of split: String) -> [Clip] { clips.filter { plan?.split(of: $0.camera.id) == split } }
}
