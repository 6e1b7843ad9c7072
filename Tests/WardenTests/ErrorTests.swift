import Foundation
import Testing

/// What goes wrong on the command line: one sentence, the right exit code, nothing half-written.
@Suite("Command line errors")
struct ErrorTests {
  private let camera = """
    {"schema": "warden.camera/1", "id": "c", "frame": {"width": 640, "height": 480}, "zones": []}
    """

  /// Runs `warden` and expects an exit code, one line on standard error that holds `words`, and no output folder content.
  private func expect(
    _ arguments: [String], code: Int32, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try CommandLineRun.warden(arguments)
    #expect(outcome.code == code, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    for word in words {
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
  }

  @Test("an unknown command or option is code 2 with the usage")
  func usage() throws {
    for arguments in [["observe"], ["detect"], ["process", "a.mp4"], ["detect", "a.jpg", "--score", "2"]] {
      let outcome = try CommandLineRun.warden(arguments)
      #expect(outcome.code == 2, "\(arguments)")
      #expect(outcome.errors.contains("Usage:"), "\(arguments)")
    }
  }

  @Test("help and version are on standard output with code 0, and help has an example")
  func help() throws {
    for arguments in [["--help"], ["detect", "--help"], ["process", "--help"], ["profile", "--help"]] {
      let outcome = try CommandLineRun.warden(arguments)
      #expect(outcome.code == 0)
      #expect(arguments.count == 1 || outcome.output.contains("EXAMPLE"))
    }
    let version = try CommandLineRun.warden(["--version"])
    #expect(version.code == 0 && version.output.split(separator: ".").count == 3)
  }

  @Test("wrong camera files are named with the key and why")
  func cameraFiles() throws {
    let folder = try CommandLineRun.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/camera.json"
    func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file)) }
    let arguments = ["process", folder + "/none.mp4", "--camera", file]
    try expect(arguments, code: 2, saying: "camera.json does not exist")
    try write(camera.replacing("warden.camera/1", with: "warden.camera/9"))
    try expect(arguments, code: 2, saying: "camera.json", "schema", "warden.camera/9")
    try write(
      camera.replacing(
        "\"zones\": []",
        with: """
          "zones": [{"id": "z", "kind": "no-parking", "polygon": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}]
          """))
    try expect(arguments, code: 2, saying: "camera.json", "zones[0].polygon", "crosses itself")
    try write("{")
    try expect(arguments, code: 2, saying: "camera.json")
  }

  @Test("a missing model is a sentence")
  func model() throws {
    let folder = try CommandLineRun.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(camera.utf8).write(to: URL(filePath: folder + "/camera.json"))
    try expect(
      ["process", "x.mp4", "--camera", folder + "/camera.json", "--model", folder], code: 2,
      saying: "is no model package")
    try expect(["profile", folder + "/nowhere"], code: 2, saying: "is no model package")
  }

  @Test(
    "sources that are none are named, and no folder of results is begun", .enabled(if: CommandLineRun.shared != nil))
  func sources() throws {
    let folder = try CommandLineRun.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(camera.utf8).write(to: URL(filePath: folder + "/camera.json"))
    let model = try #require(CommandLineRun.shared) + "/models/nanodet-plus-m-416"
    let clip = try #require(CommandLineRun.shared) + "/clips/kr-schoolzone/clip.mp4"
    func arguments(_ source: String) -> [String] {
      ["process", source, "--camera", folder + "/camera.json", "--model", model, "--output", folder + "/out"]
    }
    let text = folder + "/text.mp4"
    try Data("no video here\n".utf8).write(to: URL(filePath: text))
    let empty = folder + "/empty.mp4"
    try Data().write(to: URL(filePath: empty))
    let head = folder + "/head.mp4"
    try Data(contentsOf: URL(filePath: clip)).prefix(900).write(to: URL(filePath: head))
    try expect(arguments(folder + "/none.mp4"), code: 2, saying: "none.mp4", "no such file")
    try expect(arguments(text), code: 2, saying: "text.mp4", "no video")
    try expect(arguments(empty), code: 2, saying: "empty.mp4", "empty")
    try expect(arguments(head), code: 2, saying: "head.mp4", "breaks off")
    try expect(arguments("rtsp://127.0.0.1:9/none"), code: 3, saying: "refused")
    #expect(!FileManager.default.fileExists(atPath: folder + "/out/warnings.json"))

    // Cut within the pictures, the index ahead of them: what there is is processed, and said.
    let cut = folder + "/cut.mp4"
    let bytes = try Data(contentsOf: URL(filePath: clip))
    try bytes.prefix(bytes.count / 3).write(to: URL(filePath: cut))
    let outcome = try CommandLineRun.warden(arguments(cut) + ["--rate", "1"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("breaks off"))
    let written = try String(contentsOfFile: folder + "/out/warnings.json", encoding: .utf8)
    #expect(written.contains("\"truncated\": true") || written.contains("\"truncated\":true"))
  }

  @Test("a folder of somebody else's, and one that may not be written, are refused before the work begins")
  func outputs() throws {
    let folder = try CommandLineRun.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard let shared = CommandLineRun.shared else { return }
    let picture = try #require(
      FileManager.default.contentsOfDirectory(atPath: shared + "/dataset/images/val").filter { $0.hasSuffix(".jpg") }
        .min())
    let arguments = [
      "detect", shared + "/dataset/images/val/" + picture, "--model", shared + "/models/nanodet-plus-m-416", "--output",
    ]
    try Data("x".utf8).write(to: URL(filePath: folder + "/letter.txt"))
    try expect(arguments + [folder], code: 2, saying: "was not written by warden")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["letter.txt"])
    try expect(arguments + ["/proc/warden"], code: 3, saying: "/proc/warden cannot be written")
  }
}
