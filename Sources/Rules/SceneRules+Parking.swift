import Formats
import Geometry
import Tracking

extension SceneRules {
  /// Judges every standing road user in every no-parking zone.
  mutating func judgeParking(at time: Double, _ events: inout [RuleEvent]) {
    let open = camera.zones.map { openSince($0, at: time) }
    let outlines = memory.outlines(settings)
    let parkingBounds = zones.entries.filter { $0.zone.kind == IllegalParking.zoneKind }.map(\.zone.polygon.bounds)
    for index in memory.presences.indices where memory.presences[index].family == .road {
      let contact = memory.presences[index].place.groundContact(share: settings.groundShare)
      guard memory.hasClaims(index) || parkingBounds.contains(where: { $0.intersection(contact) != nil }) else {
        continue
      }
      var presence = memory.presences[index]
      for (zone, entry) in zones.entries.enumerated() where entry.zone.kind == IllegalParking.zoneKind {
        judge(&presence, entry, zone, open: open, among: outlines, at: time, &events)
      }
      memory.withPresence(index) { $0 = presence }
    }
  }

  /// Since when a zone has held, on the media clock; nil where it does not hold now.
  private func openSince(_ zone: Zone, at time: Double) -> Double? {
    camera.openSince(zone, at: time, mediaStart: mediaStart)
  }

  private mutating func judge(
    _ presence: inout Presence, _ entry: ZoneMap.Entry, _ zone: Int, open: [Double?],
    among outlines: [PresenceOutline], at time: Double,
    _ events: inout [RuleEvent]
  ) {
    let contact = presence.place.groundContact(share: settings.groundShare)
    let coverage = entry.zone.polygon.coverage(of: contact)
    let place = presence.claims.firstIndex { $0.zone == zone }
    guard let opening = open[zone] else {
      if let place { withdraw(&presence, place, end: time, reason: "the zone's window closed", at: time, &events) }
      return
    }
    let isMeant = presence.share(of: entry.labels) >= settings.classShare
    guard let place else {
      guard isMeant, coverage >= settings.enterCoverage, presence.sight == .seen else { return }
      let start = max(presence.start, opening)
      let what =
        opening > presence.start
        ? "stood when the window opened" : presence.startUnseen ? "there in the first picture" : "first seen"
      presence.claims.append(
        Claim(
          type: .illegalParking, zone: zone, state: .appearing, start: start, due: start + entry.zone.dwell,
          box: presence.place,
          history: [StateChange(time: start, state: .appearing, reason: "\(what) in \(entry.zone.id)")]))
      return advance(&presence, presence.claims.count - 1, entry, coverage, open, among: outlines, at: time, &events)
    }
    if presence.claims[place].state == .appearing {
      // The start may still have been a little off; the zone may have opened meanwhile.
      presence.claims[place].start = max(presence.start, opening)
      presence.claims[place].due = presence.claims[place].start + entry.zone.dwell
      presence.claims[place].history[0].time = presence.claims[place].start
    }
    if coverage < settings.leaveCoverage || !isMeant, presence.sight == .seen {
      let reason = isMeant ? "left the zone" : "is mostly seen as another class"
      if presence.claims[place].warning == nil || coverage < settings.leaveCoverage / 2 {
        withdraw(&presence, place, end: presence.lastNear, reason: reason, at: time, &events)
        return
      }
    }
    advance(&presence, place, entry, coverage, open, among: outlines, at: time, &events)
  }

  private mutating func withdraw(
    _ presence: inout Presence, _ place: Int, end: Double, reason: String, at time: Double, _ events: inout [RuleEvent]
  ) {
    let claim = presence.claims.remove(at: place)
    close(claim, of: presence, end: end, reason: reason, at: time, &events)
  }

  /// Takes a claim on: from appearing to candidate, from candidate to a warning.
  private mutating func advance(
    _ presence: inout Presence, _ place: Int, _ entry: ZoneMap.Entry, _ coverage: Double, _ open: [Double?],
    among outlines: [PresenceOutline], at time: Double, _ events: inout [RuleEvent]
  ) {
    var claim = presence.claims[place]
    guard claim.warning == nil, !claim.isSettled, claim.state == .appearing || claim.state == .candidate else { return }
    defer { presence.claims[place] = claim }
    let contact = presence.place.groundContact(share: settings.groundShare)
    let permitted = zones.permitted(
      contact, label: presence.label, kind: IllegalParking.permittedKind, open: open.map { $0 != nil })
    let candidate = Candidacy(
      presence: presence, claim: claim, zone: entry, coverage: coverage, permitted: permitted, time: time,
      shared: PartOfAnother.shared(
        PresenceOutline(presence, settings: settings), among: outlines, sure: model.score[presence.label],
        settings: settings), picture: camera.frame,
      model: model,
      settings: settings)
    if claim.state == .appearing {
      let wait = min(settings.candidateSeconds, entry.zone.dwell / 2)
      guard presence.sight == .seen, candidate.stood >= wait, presence.looks >= settings.candidateLooks,
        presence.scatter <= settings.stationaryScatter, presence.presentShare >= settings.presentShare
      else { return }
      claim.state = .candidate
      claim.box = presence.place
      claim.history.append(
        StateChange(time: time, state: .candidate, reason: "has stood for \(Reason.seconds(candidate.stood)) s"))
      events.append(
        .candidate(
          CandidateRecord(
            presence: presence.id, type: claim.type, zone: entry.zone.id, start: claim.start, due: claim.due,
            box: presence.place, label: presence.label)))
    }
    claim.why = IllegalParking.conditions(candidate)
    noteSize(claim.why, entry.zone, &events)
    guard time >= claim.due, presence.isThere(settings), IllegalParking.obstacle(claim.why) == nil else { return }
    if let other = presence.claims.first(where: { $0.type == claim.type && $0.warning != nil }) {
      claim.state = .appearing
      claim.isSettled = true
      suppress(
        claim, of: presence, end: nil, reason: "already raised in \(camera.zones[other.zone].id)", &events)
      return
    }
    claim.state = .warned
    let id = newID(claim.type, start: claim.start)
    claim.warning = id
    claim.history.append(
      StateChange(
        time: time, state: .warned,
        reason: "has stood for \(Reason.seconds(candidate.stood)) s, \(Reason.seconds(entry.zone.dwell)) s are allowed")
    )
    var record = WarningRecord(
      id: id, type: claim.type, category: categories[claim.type], zone: entry.zone.id, start: claim.start,
      due: claim.due,
      alert: time, state: .warned, score: CalibratedScore.value(candidate), label: presence.label, box: presence.place,
      track: presence.track, why: claim.why, history: claim.history)
    if isLive, let mediaStart {
      record.times = ClockTimes(start: mediaStart + claim.start, due: mediaStart + claim.due, alert: mediaStart + time)
    }
    warnings.append(record)
    events.append(.raised(record))
  }

  private mutating func noteSize(_ conditions: [Condition], _ zone: Zone, _ events: inout [RuleEvent]) {
    guard let size = conditions.first(where: { $0.name == SizeInPixels.name }), !size.met else { return }
    note(
      "zone \(zone.id): things stand there that are under \(Int(settings.leastPixels)) pixels high, too small to judge well",
      &events)
  }
}
