import CaseStore
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Service
import Testing

@Suite("Access")
struct AccessTests {
  @Test("every route has a line in the table of access, and every line a route")
  func table() {
    #expect(Set(API.routeKeys) == Set(Access.table.keys))
    #expect(API.routeKeys.count == Set(API.routeKeys).count)
    #expect(!Access.allows("GET /api/v1/new-route", .administrator))
  }

  @Test("each role gets through where the table says so and nowhere else")
  func matrix() async throws {
    let bench = try await Bench()
    var clients: [(Role?, Client)] = [(nil, bench.anonymous())]
    for role in Role.allCases { clients.append((role, try await bench.client("p-\(role.rawValue)", role))) }
    // What ends a session is tried last.
    let keys =
      API.routeKeys.filter { $0 != "DELETE /api/v1/session" && $0 != "GET /api/v1/events" } + ["DELETE /api/v1/session"]
    for key in keys {
      let parts = key.split(separator: " ")
      let path = parts[1].split(separator: "/", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("{") ? "absent" : String($0) }.joined(separator: "/")
      let method = try #require(HTTPRequest.Method(rawValue: String(parts[0])))
      for (role, client) in clients {
        let csv = key.hasSuffix("/import")
        let answer = try await client.send(
          method, path, json: method == .post || method == .put ? "{}" : nil, type: csv ? "text/csv" : nil)
        if Access.allows(key, role) {
          #expect(answer.status != 403, "\(key) as \(String(describing: role)): \(answer.text)")
          // Logging in with nothing is refused as a bad request.
          #expect(answer.status != 401, "\(key) as \(String(describing: role))")
        } else {
          #expect(answer.status == (role == nil ? 401 : 403), "\(key) as \(String(describing: role))")
        }
      }
    }
  }

  @Test("another person's object and one that is not there get the same answer")
  func absent() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    _ = try await bench.raise()
    for path in ["warnings/none", "cases/none", "cameras/none", "cameras/cam-1/still", "warnings/none/evidence/a.jpg"] {
      let answer = try await li.send(.get, "/api/v1/" + path)
      #expect(answer.status == 404)
      #expect(answer.headers[.contentType] == "application/problem+json")
    }
  }

  @Test("a decision is a person's own: a colleague can neither change it nor take it back")
  func ownDecisions() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    let wang = try await bench.client("wang", .inspector)
    let id = try await bench.raise()
    let path = "/api/v1/warnings/\(id)/review"
    #expect(try await li.send(.post, path, json: #"{"decision": "confirm"}"#).status == 200)
    let other = try await wang.send(.post, path, json: #"{"decision": "reject", "reason": "wrong-object"}"#)
    #expect(other.status == 409)
    #expect(other.member("detail")?.contains("li") == true)
    #expect(try await wang.send(.delete, path).status == 409)
    #expect(try await li.send(.delete, path).status == 200)
  }

  @Test("what another site's page could send is refused and changes nothing")
  func forgery() async throws {
    let bench = try await Bench()
    let op = try await bench.client("op", .operator)
    let body = #"{"id": "cam-9", "name": "Nine", "url": "rtsp://10.0.0.9/a"}"#
    var bare = op
    bare.csrf = nil
    var wrong = op
    wrong.csrf = "0000"
    let path = "/api/v1/cameras"
    #expect(try await bare.send(.post, path, json: body).status == 403)
    #expect(try await wrong.send(.post, path, json: body).status == 403)
    #expect(try await op.send(.post, path, json: body, headers: ["Origin": "http://evil.example"]).status == 403)
    #expect(try await op.send(.post, path, json: body, headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
    #expect(try await op.send(.post, path, json: body, headers: ["Sec-Fetch-Site": "same-site"]).status == 403)
    for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
      #expect(try await op.send(.post, path, json: body, type: type).status == 415)
    }
    #expect(try await bench.store.cameras().isEmpty)
    let own = ["Origin": "http://warden.lan:8080", "Sec-Fetch-Site": "same-origin"]
    #expect(try await op.send(.post, path, json: body, headers: own).status == 201)
  }

  @Test("guesses are stopped after five, a right password then, too, and other people are not")
  func bruteForce() async throws {
    let bench = try await Bench()
    _ = try await bench.client("li", .inspector)
    let wang = try await bench.client("wang", .inspector)
    let attacker = bench.anonymous()
    var statuses: [Int] = []
    for guess in 0..<12 {
      statuses.append(
        try await attacker.send(
          .post, "/api/v1/session", json: "{\"name\": \"li\", \"password\": \"guess-\(guess)-x\"}"
        )
        .status)
    }
    #expect(statuses == Array(repeating: 401, count: 5) + Array(repeating: 429, count: 7))
    let right = "{\"name\": \"li\", \"password\": \"\(Bench.password)\"}"
    let locked = try await attacker.send(.post, "/api/v1/session", json: right)
    #expect(locked.status == 429 && locked.headers[.retryAfter] == "60")
    #expect(try await wang.send(.get, "/api/v1/session").status == 200)
    bench.pass(61)
    var home = bench.anonymous()
    home.peer = "10.9.9.10"
    #expect(try await home.send(.post, "/api/v1/session", json: right).status == 200)
  }

  @Test("an unknown name and a wrong password get the same answer")
  func unknownUser() async throws {
    let bench = try await Bench()
    _ = try await bench.client("li", .inspector)
    let client = bench.anonymous()
    let known = try await client.send(.post, "/api/v1/session", json: #"{"name": "li", "password": "wrong-one-1"}"#)
    let unknown = try await client.send(.post, "/api/v1/session", json: #"{"name": "xy", "password": "wrong-one-1"}"#)
    #expect(known.status == 401 && unknown.status == 401)
    #expect(known.bytes == unknown.bytes)
  }

  @Test("a cookie that was planted before the log-in is not the session's")
  func fixation() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    var victim = bench.anonymous()
    victim.cookie = "warden=planted-by-someone"
    let answer = try await victim.send(
      .post, "/api/v1/session", json: "{\"name\": \"li\", \"password\": \"\(Bench.password)\"}")
    let cookie = try #require(answer.headers[.setCookie])
    #expect(!cookie.contains("planted"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    #expect(try await victim.send(.get, "/api/v1/session").status == 401)
    #expect(try await li.send(.get, "/api/v1/session").status == 200)
  }

  @Test("sessions end by logging out, by pause, by age and when the role changes")
  func ends() async throws {
    let bench = try await Bench()
    let admin = try await bench.client("admin", .administrator)
    let li = try await bench.client("li", .inspector)
    #expect(try await admin.send(.put, "/api/v1/users/li", json: #"{"role": "qa"}"#).status == 200)
    #expect(try await li.send(.get, "/api/v1/session").status == 401)
    let again = try await bench.logIn("li")
    #expect(try await again.send(.delete, "/api/v1/session").status == 204)
    #expect(try await again.send(.get, "/api/v1/session").status == 401)
    let pausing = try await bench.logIn("li")
    bench.pass(3 * 3600)
    #expect(try await pausing.send(.get, "/api/v1/session").status == 401)
  }

  @Test("who must change the password can do nothing else that changes anything")
  func mustChange() async throws {
    let bench = try await Bench()
    let admin = try await bench.client("admin", .administrator)
    let added = try await admin.send(.post, "/api/v1/users", json: #"{"name": "chen", "role": "operator"}"#)
    #expect(added.status == 201)
    let password = try #require(added.member("password"))
    var chen = bench.anonymous()
    let login = try await chen.send(
      .post, "/api/v1/session", json: "{\"name\": \"chen\", \"password\": \"\(password)\"}")
    #expect(login["mustChangePassword"] == .bool(true))
    chen.cookie = login.headers[.setCookie].map { String($0.prefix { $0 != ";" }) }
    chen.csrf = login.member("csrf")
    let camera = #"{"id": "cam-9", "name": "Nine", "url": "rtsp://10.0.0.9/a"}"#
    #expect(try await chen.send(.post, "/api/v1/cameras", json: camera).status == 403)
    let weak = "{\"old\": \"\(password)\", \"new\": \"password123\"}"
    #expect(try await chen.send(.put, "/api/v1/session/password", json: weak).status == 400)
    let wrong = #"{"old": "not-the-old-one", "new": "seven-green-trams"}"#
    #expect(try await chen.send(.put, "/api/v1/session/password", json: wrong).status == 403)
    let good = "{\"old\": \"\(password)\", \"new\": \"seven-green-trams\"}"
    #expect(try await chen.send(.put, "/api/v1/session/password", json: good).status == 204)
    #expect(try await chen.send(.post, "/api/v1/cameras", json: camera).status == 201)
  }

  @Test("every answer carries the policy that keeps a page from harm")
  func headers() async throws {
    let bench = try await Bench()
    let li = try await bench.client("li", .inspector)
    for path in ["/", "/health", "/api/v1/cameras", "/api/v1/none", "/none", "/api/v1/openapi.json", "/%00"] {
      let answer = try await li.send(.get, path)
      let policy = answer.headers[HTTPField.Name("Content-Security-Policy")!] ?? ""
      #expect(policy.hasPrefix("default-src 'none'"), "\(path)")
      #expect(!policy.contains("unsafe"))
      #expect(answer.headers[HTTPField.Name("X-Content-Type-Options")!] == "nosniff")
    }
  }
}
