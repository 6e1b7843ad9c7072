import CaseStore
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Service
import Synchronization
import Testing

@Suite("Routes")
struct RouteTests {
  @Test("the OpenAPI document names the routes and their roles, no more and no less")
  func openAPI() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    let answer = try await li.send(.get, "/api/v1/openapi.json")
    guard case .object(let paths)? = answer["paths"] else {
      Issue.record("no paths")
      return
    }
    var keys: Set<String> = []
    for path in paths.members {
      guard case .object(let operations) = path.value else { continue }
      for operation in operations.members { keys.insert(operation.key.uppercased() + " " + path.key) }
    }
    #expect(keys == Set(API.routeKeys.filter { $0.contains(" /api/") || $0.hasSuffix(" /health") }))
  }

  @Test("a camera is registered, shown without its password and changed")
  func cameras() async throws {
    let bench = try await Bench()
    let op = try await bench.client("op", .operator)
    let body =
      #"{"id": "cam-1", "name": "Main", "url": "rtsp://me:p%40ss@10.0.0.7:8554/main?key=7", "timeZone": "Asia/Shanghai"}"#
    let added = try await op.send(.post, "/api/v1/cameras", json: body)
    #expect(added.status == 201)
    #expect(added.member("url") == "rtsp://10.0.0.7:8554/main?…")
    #expect(added.member("username") == "me" && added["hasPassword"] == .bool(true))
    #expect(!added.text.contains("ss@") && !added.text.contains("p%40"))
    #expect(try await op.send(.post, "/api/v1/cameras", json: body).status == 409)
    let same = #"{"name": "Main Street", "url": "rtsp://10.0.0.7:8554/main?…"}"#
    let changed = try await op.send(.put, "/api/v1/cameras/cam-1", json: same)
    #expect(changed.member("name") == "Main Street" && changed["hasPassword"] == .bool(true))
    #expect(try await bench.store.camera("cam-1").url == "rtsp://10.0.0.7:8554/main?key=7")
    let moved = try await op.send(.put, "/api/v1/cameras/cam-1", json: #"{"url": "rtsp://10.0.0.8/main"}"#)
    #expect(moved["hasPassword"] == .bool(false), "a password is not sent to a host that it was not entered for")
    #expect(try await op.send(.delete, "/api/v1/cameras/cam-1").status == 204)
    #expect(try await op.send(.get, "/api/v1/cameras").items.isEmpty)
  }

  @Test("no password of a camera is in the database, in an answer or in the audit")
  func secrets() async throws {
    let bench = try await Bench()
    let admin = try await bench.client("admin", .administrator)
    let secret = "a:p@ss:w/o?r#d%"
    let body =
      "{\"id\": \"cam-1\", \"name\": \"Main\", \"url\": \"rtsp://10.0.0.7/main\", \"username\": \"a\", \"password\": \"\(secret)\"}"
    _ = try await admin.send(.post, "/api/v1/cameras", json: body)
    for path in ["cameras", "cameras/cam-1", "audit", "events"] where path != "events" {
      #expect(!(try await admin.send(.get, "/api/v1/" + path).text.contains("ss:w")))
    }
    for name in ["warden.sqlite", "warden.sqlite-wal"] {
      let data = FileManager.default.contents(atPath: bench.folder + "/" + name) ?? Data()
      #expect(data.range(of: Data("ss:w".utf8)) == nil)
    }
    let mode = try FileManager.default.attributesOfItem(atPath: bench.folder + "/warden.key")[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("zones are checked, versioned, and not saved over a colleague's")
  func zones() async throws {
    let bench = try await Bench()
    let op = try await bench.client("op", .operator)
    _ = try await bench.raise()
    let path = "/api/v1/cameras/cam-1/zones"
    let zone = #"{"id": "kerb", "kind": "no-parking", "polygon": [[0.1, 0.5], [0.4, 0.5], [0.4, 0.8]]}"#
    let saved = try await op.send(.put, path, json: "{\"zones\": [\(zone)], \"version\": 0}")
    #expect(saved.status == 200 && saved["zonesVersion"] == .number(1))
    #expect(try await op.send(.put, path, json: "{\"zones\": [], \"version\": 0}").status == 409)
    let crossing = #"{"id": "x", "kind": "bin", "polygon": [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]}"#
    let refused = try await op.send(.put, path, json: "{\"zones\": [\(crossing)], \"version\": 1}")
    #expect(refused.status == 400)
    #expect(refused.member("detail")?.contains("zones[0].polygon") == true)
  }

  @Test("cameras come in by CSV, and each line that will not do is named")
  func importing() async throws {
    let bench = try await Bench()
    let op = try await bench.client("op", .operator)
    let csv = """
      \u{FEFF}id,name,url,username,password,district,placeCode,longitude,latitude
      cam-1,"Market, north",rtsp://10.0.0.7/a,me,secret-1,East,P1,121.5,31.2
      cam-2,Two,ftp://10.0.0.8/a,,,,,,
      bad id,Three,rtsp://10.0.0.9/a,,,,,,
      cam-4,Four,rtsp://10.0.0.9/a,,,,,far,
      cam-1,Once more,rtsp://10.0.0.9/a,,,,,,
      cam-5,=cmd(),rtsp://10.0.0.9/a,,,,,,
      cam-6,Six,rtsp://169.254.169.254/latest,,,,,,
      """
    let answer = try await op.send(.post, "/api/v1/cameras/import", json: csv, type: "text/csv")
    #expect(answer.status == 200)
    #expect(answer["added"] == .number(2) && answer["updated"] == .number(0))
    guard case .array(let errors)? = answer["errors"] else {
      Issue.record("no errors listed")
      return
    }
    let lines = errors.compactMap { error -> Double? in
      guard case .object(let object) = error, case .number(let line)? = object["line"] else { return nil }
      return line
    }
    #expect(lines == [3, 4, 5, 6, 8])
    #expect(try await bench.store.camera("cam-1").name == "Market, north")
  }

  @Test("a warning is held, confirmed, dispatched, handled and closed, and the case is exported")
  func path() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    let id = try await bench.raise()
    bench.pass(120)
    #expect(try await li.send(.post, "/api/v1/warnings/\(id)/claim", json: "{}").status == 200)
    let review = try await li.send(
      .post, "/api/v1/warnings/\(id)/review", json: #"{"decision": "confirm", "note": "=HYPERLINK(\"x\")"}"#)
    let number = try #require(review.member("case"))
    bench.pass(600)
    let stage = "/api/v1/cases/\(number)/stage"
    #expect(try await li.send(.post, stage, json: #"{"stage": "verified"}"#).status == 409)
    for name in ["dispatched", "handled", "verified"] {
      #expect(try await li.send(.post, stage, json: "{\"stage\": \"\(name)\", \"note\": \"\"}").status == 200)
    }
    let accuracy = try await li.send(.get, "/api/v1/accuracy")
    #expect(accuracy.text.contains(#""within": 1"#))
    let csv = try await li.send(.get, "/api/v1/cases?stage=all&format=csv")
    #expect(csv.headers[.contentType] == "text/csv; charset=utf-8")
    let rows = try CSV.read(csv.bytes)
    #expect(rows.count == 2)
    #expect(rows.last?.cells.first == number)
    #expect(rows.last?.cells.last == "'=HYPERLINK(\"x\")", "no cell is a formula")
  }

  @Test("a rejection needs one of the reasons")
  func reasons() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    let path = "/api/v1/warnings/\(try await bench.raise())/review"
    #expect(try await li.send(.post, path, json: #"{"decision": "reject"}"#).status == 400)
    #expect(try await li.send(.post, path, json: #"{"decision": "reject", "reason": "boring"}"#).status == 400)
    #expect(
      try await li.send(.post, path, json: #"{"decision": "reject", "reason": "queue-in-traffic"}"#).status == 200)
    let reference = try await li.send(.get, "/api/v1/references?camera=cam-1")
    let document = try ReferenceDocument(json: reference.bytes, file: "answer")
    #expect(document.events.isEmpty, "a rejected warning is no event")
  }

  @Test("evidence is given whole and in parts, and only what the warning has")
  func evidence() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    let id = try await bench.raise()
    let folder = bench.folder + "/evidence/\(id)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data((0..<100).map { UInt8($0) }).write(to: URL(filePath: folder + "/clip.mp4"))
    try Data("secret".utf8).write(to: URL(filePath: folder + "/other.mp4"))
    try await bench.store.addEvidence(EvidenceFiles(clip: "clip.mp4"), to: id, at: bench.now)
    let path = "/api/v1/warnings/\(id)/evidence/"
    let whole = try await li.send(.get, path + "clip.mp4")
    #expect(whole.status == 200 && whole.bytes.count == 100 && whole.headers[.contentType] == "video/mp4")
    let part = try await li.send(.get, path + "clip.mp4", headers: ["Range": "bytes=10-19"])
    #expect(part.status == 206 && part.bytes == Array(10...19))
    #expect(part.headers[.contentRange] == "bytes 10-19/100")
    let tail = try await li.send(.get, path + "clip.mp4", headers: ["Range": "bytes=-5"])
    #expect(tail.bytes == Array(95...99))
    #expect(try await li.send(.get, path + "clip.mp4", headers: ["Range": "bytes=100-"]).status == 416)
    #expect(try await li.send(.get, path + "other.mp4").status == 404)
  }

  @Test(
    "names that climb out of a folder find nothing",
    arguments: [
      "..%2fwarden.key", "%2e%2e%2fwarden.key", "..%252fwarden.key", "..%5cwarden.key", "%00", "a%00.jpg",
      "/etc/passwd",
      "%2fetc%2fpasswd", "....//warden.key", ".", "..", "%2e", "clip.mp4%00.jpg", "file%3a%2f%2f%2fetc%2fpasswd",
      "%c0%ae%c0%ae%2fwarden.key", "..;/warden.key", "warden.key", String(repeating: "a", count: 5000),
    ])
  func traversal(_ name: String) async throws {
    let bench = try await Bench()
    let admin = try await bench.client("admin", .administrator)
    let id = try await bench.raise()
    for path in [
      "/api/v1/warnings/\(id)/evidence/\(name)", "/api/v1/warnings/\(name)", "/api/v1/cameras/\(name)/still",
      "/console/\(name)", "/console/a/\(name)", "/\(name)", "/api/v1/cases/\(name)", "/api/v1/users/\(name)",
    ] {
      let answer = try await admin.send(.get, path)
      #expect([400, 404, 405].contains(answer.status) || path == "/." || path == "/..", "\(path): \(answer.status)")
      #expect(!answer.text.contains("root:"))
    }
  }

  @Test(
    "what looks like markup stays a text of JSON",
    arguments: [
      "<script>document.title='x'</script>", "\"><img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}",
      "javascript:alert(1)",
      "</textarea><svg onload=alert(1)>", "' OR 1=1 --", "\u{202E}gpj.exe",
    ])
  func markup(_ text: String) async throws {
    let bench = try await Bench()
    let op = try await bench.client("op", .operator)
    let name = String(decoding: JSONWriter.line(.string(text)), as: UTF8.self)
    let answer = try await op.send(
      .post, "/api/v1/cameras", json: "{\"id\": \"cam-1\", \"name\": \(name), \"url\": \"rtsp://10.0.0.7/a\"}")
    if text.unicodeScalars.contains("\u{202E}") {
      #expect(answer.status == 400, "marks that turn the direction of writing are refused")
    } else {
      #expect(answer.status == 201 && answer.member("name") == text)
      #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
    }
  }

  @Test("watchers hear of a warning after it is stored, once, and go on where they left off")
  func events() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    let before = try await bench.store.events(after: nil).last
    let id = try await bench.raise()
    _ = try await bench.store.decide(id, .confirm, reason: nil, note: "", Act(by: "li", at: bench.now))
    let response = try await li.respond(.get, "/api/v1/events", headers: ["Last-Event-ID": String(before)])
    #expect(response.headers[.contentType] == "text/event-stream; charset=utf-8")
    let sink = Sink()
    let reading = Task { try await response.body.write(sink.writer) }
    while !sink.text.contains("event: review") { try await Task.sleep(for: .milliseconds(20)) }
    // Stored while somebody watches.
    _ = try await bench.raise(2)
    while !sink.text.contains("illegal-parking-2") { try await Task.sleep(for: .milliseconds(20)) }
    reading.cancel()
    let kinds = sink.text.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
    #expect(kinds == ["warning", "case", "review", "warning"])
    let numbers = sink.text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.compactMap { Int($0.dropFirst(4)) }
    #expect(numbers == numbers.sorted() && Set(numbers).count == 4)
  }

  @Test("a probe says in a word and a sentence why there is no picture")
  func probe() async throws {
    let bench = try await Bench()
    let op = try await bench.client("op", .operator)
    func reason(_ url: String) async throws -> String? {
      try await op.send(.post, "/api/v1/cameras/probe", json: "{\"url\": \"\(url)\"}").member("reason")
    }
    #expect(try await reason("rtsp://camera.lan/main") == "refused")
    #expect(try await reason("rtsp://nobody.lan/main") == "no-such-name")
    #expect(try await reason("gopher://camera.lan/") == "bad-address")
    #expect(try await reason("file:missing.mp4") == "not-found")
    #expect(try await reason("file:../warden.key") == "bad-address")
  }
}
