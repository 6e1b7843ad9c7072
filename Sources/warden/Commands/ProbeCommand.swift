import ArgumentParser
import Formats
import Pipeline
import Video

struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Looks at a source for a few seconds and says what it is.",
    discussion: """
      URL is a file, or an address that begins with rtsp://, rtsps://, http:// or https://.

      EXAMPLE
        warden probe rtsp://10.1.2.3/main
        warden probe clip.mp4 --json probe.json
      """)

  @Argument(help: ArgumentHelp("A recorded file or a stream.", valueName: "URL"))
  var address: String

  @Option(help: ArgumentHelp("Write the document to FILE; - writes it to standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Errors alone.")
  var quiet = false

  func run() async throws {
    let source: SourceAddress
    let probe: Probe
    do throws(VideoError) {
      source = try SourceAddress(address)
      probe = try await Probe.run(source)
    } catch { throw error.isInputFault ? Failure.input(error.description) : Failure.outside(error.description) }
    let bytes = document(probe, source)
    if json == "-" {
      Terminal.output(String(decoding: bytes, as: UTF8.self))
      return
    }
    if let json {
      do throws(OutputError) { try OutputFolder.write(bytes, to: json) } catch { throw Failure(error) }
    }
    if !quiet { Terminal.output(table(probe, source)) }
  }

  private func document(_ probe: Probe, _ source: SourceAddress) -> [UInt8] {
    func seconds(_ value: Double?) -> JSONNode { value.map { .seconds($0) } ?? .null }
    return JSONWriter.document(
      .object([
        "schema": .string("warden.probe/1"), "source": .string(source.description),
        "codec": .string(probe.stream.codec), "container": .string(probe.stream.container),
        "width": .integer(probe.width), "height": .integer(probe.height), "live": .bool(probe.stream.isLive),
        "durationSeconds": seconds(probe.stream.duration), "picturesPerSecond": seconds(probe.pictureRate),
        "keyframeSeconds": seconds(probe.keyframeSeconds),
        "bitsPerSecond": probe.bitsPerSecond.map { .plain($0, 0) } ?? .null,
        "secondsToPicture": .seconds(probe.secondsToPicture),
      ]))
  }

  private func table(_ probe: Probe, _ source: SourceAddress) -> String {
    var table = Table(["source", source.description])
    table.add(["kind", "\(probe.stream.codec) in \(probe.stream.container)\(probe.stream.isLive ? ", live" : "")"])
    table.add(["picture", "\(probe.width)×\(probe.height)"])
    table.add(["length", probe.stream.duration.map(duration) ?? "–"])
    table.add(["pictures a second", probe.pictureRate.map { decimal($0, 2) } ?? "–"])
    table.add(["seconds between keyframes", probe.keyframeSeconds.map { decimal($0, 2) } ?? "–"])
    table.add(["bit rate", probe.bitsPerSecond.map { decimal($0 / 1000, 0) + " kbit/s" } ?? "–"])
    table.add(["seconds to the first picture", decimal(probe.secondsToPicture, 2)])
    return table.text
  }
}
