import ArgumentParser
import Evaluation
import Formats
import Foundation
import Geometry
import ObjectDetection
import Pipeline
import Video

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures precision and recall against labelled clips or pictures.",
    discussion: """
      SUITE is a folder with a folder for each clip (clip.*, camera.json, reference.json) and perhaps suite.json. What the \
      rules read of a clip is kept, so that the same command goes on where it was interrupted, and a run with other rules \
      needs no network. With --require the test split is scored where the suite names one.

      EXAMPLE
        warden evaluate suite/ --output report
        warden evaluate suite/ --output report --split test --require precision=0.85 --require recall=0.6
        warden evaluate --reference reference.json --system warnings.json
        warden evaluate --boxes val.json --images val/ --model Models/street-n --output boxes
      """)

  @Argument(help: ArgumentHelp("A folder of labelled clips.", valueName: "SUITE"))
  var suite: String?

  @Option(
    help: ArgumentHelp("Score finished files: reference.json, or CVAT's XML with --frame-rate.", valueName: "FILE"))
  var reference: String?

  @Option(help: ArgumentHelp("Score finished files: the system's warnings.json.", valueName: "FILE"))
  var system: String?

  @Option(help: ArgumentHelp("Frames a second of the video that CVAT's XML labels.", valueName: "R"))
  var frameRate: Double?

  @Option(help: ArgumentHelp("Score boxes in pictures: COCO JSON.", valueName: "FILE"))
  var boxes: String?

  @Option(help: ArgumentHelp("The folder of the pictures that --boxes names.", valueName: "DIR"))
  var images: String?

  @Option(help: ArgumentHelp("operational, strict, i-lids or recording.", valueName: "P"))
  var preset = "operational"

  @Option(help: ArgumentHelp("i-LIDS's recall bias.", valueName: "A"))
  var alpha = 0.6

  @Option(help: ArgumentHelp("One of suite.json's splits.", valueName: "NAME"))
  var split: String?

  @Option(
    help: ArgumentHelp("A lower bound that must hold, such as precision=0.85; may be given twice.", valueName: "FIGURE")
  )
  var require: [String] = []

  @OptionGroup var running: SuiteOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    let ways = [suite != nil, reference != nil || system != nil, boxes != nil || images != nil].count { $0 }
    guard ways == 1 else {
      throw ValidationError("give one of: SUITE; --reference and --system; --boxes and --images")
    }
    guard (reference == nil) == (system == nil) else { throw ValidationError("--reference and --system go together") }
    guard (boxes == nil) == (images == nil) else { throw ValidationError("--boxes and --images go together") }
    guard suite == nil || result.output != nil else { throw ValidationError("a suite needs --output DIR") }
    guard suite != nil || split == nil else { throw ValidationError("--split goes with a suite") }
    guard Preset(rawValue: preset) != nil else {
      throw ValidationError("--preset takes \(Preset.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard alpha >= 0, alpha <= 100 else { throw ValidationError("--alpha takes a number from 0 to 100") }
    if let frameRate, !(frameRate > 0 && frameRate <= 1000) {
      throw ValidationError("--frame-rate takes a number above 0, at most 1000")
    }
    _ = try requirements()
  }

  func run() async throws {
    do {
      if let suite {
        try await score(suite: suite)
      } else if let boxes, let images {
        try score(boxes: boxes, images: images)
      } else if let reference, let system {
        try scoreFiles(reference, system)
      }
    } catch { throw Failure(evaluating: error) }
  }

  private func requirements() throws -> [String: Double] {
    var bounds: [String: Double] = [:]
    for text in require {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, ["precision", "recall"].contains(parts[0]), let bound = Double(parts[1]),
        (0..<1).contains(bound)
      else {
        throw ValidationError("--require takes precision=… or recall=… with a bound from 0 to below 1, not \(text)")
      }
      bounds[String(parts[0])] = bound
    }
    return bounds
  }

  private func options(split: String? = nil) throws -> EvaluationOptions {
    EvaluationOptions(
      preset: Preset(rawValue: preset)!, require: try requirements(), alpha: alpha, split: split)
  }

  // MARK: A suite

  private func score(suite path: String) async throws {
    let terminal = result.terminal
    let suite = try await Suite(path)
    for remark in suite.remarks { terminal.note(remark) }
    // A release is judged on cameras that nothing was tuned on.
    let split = self.split ?? (require.isEmpty || !suite.splits.contains("test") ? nil : "test")
    if let split {
      guard suite.splits.contains(split) else { throw Failure.input("\(path): suite.json names no split \(split)") }
      if self.split == nil { terminal.note("the gate is held on the split test") }
    }
    let clips = split.map { suite.clips(of: $0) } ?? suite.clips
    let detector = try model.detector()
    guard let folder = try result.folder() else { return }
    let lock = try FolderLock(folder)
    let results = try await running.run(clips, detector: detector, output: folder, terminal: terminal)
    let scored = zip(clips, results).map { clip, one in
      ScoredClip(
        name: clip.name, camera: clip.camera.id, site: clip.camera.site, reference: clip.reference,
        system: one.document)
    }
    let document = try Evaluator.evaluate(scored, options: options(split: split))
    for (clip, one) in zip(clips, results) {
      try folder.write(one.document.json(), to: "clips/\(clip.name)/warnings.json")
    }
    try write(document, report(document, clips, results, detector), to: folder)
    let isTest = split.map { $0 == "test" } ?? (suite.splits.contains("test") || !require.isEmpty)
    if isTest { try register(document, detector, suite: path, folder, terminal) }
    _ = lock
    try finish(document, terminal: terminal, folder: folder)
  }

  private func report(
    _ document: EvaluationDocument, _ clips: [Suite.Clip], _ results: [SuiteRun.Result], _ detector: Detector
  ) -> HTMLReport {
    var report = HTMLReport(subject: "\(detector.document.name) · warden \(wardenVersion)")
    let places = Dictionary(uniqueKeysWithValues: clips.enumerated().map { ($0.element.name, $0.offset) })
    for clip in clips { report.clipLinks[clip.name] = URL(filePath: clip.path).absoluteString }
    for match in report.shown(document) {
      guard let place = places[match.clip], let seconds = match.seconds,
        let jpeg = results[place].observed.still(at: seconds)
      else { continue }
      var still = HTMLReport.Still(jpeg: jpeg)
      let event = match.reference.flatMap { id in clips[place].reference.events.first { $0.id == id } }
      let warning = match.warning.flatMap { id in results[place].document.raised.first { $0.id == id } }
      still.event = event?.box(at: seconds)
      still.warning = warning?.box
      still.zone = clips[place].camera.zones.first { $0.id == match.zone }?.polygon.corners ?? []
      report.stills[HTMLReport.key(match)] = still
    }
    return report
  }

  private func register(
    _ document: EvaluationDocument, _ detector: Detector, suite: String, _ folder: OutputFolder, _ terminal: Terminal
  ) throws {
    let look = TestSetLook(
      instant: Date().timeIntervalSince1970, version: wardenVersion, model: detector.document.reference,
      document: document)
    let (path, looks) = try TestSetRegister.append(look, suite: suite, output: folder)
    terminal.note("look \(looks) at the test set is in \(path)")
  }

  // MARK: Finished files

  private func scoreFiles(_ reference: String, _ system: String) throws {
    let terminal = result.terminal
    let warnings = try WarningsDocument(json: readFile(system), file: system)
    let events = try referenceDocument(reference, warnings, system)
    for remark in events.warnings + warnings.warnings { terminal.note(remark) }
    let camera = warnings.camera ?? "camera"
    let document = try Evaluator.evaluate(
      [ScoredClip(name: events.clip ?? "clip", camera: camera, reference: events, system: warnings)],
      options: options())
    let folder = try result.folder()
    if let folder { try write(document, HTMLReport(subject: warnings.model?.name ?? system), to: folder) }
    try finish(document, terminal: terminal, folder: folder)
  }

  private func referenceDocument(
    _ path: String, _ warnings: WarningsDocument, _ system: String
  ) throws -> ReferenceDocument {
    let bytes = try readFile(path)
    guard bytes.first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "<") else {
      return try ReferenceDocument(json: bytes, file: path)
    }
    let annotations = try CVATAnnotations(xml: bytes, file: path)
    guard let frameRate else {
      throw Failure.input("\(path) numbers frames; give the video's --frame-rate R")
    }
    guard let duration = warnings.durationSeconds else {
      throw Failure.input("\(system): durationSeconds is missing, and \(path) does not know the clip's length")
    }
    return try annotations.reference(framesPerSecond: frameRate, durationSeconds: duration)
  }

  // MARK: Boxes

  private func score(boxes: String, images: String) throws {
    let terminal = result.terminal
    let truth = try COCODocument(json: readFile(boxes, limit: 64 << 20), file: boxes)
    let detector = try model.detector()
    let folder = try result.folder()
    let session = detector.makeSession()
    var records: [PictureRecord] = []
    var bar = ProgressBar("pictures", on: terminal)
    for (index, image) in truth.pictures.enumerated() {
      do throws(VideoError) {
        let picture = try StillImage.decode(path: images + "/" + image.file)
        records.append(
          PictureRecord(file: image.file, picture: picture, detections: session.detect(picture, floor: .value(0.01))))
      } catch { throw Failure.input(error.description) }
      bar.update(done: index + 1, share: Double(index + 1) / Double(truth.pictures.count))
    }
    bar.end()
    let document = DetectionsDocument(model: detector.document.reference, pictures: records)
    let pictures = try BoxBenchmark.pictures(truth, document)
    let benchmark = BoxBenchmark()
    let measures = BoxBenchmark.measures(classes: detector.document.classes, groups: detector.document.groups)
    let results = measures.map { benchmark.score(pictures, $0) }
    let threshold = detector.document.thresholds.score
    var states: [String: StateTable] = [:]
    for (name, members) in detector.document.groups where name.hasPrefix("bin") && members.count > 1 {
      states[name] = StateTable(pictures, classes: members, score: members.map { threshold[$0] }.min()!)
    }
    let bytes = BoxBenchmark.json(results, states: states, model: detector.document.reference)
    if let folder {
      try folder.write(document.json(), to: "detections.json")
      try folder.write(bytes, to: "boxes.json")
    }
    try result.show(bytes) {
      EvaluationTables.boxes(results, threshold: { threshold[$0] })
        + states.sorted { $0.key < $1.key }.map { "\n" + EvaluationTables.states($0.key, $0.value) }.joined()
    }
  }

  // MARK: Results

  private func write(_ document: EvaluationDocument, _ report: HTMLReport, to folder: OutputFolder) throws {
    try folder.write(Reports.csv(document), to: "warnings.csv")
    try folder.write(Reports.junit(document), to: "junit.xml")
    try folder.write(report.html(document), to: "report.html")
    try folder.write(document.json(), to: "evaluation.json")
  }

  private func finish(_ document: EvaluationDocument, terminal: Terminal, folder: OutputFolder?) throws {
    for hint in document.hints { terminal.note(hint) }
    try result.show(document.json()) { EvaluationTables.evaluation(document) }
    if let folder { terminal.note("open \(folder.path)/report.html") }
    if let gate = document.gate, !gate.passed { throw Failure(message: gate.reason, code: 1) }
  }
}
