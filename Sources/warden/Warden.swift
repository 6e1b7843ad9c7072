import ArgumentParser

@main
struct Warden: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warden", abstract: "Watches street cameras and says when something is wrong there.")
}
