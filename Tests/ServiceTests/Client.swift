import CaseStore
import Formats
import Foundation
import Geometry
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Pipeline
import Service
import Synchronization
import Video

/// A service without a socket: its responder, its store, and a clock that the test moves.
final class Bench: Sendable {
  static let morning = 1_780_000_000.0

  let folder: String
  let store: CaseStore
  let api: API
  let responder: any HTTPResponder<CallContext>
  private let time = Mutex(Bench.morning)

  /// The password of every person in tests.
  static let password = "rain-on-roofs-7"
  private static let hash = Mutex<String?>(nil)

  init(configure: (inout ServiceConfiguration) -> Void = { _ in }) async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "warden-service-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder + "/media", withIntermediateDirectories: true)
    var configuration = ServiceConfiguration()
    configuration.dataFolder = folder
    configuration.mediaFolder = folder + "/media"
    configure(&configuration)
    store = try CaseStore(folder: folder)
    let box = ClockBox()
    let names = Bench.names
    api = API(
      store: store, configuration: configuration, secrets: try Secrets(keyFile: folder + "/warden.key"),
      hasher: Bench.hasher,
      addresses: AddressGuard(
        networks: configuration.cameraNetworks, mediaFolder: configuration.mediaFolder, resolve: { names[$0] ?? [] }),
      cameras: LiveCameras(), prober: NoProber(), console: ConsoleFiles(folder: ""), log: Logger(label: "test"),
      clock: { box.now }, reconcile: {})
    responder = api.responder()
    box.read = { [weak self] in self?.now ?? Bench.morning }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static let hasher = PasswordHasher()

  /// What the resolver of the tests knows.
  static let names: [String: [IPAddress]] = [
    "camera.lan": [IPAddress("10.1.2.3")!], "rebind.lan": [IPAddress("10.1.2.3")!, IPAddress("127.0.0.1")!],
    "metadata.lan": [IPAddress("169.254.169.254")!], "localhost": [IPAddress("127.0.0.1")!],
  ]

  var now: Double { time.withLock { $0 } }
  func pass(_ seconds: Double) { time.withLock { $0 += seconds } }

  /// Adds a person and logs in.
  func client(_ name: String, _ role: Role) async throws -> Client {
    let known = Bench.hash.withLock { $0 }
    let hash: String
    if let known { hash = known } else { hash = await Bench.hasher.hash(Bench.password) }
    Bench.hash.withLock { $0 = hash }
    try await store.add(
      Person(name: name, role: role, password: hash, mustChange: false, createdAt: now), Act(by: "test", at: now))
    return try await logIn(name)
  }

  func logIn(_ name: String) async throws -> Client {
    var client = Client(responder: responder)
    let answer = try await client.send(
      .post, "/api/v1/session", json: "{\"name\": \"\(name)\", \"password\": \"\(Bench.password)\"}")
    client.cookie = answer.headers[.setCookie].map { String($0.prefix { $0 != ";" }) }
    client.csrf = answer.member("csrf")
    return client
  }

  func anonymous() -> Client { Client(responder: responder) }

  /// A camera with a zone and a warning, and its id.
  func raise(_ number: Int = 1, camera: String = "cam-1", state: WarningState = .warned) async throws -> String {
    if (try? await store.camera(camera)) == nil {
      try await store.add(
        CameraEntry(id: camera, name: "Market Street", url: "rtsp://10.0.0.7/main"), Act(by: "op", at: now))
    }
    var record = WarningRecord(
      id: "\(camera)-illegal-parking-\(number)", type: .illegalParking, zone: "kerb", alert: 180,
      box: .init(x: 0.1, y: 0.5, width: 0.1, height: 0.1))
    record.state = state
    record.why = [Condition("dwell", value: 180, threshold: 180, met: true)]
    try await store.record(
      StoredWarning(
        record, camera: camera, zone: nil, times: ClockTimes(start: now - 180, due: now, alert: now),
        mediaStart: now - 180), at: now)
    return record.id
  }
}

/// Breaks the circle between the clock's reader and the bench.
private final class ClockBox: Sendable {
  private let reader = Mutex<(@Sendable () -> Double)?>(nil)

  var read: (@Sendable () -> Double)? {
    get { reader.withLock { $0 } }
    set { reader.withLock { $0 = newValue } }
  }

  var now: Double { read?() ?? Bench.morning }
}

/// Sees no camera.
struct NoProber: CameraProber {
  func probe(_ address: SourceAddress) async throws(VideoError) -> Probe {
    throw VideoError(.refused, source: address.description)
  }
}

/// Who asks.
struct Client: Sendable {
  let responder: any HTTPResponder<CallContext>
  var cookie: String?
  var csrf: String?
  var peer = "10.9.9.9"

  struct Answer: Sendable {
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var json: JSONValue? { try? JSONValue(parsing: bytes, file: "answer") }

    /// A member of the answer's object that is a text.
    func member(_ key: String) -> String? {
      guard case .object(let object)? = json, case .string(let text)? = object[key] else { return nil }
      return text
    }

    subscript(key: String) -> JSONValue? {
      guard case .object(let object)? = json else { return nil }
      return object[key]
    }

    var items: [JSONValue] {
      guard case .array(let items)? = self["items"] else { return [] }
      return items
    }
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, json: String? = nil, type: String? = nil,
    headers: [String: String] = [:]
  ) async throws -> Answer {
    let response = try await respond(method, path, json: json, type: type, headers: headers)
    let sink = Sink()
    try await response.body.write(sink.writer)
    return Answer(status: Int(response.status.code), headers: response.headers, bytes: sink.bytes)
  }

  func respond(
    _ method: HTTPRequest.Method, _ path: String, json: String? = nil, type: String? = nil,
    headers: [String: String] = [:]
  ) async throws -> Response {
    var fields = HTTPFields()
    if let cookie { fields[.cookie] = cookie }
    if let csrf { fields[HTTPField.Name("X-Warden-CSRF")!] = csrf }
    if json != nil { fields[.contentType] = type ?? "application/json" }
    for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
    let head = HTTPRequest(
      method: method, scheme: "http", authority: "warden.lan:8080", path: path, headerFields: fields)
    let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: json ?? "")))
    return try await responder.respond(to: request, context: CallContext(peer: peer))
  }
}

/// Takes a body.
final class Sink: Sendable {
  private let taken = Mutex<[UInt8]>([])

  var bytes: [UInt8] { taken.withLock { $0 } }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  var writer: any ResponseBodyWriter { Writer(sink: self) }

  private struct Writer: ResponseBodyWriter {
    let sink: Sink

    mutating func write(_ buffer: ByteBuffer) async throws {
      sink.taken.withLock { $0 += Array(buffer.readableBytesView) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }
}
