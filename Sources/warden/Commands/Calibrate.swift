import ArgumentParser
import Evaluation
import Formats
import Foundation
import ObjectDetection
import Pipeline

struct Calibrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fits scores to probabilities and picks the thresholds that keep the promised precision.",
    discussion: """
      The clips of the split validation are run, or all where SUITE names no splits. A new package is written: the same \
      network, with a calibration and a threshold for each type. A type for which no threshold reaches the target gets none, \
      and the command says so.

      EXAMPLE
        warden calibrate suite/ --model Models/street-n --output street-n-calibrated
        warden calibrate suite/ --model Models/street-n --output strict --target 0.9
      """)

  @Argument(help: ArgumentHelp("A folder of labelled clips.", valueName: "SUITE"))
  var suite: String

  @Option(help: ArgumentHelp("The least lower bound of precision.", valueName: "P"))
  var target = Evaluator.standardTarget

  @OptionGroup var running: SuiteOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard target > 0, target < 1 else { throw ValidationError("--target takes a number between 0 and 1") }
    guard model.model != nil else { throw ValidationError("--model DIR is needed") }
    guard result.output != nil else { throw ValidationError("--output DIR is needed: a new package is written there") }
  }

  func run() async throws {
    do { try await calibrate() } catch { throw Failure(evaluating: error) }
  }

  private func calibrate() async throws {
    guard let package = model.model, let output = result.output else { return }
    guard !isWithin(output, package) else {
      throw Failure.input("\(output) is the model's own folder; the new package needs another")
    }
    let terminal = result.terminal
    let suite = try await Suite(self.suite)
    for remark in suite.remarks { terminal.note(remark) }
    let clips: [Suite.Clip]
    if suite.splits.isEmpty {
      clips = suite.clips
      terminal.note("the suite names no splits: all its clips are used, so nothing is left to test on")
    } else {
      guard suite.splits.contains("validation") else {
        throw Failure.input("\(self.suite): suite.json names no split validation to calibrate on")
      }
      clips = suite.clips(of: "validation")
    }
    let detector = try model.detector()
    guard let folder = try result.folder() else { return }
    let lock = try FolderLock(folder)
    // Every warning is wanted, with the score as it is.
    var raw = detector.document
    (raw.calibration, raw.warningThresholds) = ([:], [:])
    let results = try await running.run(clips, detector: detector, rules: raw, output: folder, terminal: terminal)
    let scored = zip(clips, results).map { clip, one in
      ScoredClip(
        name: clip.name, camera: clip.camera.id, site: clip.camera.site, reference: clip.reference,
        system: one.document)
    }
    let samples = try Calibrator.samples(scored)
    let events = Set(clips.flatMap { $0.reference.events.map(\.type) })
    let calibrator = Calibrator(target: target)
    let data = "\(clips.count) clips of \(self.suite.split(separator: "/").last ?? "suite")"
    var fits: [(type: EventType, result: Calibrator.Result?)] = []
    for type in EventType.allCases where events.contains(type) || samples[type] != nil {
      fits.append((type, calibrator.fit(samples[type] ?? [], data: data)))
    }
    var calibrated = raw
    for (type, fit) in fits {
      guard let fit else { continue }
      calibrated.calibration[type] = fit.calibration
      calibrated.warningThresholds[type] = fit.threshold
    }
    try write(calibrated, from: detector.package, to: folder)
    _ = lock
    try result.show(calibrated.json()) { EvaluationTables.calibration(fits, target: target) }
    for (type, fit) in fits where fit?.threshold == nil {
      let count = fit?.calibration.count ?? 0
      terminal.note(
        "\(type.rawValue): no threshold has a lower bound of precision of \(decimal(target, 2)) on \(count) warnings; none is written, so every warning is raised"
      )
    }
    terminal.note("the new package is \(folder.path)")
  }

  /// The document last: without it a folder is no package.
  private func write(_ document: ModelDocument, from package: ModelPackage, to folder: OutputFolder) throws {
    let source = package.networkPath.dropLast(document.file.utf8.count + 1)
    for name in [document.file, "README.md", "LICENSE", "categories.json"] {
      let path = source + "/" + name
      guard FileManager.default.fileExists(atPath: String(path)) else { continue }
      try folder.write(readFile(String(path), limit: 1 << 30), to: name)
    }
    try folder.write(document.json(), to: "model.json")
  }

  private func isWithin(_ path: String, _ folder: String) -> Bool {
    func real(_ path: String) -> String {
      URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path() + "/"
    }
    let isDocument = folder.hasSuffix(".json")
    let package = isDocument ? URL(filePath: folder).deletingLastPathComponent().path() : folder
    func trimmed(_ path: String) -> String { path.replacing("//", with: "/") }
    return trimmed(real(path)).hasPrefix(trimmed(real(package)))
  }
}
