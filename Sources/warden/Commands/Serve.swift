import ArgumentParser
import Foundation
import ObjectDetection
import Service

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watches the registered cameras and serves the console.",
    discussion: """
      Everything is set in one YAML file (./warden.yaml where there is one and none is named) and by WARDEN_… variables over \
      it. The first start makes an administrator and prints the password once. Ctrl-C ends it.

      EXAMPLE
        warden serve --config warden.yaml
      """)

  @OptionGroup var options: ServiceOptions

  func run() async throws {
    let configuration = try options.configuration()
    do {
      let package =
        if let path = configuration.model { try ModelPackage(path: path) } else { try ModelPackage.shipped() }
      let detector = try Detector(package, threads: 1)
      let service = try WardenService(configuration)
      try await service.run(detector: detector) { Terminal.output($0 + "\n") }
    } catch let error as DetectorError {
      throw Failure.input(error.description)
    } catch let error as ServiceError {
      throw Failure(error)
    }
  }
}

/// Where the service's configuration is.
struct ServiceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The configuration; ./warden.yaml where there is one.", valueName: "FILE"))
  var config: String?

  func configuration() throws -> ServiceConfiguration {
    let usual = FileManager.default.fileExists(atPath: "warden.yaml") ? "warden.yaml" : nil
    do throws(ServiceError) {
      return try ServiceConfiguration(file: config ?? usual, environment: ProcessInfo.processInfo.environment)
    } catch { throw Failure(error) }
  }
}

extension Failure {
  init(_ error: ServiceError) {
    switch error {
    case .input(let sentence): self = .input(sentence)
    case .outside(let sentence): self = .outside(sentence)
    }
  }
}
