import ArgumentParser
import Formats
import Foundation
import Video

struct ProbeSource: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Looks whether a stream or a file can be watched, and how it is.")

  @Argument(help: ArgumentHelp("A recorded file or a stream's address.", valueName: "URL"))
  var url: String

  @Option(help: ArgumentHelp("Write what was found to FILE; - writes it to standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Errors alone.")
  var quiet = false

  func run() async throws {
    let found: Probe
    do throws(VideoError) { found = try await Probe.run(SourceAddress(url)) } catch {
      throw error.isInputFault ? Failure.input(error.description) : Failure.outside(error.description)
    }
    let document = JSONWriter.document(
      .object([
        "codec": .string(found.stream.codec), "container": .string(found.stream.container),
        "width": .integer(found.width), "height": .integer(found.height),
        "frameRate": found.pictureRate.map { .plain($0, 2) } ?? .null,
        "keyframeSeconds": found.keyframeSeconds.map { .plain($0, 2) } ?? .null,
        "bitsPerSecond": found.bitsPerSecond.map { .plain($0, 0) } ?? .null,
        "secondsToPicture": .plain(found.secondsToPicture, 2),
      ]))
    var options = ResultOptions()
    options.json = json
    options.output = nil
    options.quiet = quiet
    try options.show(document) {
      var text = "\(found.stream.codec) in \(found.stream.container), \(found.width) × \(found.height)"
      if let rate = found.pictureRate { text += ", \(decimal(rate, 1)) pictures a second" }
      if let spacing = found.keyframeSeconds { text += ", a keyframe each \(decimal(spacing, 1)) s" }
      return text + "; the first picture after \(decimal(found.secondsToPicture, 1)) s\n"
    }
  }
}
