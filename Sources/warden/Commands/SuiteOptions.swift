import ArgumentParser
import Evaluation
import Formats
import Foundation
import Glibc
import ObjectDetection
import Pipeline
import Synchronization
import Video

/// How the clips of a suite are run.
struct SuiteOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Clips at a time; as many as cores where it is not given.", valueName: "N"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Where what was seen of clips is kept; warden/observations in the user's cache folder where it is not given.",
      valueName: "DIR"))
  var cache: String?

  func validate() throws {
    if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs takes a number from 1 to 256") }
  }

  /// Runs a system on clips, with a bar. Ctrl-C ends the program; what clips were finished is kept.
  func run(
    _ clips: [Suite.Clip], detector: Detector, rules: ModelDocument? = nil, output: OutputFolder, terminal: Terminal
  ) async throws -> [SuiteRun.Result] {
    let interruption = Interruption {
      Terminal.error("interrupted; the same command goes on from here")
      _exit(130)
    }
    let bar = Mutex(ProgressBar("pictures", on: terminal))
    let count = clips.count
    let results = try await SuiteRun(detector: detector, rules: rules, cache: observations(output, terminal)).run(
      clips, atOnce: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    ) { now in
      bar.withLock {
        $0.update(done: now.pictures, share: now.share, note: "\(now.clips) of \(count) clips")
      }
    }
    bar.withLock { $0.end() }
    _ = interruption
    return results
  }

  private func observations(_ output: OutputFolder, _ terminal: Terminal) throws -> ObservationCache {
    if let cache { return try ObservationCache(cache) }
    if let path = ObservationCache.standardPath, let cache = try? ObservationCache(path) { return cache }
    terminal.note("the user's cache folder cannot be written; what is seen is kept in \(output.path)")
    return try ObservationCache(output.path + "/observations")
  }
}

extension Failure {
  /// What can go wrong with suites, clips and their documents.
  init(evaluating error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as OutputError: self.init(error)
    case let error as SuiteError: self = error.isInputFault ? .input("\(error)") : .outside("\(error)")
    case let error as VideoError: self = error.isInputFault ? .input("\(error)") : .outside("\(error)")
    default: self = .input("\(error)")
    }
  }
}
