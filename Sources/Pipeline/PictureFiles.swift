import FoundationEssentials
import Glibc

/// A picture file that was named on the command line.
public struct PictureFile: Sendable, Hashable {
  /// Where the file lies.
  public let path: String
  /// The name as given, or for a folder the path within it.
  public let name: String
}

/// The picture files among paths: files as they are, folders with all that they hold, sorted.
///
/// Within a folder only names that end like a picture's count; a file that was named itself always does.
public func pictureFiles(_ paths: [String]) throws(InputError) -> [PictureFile] {
  var found: [PictureFile] = []
  for path in paths {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw .missing(path) }
    guard isFolder else {
      found.append(PictureFile(path: path, name: path))
      continue
    }
    let names: [String]
    do { names = try FileManager.default.subpathsOfDirectory(atPath: path) } catch { throw .unreadable(path) }
    let pictures = names.filter { isPictureName($0) }.sorted()
    guard !pictures.isEmpty else { throw .noPictures(path) }
    found += pictures.map { PictureFile(path: path + "/" + $0, name: $0) }
  }
  return found
}

private func isPictureName(_ name: String) -> Bool {
  let endings = ["jpg", "jpeg", "png", "webp", "bmp", "gif"]
  guard let dot = name.lastIndex(of: ".") else { return false }
  return endings.contains(name[name.index(after: dot)...].lowercased())
}

/// Reads a file whole.
///
/// - Parameter limit: in bytes; a larger file is refused before it is read.
public func readFile(_ path: String, limit: Int = 64 << 20) throws(InputError) -> [UInt8] {
  var status = stat()
  guard stat(path, &status) == 0 else { throw errno == ENOENT ? .missing(path) : .unreadable(path) }
  let kind = status.st_mode & S_IFMT
  guard kind != S_IFDIR else { throw .isFolder(path) }
  // A pipe or a device may have no end.
  guard kind == S_IFREG else { throw .noFile(path) }
  guard Int(status.st_size) <= limit else { throw .tooLarge(path, limit: limit) }
  guard let data = FileManager.default.contents(atPath: path) else { throw .unreadable(path) }
  return [UInt8](data)
}

/// Why an input cannot be used.
public enum InputError: Error, Sendable, Equatable, CustomStringConvertible {
  case missing(String)
  case isFolder(String)
  case noFile(String)
  case unreadable(String)
  case tooLarge(String, limit: Int)
  case noPictures(String)

  public var description: String {
    switch self {
    case .missing(let path): "\(path) does not exist"
    case .isFolder(let path): "\(path) is a folder, but a file is needed"
    case .noFile(let path): "\(path) is no regular file"
    case .unreadable(let path): "\(path) cannot be read: permission denied or a broken disk"
    case .tooLarge(let path, let limit): "\(path) is larger than \(limit >> 20) MiB"
    case .noPictures(let path): "\(path) holds no pictures (.jpg, .png, .webp, .bmp, .gif)"
    }
  }
}
