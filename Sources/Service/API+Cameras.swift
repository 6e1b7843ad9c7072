import CaseStore
import Evidence
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Observation
import Pipeline
package import Video

/// Looks whether a camera can be watched, and how it is.
package protocol CameraProber: Sendable {
  func probe(_ address: SourceAddress) async throws(VideoError) -> Probe
}

/// Looks by opening the stream.
package struct StreamProber: CameraProber {
  package init() {}

  package func probe(_ address: SourceAddress) async throws(VideoError) -> Probe {
    try await Probe.run(address, seconds: 4)
  }
}

extension API {
  static let cameraRoutes: [Route] = [
    Route(method: .get, path: "/api/v1/cameras", summary: "Cameras with their health") { api, call in
      let counts = try await api.store.undecidedCounts()
      let live = await api.cameras.all
      let items = try await api.store.cameras().map { api.node($0, live[$0.id], open: counts[$0.id] ?? 0) }
      return .json(.object(["items": .array(items), "next": .null, "total": .integer(items.count)]))
    },
    Route(method: .get, path: "/api/v1/cameras/{id}", summary: "A camera with its health") { api, call in
      try await api.answer(camera: call.path("id"))
    },
    Route(method: .get, path: "/api/v1/cameras/{id}/still", summary: "A camera's newest picture") { api, call in
      try await api.still(call)
    },
    Route(method: .post, path: "/api/v1/cameras", summary: "Register a camera") { api, call in
      let camera = try await api.camera(call.body(), id: nil)
      try await api.admitAddress(camera)
      try await api.store.add(camera, call.act)
      await api.reconcile()
      return try await api.answer(camera: camera.id, .created)
    },
    Route(method: .put, path: "/api/v1/cameras/{id}", summary: "Change a camera") { api, call in
      let id = try call.path("id")
      let old = try await api.store.camera(id)
      let camera = try await api.camera(call.body(), id: id, old: old)
      if camera.url != old.url { try await api.admitAddress(camera) }
      try await api.store.update(camera, call.act)
      await api.reconcile()
      return try await api.answer(camera: id)
    },
    Route(method: .delete, path: "/api/v1/cameras/{id}", summary: "Take a camera away") { api, call in
      try await api.store.removeCamera(call.path("id"), call.act)
      await api.reconcile()
      return .nothing
    },
    Route(method: .post, path: "/api/v1/cameras/import", summary: "Register cameras from CSV") { api, call in
      try await api.importCameras(call)
    },
    Route(method: .post, path: "/api/v1/cameras/probe", summary: "Look whether a stream can be watched") { api, call in
      try await api.probe(call)
    },
    Route(method: .put, path: "/api/v1/cameras/{id}/zones", summary: "Save a camera's zones") { api, call in
      try await api.saveZones(call)
    },
  ]

  private func answer(camera id: String, _ status: HTTPResponse.Status = .ok) async throws -> Response {
    let camera = try await store.camera(id)
    let open = try await store.undecidedCounts()[id] ?? 0
    return .json(node(camera, await cameras[id], open: open), status)
  }

  // MARK: reading

  /// The camera that a body describes; what it leaves out stays as it was in `old`.
  private func camera(_ fields: Fields, id: String?, old: CameraEntry? = nil) throws(Problem) -> CameraEntry {
    let id = if let id { id } else { try Self.cameraID(fields.required("id", upTo: 64)) }
    var camera = old ?? CameraEntry(id: id, name: id, url: "")
    if let name = try fields.text("name"), !name.isEmpty { camera.name = name }
    if let url = try fields.text("url", upTo: 1000) {
      // The masked address comes back from a form unchanged.
      if url != old.map({ Self.masked($0.url) }) || old == nil { try setAddress(url, of: &camera) }
    }
    guard !camera.url.isEmpty else { throw .invalid("url: an address such as rtsp://10.1.2.3/stream is expected") }
    if fields.object["username"] != nil {
      camera.username = try fields.text("username").flatMap { $0.isEmpty ? nil : $0 }
    }
    if let password = try fields.text("password", upTo: 256) {
      camera.secret = password.isEmpty ? nil : secrets.seal(password, for: id)
    }
    // A password belongs to the host that it was entered for.
    if let old, camera.secret == old.secret, Self.host(camera.url) != Self.host(old.url) { camera.secret = nil }
    for (key, path) in Self.places where fields.object[key] != nil { camera[keyPath: path] = try fields.text(key) }
    if fields.object["longitude"] != nil { camera.longitude = try fields.number("longitude", -180...180) }
    if fields.object["latitude"] != nil { camera.latitude = try fields.number("latitude", -90...90) }
    if let zone = try fields.text("timeZone"), !zone.isEmpty {
      guard let clock = WallClock(timeZone: zone) else {
        throw .invalid("timeZone: a name such as Asia/Shanghai is expected")
      }
      camera.clock = clock
    }
    if let rate = try fields.number("sampleRate", 0.1...5) { camera.sampleRate = rate }
    return camera
  }

  private static var places: [(String, WritableKeyPath<CameraEntry, String?>)] {
    [("district", \.district), ("placeCode", \.placeCode), ("owner", \.owner)]
  }

  /// Letters, digits, dashes, dots and underscores: an id becomes part of addresses and file names.
  static func cameraID(_ text: String) throws(Problem) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || [0x2d, 0x2e, 0x5f].contains(byte)
    }
    guard isPlain, !text.hasPrefix("."), !text.isEmpty, text.utf8.count <= 64, text != "import", text != "probe" else {
      throw .invalid("id: 1 to 64 letters, digits, dashes, dots and underscores are expected")
    }
    return text
  }

  /// Takes user name and password out of an address into fields of their own.
  private func setAddress(_ url: String, of camera: inout CameraEntry) throws(Problem) {
    if url.hasPrefix("file:") {
      camera.url = url
      return
    }
    do throws(VideoError) {
      let address = try SourceAddress(url)
      guard address.isNetwork else {
        throw VideoError(
          .badAddress("begins with none of rtsp://, rtsps://, http://, https:// and file:"), source: "url")
      }
      let host = address.host.contains(":") ? "[\(address.host)]" : address.host
      camera.url = "\(address.scheme.rawValue)://\(host)\(address.port.map { ":\($0)" } ?? "")\(address.path)"
      if let user = address.user { camera.username = user }
      if let password = address.password { camera.secret = secrets.seal(password, for: camera.id) }
    } catch { throw .invalid("url: \(error)") }
  }

  /// The address with what may be a secret in its query hidden.
  static func masked(_ url: String) -> String {
    guard let mark = url.firstIndex(of: "?"), !url.hasPrefix("file:") else { return url }
    return url[...mark] + "…"
  }

  private static func host(_ url: String) -> String? { try? SourceAddress(url).host }

  private func admitAddress(_ camera: CameraEntry) async throws(Problem) {
    do throws(VideoError) {
      _ = try await addresses.check(camera.url, user: nil, password: nil)
    } catch {
      // A name may not be known yet, a file not yet copied; anything else will not do.
      guard error.kind == .nameNotFound else { throw .invalid("url: \(error)") }
    }
  }

  // MARK: looking

  private func still(_ call: Call) async throws -> Response {
    let id = try call.path("id")
    let camera = try await store.camera(id)
    guard let newest = await cameras[id]?.newest else {
      throw Problem(.notFound, "the camera has not shown a picture yet")
    }
    var canvas = Canvas(newest.picture)
    canvas.blackenPrivacy(camera.zones)
    if call.query("detections") == "1" {
      canvas.draw(camera.zones)
      canvas.draw(newest.detections.filter { $0.score >= 0.25 })
    }
    return .bytes(try StillImage.jpeg(canvas.picture), "image/jpeg")
  }

  private func probe(_ call: Call) async throws -> Response {
    let fields = try await call.body()
    let url = try fields.required("url", upTo: 1000)
    do throws(VideoError) {
      let user = try? fields.text("username")
      let password = try? fields.text("password", upTo: 256)
      let address = try await addresses.check(url, user: user?.isEmpty == true ? nil : user, password: password)
      let found = try await prober.probe(address)
      let still = try StillImage.jpeg(found.still, quality: 85)
      return .json(
        .object([
          "ok": .bool(true), "codec": .string(found.stream.codec), "container": .string(found.stream.container),
          "width": .integer(found.width), "height": .integer(found.height),
          "frameRate": found.pictureRate.map { .plain($0, 2) } ?? .null,
          "keyframeSeconds": found.keyframeSeconds.map { .plain($0, 2) } ?? .null,
          "still": .string("data:image/jpeg;base64," + Data(still).base64EncodedString()),
        ]))
    } catch {
      return .json(.object(["ok": .bool(false), "reason": .string(error.reason), "detail": .string("\(error)")]))
    }
  }

  // MARK: zones

  private func saveZones(_ call: Call) async throws -> Response {
    let id = try call.path("id")
    let fields = try await call.body()
    guard case .array? = fields.object["zones"], let value = fields.object["zones"] else {
      throw Problem.invalid("zones: a list of zones is expected")
    }
    guard let version = try fields.number("version", 0...1e9) else {
      throw Problem.invalid("version: the version that was edited is expected")
    }
    let text = String(decoding: JSONWriter.line(JSONNode(value)), as: UTF8.self)
    let zones = try CameraEntry.zones(text)
    _ = try await store.setZones(zones, of: id, from: Int(version), call.act)
    await reconcile()
    return try await answer(camera: id)
  }

  // MARK: CSV

  private func importCameras(_ call: Call) async throws -> Response {
    let bytes = try await call.bytes(upTo: 4 << 20)
    let rows: [CSV.Row]
    do throws(CSVError) { rows = try CSV.read(bytes) } catch { throw Problem.invalid(error.description) }
    guard let header = rows.first?.cells, header.first == "id", header.contains("url") else {
      throw Problem.invalid(
        "line 1: the header id,name,url,username,password,district,placeCode,longitude,latitude is expected")
    }
    var (added, updated) = (0, 0)
    var errors: [JSONNode] = []
    let known = Set(try await store.cameras().map(\.id))
    var seen: Set<String> = []
    for row in rows.dropFirst() where row.cells != [""] {
      do {
        guard row.cells.count == header.count else {
          throw Problem.invalid("\(header.count) columns are expected, \(row.cells.count) found")
        }
        var object = JSONObject()
        for (name, cell) in zip(header, row.cells) where !cell.isEmpty {
          let isNumber = name == "longitude" || name == "latitude"
          guard !isNumber || Double(cell)?.isFinite == true else {
            throw Problem.invalid("\(name): a number is expected")
          }
          object[name] = isNumber ? .number(Double(cell) ?? 0) : .string(cell)
        }
        let fields = Fields(object: object)
        let id = try Self.cameraID(try fields.required("id", upTo: 64))
        guard seen.insert(id).inserted else { throw Problem.invalid("id: \(id) stands here a second time") }
        if known.contains(id) {
          let old = try await store.camera(id)
          let camera = try camera(fields, id: id, old: old)
          if camera.url != old.url { try await admitAddress(camera) }
          try await store.update(camera, call.act)
          updated += 1
        } else {
          let camera = try camera(fields, id: id)
          try await admitAddress(camera)
          try await store.add(camera, call.act)
          added += 1
        }
      } catch {
        errors.append(.object(["line": .integer(row.line), "detail": .string(Problem(error).detail)]))
      }
    }
    await reconcile()
    return .json(.object(["added": .integer(added), "updated": .integer(updated), "errors": .array(errors)]))
  }
}
