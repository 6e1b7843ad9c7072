import Formats
import Geometry
import Tracking

extension SceneRules {
  /// What a step knows when it judges.
  struct Bench {
    var time: Double
    /// For each zone since when it has held, on the media clock; nil where it does not hold now.
    var open: [Double?]
    var outlines: [PresenceOutline]
  }

  /// Judges every standing thing in every zone whose rule it concerns.
  mutating func judge(at time: Double, _ events: inout [RuleEvent]) {
    let open = camera.zones.map { camera.openSince($0, at: time, mediaStart: mediaStart) }
    let bench = Bench(time: time, open: open, outlines: memory.outlines(settings))
    for rule in ZoneRules.all {
      let bounds = zones.entries.filter { $0.zone.kind == rule.zoneKind }.map(\.zone.polygon.bounds)
      guard !bounds.isEmpty else { continue }
      for index in memory.presences.indices where rule.concerns(memory.presences[index]) {
        let contact = memory.presences[index].place.groundContact(share: settings.groundShare)
        guard memory.hasClaims(index) || bounds.contains(where: { $0.intersection(contact) != nil }) else { continue }
        var presence = memory.take(index)
        for (zone, entry) in zones.entries.enumerated() where entry.zone.kind == rule.zoneKind {
          judge(rule, &presence, entry, zone, bench, &events)
        }
        memory.put(presence, at: index)
      }
    }
  }

  private mutating func judge(
    _ rule: any ZoneRule.Type, _ presence: inout Presence, _ entry: ZoneMap.Entry, _ zone: Int, _ bench: Bench,
    _ events: inout [RuleEvent]
  ) {
    let coverage = entry.zone.polygon.coverage(of: presence.place.groundContact(share: settings.groundShare))
    let place = presence.claims.firstIndex { $0.zone == zone }
    guard let opening = bench.open[zone] else {
      if let place { withdraw(&presence, place, (bench.time, "the zone's window closed"), at: bench.time, &events) }
      return
    }
    let isMeant = presence.share(of: entry.labels) >= settings.classShare
    guard let since = rule.since(presence) else {
      if let place, presence.sight == .seen {
        withdraw(&presence, place, rule.ending(presence), at: bench.time, &events)
      }
      return
    }
    let start = max(since, opening)
    guard let place else {
      guard isMeant, coverage >= settings.enterCoverage, presence.sight == .seen else { return }
      let what =
        opening > since
        ? "stood when the window opened" : presence.startUnseen ? "there in the first picture" : "first seen"
      let first = StateChange(time: start, state: .appearing, reason: "\(what) in \(entry.zone.id)")
      presence.claims.append(
        Claim(
          type: rule.type, zone: zone, state: .appearing, start: start, due: start + entry.zone.dwell,
          box: presence.place, history: [first]))
      return advance(rule, &presence, presence.claims.count - 1, entry, coverage, bench, &events)
    }
    if presence.claims[place].state == .appearing {
      // The start may still have been a little off.
      presence.claims[place].start = start
      presence.claims[place].due = start + entry.zone.dwell
      presence.claims[place].history[0].time = start
    }
    if coverage < settings.leaveCoverage || !isMeant, presence.sight == .seen {
      // What was raised stays raised over a little jitter at the zone's edge.
      if presence.claims[place].warning == nil || coverage < settings.leaveCoverage / 2 {
        let reason = isMeant ? "left the zone" : "is mostly seen as another class"
        withdraw(&presence, place, (presence.lastNear, reason), at: bench.time, &events)
        return
      }
    }
    advance(rule, &presence, place, entry, coverage, bench, &events)
  }

  private mutating func withdraw(
    _ presence: inout Presence, _ place: Int, _ ending: (at: Double, reason: String), at time: Double,
    _ events: inout [RuleEvent]
  ) {
    let claim = presence.claims.remove(at: place)
    close(claim, of: presence, end: ending.at, reason: ending.reason, at: time, &events)
  }

  /// Takes a claim on: from appearing to candidate, from candidate to a warning.
  private mutating func advance(
    _ rule: any ZoneRule.Type, _ presence: inout Presence, _ place: Int, _ entry: ZoneMap.Entry, _ coverage: Double,
    _ bench: Bench, _ events: inout [RuleEvent]
  ) {
    var claim = presence.claims[place]
    guard claim.warning == nil, !claim.isSettled, claim.state == .appearing || claim.state == .candidate else { return }
    defer { presence.claims[place] = claim }
    let time = bench.time
    let candidate = candidacy(rule, presence, claim, entry, coverage, bench)
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
            box: presence.place, label: rule.label(presence))))
    }
    claim.why = rule.conditions(candidate)
    noteSize(claim.why, entry.zone, &events)
    if claim.why.contains(where: { $0.name == PartOfAnother.name && !$0.met }) { claim.partAt = time }
    guard time >= claim.due, presence.isThere(settings) else { return }
    if let obstacle = rule.obstacle(claim.why) {
      claim.heldBy = obstacle.name
      return
    }
    // A part goes with its thing: it must be seen for a while without it.
    if let partAt = claim.partAt, time - partAt < min(settings.candidateSeconds, entry.zone.dwell / 2) {
      claim.heldBy = PartOfAnother.name
      return
    }
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
    let allowed = "\(Reason.seconds(entry.zone.dwell)) s are allowed"
    claim.history.append(
      StateChange(time: time, state: .warned, reason: "has stood for \(Reason.seconds(candidate.stood)) s, \(allowed)"))
    var record = WarningRecord(
      id: id, type: claim.type, category: categories[claim.type], zone: entry.zone.id, start: claim.start,
      due: claim.due, alert: time, state: .warned, score: CalibratedScore.value(candidate),
      label: rule.label(presence), box: presence.place, track: presence.track, why: claim.why, history: claim.history)
    if isLive, let mediaStart {
      record.times = ClockTimes(start: mediaStart + claim.start, due: mediaStart + claim.due, alert: mediaStart + time)
    }
    warnings.append(record)
    events.append(.raised(record))
  }

  private func candidacy(
    _ rule: any ZoneRule.Type, _ presence: Presence, _ claim: Claim, _ entry: ZoneMap.Entry, _ coverage: Double,
    _ bench: Bench
  ) -> Candidacy {
    let contact = presence.place.groundContact(share: settings.groundShare)
    let permitted = rule.permittedKind.map { kind in
      zones.permitted(contact, label: presence.label, kind: kind, open: bench.open.map { $0 != nil })
    }
    let shared = PartOfAnother.shared(
      PresenceOutline(presence, settings: settings), among: bench.outlines, sure: model.score[presence.label],
      settings: settings)
    let nearest = VendorCluster.nearest(
      presence, among: memory.presences, zone: claim.zone, settings: settings)
    return Candidacy(
      presence: presence, claim: claim, zone: entry, score: rule.score(presence), coverage: coverage,
      permitted: permitted ?? 0, time: bench.time, shared: shared, nearest: nearest, picture: camera.frame,
      model: model,
      settings: settings)
  }

  private mutating func noteSize(_ conditions: [Condition], _ zone: Zone, _ events: inout [RuleEvent]) {
    guard let size = conditions.first(where: { $0.name == SizeInPixels.name }), !size.met else { return }
    let pixels = "under \(Int(settings.leastPixels)) pixels high"
    note("zone \(zone.id): things stand there that are \(pixels), too small to judge well", &events)
  }
}
