import Foundation
import Testing

/// `evaluate`, `compare`, `calibrate` and `probe` as a person runs them.
@Suite("Evaluation on the command line")
struct EvaluateTests {
  let folder: String

  init() throws { folder = try CommandLineRun.scratch() }

  func write(_ name: String, _ text: String) throws -> String {
    let path = folder + "/" + name
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  func reference(_ events: String, clip: String = "clip.mp4", seconds: Int = 3600) throws -> String {
    try write(
      "reference.json",
      """
      {"schema": "warden.reference/1", "clip": "\(clip)", "durationSeconds": \(seconds), "events": [\(events)]}
      """)
  }

  func event(_ id: String, due: String = "100", end: String = "200", box: String = "[0.1, 0.1, 0.2, 0.2]") -> String {
    """
    {"id": "\(id)", "type": "illegal-parking", "startSeconds": 10, "dueSeconds": \(due), "endSeconds": \(end), "box": \(box)}
    """
  }

  func warnings(_ list: String, name: String = "warnings.json", clip: String = "clip.mp4") throws -> String {
    try write(
      name,
      """
      {"schema": "warden.warnings/1", "clip": "\(clip)", "durationSeconds": 3600, "sampling": {"rate": 1}, "warnings": [\(list)]}
      """)
  }

  func warning(_ id: String, at: Int) -> String {
    """
    {"id": "\(id)", "type": "illegal-parking", "alertSeconds": \(at), "box": [0.1, 0.1, 0.2, 0.2], "score": 0.9}
    """
  }

  @Test("finished files are scored, the gate is exit code 1, and a comparison lists what was gained and lost")
  func filesAndComparison() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let truth = try reference(event("A") + "," + event("B", due: "1000", end: "1100"))
    let before = try warnings(warning("a", at: 100), name: "before.json")
    let after = try warnings(warning("b", at: 1001) + "," + warning("x", at: 3000), name: "after.json")
    let arguments = ["evaluate", "--reference", truth, "--system"]
    let first = try CommandLineRun.warden(arguments + [before, "--output", folder + "/a"])
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.output.contains("missed") && first.output.contains("B"))
    let gate = try CommandLineRun.warden(
      arguments + [after, "--output", folder + "/b", "--require", "precision=0.85"])
    #expect(gate.code == 1)
    #expect(
      gate.errors.contains(
        "illegal-parking: precision insufficient: n = 2, needs at least 22 with all right or 34 with 33 right"))
    for file in ["evaluation.json", "report.html", "warnings.csv", "junit.xml"] {
      #expect(FileManager.default.fileExists(atPath: folder + "/b/" + file))
    }
    let comparison = try CommandLineRun.warden(["compare", folder + "/a", folder + "/b"])
    #expect(comparison.code == 0, "\(comparison.errors)")
    #expect(comparison.output.contains("Gained, found by B alone: 1"))
    #expect(comparison.output.contains("Lost, found by A alone: 1"))
    #expect(comparison.output.contains("fewer than 6"))
    let document = try CommandLineRun.warden(["compare", folder + "/a", folder + "/b", "--json", "-"])
    #expect(document.output.contains("\"schema\": \"warden.comparison/1\""))
    let missing = try CommandLineRun.warden(["compare", folder + "/a", folder + "/none"])
    #expect(missing.code == 2 && missing.errors.contains("none/evaluation.json does not exist"))
  }

  @Test("labels that CVAT exported are a reference where the frame rate is given")
  func cvat() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let labels = try write(
      "annotations.xml",
      """
      <annotations><version>1.1</version><meta><task><original_size><width>1000</width><height>1000</height></original_size>
      </task></meta><track id="7" label="illegal-parking"><box frame="250" xtl="100" ytl="100" xbr="300" ybr="300" outside="0"
      occluded="0" keyframe="1"><attribute name="due">100</attribute></box></track></annotations>
      """)
    let system = try warnings(warning("a", at: 101))
    let arguments = ["evaluate", "--reference", labels, "--system", system]
    let plain = try CommandLineRun.warden(arguments)
    #expect(plain.code == 2 && plain.errors.contains("--frame-rate"))
    let scored = try CommandLineRun.warden(arguments + ["--frame-rate", "25", "--json", "-"])
    #expect(scored.code == 0, "\(scored.errors)")
    #expect(scored.output.contains("\"truePositives\": 1"))
  }

  @Test("bad references are exit code 2 with the file and the key, and never a verdict")
  func badReferences() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let system = try warnings(warning("a", at: 100))
    func expect(_ reference: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
      let outcome = try CommandLineRun.warden(
        ["evaluate", "--reference", reference, "--system", system, "--output", folder + "/out"])
      #expect(outcome.code == 2, "\(outcome.errors)", sourceLocation: sourceLocation)
      #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
      for word in words {
        #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
      }
      #expect(!FileManager.default.fileExists(atPath: folder + "/out/evaluation.json"))
    }
    try expect(reference(event("A") + "," + event("A")), "reference.json", "events[1].id", "events[0]")
    try expect(reference(event("A", due: "NaN")), "reference.json", "not valid JSON", "line 1")
    try expect(reference(event("A", due: "1e999")), "beyond the range")
    try expect(reference(event("A", due: "-1")), "events[0].dueSeconds")
    try expect(reference(event("A", due: "5")), "events[0].dueSeconds", "startSeconds")
    try expect(reference(event("A", end: "9")), "events[0].endSeconds", "startSeconds")
    try expect(reference(event("A", box: "[0, 0, 0, 0]")), "events[0].box")
    try expect(reference(event("A", box: "[0.9, 0, 0.2, 0.1]")), "events[0].box", "within the picture")
    try expect(reference(event("A"), clip: "other.mp4"), "other.mp4", "clip.mp4")
    try expect(reference(event("A"), seconds: 3500), "3500", "3600")
    try expect(write("deep.json", String(repeating: "[", count: 100_000)), "nesting deeper than 64")
    try expect(write("empty.json", ""), "is empty")
    try expect(folder, "is a folder")
    try expect("/dev/zero", "no regular file")
    try expect(folder + "/none.json", "does not exist")
    let huge = try write("huge.json", "{")
    try FileHandle(forWritingTo: URL(filePath: huge)).truncate(atOffset: 1 << 30)
    try expect(huge, "larger than 64 MiB")
    try FileManager.default.createSymbolicLink(atPath: folder + "/link.json", withDestinationPath: huge)
    try expect(folder + "/link.json", "larger than 64 MiB")
    let bomb = """
      <?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
      <annotations>&b;</annotations>
      """
    try expect(write("bomb.xml", bomb), "a document type is not allowed")
    try expect(write("nested.xml", String(repeating: "<a>", count: 100_000)), "nesting deeper than 32")
    try expect(write("file.xml", "<annotations>&xxe;</annotations>"), "entity")
  }

  @Test("what a suite lacks is named")
  func badSuites() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func expect(_ suite: String, _ word: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let outcome = try CommandLineRun.warden(["evaluate", suite, "--output", folder + "/out"])
      #expect(outcome.code == 2, sourceLocation: sourceLocation)
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
    try expect(folder + "/none", "does not exist")
    try expect(folder, "no folder in it holds a clip")
    // A link to everything holds no clip of ours.
    try FileManager.default.createSymbolicLink(atPath: folder + "/root", withDestinationPath: "/")
    try expect(folder, "no folder in it holds a clip")
    try FileManager.default.createDirectory(atPath: folder + "/one", withIntermediateDirectories: true)
    _ = try write("one/clip.mp4", "")
    _ = try write(
      "one/camera.json",
      #"{"schema": "warden.camera/1", "id": "c", "frame": {"width": 640, "height": 480}, "zones": []}"#)
    try expect(folder, "one has no reference.json")
  }

  @Test("commands say how they are called")
  func help() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for command in ["evaluate", "compare", "calibrate", "probe"] {
      let outcome = try CommandLineRun.warden([command, "--help"])
      #expect(outcome.code == 0 && outcome.output.contains("EXAMPLE"), "\(command)")
    }
    for arguments in [
      ["evaluate"], ["evaluate", "suite"], ["evaluate", "--boxes", "a.json"],
      ["evaluate", "s", "--output", "o", "--require", "f1=1"],
      ["compare", "a"], ["calibrate", "s"], ["calibrate", "s", "--model", "m"], ["probe"],
    ] {
      #expect(try CommandLineRun.warden(arguments).code == 2, "\(arguments)")
    }
    #expect(try CommandLineRun.warden(["probe", folder + "/none.mp4"]).code == 2)
    #expect(try CommandLineRun.warden(["probe", "rtsp://127.0.0.1:9/none"]).code == 3)
  }

  @Test("a killed evaluation goes on and ends as one that was left alone", .enabled(if: CommandLineRun.shared != nil))
  func interruption() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shared = try #require(CommandLineRun.shared)
    for clip in ["kr-schoolzone", "us-junction"] {
      try FileManager.default.createDirectory(atPath: folder + "/suite/" + clip, withIntermediateDirectories: true)
      for file in ["clip.mp4", "camera.json", "reference.json"] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(folder)/suite/\(clip)/\(file)", withDestinationPath: "\(shared)/clips/\(clip)/\(file)")
      }
    }
    func arguments(_ name: String) -> [String] {
      [
        "evaluate", folder + "/suite", "--model", shared + "/models/nanodet-plus-m-416", "--output",
        folder + "/" + name,
        "--cache", folder + "/cache-" + name, "--require", "precision=0.5",
      ]
    }
    let whole = try CommandLineRun.warden(arguments("whole"))
    #expect(whole.code == 1, "\(whole.errors)")
    for seconds in [0.2, 0.9, 2.5] {
      let process = Process()
      process.executableURL = CommandLineRun.program
      process.arguments = arguments("killed")
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: seconds)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let resumed = try CommandLineRun.warden(arguments("killed"))
    #expect(resumed.code == 1, "\(resumed.errors)")
    for file in ["evaluation.json", "report.html", "warnings.csv", "junit.xml", "clips/us-junction/warnings.json"] {
      #expect(
        FileManager.default.contents(atPath: "\(folder)/killed/\(file)")
          == FileManager.default.contents(atPath: "\(folder)/whole/\(file)"), "\(file)")
    }
    #expect(FileManager.default.fileExists(atPath: folder + "/suite/test-looks.jsonl"))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/cache-killed")
    #expect(left.filter { $0.hasPrefix("part-") }.isEmpty)
  }

  @Test("a calibration is a new package beside the old one", .enabled(if: CommandLineRun.shared != nil))
  func calibration() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shared = try #require(CommandLineRun.shared)
    let model = shared + "/models/nanodet-plus-m-416"
    try FileManager.default.createDirectory(atPath: folder + "/suite/us-junction", withIntermediateDirectories: true)
    for file in ["clip.mp4", "camera.json", "reference.json"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/suite/us-junction/\(file)", withDestinationPath: "\(shared)/clips/us-junction/\(file)")
    }
    let arguments = ["calibrate", folder + "/suite", "--model", model, "--cache", folder + "/cache", "--output"]
    let own = try CommandLineRun.warden(arguments + [model + "/new"])
    #expect(own.code == 2 && own.errors.contains("the model's own folder"), "\(own.errors)")
    #expect(!FileManager.default.fileExists(atPath: model + "/new"))
    let outcome = try CommandLineRun.warden(arguments + [folder + "/package"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("illegal-parking"))
    #expect(outcome.errors.contains("no threshold has a lower bound of precision of 0.85"))
    // It is a package: the digest of its network is checked when it is opened.
    let profile = try CommandLineRun.warden(["profile", folder + "/package", "--runs", "30", "--json", "-"])
    #expect(profile.code == 0, "\(profile.errors)")
    _ = try write("suite/suite.json", #"{"schema": "warden.suite/1", "splits": {"test": ["us-junction"]}}"#)
    let none = try CommandLineRun.warden(arguments + [folder + "/other"])
    #expect(none.code == 2, "\(none.errors)")
  }
}
