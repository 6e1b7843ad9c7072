import FoundationEssentials

/// A folder that warden writes results to.
///
/// Made if it is missing. A folder that holds anything and was not written by warden is refused, so that no stranger's
/// file is mixed with ours. Files appear whole or not at all: written to a temporary name, flushed, renamed.
public struct OutputFolder: Sendable {
  /// Marks a folder as warden's.
  static let marker = ".warden"

  public let path: String

  public init(_ path: String) throws(OutputError) {
    self.path = path
    let files = FileManager.default
    var isFolder = false
    if files.fileExists(atPath: path, isDirectory: &isFolder) {
      guard isFolder else { throw .notAFolder(path) }
      let names: [String]
      do { names = try files.contentsOfDirectory(atPath: path) } catch { throw .cannotRead(path) }
      guard names.isEmpty || names.contains(Self.marker) else { throw .foreign(path) }
    } else {
      do {
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch { throw .cannotWrite(path, reason: Self.reason(error)) }
    }
    try write(Array("written by warden\n".utf8), to: Self.marker)
  }

  /// Writes a file, making the folders in its name; an older file of that name is replaced.
  ///
  /// - Parameter name: relative to the folder, without `..`.
  public func write(_ bytes: [UInt8], to name: String) throws(OutputError) {
    precondition(!name.split(separator: "/").contains("..") && !name.hasPrefix("/"), "a name within the folder")
    try Self.write(bytes, to: path + "/" + name)
  }

  /// Makes the folders in a file's name, for whoever writes it by other means; the file's path.
  public func makeParent(of name: String) throws(OutputError) -> String {
    precondition(!name.split(separator: "/").contains("..") && !name.hasPrefix("/"), "a name within the folder")
    let path = path + "/" + name
    try Self.makeParent(of: path)
    return path
  }

  /// Takes a file of this run away again; one that is not there is no matter.
  public func remove(_ name: String) {
    precondition(!name.split(separator: "/").contains("..") && !name.hasPrefix("/"), "a name within the folder")
    try? FileManager.default.removeItem(atPath: path + "/" + name)
  }

  /// Writes a file whole or not at all, wherever it is.
  public static func write(_ bytes: [UInt8], to path: String) throws(OutputError) {
    try makeParent(of: path)
    do {
      // Atomic: a temporary file beside it, flushed, then renamed.
      try Data(bytes).write(to: URL(filePath: path), options: .atomic)
    } catch { throw .cannotWrite(path, reason: reason(error)) }
  }

  private static func makeParent(of path: String) throws(OutputError) {
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard !parent.isEmpty else { return }
    do {
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    } catch { throw .cannotWrite(parent, reason: reason(error)) }
  }

  private static func reason(_ error: any Error) -> String {
    if let cocoa = error as? CocoaError {
      switch cocoa.code {
      case .fileWriteNoPermission, .fileReadNoPermission: return "permission denied"
      case .fileWriteOutOfSpace: return "no space left on the disk"
      case .fileWriteVolumeReadOnly: return "the file system is read-only"
      default:
        if let code = (cocoa.underlying as? POSIXError)?.code { return String(describing: code) }
      }
    }
    return "the system refused"
  }
}

/// Why results cannot be written.
public enum OutputError: Error, Sendable, Equatable, CustomStringConvertible {
  case notAFolder(String)
  case foreign(String)
  case cannotRead(String)
  case cannotWrite(String, reason: String)

  public var description: String {
    switch self {
    case .notAFolder(let path): "\(path) is a file, but results need a folder"
    case .foreign(let path): "\(path) is not empty and was not written by warden; name an empty or a new folder"
    case .cannotRead(let path): "\(path) cannot be read"
    case .cannotWrite(let path, let reason): "\(path) cannot be written: \(reason)"
    }
  }

  /// Whether the disk, not the name, is at fault.
  public var isFull: Bool {
    if case .cannotWrite(_, let reason) = self { reason.contains("no space") } else { false }
  }

  /// Whether the command line is wrong, not the disk.
  public var isInputFault: Bool {
    switch self {
    case .notAFolder, .foreign: true
    case .cannotRead, .cannotWrite: false
    }
  }
}
