import CaseStore
import Formats
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer that says no, as RFC 9457 writes it.
struct Problem: Error {
  let status: HTTPResponse.Status
  /// One sentence for the person who asked.
  let detail: String
  /// Seconds after which trying again makes sense.
  var retryAfter: Int?

  init(_ status: HTTPResponse.Status, _ detail: String, retryAfter: Int? = nil) {
    self.status = status
    self.detail = detail
    self.retryAfter = retryAfter
  }

  static func invalid(_ detail: String) -> Problem { Problem(.badRequest, detail) }
  static let notFound = Problem(.notFound, "there is no such object")
  static let noSession = Problem(.unauthorized, "log in first")

  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case StoreError.notFound: self = .notFound
    case let error as StoreError:
      switch error {
      case .notFound: self = .notFound
      case .conflict: self = Problem(.conflict, error.description)
      case .invalid: self = Problem(.badRequest, error.description)
      case .busy: self = Problem(.serviceUnavailable, error.description, retryAfter: 2)
      case .failed: self = Problem(.internalServerError, "the database failed; the log says why")
      }
    case let error as FormatError: self = .invalid(error.description)
    case let error as any HTTPResponseError: self = Problem(error.status, error.status.reasonPhrase)
    default: self = Problem(.internalServerError, "something failed; the log says what")
    }
  }

  var response: Response {
    let body = JSONWriter.line(
      .object([
        "type": .string("about:blank"), "title": .string(status.reasonPhrase), "status": .integer(Int(status.code)),
        "detail": .string(detail),
      ]))
    var headers: HTTPFields = [.contentType: "application/problem+json"]
    if let retryAfter { headers[.retryAfter] = String(retryAfter) }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}
