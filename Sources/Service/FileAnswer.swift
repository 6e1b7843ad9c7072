import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers with a file, or with the part of it that was asked for (RFC 9110, one range).
enum FileAnswer {
  static func response(_ path: String, type: String, _ call: Call, caching: String) async throws -> Response {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeRegular, let size = (attributes[.size] as? NSNumber)?.intValue
    else { throw Problem.notFound }
    let modified = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let tag = "\"\(String(size, radix: 16))-\(String(Int(modified * 1000), radix: 16))\""
    var headers: HTTPFields = [
      .contentType: type, .acceptRanges: "bytes", .eTag: tag, .cacheControl: caching,
    ]
    if call.request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
    let files = FileIO()
    guard let text = call.request.headers[.range], call.request.headers[.ifRange].map({ $0 == tag }) ?? true else {
      return Response(status: .ok, headers: headers, body: try await files.loadFile(path: path, context: call.context))
    }
    switch range(text, of: size) {
    case .whole:
      return Response(status: .ok, headers: headers, body: try await files.loadFile(path: path, context: call.context))
    case .none:
      headers[.contentRange] = "bytes */\(size)"
      return Response(status: .rangeNotSatisfiable, headers: headers)
    case .part(let part):
      headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound)/\(size)"
      let body = try await files.loadFile(path: path, range: part, context: call.context)
      return Response(status: .partialContent, headers: headers, body: body)
    }
  }

  enum Range: Hashable {
    /// Not understood or several: the whole file is a right answer.
    case whole
    case none
    case part(ClosedRange<Int>)
  }

  static func range(_ text: String, of size: Int) -> Range {
    guard text.hasPrefix("bytes="), !text.contains(",") else { return .whole }
    let ends = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard ends.count == 2 else { return .whole }
    if ends[0].isEmpty {
      guard let count = Int(ends[1]), count >= 0 else { return .whole }
      return count == 0 || size == 0 ? .none : .part(max(0, size - count)...size - 1)
    }
    guard let first = Int(ends[0]), first >= 0 else { return .whole }
    guard first < size else { return .none }
    if ends[1].isEmpty { return .part(first...size - 1) }
    guard let last = Int(ends[1]), last >= first else { return .whole }
    return .part(first...min(last, size - 1))
  }
}
