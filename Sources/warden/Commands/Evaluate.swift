import ArgumentParser
import Evaluation
import Formats
import Foundation
import ObjectDetection
import Pipeline
import Rules
import Video

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures precision and recall against labelled clips or pictures.",
    discussion: """
      SUITE is a folder with a folder for each clip (clip.*, camera.json, reference.json) and perhaps suite.json.

      EXAMPLE
        warden evaluate suite/ --output report
        warden evaluate suite/ --output report --split test --require precision=0.85
        warden evaluate --reference reference.json --system warnings.json
        warden evaluate --boxes val.json --images val/ --model Models/street-n
      """)

  @Argument(help: ArgumentHelp("A folder of labelled clips.", valueName: "SUITE"))
  var suite: String?

  @Option(help: ArgumentHelp("Score finished files: the reference.", valueName: "FILE"))
  var reference: String?

  @Option(help: ArgumentHelp("Score finished files: the system's warnings.json.", valueName: "FILE"))
  var system: String?

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

  @Option(help: ArgumentHelp("Clips at a time; as many as cores where it is not given.", valueName: "N"))
  var jobs: Int?

  @OptionGroup var model: ModelOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    let ways = [suite != nil, reference != nil || system != nil, boxes != nil].count { $0 }
    guard ways == 1 else {
      throw ValidationError("give one of: SUITE; --reference and --system; --boxes and --images")
    }
    guard (reference == nil) == (system == nil) else { throw ValidationError("--reference and --system go together") }
    guard (boxes == nil) == (images == nil) else { throw ValidationError("--boxes and --images go together") }
    guard suite == nil || result.output != nil else { throw ValidationError("a suite needs --output DIR") }
    guard Preset(rawValue: preset) != nil else {
      throw ValidationError("--preset takes \(Preset.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 256") }
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
    } catch let error as InputError {
      throw Failure.input(error.description)
    } catch let error as FormatError {
      throw Failure.input(error.description)
    } catch let error as EvaluationError {
      throw Failure.input(error.description)
    } catch let error as OutputError {
      throw Failure(error)
    }
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

  private func options() throws -> EvaluationOptions {
    EvaluationOptions(
      preset: Preset(rawValue: preset)!, require: try requirements(), alpha: alpha, split: split)
  }

  // MARK: A suite

  private func score(suite path: String) async throws {
    let terminal = result.terminal
    let suite = try Suite(path)
    for remark in suite.remarks { terminal.note(remark) }
    var clips = suite.clips
    if let split {
      guard suite.splits.contains(split) else {
        throw Failure.input("\(path): suite.json names no split \(split)")
      }
      clips = suite.clips(of: split)
    }
    let detector = try model.detector()
    guard let folder = try result.folder() else { return }
    let scored = try await run(clips, detector, folder, terminal)
    let document = try Evaluator.evaluate(scored, options: options())
    var stills: [String: [UInt8]] = [:]
    var links: [String: String] = [:]
    for (clip, one) in zip(clips, scored) {
      links[clip.name] = URL(filePath: clip.path).absoluteString
      for warning in one.system.raised {
        guard let still = warning.evidence?.stills.last(where: { $0.hasSuffix("alert.jpg") }) else { continue }
        stills[HTMLReport.key(clip: clip.name, id: warning.id)] =
          (try? readFile("\(folder.path)/clips/\(clip.name)/\(still)")).map { Array($0) }
      }
    }
    let report = HTMLReport(
      subject: "\(detector.document.name) · warden \(wardenVersion)", stills: stills, clipLinks: links)
    try write(document, report, to: folder)
    try finish(document, terminal: terminal, folder: folder)
  }

  private func run(
    _ clips: [Suite.Clip], _ detector: Detector, _ folder: OutputFolder, _ terminal: Terminal
  ) async throws -> [ScoredClip] {
    var bar = ProgressBar("clips", on: terminal)
    let total = clips.reduce(0) { $0 + $1.reference.durationSeconds }
    var done = 0.0
    var results: [Int: WarningsDocument] = [:]
    let atOnce = min(jobs ?? ProcessInfo.processInfo.activeProcessorCount, clips.count)
    try await withThrowingTaskGroup(of: (Int, WarningsDocument).self) { group in
      var next = 0
      func begin() {
        guard next < clips.count else { return }
        let (index, clip) = (next, clips[next])
        next += 1
        group.addTask { (index, try await process(clip, detector, folder)) }
      }
      for _ in 0..<atOnce { begin() }
      while let (index, document) = try await group.next() {
        results[index] = document
        done += clips[index].reference.durationSeconds
        bar.update(done: results.count, share: total > 0 ? done / total : nil, note: clips[index].name)
        begin()
      }
    }
    bar.end()
    return clips.enumerated().map { index, clip in
      ScoredClip(
        name: clip.name, camera: clip.camera.id, site: clip.camera.site, reference: clip.reference,
        system: results[index]!)
    }
  }

  private func process(
    _ clip: Suite.Clip, _ detector: Detector, _ folder: OutputFolder
  ) async throws -> WarningsDocument {
    let evidence = try OutputFolder("\(folder.path)/clips/\(clip.name)")
    do {
      let source = try await VideoSource.open(clip.path)
      let outcome = try await SourceRun(
        camera: clip.camera, detector: detector, options: .init(rate: clip.camera.sampleRate)
      ).run(source, folder: evidence, now: { 0 }, note: { _ in }, progress: { _ in })
      if let failure = outcome.failure { throw failure }
      try evidence.write(outcome.document.json(), to: "warnings.json")
      return outcome.document
    } catch let error as VideoError {
      throw error.isInputFault ? Failure.input(error.description) : Failure.outside(error.description)
    } catch let error as UnknownClassName {
      throw Failure.input("\(clip.name)/camera.json: \(error)")
    }
  }

  // MARK: Finished files

  private func scoreFiles(_ reference: String, _ system: String) throws {
    let terminal = result.terminal
    let events = try ReferenceDocument(json: Array(readFile(reference)), file: reference)
    let warnings = try WarningsDocument(json: Array(readFile(system)), file: system)
    for remark in events.warnings + warnings.warnings { terminal.note(remark) }
    let camera = warnings.camera ?? "camera"
    let document = try Evaluator.evaluate(
      [ScoredClip(name: events.clip ?? "clip", camera: camera, reference: events, system: warnings)],
      options: options())
    let folder = try result.folder()
    if let folder { try write(document, HTMLReport(subject: warnings.model?.name ?? system), to: folder) }
    try finish(document, terminal: terminal, folder: folder)
  }

  // MARK: Boxes

  private func score(boxes: String, images: String) throws {
    let terminal = result.terminal
    let truth = try COCODocument(json: Array(readFile(boxes, limit: 1 << 30)), file: boxes)
    let detector = try model.detector()
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
    let bytes = BoxBenchmark.json(results, model: detector.document.reference)
    if let folder = try result.folder() {
      try folder.write(bytes, to: "boxes.json")
      try folder.write(document.json(), to: "detections.json")
    }
    try result.show(bytes) { table(results) }
  }

  // MARK: Results

  private func write(_ document: EvaluationDocument, _ report: HTMLReport, to folder: OutputFolder) throws {
    try folder.write(Reports.csv(document), to: "warnings.csv")
    try folder.write(Reports.junit(document), to: "junit.xml")
    try folder.write(report.html(document), to: "report.html")
    try folder.write(document.json(), to: "evaluation.json")
  }

  private func finish(_ document: EvaluationDocument, terminal: Terminal, folder: OutputFolder?) throws {
    try result.show(document.json()) { table(document) }
    if let folder { terminal.note("open \(folder.path)/report.html") }
    if let gate = document.gate, !gate.passed { throw Failure(message: gate.reason, code: 1) }
  }

  private func table(_ document: EvaluationDocument) -> String {
    var table = Table(
      ["type", "events", "warnings", "right", "wrong", "missed", "precision", "recall", "false an hour", "verdict"],
      right: [1, 2, 3, 4, 5])
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) {
      let counts = figures.counts
      table.add([
        type.rawValue, "\(counts.references)", "\(counts.warnings)", "\(counts.truePositives)",
        "\(counts.falsePositives)", "\(counts.falseNegatives)", text(figures.precision), text(figures.recall),
        text(figures.falseAlarmsPerHour), figures.verdict.rawValue,
      ])
    }
    var matches = Table(["clip", "type", "reference", "warning", "outcome", "note"])
    for match in document.matches where match.outcome != .truePositive && match.outcome != .ignored {
      matches.add([
        match.clip, match.type.rawValue, match.reference ?? "–", match.warning ?? "–", match.outcome.rawValue,
        match.note ?? "",
      ])
    }
    return table.text + "\n" + matches.text
  }

  private func table(_ results: [BoxBenchmark.Result]) -> String {
    var table = Table(
      ["objects", "n", "pictures", "AP50", "AP50:95", "recall at precision 0.90"], right: [1, 2, 3, 4, 5])
    for one in results where one.count > 0 {
      table.add([
        one.measure.name, "\(one.count)", "\(one.pictures)", share(one.averagePrecision),
        share(one.averagePrecision5095), share(one.recallAtPrecision90),
      ])
    }
    return table.text
  }

  private func share(_ value: Double?) -> String { value.map { decimal($0, 3) } ?? "–" }

  private func text(_ figure: Figure) -> String {
    guard let value = figure.value else { return "–" }
    guard let low = figure.low, let high = figure.high else { return decimal(value, 2) }
    return "\(decimal(value, 2)) (\(decimal(low, 2))–\(decimal(high, 2)))"
  }
}
