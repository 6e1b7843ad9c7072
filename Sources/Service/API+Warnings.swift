import CaseStore
import Formats
import Foundation
import HTTPTypes
import Hummingbird

extension API {
  static let warningRoutes: [Route] = [
    Route(method: .get, path: "/api/v1/warnings", summary: "Warnings") { api, call in
      var filter = WarningFilter()
      filter.state = try call.choice("state", WarningFilter.State.self) ?? .all
      filter.type = try call.choice("type", EventType.self)
      filter.camera = call.query("camera")
      filter.from = try call.instant("from")
      filter.to = try call.instant("to")
      let list = try await api.store.warnings(filter, call.page())
      return .json(api.listing(list) { api.node($0, at: call.now) })
    },
    Route(method: .get, path: "/api/v1/warnings/{id}", summary: "A warning") { api, call in
      .json(api.node(try await api.store.warning(call.path("id")), at: call.now))
    },
    Route(
      method: .get, path: "/api/v1/warnings/{id}/evidence/{file}", summary: "A still or the clip, with ranges"
    ) { api, call in
      let warning = try await api.store.warning(call.path("id"))
      let file = try call.path("file")
      // Only what the store names: no path is ever made of what was asked.
      guard warning.evidence.clip == file || warning.evidence.stills.contains(file) else { throw Problem.notFound }
      let type = file.hasSuffix(".mp4") ? "video/mp4" : "image/jpeg"
      let path = api.evidence.path(of: file, for: warning.id)
      return try await FileAnswer.response(path, type: type, call, caching: "private, max-age=86400, immutable")
    },
    Route(method: .post, path: "/api/v1/warnings/{id}/claim", summary: "Hold a warning for two minutes") { api, call in
      let claim = try await api.store.claim(call.path("id"), until: call.now + 120, call.act)
      return .json(.object(["claim": api.node(claim)]))
    },
    Route(method: .post, path: "/api/v1/warnings/{id}/review", summary: "Decide a warning") { api, call in
      let fields = try await call.body()
      guard let decision = try fields.choice("decision", Decision.self) else {
        throw Problem.invalid("decision: one of confirm, reject, unclear is expected")
      }
      let reason = try fields.choice("reason", RejectReason.self)
      let note = try fields.text("note", upTo: 1000, lines: true) ?? ""
      guard decision != .reject || reason != nil else {
        throw Problem.invalid(
          "reason: a rejection needs one of \(RejectReason.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      let warning = try await api.store.decide(
        call.path("id"), decision, reason: decision == .reject ? reason?.rawValue : nil, note: note, call.act)
      return .json(api.node(warning, at: call.now))
    },
    Route(method: .delete, path: "/api/v1/warnings/{id}/review", summary: "Take one's decision back") { api, call in
      let warning = try await api.store.undoDecision(
        of: call.path("id"), madeAfter: call.now - API.undoSeconds, call.act)
      return .json(api.node(warning, at: call.now))
    },
  ]

  /// How long a decision can be taken back.
  static let undoSeconds = 60.0

  var evidence: EvidenceFolder { EvidenceFolder(dataFolder: configuration.dataFolder) }

  func listing<Element>(_ list: Listing<Element>, _ node: (Element) -> JSONNode) -> JSONNode {
    var object: [String: JSONNode] = [
      "items": .array(list.items.map(node)), "next": list.next.map(JSONNode.string) ?? .null,
    ]
    if let total = list.total { object["total"] = .integer(total) }
    return .object(object)
  }
}

/// Why a warning is none: the hard negatives' names.
enum RejectReason: String, Sendable, CaseIterable {
  case notStandingLongEnough = "not-standing-long-enough"
  case loadingOrBoarding = "loading-or-boarding"
  case queueInTraffic = "queue-in-traffic"
  case permittedPlaceOrTime = "permitted-place-or-time"
  case vendorMovingOn = "vendor-moving-on"
  case shopsOwnGoods = "shops-own-goods"
  case binNotFull = "bin-not-full"
  case wrongObject = "wrong-object"
  case badPicture = "bad-picture"
}
