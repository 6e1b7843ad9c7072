import CaseStore
import Formats
import Geometry
import Pipeline

/// How the API writes the values of the store.
extension API {
  func node(_ camera: CameraEntry, _ live: LiveCamera?, open: Int) -> JSONNode {
    .object([
      "id": .string(camera.id), "name": .string(camera.name), "url": .string(Self.masked(camera.url)),
      "username": text(camera.username), "hasPassword": .bool(camera.secret != nil), "district": text(camera.district),
      "placeCode": text(camera.placeCode), "longitude": camera.longitude.map { .plain($0) } ?? .null,
      "latitude": camera.latitude.map { .plain($0) } ?? .null, "owner": text(camera.owner),
      "timeZone": .string(camera.clock.name), "sampleRate": .plain(camera.sampleRate),
      "zones": .array(camera.zones.map(\.node)), "zonesVersion": .integer(camera.zonesVersion),
      "frame": camera.frame.map { .object(["width": .integer($0.width), "height": .integer($0.height)]) } ?? .null,
      "health": node(live?.health ?? CameraHealth(.starting, since: clock())), "open": .integer(open),
    ])
  }

  func node(_ health: CameraHealth) -> JSONNode { health.node }

  func node(_ warning: StoredWarning, at now: Double) -> JSONNode {
    let respond = configuration.budgets["respond"] ?? 30
    var stills: [JSONNode] = []
    for file in warning.evidence.stills {
      let moment = file.hasSuffix("-clean.jpg") ? "clean" : String(file.prefix { $0 != "." })
      stills.append(.object(["file": .string(file), "moment": .string(moment)]))
    }
    return .object([
      "id": .string(warning.id), "type": .string(warning.type.rawValue), "category": text(warning.category),
      "camera": .string(warning.camera), "cameraName": .string(warning.cameraName),
      "timeZone": .string(warning.clock.name), "zone": text(warning.zone),
      "zoneName": text(warning.zoneName ?? warning.zone), "polygon": polygon(warning.polygon),
      "state": .string(warning.state.rawValue), "score": .score(warning.score), "class": text(warning.label),
      "box": box(warning.box), "startTime": time(warning.times.start), "dueTime": time(warning.times.due),
      "alertTime": time(warning.times.alert), "endTime": warning.times.end.map(time) ?? .null,
      "deadline": time(warning.times.alert + 60 * respond), "why": .array(warning.why.map(node)),
      "history": .array(
        warning.history.map {
          .object(["time": time($0.time), "state": .string($0.state.rawValue), "reason": .string($0.reason)])
        }),
      "evidence": .object(["clip": text(warning.evidence.clip), "stills": .array(stills)]),
      "claim": warning.claim.flatMap { $0.until > now ? node($0) : nil } ?? .null,
      "review": warning.review.map { node($0, at: now) } ?? .null, "case": text(warning.caseID),
      "earlierHere": .integer(warning.earlierHere),
    ])
  }

  func node(_ claim: Claim) -> JSONNode { .object(["by": .string(claim.by), "until": time(claim.until)]) }

  private func node(_ review: Review, at now: Double) -> JSONNode {
    let until = review.act.at + Self.undoSeconds
    return .object([
      "decision": .string(review.decision.rawValue), "reason": text(review.reason), "note": .string(review.note),
      "by": .string(review.act.by), "at": time(review.act.at), "undoUntil": until > now ? time(until) : .null,
    ])
  }

  func node(_ entry: CaseEntry, at now: Double) -> JSONNode {
    let warning = entry.warning
    guard case .object(let shown) = node(warning, at: now) else { return .null }
    var object: [String: JSONNode] = [
      "id": .string(entry.id), "warning": .string(warning.id), "stage": .string(entry.stage.rawValue),
      "stages": .array(
        entry.stages.map {
          .object([
            "stage": .string($0.stage.rawValue), "at": time($0.at), "by": text($0.by), "note": .string($0.note),
          ])
        }),
      "budget": budget(entry, at: now),
      "clearedAt": warning.state == .cleared ? warning.times.end.map(time) ?? .null : .null,
    ]
    for key in ["type", "camera", "cameraName", "timeZone", "zone", "zoneName", "box", "evidence", "earlierHere"] {
      object[key] = shown[key]
    }
    return .object(object)
  }

  /// The stage that is to come, and until when.
  private func budget(_ entry: CaseEntry, at now: Double) -> JSONNode {
    let next: (stage: Stage, key: String, start: Double)
    switch entry.stage {
    case .flagged, .confirmed: next = (.dispatched, "respond", entry.warning.times.alert)
    case .dispatched: next = (.handled, "handled", entry.stages.last?.at ?? now)
    case .handled: next = (.verified, "verified", entry.stages.last?.at ?? now)
    case .verified: return .null
    }
    guard let minutes = configuration.budgets[next.key] else { return .null }
    let due = next.start + 60 * minutes
    return .object([
      "stage": .string(next.stage.rawValue), "minutes": .plain(minutes), "startedAt": time(next.start),
      "dueAt": time(due), "overdue": .bool(now > due),
    ])
  }

  func node(_ suppressed: StoredSuppressed) -> JSONNode {
    let record = suppressed.record
    return .object([
      "camera": .string(suppressed.camera), "cameraName": .string(suppressed.cameraName),
      "type": .string(record.type.rawValue), "zone": text(record.zone),
      "zoneName": text(suppressed.zoneName ?? record.zone), "startTime": time(record.start),
      "endTime": record.end.map(time) ?? .null, "class": text(record.label), "box": box(record.box),
      "reason": .string(record.reason), "why": .array(record.why.map(node)), "still": .null,
    ])
  }

  func node(_ person: Person) -> JSONNode {
    .object([
      "name": .string(person.name), "role": .string(person.role.rawValue), "createdAt": time(person.createdAt),
      "lastLogin": person.lastLogin.map(time) ?? .null, "disabled": .bool(person.isDisabled),
    ])
  }

  func node(_ condition: Condition) -> JSONNode {
    .object([
      "condition": .string(condition.name), "value": .score(condition.value), "threshold": .score(condition.threshold),
      "met": .bool(condition.met),
    ])
  }

  func time(_ instant: Double) -> JSONNode { .string(Timestamp.utc(instant)) }

  func text(_ value: String?) -> JSONNode { value.map(JSONNode.string) ?? .null }

  private func box(_ box: Box) -> JSONNode {
    .array([.fraction(box.x), .fraction(box.y), .fraction(box.width), .fraction(box.height)])
  }

  private func polygon(_ json: String?) -> JSONNode {
    json.flatMap { try? JSONValue(parsing: Array($0.utf8), file: "polygon") }.map(JSONNode.init) ?? .null
  }
}

extension CameraHealth {
  /// As the API writes it.
  var node: JSONNode {
    func time(_ value: Double?) -> JSONNode { value.map { .string(Timestamp.utc($0)) } ?? .null }
    return .object([
      "state": .string(state.rawValue), "reason": reason.map(JSONNode.string) ?? .null,
      "detail": detail.map(JSONNode.string) ?? .null, "since": time(since), "retryAt": time(retryAt),
      "lastPicture": time(lastPicture), "picturesPerSecond": picturesPerSecond.map { .plain($0, 2) } ?? .null,
    ])
  }
}
