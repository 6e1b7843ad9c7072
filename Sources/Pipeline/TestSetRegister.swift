public import Evaluation
import Foundation
import Glibc

/// The register of looks at a suite's test split: a line of JSON for each, beside the suite.
public enum TestSetRegister {
  public static let name = "test-looks.jsonl"

  /// Appends a look: beside the suite, or into the results where the suite may not be written.
  ///
  /// - Returns: the file that was written, and how many looks it holds.
  public static func append(
    _ look: TestSetLook, suite: String, output: OutputFolder
  ) throws(OutputError) -> (path: String, looks: Int) {
    for folder in [suite, output.path] where isWritable(folder) {
      let path = folder + "/" + name
      // One write to the end of the file, so that looks of two processes do not mix.
      let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { continue }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      do { try file.write(contentsOf: Data(look.line)) } catch { continue }
      let lines = FileManager.default.contents(atPath: path)?.count { $0 == UInt8(ascii: "\n") } ?? 1
      return (path, lines)
    }
    throw .cannotWrite(output.path + "/" + name, reason: "the system refused")
  }

  /// A folder that nobody may write in is left alone, by an administrator too.
  private static func isWritable(_ folder: String) -> Bool {
    var status = stat()
    return stat(folder, &status) == 0 && status.st_mode & 0o222 != 0 && access(folder, W_OK) == 0
  }
}
