import ArgumentParser
import Formats
import Inference
import ObjectDetection
import Pipeline

struct Profile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows where a network's time goes.",
    discussion: """
      The input is a fixed pattern; what comes before and after the network is not in the time. Five runs do not count.

      EXAMPLE
        warden profile Models/street-n --runs 100
      """)

  @Argument(help: ArgumentHelp("A model package: a folder with model.json.", valueName: "MODEL"))
  var model: String

  @Option(help: ArgumentHelp("Threads that run the network.", valueName: "N"))
  var threads = 1

  @Option(help: ArgumentHelp("Runs that count, 30 or more.", valueName: "N"))
  var runs = 50

  @Option(help: ArgumentHelp("Write the document to FILE; - writes it to standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Errors alone.")
  var quiet = false

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256") }
    guard (30...100_000).contains(runs) else { throw ValidationError("--runs takes a number from 30 to 100000") }
  }

  func run() throws {
    let terminal = Terminal(quiet: quiet)
    let detector: Detector
    do throws(DetectorError) {
      detector = try Detector(ModelPackage(path: model), threads: threads)
    } catch { throw Failure.input(error.description) }
    let network = detector.network
    let executor = network.makeExecutor()
    for index in network.inputs.indices {
      executor.withInput(index) { input in
        for i in 0..<input.count { input[i] = Float(i % 251) / 125 - 1 }
      }
    }
    var bar = ProgressBar("runs", on: terminal)
    var times: [Double] = []
    let clock = ContinuousClock()
    for run in 0..<(runs + 5) {
      let time = clock.measure { executor.run() }.seconds * 1000
      if run >= 5 { times.append(time) }
      bar.update(done: run + 1, share: Double(run + 1) / Double(2 * runs + 5))
    }
    times.sort()
    let steps = executor.profile(runs: runs)
    bar.end()

    let peak = network.instructionSet.measuredPeak() * Double(threads)
    let document = ProfileDocument(
      model: detector.document.reference, threads: threads, instructionSet: network.instructionSet.name, runs: runs,
      milliseconds: .init(
        min: times[0], p50: times[times.count / 2], p90: times[min(times.count * 9 / 10, times.count - 1)]),
      parameters: network.parameterCount, gigaflop: 2 * Double(network.multiplyAdds) / 1e9,
      arenaBytes: network.arenaBytes,
      steps: steps.map { step in
        let rate = 2 * Double(step.multiplyAdds) / max(step.microseconds, 0.001) / 1000
        return ProfileDocument.Step(
          name: step.name, kind: step.operatorType, shape: step.shape, microseconds: step.microseconds,
          gflopPerSecond: rate, shareOfPeak: min(rate / peak, 1), bytes: step.bytes)
      })
    let bytes = document.json()
    if let json, json != "-" {
      do throws(OutputError) { try OutputFolder.write(bytes, to: json) } catch { throw Failure(error) }
    } else if json == "-" {
      Terminal.output(String(decoding: bytes, as: UTF8.self))
      return
    }
    if !quiet { Terminal.output(table(document, peak: peak)) }
  }

  private func table(_ document: ProfileDocument, peak: Double) -> String {
    var table = Table(["step", "operator", "shape", "µs", "share", "Gflop/s", "of peak"], right: [3, 4, 5, 6])
    let all = document.steps.reduce(0) { $0 + $1.microseconds }
    for step in document.steps {
      table.add([
        String(step.name.suffix(40)), step.kind, step.shape.map(String.init).joined(separator: "×"),
        decimal(step.microseconds, 1), decimal(100 * step.microseconds / all, 1) + " %",
        step.gflopPerSecond > 0 ? decimal(step.gflopPerSecond, 1) : "–",
        step.gflopPerSecond > 0 ? decimal(100 * step.shareOfPeak, 0) + " %" : "–",
      ])
    }
    let time = document.milliseconds
    return table.text + """

      \(document.model.name): \(decimal(time.min, 2)) ms at best, median \(decimal(time.p50, 2)), p90 \(decimal(time.p90, 2)); \
      \(document.threads) thread\(document.threads == 1 ? "" : "s"), \(document.instructionSet), \(document.runs) runs
      \(decimal(document.gigaflop, 2)) Gflop, \(decimal(Double(document.parameters) / 1e6, 2)) M parameters, \
      arena \(decimal(Double(document.arenaBytes) / 1_048_576, 1)) MiB; a core's peak is taken as \(decimal(peak, 0)) Gflop/s

      """
  }
}
