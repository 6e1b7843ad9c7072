package import CaseStore
import Formats
import Foundation
import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
package import Pipeline

/// The service's routes and what they share.
package final class API: Sendable {
  struct Route: Sendable {
    let method: HTTPRequest.Method
    /// With parameters in braces, as `Access.table` and the OpenAPI document name them.
    let path: String
    /// One line for the OpenAPI document.
    let summary: String
    let handler: @Sendable (API, Call) async throws -> Response

    var key: String { "\(method.rawValue) \(path)" }
  }

  let store: CaseStore
  let configuration: ServiceConfiguration
  let secrets: Secrets
  let hasher: PasswordHasher
  let addresses: AddressGuard
  let cameras: LiveCameras
  let prober: any CameraProber
  let console: ConsoleFiles
  let log: Logger
  /// Seconds since 1970.
  let clock: @Sendable () -> Double
  /// Starts, changes and ends the cameras' watches after a change.
  let reconcile: @Sendable () async -> Void

  package init(
    store: CaseStore, configuration: ServiceConfiguration, secrets: Secrets, hasher: PasswordHasher,
    addresses: AddressGuard, cameras: LiveCameras, prober: any CameraProber, console: ConsoleFiles, log: Logger,
    clock: @escaping @Sendable () -> Double, reconcile: @escaping @Sendable () async -> Void
  ) {
    self.store = store
    self.configuration = configuration
    self.secrets = secrets
    self.hasher = hasher
    self.addresses = addresses
    self.cameras = cameras
    self.prober = prober
    self.console = console
    self.log = log
    self.clock = clock
    self.reconcile = reconcile
  }

  static let routes: [Route] = [
    sessionRoutes, cameraRoutes, warningRoutes, caseRoutes, qualityRoutes, peopleRoutes, eventRoutes, openRoutes,
  ].flatMap { $0 }

  /// All routes, as `METHOD /path/{parameter}`.
  package static var routeKeys: [String] { routes.map(\.key) }

  /// Answers every request, with the headers that every answer has.
  package func responder() -> some HTTPResponder<CallContext> {
    let router = Router(context: CallContext.self, options: .autoGenerateHeadEndpoints)
    for route in Self.routes {
      let path = route.path.replacing("{", with: ":").replacing("}", with: "")
      router.on(RouterPath(path), method: route.method) { [self] request, context in
        await answer(route, request, context)
      }
    }
    return Guarded(router: router.buildResponder(), log: log)
  }

  private func answer(_ route: Route, _ request: Request, _ context: CallContext) async -> Response {
    do {
      let call = try await admit(route, request, context)
      return try await route.handler(self, call)
    } catch {
      let problem = Problem(error)
      if problem.status.code >= 500 { log.error("\(route.key): \(error)") }
      return problem.response
    }
  }

  /// Lets a request in: a session where one is needed, the role, and no forgery from another site.
  private func admit(_ route: Route, _ request: Request, _ context: CallContext) async throws -> Call {
    let access = Access.table[route.key]
    let changes = request.method != .get && request.method != .head
    if changes { try refuseForgery(route, request) }
    let now = clock()
    if access == .anyone { return Call(request: request, context: context, now: now, session: nil, token: nil) }
    guard let cookie = request.cookies[Self.cookieName]?.value else { throw Problem.noSession }
    let token = Secrets.digest(cookie)
    guard let session = try await store.session(token: token), holds(session, at: now) else { throw Problem.noSession }
    guard let access, access.allows(session.person.role) else {
      throw Problem(.forbidden, "your role does not allow this")
    }
    if changes {
      let sent = HTTPField.Name("X-Warden-CSRF").flatMap { request.headers[$0] } ?? ""
      guard Secrets.areEqual(sent, session.csrf) else {
        throw Problem(.forbidden, "the request does not carry the session's X-Warden-CSRF; load the page again")
      }
      let isAllowed = ["PUT /api/v1/session/password", "DELETE /api/v1/session"].contains(route.key)
      guard !session.person.mustChange || isAllowed else {
        throw Problem(.forbidden, "choose a password of your own first")
      }
    }
    if now - session.seenAt > 60 { try await store.touch(token: token, at: now) }
    return Call(request: request, context: context, now: now, session: session, token: token)
  }

  static let cookieName = "warden"
  static let longestSession = 12 * 3600.0
  static let longestPause = 2 * 3600.0

  func holds(_ session: Session, at now: Double) -> Bool {
    now - session.createdAt < Self.longestSession && now - session.seenAt < Self.longestPause
  }

  /// Refuses what another site's page could have sent.
  private func refuseForgery(_ route: Route, _ request: Request) throws(Problem) {
    let refusal = Problem(.forbidden, "the request comes from another site")
    if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site != "same-origin",
      site != "none"
    {
      throw refusal
    }
    if let origin = request.headers[.origin] {
      guard let host = request.head.authority ?? HTTPField.Name("Host").flatMap({ request.headers[$0] }),
        origin == "http://\(host)" || origin == "https://\(host)"
      else { throw refusal }
    }
    guard request.method == .post || request.method == .put else { return }
    let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
    let expected = route.path.hasSuffix("/import") ? "text/csv" : "application/json"
    guard type == expected else { throw Problem(.unsupportedMediaType, "a body of type \(expected) is expected") }
  }
}

/// Adds to every answer what keeps a page from harm, and gives those that no route made the form of all others.
private struct Guarded<Inner: HTTPResponder<CallContext>>: HTTPResponder {
  let router: Inner
  let log: Logger

  func respond(to request: Request, context: CallContext) async throws -> Response {
    var response: Response
    do {
      response = try await router.respond(to: request, context: context)
      if response.status.code >= 400, response.headers[.contentType] != "application/problem+json" {
        response = Problem(response.status, response.status == .notFound ? "there is no such page" : "refused").response
      }
    } catch { response = Problem(error).response }
    let added: [(String, String)] = [
      ("Content-Security-Policy", Self.policy), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
      ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
      ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ]
    for (name, value) in added {
      if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    return response
  }

  private static var policy: String {
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
      + "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  }
}
