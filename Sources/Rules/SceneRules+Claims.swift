import Formats
import Geometry

extension SceneRules {
  /// Carries what happened to a presence over to its claims.
  mutating func apply(_ change: PlaceChange, at time: Double, _ events: inout [RuleEvent]) {
    switch change {
    case .ended(let presence, let end, let reason):
      for claim in presence.claims { close(claim, of: presence, end: end, reason: reason, at: time, &events) }
    case .unknown(let id, let reason):
      turn(id, at: time, reason, &events) { claim in
        guard claim.state != .unknown, claim.state != .appearing else { return nil }
        return .unknown
      }
    case .resumed(let id, let reason):
      turn(id, at: time, reason, &events) { claim in
        guard claim.state == .unknown else { return nil }
        return claim.warning == nil ? .candidate : .warned
      }
    case .doubtful(let id, let reason):
      turn(id, at: time, reason, &events) { $0.state == .warned ? .clearing : nil }
    case .certain(let id, let reason):
      turn(id, at: time, reason, &events) { $0.state == .clearing ? .warned : nil }
    case .remark(let id, let reason):
      turn(id, at: time, reason, &events) { [settings] claim in
        claim.state == .appearing || claim.history.count >= settings.remarks ? nil : claim.state
      }
    }
  }

  /// Moves the claims of a presence to the states that `next` gives them; nil leaves one alone.
  private mutating func turn(
    _ id: Int, at time: Double, _ reason: String, _ events: inout [RuleEvent], next: (inout Claim) -> WarningState?
  ) {
    guard let index = memory.index(of: id) else { return }
    var presence = memory.take(index)
    for place in presence.claims.indices {
      guard let state = next(&presence.claims[place]) else { continue }
      presence.claims[place].state = state
      presence.claims[place].history.append(StateChange(time: time, state: state, reason: reason))
      update(presence.claims[place], &events)
    }
    memory.put(presence, at: index)
  }

  /// Writes a raised claim's state and history to its warning.
  private mutating func update(_ claim: Claim, end: Double? = nil, _ events: inout [RuleEvent]) {
    guard let id = claim.warning, let index = warnings.lastIndex(where: { $0.id == id }) else { return }
    warnings[index].state = claim.state
    warnings[index].history = claim.history
    warnings[index].end = end
    if let end, let mediaStart, warnings[index].times != nil { warnings[index].times?.end = mediaStart + end }
    events.append(.changed(warnings[index]))
  }

  /// Ends a claim: a raised one is cleared, a candidate is suppressed, what only appeared is dropped.
  mutating func close(
    _ claim: Claim, of presence: Presence, end: Double, reason: String, at time: Double, _ events: inout [RuleEvent]
  ) {
    var claim = claim
    if claim.warning != nil {
      claim.state = .cleared
      claim.history.append(StateChange(time: time, state: .cleared, reason: reason))
      update(claim, end: end, &events)
    } else if claim.state != .appearing {
      let held = claim.heldBy.map { "held back by \($0)" }
      let when = end < claim.due ? "before the dwell" : "before it was sure"
      suppress(claim, of: presence, end: end, reason: held ?? "\(reason) \(when)", &events)
    }
  }

  mutating func suppress(
    _ claim: Claim, of presence: Presence, end: Double?, reason: String, _ events: inout [RuleEvent]
  ) {
    let record = SuppressedRecord(
      type: claim.type, zone: camera.zones[claim.zone].id, start: claim.start, end: end, label: presence.label,
      box: presence.place, reason: reason, why: claim.why)
    suppressed.append(record)
    events.append(.suppressed(record))
  }

  /// A new warning's id: camera, type and start (whole seconds of a clip, UTC of a live stream), and a number where that was
  /// there before.
  mutating func newID(_ type: EventType, start: Double) -> String {
    var stem = "\(camera.id)-\(type.rawValue)-"
    if isLive, let mediaStart {
      stem += Timestamp.utc(mediaStart + start).filter { $0 != "-" && $0 != ":" }
    } else {
      stem += "\(Int(max(-9e15, min(9e15, start.rounded(.down)))))"
    }
    idCounts[stem, default: 0] += 1
    return "\(stem)-\(idCounts[stem]!)"
  }

  mutating func note(_ text: String, _ events: inout [RuleEvent]) {
    guard !notes.contains(text) else { return }
    notes.append(text)
    events.append(.note(text))
  }
}
