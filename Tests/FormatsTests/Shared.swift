import Foundation

/// Material beside the checkout that is not part of it; tests over it run only where it exists.
enum Shared {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  static var exists: Bool { FileManager.default.fileExists(atPath: root.appending(path: "clips").path) }

  /// The files of that name in the folders of `folder`, by path.
  static func files(_ name: String, in folder: String) -> [URL] {
    let folders =
      (try? FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: nil))
      ?? []
    return folders.map { $0.appending(path: name) }.filter { FileManager.default.fileExists(atPath: $0.path) }
      .sorted { $0.path < $1.path }
  }

  static func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }
}
