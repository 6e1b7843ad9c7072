import Formats
import Foundation
import Geometry

/// A thing seen at a time.
struct Look: Sendable, Hashable, Codable {
  var time: Double
  var box: Box
}

/// Something of a family that stands at a place since a time, whatever tracks and class names come and go.
///
/// Invariants: `start` ≤ `lastNear` ≤ `lastSeen`; `recent` is by rising time, at most nine looks, and not empty; `absence` is not
/// negative.
struct Presence: Sendable, Hashable, Codable {
  private(set) var id: Int
  let family: Family
  /// The group of its first detection.
  let group: String
  /// Class names with the sum of scores that spoke for each.
  var votes: [String: Double]
  /// Since when it has stood here.
  var start: Double
  /// It stood here in the first picture.
  var startUnseen: Bool
  /// The distance of the picture before its first look: it may have come any time since.
  var startGap: Double
  /// It was seen to move before it stood.
  var movedIn: Bool
  /// Where it stood first: shifts are measured from here.
  var origin: Box
  /// Where it stands: the median of its recent looks.
  var place: Box
  /// Looks since it stands, until there are three that settle the origin.
  var opening: [Look]
  var recent: [Look]
  /// The last picture that showed it, by a detection or by the picture itself.
  var lastSeen: Double
  /// The last look at which it was where it stood first.
  var lastNear: Double
  var track: Int?
  /// Since when that track has stood here.
  var trackSince: Double
  /// Pictures with a detection of it.
  var looks = 1
  /// Looks that showed it and clear looks that did not, those closer together than `independentSeconds` in proportion.
  var seen = 1.0
  var missed = 0.0
  /// Looks that showed only that the picture at its place had not changed, counted alike.
  var unchanged = 0.0
  /// Pictures in which it was hidden, counted alike.
  var hidden = 0.0
  /// Successive pictures in which another presence took the detection that would have fitted it too.
  var contested = 0
  /// The time of the last look of either kind.
  var lastLook: Double
  /// Evidence that it has left, in powers of ten.
  var absence = 0.0
  /// Its track was seen elsewhere since it was last seen here.
  var movedOff = false
  /// A warned thing that has shifted and not yet stood still again.
  var shifting = false
  /// How much of the place other things usually cover while it is seen.
  var usualCover = 0.0
  /// The five best scores, the best first.
  var bestScores: [Double]
  var sight = Sight.seen
  /// Since when it has been unknown.
  var unknownSince: Double?
  /// Since when something else has hidden it.
  var hiddenSince: Double?
  var appearance: Appearance?
  /// The place that the appearance is of.
  var appearancePlace: Box
  var appearanceTime: Double
  var doubt: Doubt?
  /// Looks at which a person was beside it.
  var accompanied = 0.0
  var neighbours = Neighbours()
  /// The last detection's class and score.
  var lastThing: LastThing?
  /// Of a bin.
  var fill = Fill()
  /// Types of warnings raised for it.
  var claims: [Claim] = []

  /// What the last picture showed of it.
  enum Sight: String, Sendable, Hashable, Codable {
    /// A detection.
    case seen
    /// No detection, but the picture at its place is as it was.
    case unchanged
    /// Neither, and nothing in front of it.
    case missed
    /// Something in front of it.
    case hidden
  }

  struct LastThing: Sendable, Hashable, Codable {
    var label: String
    var score: Double
  }

  /// Something stands at the place that may be another thing than before.
  struct Doubt: Sendable, Hashable, Codable {
    /// When the thing itself was last seen.
    var before: Double
    /// The first look after it was out of sight.
    var first: Look
    var evidence: Double
    var looks: Int
    /// It was out of sight so long that one look suffices.
    var long: Bool
  }

  /// The class name with the most votes.
  var label: String {
    votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
  }

  /// Its look is remembered: no rule asks how people and litter look.
  var isCompared: Bool { family != .person && family != .litter }

  /// The detector has no name for it.
  var isUnnamed: Bool { group == Scenery.label }

  /// The share of votes for some class names.
  func share(of labels: Set<String>) -> Double {
    let sum = votes.keys.sorted().reduce(into: (all: 0.0, part: 0.0)) { sum, label in
      sum.all += votes[label] ?? 0
      if labels.contains(label) { sum.part += votes[label] ?? 0 }
    }
    return sum.all > 0 ? sum.part / sum.all : 0
  }

  /// The share of looks at the place that showed it. An unchanged picture counts as long as there are as many detections.
  var presentShare: Double { (seen + min(seen, unchanged)) / (seen + unchanged + missed) }

  /// The share of all pictures that showed it, those in which it was hidden included.
  var seenShare: Double { (seen + min(seen, unchanged)) / (seen + unchanged + missed + hidden) }

  /// The median of its best scores: reached more than once where there were several looks.
  var score: Double {
    let half = bestScores.count / 2
    guard !bestScores.isEmpty else { return 0 }
    return bestScores.count % 2 == 1 ? bestScores[half] : (bestScores[half - 1] + bestScores[half]) / 2
  }

  /// Keeps the five best scores, the best first.
  mutating func note(score: Double) {
    let place = bestScores.firstIndex { $0 < score } ?? bestScores.count
    guard place < 5 else { return }
    bestScores.insert(score, at: place)
    if bestScores.count > 5 { bestScores.removeLast() }
  }

  /// How far its looks scatter around the place, in sizes.
  var scatter: Double { Standing.median(recent.map { Standing.shift(from: place, to: $0.box) }) }

  /// What one clear look without it says: how seldom the detector has missed it so far.
  func missEvidence(_ settings: RuleSettings) -> Double {
    let rate = max(0.3, (seen + 1) / (seen + missed + 2))
    return min(settings.clearLookEvidence, -log10(1 - rate))
  }

  /// How much a look now counts beside the last one.
  func weight(at time: Double, settings: RuleSettings) -> Double {
    min(1, max(0, time - lastLook) / settings.independentSeconds)
  }

  /// Whether something was raised for it that is not over.
  var isWarned: Bool { claims.contains { $0.warning != nil } }

  /// Whether it can be taken to be there now, as far as the last picture goes.
  func isThere(_ settings: RuleSettings) -> Bool {
    sight != .hidden && unknownSince == nil && doubt == nil && !shifting && absence < settings.doubtEvidence
  }

  /// Whether it is a candidate or more in any zone.
  var isLasting: Bool { claims.contains { $0.state != .appearing } }

  /// Takes in a look. Several looks within a quarter of a second count as one for the medians.
  mutating func add(_ look: Look) {
    if recent.count >= 2, look.time - recent[recent.count - 2].time < 0.25 {
      recent[recent.count - 1] = look
    } else {
      recent.append(look)
      if recent.count > 9 { recent.removeFirst() }
    }
    let last = recent.suffix(5)
    let sparse = last.count > 1 && (last.last!.time - last.first!.time) / Double(last.count - 1) > 5
    place = Standing.median(recent.suffix(sparse ? 3 : 5).map(\.box))
    if opening.count < 3 {
      opening.append(look)
      origin = Standing.median(opening.map(\.box))
    }
  }

  /// A thing that appears.
  init(id: Int, _ thing: Sighting, at time: Double, startUnseen: Bool, startGap: Double, picture: ThumbnailSampler?) {
    let look = Look(time: time, box: thing.box)
    self.id = id
    family = thing.family
    group = thing.group
    votes = [thing.label: thing.score]
    start = time
    self.startUnseen = startUnseen
    self.startGap = startGap
    movedIn = thing.travelled >= 1
    origin = thing.box
    place = thing.box
    opening = [look]
    recent = [look]
    lastSeen = time
    lastNear = time
    track = thing.track
    trackSince = time
    lastThing = LastThing(label: thing.label, score: thing.score)
    lastLook = time
    bestScores = [thing.score]
    appearancePlace = thing.box
    appearanceTime = time
    if isCompared { appearance = picture.flatMap { Appearance(thing.box, in: $0) } }
  }

  /// Begins a new stand where it is now: from the oldest of its recent looks on end, at most `gap` seconds apart, that lies here.
  mutating func restart(id: Int, gap: Double, settings: RuleSettings) {
    self.id = id
    var here: [Look] = []
    for look in recent.reversed() {
      guard Standing.shift(from: place, to: look.box) < settings.restartShift else { break }
      if let next = here.first, next.time - look.time > gap { break }
      here.insert(look, at: 0)
    }
    let first = here.first ?? recent[recent.count - 1]
    start = first.time
    startUnseen = false
    movedIn = true
    opening = Array(here.prefix(3))
    if opening.isEmpty { opening = [first] }
    origin = Standing.median(opening.map(\.box))
    recent = here.isEmpty ? [first] : here
    place = Standing.median(recent.suffix(5).map(\.box))
    looks = recent.count
    seen = Double(looks)
    missed = 0
    unchanged = 0
    hidden = 0
    startGap = 0
    lastNear = lastSeen
    appearance = nil
    doubt = nil
    shifting = false
    accompanied = 0
    neighbours = Neighbours()
    fill = Fill()
    claims = []
  }
}

/// What presences need to know of each other, small enough to compare all with all.
struct PresenceOutline {
  let id: Int
  let family: Family
  let group: String
  let place: Box
  /// Where it stood first.
  let origin: Box
  let start: Double
  /// When it came is known to within half a minute.
  let arrivalSeen: Bool
  let movedIn: Bool
  let trackSince: Double
  /// Seen in a good part of the looks at its place, and where it was before: no stream of different things.
  let isSteady: Bool
  let lastSeen: Double
  let looks: Int
  let score: Double
  let label: String
  let isLasting: Bool
  let isWarned: Bool

  init(_ presence: Presence, settings: RuleSettings) {
    id = presence.id
    family = presence.family
    group = presence.group
    place = presence.place
    origin = presence.origin
    start = presence.start
    arrivalSeen = !presence.startUnseen && presence.startGap <= settings.togetherSeconds / 2
    movedIn = presence.movedIn
    trackSince = presence.trackSince
    isSteady =
      presence.presentShare >= settings.presentShare && presence.scatter <= settings.stationaryScatter
    lastSeen = presence.lastSeen
    looks = presence.looks
    score = presence.score
    label = presence.label
    isLasting = presence.isLasting
    isWarned = presence.isWarned
  }
}

/// What was lately seen of the things around a presence. Looks fade with time.
struct Neighbours: Sendable, Hashable, Codable {
  /// Looks at things that moved.
  var moving = 0.0
  /// Looks at things that began to stand together with it.
  var standing = 0.0
  /// How many stand together with it now.
  var together = 0
  /// When it last stood in a queue that did not move.
  var queuedAt: Double?
  var time: Double?
}
