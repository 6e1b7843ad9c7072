import Evaluation
import Formats
import Foundation
import Geometry
import ObjectDetection
import Pipeline
import Synchronization
import Testing

/// Other people's clips and weights beside the checkout, where there are any.
enum SharedMedia {
  static let path: String? = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path()
    let path = package + "../shared"
    return FileManager.default.fileExists(atPath: path + "/clips/kr-schoolzone/clip.mp4") ? path : nil
  }()
}

/// Runs of a suite of one short clip.
@Suite("Suites", .enabled(if: SharedMedia.path != nil))
struct SuiteTests {
  /// A suite of one clip in a folder of its own.
  func suite() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path + "/suite", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: SharedMedia.path! + "/clips/kr-schoolzone", toPath: path + "/suite/kr-schoolzone")
    let camera = path + "/suite/kr-schoolzone/camera.json"
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + "/suite/kr-schoolzone")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: camera)
    return path
  }

  func run(_ path: String, _ detector: Detector) async throws -> (bytes: [UInt8], pictures: Int, still: [UInt8]?) {
    let cache = try ObservationCache(path + "/cache")
    let looked = Mutex(0)
    let results = try await SuiteRun(detector: detector, cache: cache)
      .run(Suite(path + "/suite").clips, atOnce: 2) { now in looked.withLock { $0 = now.pictures } }
    return (results[0].document.json(), looked.withLock { $0 }, results[0].observed.still(at: 5))
  }

  @Test("a clip is looked at once; other rules, a damaged cache or an interruption change nothing but the work")
  func cache() async throws {
    let path = try suite()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let detector = try Detector(ModelPackage(path: SharedMedia.path! + "/models/nanodet-plus-m-416"))
    let first = try await run(path, detector)
    #expect(first.pictures > 0 && first.still?.starts(with: [0xFF, 0xD8]) == true)
    let again = try await run(path, detector)
    #expect(again.pictures == 0 && again.bytes == first.bytes && again.still == first.still)

    // A rule that never warns: no picture is looked at, and the warnings are others.
    let camera = path + "/suite/kr-schoolzone/camera.json"
    let text = try String(contentsOfFile: camera, encoding: .utf8)
    let slower = text.replacing(try Regex("\"dwellSeconds\": *[0-9.]+"), with: "\"dwellSeconds\": 900")
    #expect(slower != text)
    try Data(slower.utf8).write(to: URL(filePath: camera))
    let other = try await run(path, detector)
    #expect(other.pictures == 0 && other.bytes != first.bytes)
    try Data(text.utf8).write(to: URL(filePath: camera))

    // Damage is noticed; what a process that died had begun is cleared away.
    let entry = try #require(
      FileManager.default.contentsOfDirectory(atPath: path + "/cache").first { $0.count == 64 })
    let chunk = path + "/cache/\(entry)/0.bin"
    var bytes = try Data(contentsOf: URL(filePath: chunk))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: chunk))
    try FileManager.default.createDirectory(
      atPath: path + "/cache/part-999999999-\(entry)", withIntermediateDirectories: true)
    let mended = try await run(path, detector)
    #expect(mended.pictures == first.pictures && mended.bytes == first.bytes)
    let left = try FileManager.default.contentsOfDirectory(atPath: path + "/cache")
    #expect(left.filter { $0.hasPrefix("part-") }.isEmpty)

    // Another clip under the same name.
    let clip = path + "/suite/kr-schoolzone/clip.mp4"
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: clip)
    let file = try FileHandle(forWritingTo: URL(filePath: clip))
    try file.seekToEnd()
    try file.write(contentsOf: Data([0]))
    try file.close()
    #expect(try await run(path, detector).pictures == first.pictures)

    // The bound holds, but for what is in use.
    try ObservationCache(path + "/cache", mostBytes: 1).trim(keeping: [entry])
    let kept = try FileManager.default.contentsOfDirectory(atPath: path + "/cache").filter { $0.count == 64 }
    #expect(kept == [entry])
  }

  @Test("a folder without its clip, and a reference of another clip, are errors that name it")
  func incomplete() async throws {
    let path = try suite()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let clip = path + "/suite/kr-schoolzone/clip.mp4"
    try FileManager.default.moveItem(atPath: clip, toPath: path + "/suite/kr-schoolzone/clip.mkv")
    await #expect(throws: (any Error).self) { try await Suite(path + "/suite") }
    try FileManager.default.removeItem(atPath: path + "/suite/kr-schoolzone/clip.mkv")
    await #expect {
      try await Suite(path + "/suite")
    } throws: { "\($0)".contains("kr-schoolzone has no clip") }
    try FileManager.default.removeItem(atPath: path + "/suite/kr-schoolzone")
    await #expect {
      try await Suite(path + "/suite")
    } throws: { "\($0)".contains("no folder in it holds a clip") }
  }

  @Test("what CVAT exports beside a clip is its reference")
  func cvat() async throws {
    let path = try suite()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = path + "/suite/kr-schoolzone"
    try FileManager.default.removeItem(atPath: folder + "/reference.json")
    try Data(
      """
      <?xml version="1.0"?><annotations><version>1.1</version><meta><task><original_size><width>100</width>
      <height>100</height></original_size></task></meta><track id="3" label="illegal-parking">
      <box frame="10" xtl="20" ytl="30" xbr="40" ybr="60" outside="0" occluded="0" keyframe="1">
      <attribute name="zone">school-kerb</attribute></box>
      </track></annotations>
      """.utf8
    ).write(to: URL(filePath: folder + "/annotations.xml"))
    let event = try #require(try await Suite(path + "/suite").clips[0].reference.events.first)
    #expect(event.id == "3" && event.zone == "school-kerb" && event.start > 0)
    #expect(event.due - event.start == 8 && event.box.width == 0.2)
  }
}

@Suite("The register of looks at the test set")
struct TestSetRegisterTests {
  @Test("looks are appended beside the suite, or to the results where the suite may not be written")
  func append() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let suite = path + "/suite"
    try FileManager.default.createDirectory(atPath: suite, withIntermediateDirectories: true)
    let output = try OutputFolder(path + "/out")
    let look = TestSetLook(
      instant: 0, version: "1", model: nil, document: try Evaluator.evaluate([], options: EvaluationOptions()))
    for count in 1...3 {
      let (file, looks) = try TestSetRegister.append(look, suite: suite, output: output)
      #expect(file == suite + "/test-looks.jsonl" && looks == count)
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: suite)
    let (file, looks) = try TestSetRegister.append(look, suite: suite, output: output)
    #expect(file == path + "/out/test-looks.jsonl" && looks == 1)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: suite)
    let text = try String(contentsOfFile: suite + "/test-looks.jsonl", encoding: .utf8)
    #expect(text.split(separator: "\n").count == 3 && text.hasPrefix("{\"date\": \"1970-01-01T00:00:00.000Z\""))
  }
}
