import CaseStore
import Formats
import Foundation
import HTTPTypes
import Hummingbird

extension API {
  static let openRoutes: [Route] = [
    Route(method: .get, path: "/health", summary: "Whether the service works") { api, _ in
      do {
        try await api.store.check()
        return .json(.object(["status": .string("ok")]))
      } catch { return .json(.object(["status": .string("failing")]), .serviceUnavailable) }
    },
    Route(method: .get, path: "/api/v1/openapi.json", summary: "This description") { api, _ in
      .json(OpenAPI.document)
    },
    Route(method: .get, path: "/", summary: "The console") { api, call in
      try await api.page("index.html", call)
    },
    Route(method: .get, path: "/console/{file}", summary: "The console's files") { api, call in
      try await api.page(call.path("file"), call)
    },
    Route(method: .get, path: "/console/{folder}/{file}", summary: "The console's files") { api, call in
      try await api.page(call.path("folder") + "/" + call.path("file"), call)
    },
  ]

  private func page(_ name: String, _ call: Call) async throws -> Response {
    guard let file = console.file(name) else { throw Problem.notFound }
    return try await FileAnswer.response(file.path, type: file.type, call, caching: "no-cache")
  }
}

/// The console's files, listed once at start: what is asked for is looked up, never made into a path.
package struct ConsoleFiles: Sendable {
  private let folder: String
  private let names: Set<String>

  /// Finds the folder `Console`: named by `WARDEN_CONSOLE`, beside the executable, or in the package that it was built in.
  package init() {
    var folders: [String] = []
    if let named = ProcessInfo.processInfo.environment["WARDEN_CONSOLE"] { folders.append(named) }
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    var folder = URL(filePath: executable).deletingLastPathComponent()
    for _ in 0..<6 {
      folders.append(folder.path + "/Console")
      folders.append(folder.path + "/Sources/Service/Console")
      folder = folder.deletingLastPathComponent()
    }
    self.init(folder: folders.first { FileManager.default.fileExists(atPath: $0 + "/index.html") } ?? "")
  }

  package init(folder: String) {
    self.folder = folder
    let found = folder.isEmpty ? [] : (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    names = Set(found.filter { name in !name.split(separator: "/").contains { $0.hasPrefix(".") } })
  }

  package var isFound: Bool { names.contains("index.html") }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8", "json": "application/json", "svg": "image/svg+xml", "png": "image/png",
    "jpg": "image/jpeg", "webp": "image/webp", "ico": "image/x-icon", "webmanifest": "application/manifest+json",
  ]

  func file(_ name: String) -> (path: String, type: String)? {
    guard names.contains(name), let dot = name.lastIndex(of: "."),
      let type = Self.types[String(name[name.index(after: dot)...])]
    else { return nil }
    return (folder + "/" + name, type)
  }
}
