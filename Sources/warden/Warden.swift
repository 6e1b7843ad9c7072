import ArgumentParser
import Foundation
import Glibc

@main
struct Warden: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warden",
    abstract: "Watches street cameras and says when something is wrong there.",
    version: "0.1.0",
    subcommands: [
      Detect.self, Process.self, Evaluate.self, Compare.self, Calibrate.self, Profile.self, ProbeCommand.self,
      Serve.self,
      User.self,
    ])

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      Terminal.error(failure.message)
      Glibc.exit(failure.code)
    } catch {
      let message = fullMessage(for: error)
      if exitCode(for: error) == .success {
        print(message)
        Glibc.exit(0)
      }
      FileHandle.standardError.write(Data((message + "\n").utf8))
      Glibc.exit(2)
    }
  }
}
