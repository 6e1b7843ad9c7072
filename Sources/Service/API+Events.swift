import CaseStore
import Formats
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

extension API {
  static let eventRoutes: [Route] = [
    Route(method: .get, path: "/api/v1/events", summary: "Changes as server-sent events") { api, call in
      let asked = HTTPField.Name("Last-Event-ID").flatMap { call.request.headers[$0] }
      let from = (asked ?? call.query("lastEventId")).flatMap { Int($0) }
      return Response(
        status: .ok,
        headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
        body: ResponseBody { writer in
          do { try await api.follow(from: from, call, &writer) } catch is CancellationError {}
          try await writer.finish(nil)
        })
    }
  ]

  /// Tells what changes until the reader goes away, the session ends or the service stops.
  private func follow(from first: Int?, _ call: Call, _ writer: inout any ResponseBodyWriter) async throws {
    let changes = Ticks(store.changes())
    defer { changes.stop() }
    var last: Int
    if let first { last = first } else { last = try await store.events(after: nil).last }
    let mayReadCases = Access.allows("GET /api/v1/cases", call.session?.person.role)
    try await writer.write(ByteBuffer(string: "retry: 2000\n: watching\n\n"))
    var sentAt = clock()
    var checkedAt = sentAt
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      let (events, end) = try await store.events(after: last)
      for event in events {
        guard event.kind != "case" || mayReadCases, let data = try await data(of: event, at: clock()) else { continue }
        let text = String(decoding: JSONWriter.line(data), as: UTF8.self)
        try await writer.write(ByteBuffer(string: "id: \(event.id)\nevent: \(event.kind)\ndata: \(text)\n\n"))
        sentAt = clock()
      }
      last = max(last, end)
      let now = clock()
      if now - sentAt >= 15 {
        // Finds out whether somebody still listens.
        try await writer.write(ByteBuffer(string: ": \(last)\n\n"))
        sentAt = now
      }
      if now - checkedAt >= 3 {
        checkedAt = now
        guard let token = call.token, let session = try await store.session(token: token), holds(session, at: now)
        else {
          return
        }
        if now - session.seenAt > 60 { try await store.touch(token: token, at: now) }
      }
      if events.isEmpty { await changes.next() }
    }
  }

  private func data(of event: StoreEvent, at now: Double) async throws(StoreError) -> JSONNode? {
    // Nil where it is gone by now: a case whose decision was taken back.
    var shown: JSONNode?
    do throws(StoreError) {
      switch event.kind {
      case "warning", "review": shown = node(try await store.warning(event.object), at: now)
      case "case": shown = node(try await store.caseEntry(event.object), at: now)
      default:
        return event.data.flatMap { try? JSONValue(parsing: Array($0.utf8), file: "event") }.map { JSONNode($0) }
      }
    } catch {
      guard error == .notFound else { throw error }
    }
    return shown ?? .object(["id": .string(event.object), "removed": .bool(true)])
  }
}

/// Ticks at each hint, and every three seconds besides.
private final class Ticks: Sendable {
  private let stream: AsyncStream<Void>
  private let task: Task<Void, Never>

  init(_ hints: AsyncStream<Void>) {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.stream = stream
    task = Task {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { for await _ in hints { continuation.yield() } }
        group.addTask {
          while (try? await Task.sleep(for: .seconds(3))) != nil { continuation.yield() }
        }
      }
      continuation.finish()
    }
  }

  func next() async {
    var iterator = stream.makeAsyncIterator()
    _ = await iterator.next()
  }

  func stop() { task.cancel() }
}
