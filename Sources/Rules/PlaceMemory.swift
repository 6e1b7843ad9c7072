import Assignment
import Geometry

/// What happened to a presence in a picture.
enum PlaceChange {
  /// It is over; `at` is when it ended. The presence is as it was at the end.
  case ended(Presence, at: Double, reason: String)
  /// It is no longer known whether it is there.
  case unknown(Int, reason: String)
  /// It is known again, and goes on.
  case resumed(Int, reason: String)
  /// It may be leaving.
  case doubtful(Int, reason: String)
  /// It is there after all.
  case certain(Int, reason: String)
  /// Something worth a line in its history.
  case remark(Int, reason: String)
}

/// What stands where since when: the memory of a camera's places.
///
/// Each picture gives each place one kind of look: the thing is *seen* (a detection), *unchanged* (no detection, but the picture
/// there is as it was), *hidden* (something nearer is in front) or *missed*. Only missed looks speak for its having left, by as
/// much as the detector has been reliable about it so far, so that no fixed number of misses decides.
///
/// Invariants: presences are by rising id; an id is never used twice.
struct PlaceMemory: Sendable, Hashable, Codable {
  private(set) var presences: [Presence] = []
  private var nextID = 1

  /// What a picture brings besides its things.
  struct Scene {
    var time: Double
    var isFirst: Bool
    /// The distance of the picture before.
    var gap: Double
    var picture: ThumbnailSampler?
    /// Changed pictures say nothing at present.
    var lightHolds: Bool
    /// How long something may be out of sight before it is unknown.
    var allowance: Double
    /// The usual distance of pictures.
    var period: Double
    /// The least score with which a class may start a presence.
    var birthScore: (String) -> Double
    var settings: RuleSettings
  }

  /// Takes in a picture's things.
  mutating func update(_ things: [Sighting], _ scene: Scene) -> [PlaceChange] {
    var changes: [PlaceChange] = []
    var free = [Bool](repeating: true, count: things.count)
    var matched = [Int?](repeating: nil, count: presences.count)
    for pair in match(things, scene.settings).pairs {
      matched[pair.row] = pair.column
      free[pair.column] = false
    }
    var over: Set<Int> = []
    for index in presences.indices {
      if let thing = matched[index] {
        let outcome = see(index, things[thing], others: things, scene, &changes)
        if outcome != .stays { over.insert(presences[index].id) }
        if outcome == .leftBefore { free[thing] = true }
      } else {
        let place = presences[index].place
        let isContested = things.indices.contains { thing in
          !free[thing] && !over.contains(presences[index].id) && things[thing].family == presences[index].family
            && place.iou(things[thing].box) >= scene.settings.placeOverlap
        }
        miss(index, things, isContested: isContested, scene, &changes)
      }
    }
    for index in presences.indices where !over.contains(presences[index].id) {
      if let change = ending(index, scene, &changes) {
        changes.append(change)
        over.insert(presences[index].id)
      }
    }
    presences.removeAll { over.contains($0.id) }
    for index in things.indices where free[index] && !things[index].passing {
      let thing = things[index]
      guard thing.score >= scene.birthScore(thing.label) else { continue }
      presences.append(
        Presence(
          id: nextID, thing, at: scene.time, startUnseen: scene.isFirst, startGap: scene.gap, picture: scene.picture))
      nextID += 1
    }
    merge(scene, &changes)
    presences.sort { $0.id < $1.id }
    return changes
  }

  /// Lets the rules keep their claims with the presence.
  mutating func withPresence<Result>(_ index: Int, _ body: (inout Presence) -> Result) -> Result {
    body(&presences[index])
  }

  /// Lends a presence out, so that it is changed in place and not copied; `put` brings it back.
  mutating func take(_ index: Int) -> Presence {
    var presence = Self.vacant
    swap(&presence, &presences[index])
    return presence
  }

  mutating func put(_ presence: consuming Presence, at index: Int) { presences[index] = presence }

  private static let vacant = Presence(
    id: 0,
    Sighting(
      index: 0, label: "", score: 0, box: .picture, family: .litter, group: "", stallLike: false, track: nil,
      passing: false, others: []), at: 0, startUnseen: false, startGap: 0, picture: nil)

  func hasClaims(_ index: Int) -> Bool { !presences[index].claims.isEmpty }

  func outlines(_ settings: RuleSettings) -> [PresenceOutline] {
    presences.map { PresenceOutline($0, settings: settings) }
  }

  func index(of id: Int) -> Int? { presences.firstIndex { $0.id == id } }

  // MARK: - Looks

  private func match(_ things: [Sighting], _ settings: RuleSettings) -> Assignment {
    var matrix = CostMatrix(rows: presences.count, columns: things.count)
    for row in presences.indices {
      let (place, last) = (presences[row].place, presences[row].recent[presences[row].recent.count - 1].box)
      for column in things.indices where things[column].family == presences[row].family {
        let box = things[column].box
        // The usual case first: they do not touch.
        guard box.x < place.maxX && place.x < box.maxX || box.x < last.maxX && last.x < box.maxX else { continue }
        let overlap = max(place.iou(box), last.iou(box))
        guard overlap >= min(settings.placeOverlap, 0.6) else { continue }
        let stranger = presences[row].group != things[column].group && presences[row].votes[things[column].label] == nil
        let least = things[column].passing ? 0.6 : stranger ? settings.strangerOverlap : settings.placeOverlap
        guard overlap >= least else { continue }
        let sameTrack = things[column].track != nil && things[column].track == presences[row].track
        matrix[row, column] = 1 - overlap + (stranger ? 0.2 : 0) - (sameTrack ? 0.1 : 0)
      }
    }
    return Assignment(matrix, unmatched: 1.2)
  }

  /// What a detection at a place was.
  private enum Outcome {
    case stays
    /// The presence had left before; the detection is of something new.
    case leftBefore
    /// Another thing has taken the place and goes on under its own id.
    case replaced
  }

  /// A detection at the place.
  private mutating func see(
    _ index: Int, _ thing: Sighting, others: [Sighting], _ scene: Scene, _ changes: inout [PlaceChange]
  ) -> Outcome {
    var presence = take(index)
    defer { put(presence, at: index) }
    let (time, settings) = (scene.time, scene.settings)
    let look = Look(time: time, box: thing.box)
    let gap = time - presence.lastSeen
    let gone = presence.absence >= settings.goneEvidence
    let stale = time - presence.appearanceTime >= settings.refreshSeconds
    var verdict = Appearance.Verdict.unsure
    if gap >= settings.swapSeconds || presence.doubt != nil || gone || stale {
      verdict = self.verdict(presence, scene)
    }

    if gone, verdict == .other || verdict == .unsure && presence.movedOff {
      changes.append(.ended(presence, at: presence.lastSeen, reason: "left"))
      return .leftBefore
    }
    if presence.doubt == nil, gap >= settings.swapSeconds, presence.appearance != nil, scene.picture != nil,
      verdict != .same
    {
      let long =
        gap >= settings.longSwapSeconds || presence.movedOff || presence.absence >= settings.doubtEvidence
      let isNew = presence.looks < 3 && gap >= settings.longSwapSeconds
      if isNew { verdict = .other }
      presence.doubt = Presence.Doubt(before: presence.lastSeen, first: look, evidence: 0, looks: 0, long: long)
    }
    if let doubt = presence.doubt, gap > max(settings.swapSeconds, 2.5 * scene.period) {
      // Whatever raised the doubt has gone itself.
      presence.doubt = Presence.Doubt(before: doubt.before, first: look, evidence: 0, looks: 0, long: true)
    }
    if var doubt = presence.doubt {
      doubt.looks += 1
      let weight = doubt.looks == 1 ? 1 : presence.weight(at: time, settings: settings)
      switch verdict {
      case .same:
        presence.doubt = nil
      case .other:
        doubt.evidence += weight * 1.5 + (doubt.long && doubt.looks == 1 ? 3 : 0)
        presence.doubt = doubt
      case .unsure:
        presence.doubt = doubt.looks < 5 ? doubt : nil
        if presence.doubt == nil { presence.appearance = nil }
      }
      if doubt.evidence >= settings.replacedEvidence {
        changes.append(.ended(presence, at: doubt.before, reason: "another took its place"))
        succeed(presence, doubt: doubt, thing, scene)
        return .replaced
      }
    }

    let weight = presence.weight(at: time, settings: settings)
    presence.seen += weight
    presence.looks += 1
    presence.lastLook = time
    presence.contested = 0
    presence.votes[thing.label, default: 0] += thing.score
    for other in thing.others { presence.votes[other.label, default: 0] += other.score * 0.5 }
    presence.note(score: thing.score)
    if let track = thing.track, track != presence.track {
      presence.track = track
      presence.trackSince = time
    }
    // Whoever stands here now came from elsewhere, also where another passed over the place before.
    if thing.travelled >= 1 { presence.movedIn = true }
    presence.lastThing = Presence.LastThing(label: thing.label, score: thing.score)
    let cover = self.cover(of: presence.place, by: others, except: thing.index, settings)
    presence.usualCover += (cover.share - presence.usualCover) * 0.3
    let isAccompanied = others.indices.contains { other in
      others[other].family == .person && others[other].stays && isBeside(others[other].box, thing, settings)
    }
    if isAccompanied { presence.accompanied += weight }
    if presence.absence >= settings.doubtEvidence, presence.doubt == nil {
      changes.append(.certain(presence.id, reason: "seen again in its place"))
    } else if gap >= max(settings.remarkSeconds, 3 * scene.period), presence.unknownSince == nil {
      let how = presence.hiddenSince == nil ? "not seen" : "hidden"
      changes.append(
        .remark(presence.id, reason: "\(how) from \(Reason.seconds(presence.lastSeen)) to \(Reason.seconds(time))"))
    }
    present(&presence, scene, &changes)
    presence.sight = .seen
    presence.add(look)
    if let picture = scene.picture, presence.isCompared, presence.doubt == nil,
      cover.share <= presence.usualCover + settings.occlusionCover
    {
      let settled = presence.looks > 3
      if presence.appearance == nil || !settled || stale && verdict == .same {
        presence.appearance = Appearance(presence.place, in: picture)
        presence.appearancePlace = presence.place
        presence.appearanceTime = time
      }
    }
    move(&presence, scene, &changes)
    return .stays
  }

  /// The presence whose place another took goes on as that other.
  private mutating func succeed(_ presence: Presence, doubt: Presence.Doubt, _ thing: Sighting, _ scene: Scene) {
    var next = Presence(id: nextID, thing, at: doubt.first.time, startUnseen: false, startGap: scene.gap, picture: nil)
    next.add(Look(time: scene.time, box: thing.box))
    next.lastSeen = scene.time
    next.lastNear = scene.time
    next.lastLook = scene.time
    next.looks = doubt.looks
    next.seen = Double(doubt.looks)
    if let picture = scene.picture {
      next.appearance = Appearance(next.place, in: picture)
      next.appearancePlace = next.place
      next.appearanceTime = scene.time
    }
    nextID += 1
    presences.append(next)
  }

  /// No detection at the place.
  private mutating func miss(
    _ index: Int, _ things: [Sighting], isContested: Bool, _ scene: Scene, _ changes: inout [PlaceChange]
  ) {
    var presence = take(index)
    defer { put(presence, at: index) }
    let (time, settings) = (scene.time, scene.settings)
    let cover = self.cover(of: presence.place, by: things, except: nil, settings)
    let weight = presence.weight(at: time, settings: settings)
    if isContested {
      presence.contested += 1
      presence.sight = .hidden
      presence.hidden += weight
      presence.lastLook = time
      return
    }
    if cover.isNearer, cover.share >= presence.usualCover + settings.occlusionCover {
      presence.sight = .hidden
      presence.hiddenSince = presence.hiddenSince ?? time
      presence.hidden += weight
      presence.lastLook = time
      return
    }
    var verdict = presence.doubt == nil ? self.verdict(presence, scene) : .unsure
    // The picture alone does not vouch for what was hardly ever detected.
    if presence.looks < 3, verdict == .same { verdict = .unsure }
    presence.lastLook = time
    if verdict == .same {
      presence.unchanged += weight
      if presence.absence >= settings.doubtEvidence {
        changes.append(.certain(presence.id, reason: "its place looks as it did"))
      }
      present(&presence, scene, &changes)
      presence.sight = .unchanged
      return
    }
    presence.sight = .missed
    let share = scene.lightHolds ? 0.3 : 1
    let evidence = presence.missEvidence(settings) + (verdict == .other ? settings.changedPictureEvidence : 0)
    presence.absence += share * weight * evidence
    if !scene.lightHolds { presence.missed += weight }
    if !presence.movedOff, let track = presence.track, things.indices.contains(where: { things[$0].track == track }) {
      presence.movedOff = true
      presence.absence += settings.movedOffEvidence
    }
  }

  /// The thing is there: whatever spoke for its having left is void.
  private func present(_ presence: inout Presence, _ scene: Scene, _ changes: inout [PlaceChange]) {
    if presence.unknownSince != nil, presence.doubt == nil {
      let span = "from \(Reason.seconds(presence.lastSeen)) to \(Reason.seconds(scene.time))"
      changes.append(.resumed(presence.id, reason: "seen again, the same; not seen \(span)"))
      presence.unknownSince = nil
    }
    presence.lastSeen = scene.time
    guard presence.doubt == nil else { return }
    presence.absence = 0
    presence.movedOff = false
    presence.hiddenSince = nil
  }

  /// Judges how far the thing has shifted from where it stood first.
  private mutating func move(_ presence: inout Presence, _ scene: Scene, _ changes: inout [PlaceChange]) {
    let settings = scene.settings
    let shift = Standing.shift(from: presence.origin, to: presence.place)
    let grown = presence.place.iou(presence.origin) < settings.placeOverlap
    if shift <= settings.restartShift, !grown { presence.lastNear = scene.time }
    if !presence.isLasting {
      if shift > settings.restartShift || grown { restart(&presence, scene) }
    } else if !presence.isWarned {
      if shift > settings.leaveShift || grown {
        changes.append(.ended(presence, at: presence.lastNear, reason: "moved on"))
        restart(&presence, scene)
      }
    } else if presence.shifting || shift > settings.leaveShift {
      let still = presence.recent.allSatisfy { Standing.shift(from: presence.place, to: $0.box) < 0.1 }
      let span = presence.recent[presence.recent.count - 1].time - presence.recent[0].time
      if shift > settings.samePlaceShift {
        changes.append(.ended(presence, at: presence.lastNear, reason: "moved off"))
        restart(&presence, scene)
      } else if shift <= settings.restartShift {
        presence.shifting = false
        changes.append(.certain(presence.id, reason: "is back where it stood"))
      } else if presence.shifting, still, presence.recent.count >= 3,
        presence.recent.count == 9 || span >= settings.candidateSeconds
      {
        presence.shifting = false
        presence.origin = presence.place
        presence.lastNear = scene.time
        changes.append(.certain(presence.id, reason: "stands again, less than its own length further"))
      } else if !presence.shifting {
        presence.shifting = true
        changes.append(.doubtful(presence.id, reason: "has begun to move"))
      }
    }
  }

  private mutating func restart(_ presence: inout Presence, _ scene: Scene) {
    let gap = max(scene.settings.swapSeconds, 2.5 * scene.period)
    presence.restart(id: nextID, gap: gap, settings: scene.settings)
    nextID += 1
  }

  // MARK: - Endings

  /// Whether a presence is over after this picture, and what else became of it.
  private mutating func ending(_ index: Int, _ scene: Scene, _ changes: inout [PlaceChange]) -> PlaceChange? {
    let presence = presences[index]
    guard presence.lastSeen < scene.time else { return nil }
    let settings = scene.settings
    let limit = presence.unknownSince == nil ? settings.goneEvidence : settings.goneEvidenceUnknown
    let unseen = scene.time - presence.lastSeen
    if presence.absence >= limit {
      let at = presence.shifting ? presence.lastNear : presence.doubt?.before ?? presence.lastSeen
      let reason =
        presence.unknownSince != nil ? "left unseen" : presence.hiddenSince != nil ? "left while hidden" : "left"
      if !presence.isWarned || unseen >= settings.rearmSeconds { return .ended(presence, at: at, reason: reason) }
    }
    if presence.isWarned, presence.absence >= settings.doubtEvidence {
      changes.append(.doubtful(presence.id, reason: "no longer seen in its place"))
    }
    if presence.unknownSince == nil, unseen > scene.allowance {
      guard presence.isLasting else { return .ended(presence, at: presence.lastSeen, reason: "not seen again") }
      presences[index].unknownSince = scene.time
      let span = "since \(Reason.seconds(presence.lastSeen)), longer than \(Reason.seconds(scene.allowance)) s"
      changes.append(.unknown(presence.id, reason: "not seen \(span)"))
    }
    if unseen > max(settings.forgetSeconds, scene.allowance) {
      return .ended(presence, at: presence.lastSeen, reason: "not seen again")
    }
    return nil
  }

  /// Two presences in one place are one thing: the older stays, or the one for which something was raised.
  private mutating func merge(_ scene: Scene, _ changes: inout [PlaceChange]) {
    var boxes = presences.map(\.place)
    let families = presences.map(\.family)
    var over = [Bool](repeating: false, count: presences.count)
    for first in boxes.indices {
      for second in boxes.indices.dropFirst(first + 1) where families[first] == families[second] {
        // The usual case first: they do not touch.
        guard boxes[first].x < boxes[second].maxX, boxes[second].x < boxes[first].maxX,
          boxes[first].y < boxes[second].maxY, boxes[second].y < boxes[first].maxY, !over[first], !over[second]
        else { continue }
        let overlap = boxes[first].iou(boxes[second])
        guard overlap >= scene.settings.contestedOverlap else { continue }
        let (a, b) = (presences[first], presences[second])
        guard overlap >= scene.settings.duplicateOverlap || max(a.contested, b.contested) >= 3 else { continue }
        let isSecondOlder = b.isWarned && !a.isWarned || a.isWarned == b.isWarned && b.start < a.start
        let (keep, drop) = isSecondOlder ? (second, first) : (first, second)
        if presences[drop].lastSeen > presences[keep].lastSeen {
          let latest = presences[drop].recent[presences[drop].recent.count - 1]
          presences[keep].add(latest)
          presences[keep].track = presences[drop].track
          present(&presences[keep], scene, &changes)
          presences[keep].sight = presences[drop].sight
          presences[keep].contested = 0
        }
        over[drop] = true
        boxes[keep] = presences[keep].place
        changes.append(.ended(presences[drop], at: presences[drop].lastSeen, reason: "is one with another thing there"))
      }
    }
    guard over.contains(true) else { return }
    presences = zip(presences, over).filter { !$0.1 }.map(\.0)
  }

  // MARK: - What is at a place

  private func verdict(_ presence: Presence, _ scene: Scene) -> Appearance.Verdict {
    guard let picture = scene.picture, let appearance = presence.appearance else { return .unsure }
    let verdict = appearance.verdict(at: presence.appearancePlace, in: picture, settings: scene.settings)
    return verdict == .other && scene.lightHolds ? .unsure : verdict
  }

  /// The largest share of a place that another thing's box covers, and whether that thing is nearer to the camera.
  private func cover(
    of place: Box, by things: [Sighting], except index: Int?, _ settings: RuleSettings
  ) -> (share: Double, isNearer: Bool) {
    var best = (share: 0.0, isNearer: false)
    let lowest = place.maxY - settings.occlusionDepth * place.height
    for other in things.indices where things[other].box.maxY >= lowest {
      let box = things[other].box
      guard box.x < place.maxX, place.x < box.maxX, things[other].index != index, things[other].family != .litter,
        !things[other].isDrawn
      else { continue }
      let share = place.covered(by: box)
      if share > best.share { best = (share, true) }
    }
    return best
  }

  private func isBeside(_ person: Box, _ thing: Sighting, _ settings: RuleSettings) -> Bool {
    let vehicle = thing.box
    let reach = thing.stallLike ? settings.vendorDistance * vehicle.width : settings.besideDistance * person.width
    return person.maxX >= vehicle.x - reach && person.x <= vehicle.maxX + reach
      && person.maxY >= vehicle.y + vehicle.height / 3 && person.maxY <= vehicle.maxY + person.height / 2
  }
}
