import CaseStore
import Formats
import HTTPTypes
import Hummingbird
import Pipeline

extension API {
  static let sessionRoutes: [Route] = [
    Route(method: .post, path: "/api/v1/session", summary: "Log in") { try await $0.logIn($1) },
    Route(method: .get, path: "/api/v1/session", summary: "Who am I") { api, call in
      guard let session = call.session else { throw Problem.noSession }
      return .json(api.node(session.person, csrf: session.csrf))
    },
    Route(method: .delete, path: "/api/v1/session", summary: "Log out") { api, call in
      if let token = call.token { try await api.store.close(token: token) }
      return api.withCookie(.nothing, "", call, lasting: 0)
    },
    Route(method: .put, path: "/api/v1/session/password", summary: "Change one's password") {
      try await $0.changePassword($1)
    },
  ]

  private func logIn(_ call: Call) async throws -> Response {
    let body = try await call.body()
    let name = try body.required("name", upTo: 64)
    let password = try body.required("password", upTo: 256)
    let account = "user:" + name.lowercased()
    let address = "address:" + call.address
    if let until = try await store.lockedUntil([account, address], at: call.now) {
      throw Problem(
        .tooManyRequests, "too many failed log-ins; wait a little and try again",
        retryAfter: max(1, Int((until - call.now).rounded(.up))))
    }
    let person = try? await store.person(name)
    // Counted before the slow part: guesses that run side by side count, too.
    try await store.failed(account, allowed: 5, seconds: 60, most: 60, at: call.now)
    try await store.failed(address, allowed: 20, seconds: 60, most: 900, at: call.now)
    guard await hasher.verify(password, person?.password), let person, !person.isDisabled else {
      throw Problem(.unauthorized, "name or password are wrong")
    }
    try await store.succeeded([account, address])
    if hasher.needsRehash(person.password) {
      try await store.rehash(person.name, password: await hasher.hash(password))
    }
    let token = Secrets.token()
    let csrf = Secrets.token()
    try await store.open(
      token: Secrets.digest(token), csrf: csrf, address: call.address, Act(by: person.name, at: call.now))
    return withCookie(.json(node(person, csrf: csrf)), token, call, lasting: Int(Self.longestSession))
  }

  private func changePassword(_ call: Call) async throws -> Response {
    let body = try await call.body()
    let (old, new) = (try body.required("old", upTo: 256), try body.required("new", upTo: 256))
    let person = try call.person
    let account = "user:" + person.name.lowercased()
    if let until = try await store.lockedUntil([account], at: call.now) {
      throw Problem(
        .tooManyRequests, "too many wrong passwords; wait a little and try again",
        retryAfter: max(1, Int((until - call.now).rounded(.up))))
    }
    try await store.failed(account, allowed: 5, seconds: 60, most: 60, at: call.now)
    guard await hasher.verify(old, person.password) else { throw Problem(.forbidden, "the old password is wrong") }
    try await store.succeeded([account])
    if let objection = PasswordHasher.objection(new, name: person.name) { throw Problem.invalid("new: \(objection)") }
    guard new != old else { throw Problem.invalid("new: it is the old one") }
    _ = try await store.change(person.name, password: await hasher.hash(new), keeping: call.token, call.act)
    return .nothing
  }

  private func node(_ person: Person, csrf: String) -> JSONNode {
    .object([
      "name": .string(person.name), "role": .string(person.role.rawValue), "csrf": .string(csrf),
      "mustChangePassword": .bool(person.mustChange), "language": .string(configuration.language),
      "version": .string(wardenVersion), "target": .plain(0.85),
      "budgets": .object(configuration.budgets.mapValues { .plain($0) }),
    ])
  }

  private func withCookie(_ response: Response, _ token: String, _ call: Call, lasting seconds: Int) -> Response {
    var response = response
    let isSecure = HTTPField.Name("X-Forwarded-Proto").flatMap { call.request.headers[$0] } == "https"
    response.headers[.setCookie] =
      "\(Self.cookieName)=\(token); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
      + (isSecure ? "; Secure" : "")
    return response
  }
}
