import CaseStore
import Formats
import Foundation
import HTTPTypes
package import Hummingbird
import Logging
import NIOCore

/// What comes with a request besides itself: the address of who asks.
package struct CallContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The peer's IP address, as text.
  package let peer: String

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
  }

  /// Without a connection, for tests.
  package init(peer: String) {
    struct Source: RequestContextSource {
      let logger = Logger(label: "call")
    }
    coreContext = .init(source: Source())
    self.peer = peer
  }
}

/// A request on its way through a route.
struct Call: Sendable {
  let request: Request
  let context: CallContext
  /// Seconds since 1970.
  let now: Double
  /// Who asks; nil where nobody has to be logged in.
  let session: Session?
  /// The digest of the session's token.
  let token: [UInt8]?

  /// The person who asks, on routes that demand one.
  var person: Person {
    get throws(Problem) {
      guard let session else { throw .noSession }
      return session.person
    }
  }

  /// What is written to the audit.
  var act: Act { Act(by: session?.person.name ?? "nobody", at: now) }

  /// Where the request comes from; a proxy on this machine says it for its clients.
  var address: String {
    guard context.peer == "127.0.0.1" || context.peer == "::1" || context.peer == "unknown",
      let name = HTTPField.Name("X-Forwarded-For"),
      let last = request.headers[name]?.split(separator: ",").last?.trimmingCharacters(in: .whitespaces),
      IPAddress(last) != nil
    else { return context.peer }
    return last
  }

  /// A part of the path. One that no object can be called is no object's.
  func path(_ name: String) throws(Problem) -> String {
    guard let raw = context.parameters.get(name), let text = raw.removingPercentEncoding, !text.isEmpty,
      text.utf8.count <= 512, !text.contains("/"), !text.contains("\\"), !text.hasPrefix("."),
      text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
    else { throw .notFound }
    return text
  }

  // MARK: query

  func query(_ name: String) -> String? {
    guard let value = request.uri.queryParameters[Substring(name)] else { return nil }
    let text = value.replacing("+", with: " ")
    return text.isEmpty ? nil : String(text)
  }

  func choice<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type) throws(Problem) -> Value?
  where Value.RawValue == String {
    guard let text = query(name) else { return nil }
    guard let value = Value(rawValue: text) else {
      throw .invalid("\(name): one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")) is expected")
    }
    return value
  }

  /// An instant in ISO 8601.
  func instant(_ name: String) throws(Problem) -> Double? {
    // The sign of an offset arrives as a space where it was not encoded.
    guard let text = request.uri.queryParameters[Substring(name)].map({ String($0).replacing(" ", with: "+") }),
      !text.isEmpty
    else { return nil }
    guard let value = Timestamp(text) else {
      throw .invalid("\(name): a time such as 2026-05-02T08:00:00Z is expected")
    }
    return value.instant
  }

  func number(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = query(name) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw .invalid("\(name): a number from \(range.lowerBound) to \(range.upperBound) is expected")
    }
    return value
  }

  func page(_ usual: Int = 50) throws(Problem) -> Page {
    Page(limit: try number("limit", 1...500) ?? usual, after: query("after"))
  }

  // MARK: body

  func bytes(upTo limit: Int = 1 << 20) async throws -> [UInt8] {
    do {
      let buffer = try await request.body.collect(upTo: limit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Problem(.contentTooLarge, "a body of at most \(limit >> 10) KiB is expected")
    }
  }

  func body() async throws -> Fields {
    let bytes = try await bytes()
    do {
      guard case .object(let object) = try JSONValue(parsing: bytes, file: "the body") else {
        throw Problem.invalid("the body is no JSON object")
      }
      return Fields(object: object)
    } catch let error as FormatError { throw Problem.invalid(error.description) }
  }
}

/// The members of a JSON object that was sent.
struct Fields: Sendable {
  let object: JSONObject

  /// - Returns: nil where it is absent or null.
  func text(_ key: String, upTo count: Int = 200, lines: Bool = false) throws(Problem) -> String? {
    switch object[key] {
    case nil, .null: return nil
    case .string(let text):
      let isClean = text.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0x0a, 0x09: lines
        case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069: false
        default: true
        }
      }
      guard text.unicodeScalars.count <= count, isClean else {
        throw .invalid("\(key): a text of at most \(count) characters without control characters is expected")
      }
      return text
    default: throw .invalid("\(key): a text is expected")
    }
  }

  func required(_ key: String, upTo count: Int = 200) throws(Problem) -> String {
    guard let text = try text(key, upTo: count), !text.isEmpty else {
      throw .invalid("\(key): a text of 1 to \(count) characters is expected")
    }
    return text
  }

  func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) throws(Problem) -> Value?
  where Value.RawValue == String {
    guard let text = try text(key) else { return nil }
    guard let value = Value(rawValue: text) else {
      throw .invalid("\(key): one of \(Value.allCases.map(\.rawValue).joined(separator: ", ")) is expected")
    }
    return value
  }

  func number(_ key: String, _ range: ClosedRange<Double>) throws(Problem) -> Double? {
    switch object[key] {
    case nil, .null: return nil
    case .number(let value) where range.contains(value): return value
    default: throw .invalid("\(key): a number from \(range.lowerBound) to \(range.upperBound) is expected")
    }
  }

  func flag(_ key: String) throws(Problem) -> Bool? {
    switch object[key] {
    case nil, .null: return nil
    case .bool(let value): return value
    default: throw .invalid("\(key): true or false is expected")
    }
  }
}

extension Response {
  static func json(_ node: JSONNode, _ status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONWriter.line(node))))
  }

  static let nothing = Response(status: .noContent)

  static func bytes(_ bytes: [UInt8], _ type: String) -> Response {
    Response(
      status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
