import ArgumentParser
import Formats
import Inference
import ObjectDetection

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
}
