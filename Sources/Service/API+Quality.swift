import CaseStore
import Formats
import Geometry
import HTTPTypes
import Hummingbird
import Statistics

extension API {
  static let qualityRoutes: [Route] = [
    Route(method: .get, path: "/api/v1/suppressed", summary: "Candidates that did not become warnings") { api, call in
      let count = try call.number("sample", 1...500)
      let seed = try call.number("seed", 0...1_000_000_000) ?? 1
      let list = try await api.store.suppressed(
        camera: call.query("camera"), from: call.instant("from"), to: call.instant("to"),
        sample: count.map { ($0, seed) }, call.page())
      return .json(api.listing(list) { api.node($0) })
    },
    Route(method: .get, path: "/api/v1/accuracy", summary: "Precision and response times") { api, call in
      try await api.accuracy(call)
    },
    Route(method: .get, path: "/api/v1/references", summary: "Decisions as a reference document") { api, call in
      try await api.references(call)
    },
  ]

  /// Decisions of one kind of warning, counted.
  private struct Tally {
    var counts: [Decision: Int] = [:]
    var undecided = 0
    var reasons: [String: Int] = [:]
    var weeks: [String: (confirmed: Int, rejected: Int)] = [:]

    mutating func add(_ row: DecisionCount) {
      guard let decision = row.decision else {
        undecided += row.count
        return
      }
      counts[decision, default: 0] += row.count
      if let reason = row.reason { reasons[reason, default: 0] += row.count }
      let week = CivilDate(dayNumber: row.day).week
      if decision == .confirm { weeks[week, default: (0, 0)].confirmed += row.count }
      if decision == .reject { weeks[week, default: (0, 0)].rejected += row.count }
    }

    func count(_ decision: Decision) -> JSONNode { .integer(counts[decision] ?? 0) }

    /// Confirmed of those decided, with Wilson's interval.
    var precision: JSONNode {
      let right = counts[.confirm] ?? 0
      let all = right + (counts[.reject] ?? 0)
      let interval = Intervals.wilson(right, of: all)
      return .object([
        "value": all == 0 ? .null : .score(Double(right) / Double(all)), "low": .score(interval?.low),
        "high": .score(interval?.high), "n": .integer(all),
      ])
    }
  }

  private func accuracy(_ call: Call) async throws -> Response {
    let (from, to) = (try call.instant("from"), try call.instant("to"))
    let rows = try await store.decisions(from: from, to: to)
    var types: [EventType: Tally] = [:]
    var cameras: [[String]: (type: EventType, tally: Tally)] = [:]
    for row in rows {
      types[row.type, default: Tally()].add(row)
      cameras[[row.cameraName, row.camera, row.type.rawValue], default: (row.type, Tally())].tally.add(row)
    }
    var byType: [String: JSONNode] = [:]
    for type in EventType.allCases {
      let tally = types[type] ?? Tally()
      byType[type.rawValue] = .object([
        "precision": tally.precision, "confirmed": tally.count(.confirm), "rejected": tally.count(.reject),
        "unclear": tally.count(.unclear), "undecided": .integer(tally.undecided),
        "reasons": .object(tally.reasons.mapValues { .integer($0) }),
        "weeks": .array(
          tally.weeks.sorted { $0.key < $1.key }.map {
            .object([
              "week": .string($0.key), "confirmed": .integer($0.value.confirmed),
              "rejected": .integer($0.value.rejected),
            ])
          }),
      ])
    }
    let byCamera: [JSONNode] = cameras.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, entry in
      .object([
        "camera": .string(key[1]), "cameraName": .string(key[0]), "type": .string(entry.type.rawValue),
        "confirmed": entry.tally.count(.confirm), "rejected": entry.tally.count(.reject),
        "precision": entry.tally.precision,
      ])
    }
    let minutes = try await store.responseSeconds(from: from, to: to).map { $0 / 60 }
    let budget = configuration.budgets["respond"] ?? 30
    func quantile(_ share: Double) -> JSONNode {
      minutes.isEmpty ? .null : .plain(Quantiles.of(sorted: minutes, share), 2)
    }
    return .json(
      .object([
        "target": .plain(0.85), "types": .object(byType), "cameras": .array(byCamera),
        "response": .object([
          "n": .integer(minutes.count), "p50": quantile(0.5), "p90": quantile(0.9),
          "max": minutes.last.map { .plain($0, 2) } ?? .null,
          "within": minutes.isEmpty
            ? .null : .score(Double(minutes.count { $0 <= budget }) / Double(minutes.count)),
          "budgetMinutes": .plain(budget),
        ]),
      ]))
  }

  /// Confirmed warnings as events, rejected ones as nothing: seconds count from `from`, or from the first start.
  private func references(_ call: Call) async throws -> Response {
    guard let id = call.query("camera") else { throw Problem.invalid("camera: the camera's id is expected") }
    let camera = try await store.camera(id)
    let decided = try await store.decided(camera: id, from: try call.instant("from"), to: try call.instant("to"))
    let origin = try call.instant("from") ?? decided.map(\.times.start).min() ?? call.now
    let end = try call.instant("to") ?? decided.map { $0.times.end ?? $0.times.alert }.max() ?? origin
    var events: [ReferenceEvent] = []
    for warning in decided where warning.review?.decision == .confirm {
      var event = ReferenceEvent(
        id: warning.id, type: warning.type, zone: warning.zone, start: max(0, warning.times.start - origin),
        due: max(0, warning.times.due - origin), end: warning.times.end.map { max(0, $0 - origin) }, box: warning.box)
      event.note = warning.review.map { $0.note.isEmpty ? "confirmed by \($0.act.by)" : $0.note }
      events.append(event)
    }
    let document = ReferenceDocument(
      durationSeconds: max(0, end - origin), labelledBy: "inspectors of \(camera.name), from \(Timestamp.utc(origin))",
      events: events)
    return .bytes(document.json(), "application/json; charset=utf-8")
  }
}

extension CivilDate {
  /// The week by ISO 8601, such as `2026-W47`.
  var week: String {
    let index = Weekday.allCases.firstIndex(of: weekday) ?? 0
    // The year that holds a week's Thursday has the week.
    let thursday = CivilDate(dayNumber: dayNumber - index + 3)
    let year = thursday.components.year
    let first = CivilDate(year: year, month: 1, day: 1)?.dayNumber ?? thursday.dayNumber
    let number = (thursday.dayNumber - first) / 7 + 1
    return "\(year)-W\(number < 10 ? "0" : "")\(number)"
  }
}
