import ArgumentParser
import ObjectDetection

/// The options that name a model.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Model package: a folder with model.json and the network.", valueName: "DIR"))
  var model: String?

  @Option(help: ArgumentHelp("Threads that run the network.", valueName: "N"))
  var threads = 1

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256") }
  }

  func detector() throws -> Detector {
    do throws(DetectorError) {
      let package = if let model { try ModelPackage(path: model) } else { try ModelPackage.shipped() }
      return try Detector(package, threads: threads)
    } catch { throw Failure.input(error.description) }
  }
}

/// How results are written.
struct ResultOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Folder for the results; made if it is missing.", valueName: "DIR"))
  var output: String?

  @Option(help: ArgumentHelp("Write the document to FILE; - writes it to standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Errors alone.")
  var quiet = false

  var terminal: Terminal { Terminal(quiet: quiet) }
}
