import Foundation

/// The built program, run as a person would run it.
struct Outcome {
  let code: Int32
  let output: String
  let errors: String
}

enum CommandLineRun {
  /// The folder that holds the package.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path()

  /// Other people's pictures and weights beside the checkout, where there are any.
  static let shared: String? = {
    let path = package + "../shared"
    return FileManager.default.fileExists(atPath: path + "/clips") ? path : nil
  }()

  static let program: URL = {
    // The test bundle and the program lie in one folder.
    let bundle = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let beside = bundle.appending(path: "warden")
    if FileManager.default.isExecutableFile(atPath: beside.path()) { return beside }
    return URL(filePath: package + ".build/release/warden")
  }()

  static func warden(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    let errors = FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString).txt")
    _ = FileManager.default.createFile(atPath: errors.path(), contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
      output: String(decoding: text, as: UTF8.self),
      errors: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
  }

  /// A new empty folder.
  static func scratch() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}
