import CaseStore
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension API {
  static let caseRoutes: [Route] = [
    Route(method: .get, path: "/api/v1/cases", summary: "Cases, as JSON or as CSV") { api, call in
      let filter: CaseFilter
      switch call.query("stage") {
      case nil, "open": filter = .open
      case "all": filter = .all
      case let name?:
        guard let stage = Stage(rawValue: name) else {
          throw Problem.invalid("stage: open, all, confirmed, dispatched, handled or verified is expected")
        }
        filter = .stage(stage)
      }
      if call.query("format") == "csv" { return try await api.csv(filter, call) }
      let list = try await api.store.cases(filter, call.page())
      return .json(api.listing(list) { api.node($0, at: call.now) })
    },
    Route(method: .get, path: "/api/v1/cases/{id}", summary: "A case") { api, call in
      .json(api.node(try await api.store.caseEntry(call.path("id")), at: call.now))
    },
    Route(method: .post, path: "/api/v1/cases/{id}/stage", summary: "Take a case to its next stage") { api, call in
      let fields = try await call.body()
      guard let stage = try fields.choice("stage", Stage.self) else {
        throw Problem.invalid("stage: dispatched, handled or verified is expected")
      }
      let note = try fields.text("note", upTo: 1000, lines: true) ?? ""
      let entry = try await api.store.advance(call.path("id"), to: stage, note: note, call.act)
      return .json(api.node(entry, at: call.now))
    },
  ]

  /// All cases of a filter, written as they are read.
  private func csv(_ filter: CaseFilter, _ call: Call) async throws -> Response {
    let header = CSV.line([
      "case", "stage", "type", "category", "camera", "cameraName", "district", "zone", "start", "alert", "confirmed",
      "confirmedBy", "dispatched", "dispatchedBy", "handled", "handledBy", "verified", "verifiedBy", "cleared", "note",
    ])
    let districts = Dictionary(
      uniqueKeysWithValues: try await store.cameras().map { ($0.id, $0.district ?? "") })
    let store = store
    let body = ResponseBody { writer in
      try await writer.write(ByteBuffer(string: "\u{FEFF}" + header))
      var page = Page(limit: 500)
      while true {
        let list = try await store.cases(filter, page)
        var text = ""
        for entry in list.items { text += Self.row(entry, district: districts[entry.warning.camera] ?? "") }
        if !text.isEmpty { try await writer.write(ByteBuffer(string: text)) }
        guard let next = list.next else { break }
        page.after = next
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"cases.csv\"",
      ], body: body)
  }

  private static func row(_ entry: CaseEntry, district: String) -> String {
    let warning = entry.warning
    func step(_ stage: Stage) -> [String] {
      guard let step = entry.stages.first(where: { $0.stage == stage }) else { return ["", ""] }
      return [Timestamp.utc(step.at), step.by ?? ""]
    }
    return CSV.line(
      [
        entry.id, entry.stage.rawValue, warning.type.rawValue, warning.category ?? "", warning.camera,
        warning.cameraName, district, warning.zoneName ?? warning.zone ?? "", Timestamp.utc(warning.times.start),
        Timestamp.utc(warning.times.alert),
      ] + step(.confirmed) + step(.dispatched) + step(.handled) + step(.verified) + [
        warning.state == .cleared ? warning.times.end.map(Timestamp.utc) ?? "" : "",
        entry.stages.map(\.note).filter { !$0.isEmpty }.joined(separator: " / "),
      ])
  }
}
