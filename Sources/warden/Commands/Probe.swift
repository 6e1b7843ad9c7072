import ArgumentParser
import Formats
import Video

struct Probe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what a stream or file holds, or the exact reason why it cannot be seen.",
    discussion: """
      EXAMPLE
        warden probe rtsp://10.1.2.3/main
      """)

  @Argument(help: ArgumentHelp("A recorded file or a stream.", valueName: "URL"))
  var url: String

  @OptionGroup var result: ResultOptions
}
