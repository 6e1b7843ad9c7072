public import Formats
import FoundationEssentials
import Video

/// A detector on disk: `model.json` and the network that it names.
public struct ModelPackage: Sendable {
  public let document: ModelDocument
  /// The network's file.
  public let networkPath: String

  /// Reads a package and checks the network against the digest in its document.
  ///
  /// - Parameter path: the package's folder, or its document where that has another name than `model.json`.
  public init(path: String) throws(DetectorError) {
    let isDocument = path.hasSuffix(".json")
    let folder = isDocument ? Self.parent(path) : path
    let documentPath = isDocument ? path : path + "/model.json"
    guard FileManager.default.fileExists(atPath: documentPath) else { throw .missing(path) }
    guard let json = FileManager.default.contents(atPath: documentPath) else { throw .unreadable(documentPath) }
    do throws(FormatError) {
      document = try ModelDocument(json: Array(json), file: documentPath)
    } catch { throw .document(error) }
    networkPath = folder + "/" + document.file
    guard FileManager.default.fileExists(atPath: networkPath) else { throw .missing(path) }
    guard let bytes = FileManager.default.contents(atPath: networkPath) else { throw .unreadable(networkPath) }
    let digest = sha256(Array(bytes))
    guard digest == document.sha256.lowercased() else {
      throw .wrongDigest(file: networkPath, expected: document.sha256, found: digest)
    }
  }

  /// The package shipped with warden: the first of `names` found in `WARDEN_MODELS`, beside the executable, or in the
  /// folders above it.
  public static func shipped(
    names: [String] = ["street-n"]
  ) throws(DetectorError) -> ModelPackage {
    var folders: [String] = []
    if let models = ProcessInfo.processInfo.environment["WARDEN_MODELS"] { folders.append(models) }
    var folder = Self.parent(executable)
    for _ in 0..<5 {
      folders.append(folder + "/Models")
      folder = Self.parent(folder)
    }
    for folder in folders {
      for name in names where FileManager.default.fileExists(atPath: "\(folder)/\(name)/model.json") {
        return try ModelPackage(path: "\(folder)/\(name)")
      }
    }
    throw .noModelShipped
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }
}
