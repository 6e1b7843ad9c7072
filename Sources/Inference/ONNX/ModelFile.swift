import FoundationEssentials
import Glibc
import SwiftProtobuf

/// A decoded model, and the folder in which its external data may lie.
struct ModelFile {
  let model: Onnx_ModelProto
  let folder: String?

  /// Messages a model may hold. The largest detectors have some thousand nodes of a dozen messages each.
  static let maximumMessages = 1_000_000

  init(contentsOf path: String, limit: Int) throws(NetworkError) {
    let data = try readFile(path, limit: limit)
    try self.init(data: data, folder: URL(filePath: path).deletingLastPathComponent().path)
  }

  init(bytes: [UInt8], folder: String?) throws(NetworkError) { try self.init(data: Data(bytes), folder: folder) }

  private init(data: Data, folder: String?) throws(NetworkError) {
    guard !data.isEmpty else { throw .malformed(reason: "it is empty") }
    guard data.withUnsafeBytes({ WireBudget.holds($0, limit: Self.maximumMessages) }) else {
      throw .malformed(reason: "it holds more than \(Self.maximumMessages) nodes, attributes and tensors")
    }
    do {
      model = try Onnx_ModelProto(serializedBytes: data)
    } catch {
      throw .malformed(reason: "the protocol buffer is damaged or cut short")
    }
    guard model.hasGraph else { throw .malformed(reason: "it has no graph") }
    self.folder = folder
  }

  /// The version of ONNX's own operators that the model is written for.
  var operatorSet: Int {
    get throws(NetworkError) {
      guard let entry = model.opsetImport.first(where: { isStandardDomain($0.domain) }) else {
        throw .malformed(reason: "it names no operator set")
      }
      guard (7...100).contains(entry.version) else {
        throw .malformed(reason: "its operator set is \(entry.version), and 7 and later are understood")
      }
      return Int(entry.version)
    }
  }
}

func isStandardDomain(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }

/// The bytes of a regular file of at most `limit` bytes.
func readFile(_ path: String, limit: Int) throws(NetworkError) -> Data {
  let size = try regularFileSize(path)
  guard size <= limit else { throw .tooLarge(what: "the file \(path)", bytes: size, limit: limit) }
  do {
    return try Data(contentsOf: URL(filePath: path))
  } catch {
    throw .unreadable(path: path, reason: "reading it failed, check its permissions")
  }
}

/// Follows links.
func regularFileSize(_ path: String) throws(NetworkError) -> Int {
  var status = stat()
  guard stat(path, &status) == 0 else {
    throw .unreadable(path: path, reason: String(cString: strerror(errno)))
  }
  guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path: path, reason: "it is not a regular file") }
  return Int(status.st_size)
}
