import ArgumentParser
import Formats
import Foundation
import ObjectDetection
import Pipeline
import Rules
import Video

struct Process: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watches one source and writes the warnings.",
    discussion: """
      SOURCE is a file, or an address that begins with rtsp://, rtsps://, http:// or https://. A live source runs until \
      Ctrl-C, which writes what there is (exit code 130), or until --to.

      EXAMPLE
        warden process clip.mp4 --camera camera.json --output found
        warden process rtsp://10.1.2.3/main --camera camera.json --to 600 --json warnings.json
      """)

  @Argument(help: ArgumentHelp("A recorded file or a stream.", valueName: "SOURCE"))
  var source: String

  @Option(help: ArgumentHelp("The camera's zones and rules: camera.json.", valueName: "FILE"))
  var camera: String

  @Option(help: ArgumentHelp("Pictures a second; the camera's sampleRate where it is not given.", valueName: "R"))
  var rate: Double?

  @Option(help: ArgumentHelp("Begin at this second of the source.", valueName: "S"))
  var from = 0.0

  @Option(help: ArgumentHelp("End before this second of the source.", valueName: "S"))
  var to: Double?

  @Flag(help: "Add detections.jsonl to the output: what each sampled picture showed.")
  var detections = false

  @OptionGroup var model: ModelOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if let rate, !(rate > 0 && rate <= 1000) { throw ValidationError("--rate takes a number above 0, at most 1000") }
    guard from >= 0, from.isFinite else { throw ValidationError("--from takes seconds, 0 or more") }
    if let to, !(to > from && to.isFinite) { throw ValidationError("--to takes seconds, more than --from") }
    if detections, result.output == nil { throw ValidationError("--detections needs --output DIR") }
  }

  func run() async throws {
    let terminal = result.terminal
    let document = try cameraDocument(terminal)
    let detector = try model.detector()
    let folder = try result.folder()
    var options = SourceRun.Options(rate: rate ?? document.sampleRate)
    options.from = from
    options.to = to ?? .infinity
    options.keepsDetections = detections

    let source: VideoSource
    let outcome: SourceRun.Result
    let interruption: Interruption
    do {
      source = try await VideoSource.open(self.source)
      interruption = Interruption { [source] in source.stop() }
      let duration = source.stream.isLive ? to : min(source.stream.duration ?? .infinity, to ?? .infinity)
      var bar = ProgressBar("pictures", on: terminal)
      outcome = try await SourceRun(camera: document, detector: detector, options: options).run(
        source, folder: folder, now: { Date().timeIntervalSince1970 }, note: { terminal.note($0) },
        progress: { now in
          let share = duration.flatMap { $0.isFinite && $0 > from ? (now.time - from) / ($0 - from) : nil }
          bar.update(done: now.sampled, share: share, note: "\(now.warnings) warnings")
        })
      bar.end()
    } catch let error as VideoError {
      throw error.isInputFault ? Failure.input(error.description) : Failure.outside(error.description)
    } catch let error as UnknownClassName {
      throw Failure.input("\(camera): \(error)")
    }

    var warnings = outcome.document
    for sentence in outcome.lostEvidence { terminal.note(sentence) }
    if warnings.sampling?.truncated == true {
      terminal.note(
        "\(self.source) breaks off after \(duration(warnings.durationSeconds ?? 0)); what there is was processed")
    }
    var unwritten: OutputError?
    if let folder {
      do throws(OutputError) {
        for sentence in try folder.write(&warnings) { terminal.note(sentence) }
        if detections {
          let lines = outcome.detections.flatMap { $0.json() + [UInt8(ascii: "\n")] }
          try folder.write(lines, to: "detections.jsonl")
        }
      } catch { unwritten = error }
    }
    // The warnings are shown even where they could not be written.
    try result.show(warnings.json()) { table(warnings) }
    if let unwritten { throw Failure(unwritten) }
    if let folder { terminal.note("warnings.json and the evidence are in \(folder.path)") }
    if interruption.hasHappened { throw Failure.interrupted }
    if let failure = outcome.failure { throw Failure.outside(failure.description) }
  }

  private func cameraDocument(_ terminal: Terminal) throws -> CameraDocument {
    do {
      let document = try CameraDocument(json: Array(readFile(camera)), file: camera)
      for warning in document.warnings { terminal.note(warning) }
      return document
    } catch let error as InputError {
      throw Failure.input(error.description)
    } catch let error as FormatError {
      throw Failure.input(error.description)
    }
  }

  private func table(_ document: WarningsDocument) -> String {
    var text = ""
    if document.raised.isEmpty {
      text += "No warnings.\n"
    } else {
      var table = Table(
        ["warning", "zone", "class", "start", "due", "alert", "end", "state", "score"], right: [3, 4, 5, 6, 8])
      for warning in document.raised {
        table.add([
          warning.id, warning.zone ?? "–", warning.label ?? "–", time(warning.start), time(warning.due),
          time(warning.alert), time(warning.end), warning.state?.rawValue ?? "–",
          warning.score.map { decimal($0, 2) } ?? "–",
        ])
      }
      text += table.text
    }
    if !document.suppressed.isEmpty {
      var reasons: [String: Int] = [:]
      for candidate in document.suppressed { reasons[candidate.reason, default: 0] += 1 }
      text += "\nCandidates that did not become warnings: \(document.suppressed.count)\n"
      for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
        text += "  \(count) × \(reason)\n"
      }
    }
    if let sampling = document.sampling {
      text += "\n\(sampling.sampled) pictures in \(duration(document.durationSeconds ?? 0))"
      text += sampling.keyframesOnly ? ", keyframes only" : ", \(sampling.decoded) decoded"
      if sampling.dropped > 0 { text += ", \(sampling.dropped) dropped" }
      if !sampling.gaps.isEmpty { text += ", \(sampling.gaps.count) gaps" }
      text += "\n"
    }
    return text
  }

  private func time(_ seconds: Double?) -> String { seconds.map { decimal($0, 1) } ?? "–" }
}
