import Foundation
import Pipeline
import Testing

@Suite("Output folder")
struct OutputFolderTests {
  private func scratch() -> String {
    FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString)").path()
  }

  @Test("a missing folder is made, and what warden wrote it may write again")
  func made() throws {
    let path = scratch() + "/deep/er"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try OutputFolder(path).write([1, 2, 3], to: "evidence/one.bin")
    try OutputFolder(path).write([4], to: "evidence/one.bin")
    #expect(FileManager.default.contents(atPath: path + "/evidence/one.bin") == Data([4]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/evidence") == ["one.bin"])
  }

  @Test("a folder with a stranger's files is refused and left as it was")
  func foreign() throws {
    let path = scratch()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([9]).write(to: URL(filePath: path + "/letter.txt"))
    #expect(throws: OutputError.foreign(path)) { try OutputFolder(path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["letter.txt"])
  }

  @Test("a file in the folder's place is refused")
  func file() throws {
    let path = scratch()
    try Data([9]).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: OutputError.notAFolder(path)) { try OutputFolder(path) }
  }

  @Test("a disk that is full is said so, and nothing half-written stays")
  func full() throws {
    // A device that refuses every byte.
    #expect(throws: OutputError.self) { try OutputFolder.write([1, 2, 3], to: "/dev/full/x") }
    #expect(throws: OutputError.self) { try OutputFolder("/proc/warden") }
  }
}
