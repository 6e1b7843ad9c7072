import Formats
import Geometry
import Tracking

/// A candidate as suppressors see it.
struct Candidacy {
  var presence: Presence
  var claim: Claim
  var zone: ZoneMap.Entry
  /// How sure the detector was.
  var score: Double
  /// Of the ground contact, the share in the zone and the largest share in a permitted place.
  var coverage: Double
  var permitted: Double
  var time: Double
  /// The largest share that it has in common with a better-seen thing.
  var shared: Double
  /// For a stall the gap to the nearest one raised, in its own widths.
  var nearest: Double?
  /// The displayed picture's size.
  var picture: CameraDocument.Frame
  var model: RuleModel
  var settings: RuleSettings

  var dwell: Double { zone.zone.dwell }
  var stood: Double { time - claim.start }
}

/// A named reason why a candidate may not be a warning: its value, the threshold and whether it lets the warning pass.
protocol Suppressor {
  static var name: String { get }
  /// Nil where it has nothing to say about this candidate.
  static func judge(_ candidate: Candidacy) -> Condition?
}

extension Suppressor {
  static func atLeast(_ value: Double, _ threshold: Double) -> Condition {
    Condition(name, value: rounded(value), threshold: threshold, met: rounded(value) >= threshold)
  }

  /// Values are rounded before they decide, as they are written: four decimals.
  static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

/// It has stood as long as the zone allows. An accompanied vehicle may have longer where the zone tolerates loading.
enum Dwell: Suppressor {
  static let name = "dwell"
  static func judge(_ candidate: Candidacy) -> Condition? { atLeast(candidate.stood, candidate.dwell) }
}

/// Loading and boarding within the zone's tolerance.
enum Loading: Suppressor {
  static let name = "loading"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let tolerance = candidate.settings.loadingSeconds[candidate.zone.zone.id] ?? 0
    guard tolerance > 0, isLoading(candidate.presence, candidate.settings) else { return nil }
    return atLeast(candidate.stood, candidate.dwell + tolerance)
  }

  /// Whether people were at the vehicle for a good part of the time.
  static func isLoading(_ presence: Presence, _ settings: RuleSettings) -> Bool {
    presence.accompanied >= settings.loadingShare * presence.seen
  }
}

/// Its looks lie close together: it stands and does not creep, and is no stream of passing things.
enum Stationary: Suppressor {
  static let name = "stationary"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let scatter = rounded(candidate.presence.scatter)
    let limit = candidate.settings.stationaryScatter
    return Condition(name, value: scatter, threshold: limit, met: scatter <= limit)
  }
}

/// Enough of its ground contact is in the zone.
enum ZoneCoverage: Suppressor {
  static let name = "zone-coverage"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(candidate.coverage, candidate.settings.warnCoverage)
  }
}

/// It does not stand in a permitted place that overlaps the zone.
enum PermittedPlace: Suppressor {
  static let name = "permitted-place"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let (value, limit) = (rounded(candidate.permitted), candidate.settings.permittedCoverage)
    return Condition(name, value: value, threshold: limit, met: value < limit)
  }
}

/// Around it things move: it is no part of a queue. Says nothing where nothing has lately stood together with it.
enum MovingNeighbours: Suppressor {
  static let name = "moving-neighbours"
  static func judge(_ candidate: Candidacy) -> Condition? {
    guard isQueued(candidate) else { return nil }
    let neighbours = candidate.presence.neighbours
    let (value, limit) = (rounded(share(neighbours)), candidate.settings.movingShare)
    let hasMoved = neighbours.queuedAt.map { candidate.time - $0 >= candidate.settings.queueReleaseSeconds } ?? true
    return Condition(name, value: value, threshold: limit, met: value >= limit && hasMoved)
  }

  /// Whether others stand together with it now, or did until just now.
  static func isQueued(_ candidate: Candidacy) -> Bool {
    let (neighbours, settings) = (candidate.presence.neighbours, candidate.settings)
    if neighbours.together >= settings.queueSize { return true }
    return neighbours.queuedAt.map { candidate.time - $0 < settings.queueReleaseSeconds } ?? false
  }

  static func share(_ neighbours: Neighbours) -> Double {
    let sum = neighbours.moving + neighbours.standing
    return sum > 0 ? neighbours.moving / sum : 1
  }
}

/// It has stood longer than any queue does. Says nothing where nothing stands together with it.
enum QueueTime: Suppressor {
  static let name = "longer-than-a-queue"
  static func judge(_ candidate: Candidacy) -> Condition? {
    guard MovingNeighbours.isQueued(candidate) else { return nil }
    return atLeast(candidate.stood, max(2 * candidate.dwell, candidate.settings.queueSeconds))
  }
}

/// It was seen in a good part of all pictures since it stands, hidden or not.
enum SeenShare: Suppressor {
  static let name = "seen-share"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(candidate.presence.seenShare, candidate.settings.seenShare)
  }
}

/// It is neither a part of a better-seen thing that stands there nor a blur of several.
enum PartOfAnother: Suppressor {
  static let name = "part-of-another"
  static func judge(_ candidate: Candidacy) -> Condition? {
    guard candidate.shared > 0 else { return nil }
    // What the detector is not sure of must stand clear of what it is surer of.
    let isSure = candidate.score >= candidate.model.score[candidate.presence.label]
    let limit = isSure ? candidate.settings.partCoverage : candidate.settings.partCoverageUnsure
    let value = rounded(candidate.shared)
    return Condition(name, value: value, threshold: limit, met: value < limit)
  }

  /// The largest share that a better-seen standing thing and this one have of each other, where neither can be in front.
  static func shared(_ own: PresenceOutline, among others: [PresenceOutline], sure: Double, settings: RuleSettings)
    -> Double
  {
    var most = 0.0
    for index in others.indices where others[index].isLasting && others[index].id != own.id {
      guard others[index].group == own.group else { continue }
      let other = others[index]
      most = max(most, shared(own, other, at: other.place, sure, settings))
      // What was raised is one with what is found where it stood when it was raised, whatever its box has become since.
      if other.isWarned { most = max(most, shared(own, other, at: other.origin, sure, settings)) }
    }
    return most
  }

  private static func shared(
    _ own: PresenceOutline, _ other: PresenceOutline, at place: Box, _ sure: Double, _ settings: RuleSettings
  ) -> Double {
    guard own.place.intersection(place) != nil, other.group == own.group, isBetter(other, own) else { return 0 }
    let isSmaller = own.place.area < place.area
    let (small, large) = isSmaller ? (own.place, place) : (place, own.place)
    if small.iou(large) >= settings.partOverlap { return 1 }
    // A smaller thing that ends lower may stand before the larger one, if the detector is sure of both.
    let isBehind = small.maxY < large.maxY + 0.02 * large.height
    return isBehind || own.score < sure ? small.covered(by: large) : 0
  }

  private static func isBetter(_ a: PresenceOutline, _ b: PresenceOutline) -> Bool {
    if a.isWarned != b.isWarned { return a.isWarned }
    return a.score != b.score ? a.score > b.score : a.id < b.id
  }
}

/// Its box has a shape that such a thing can have.
enum Shape: Suppressor {
  static let name = "shape"
  static func judge(_ candidate: Candidacy) -> Condition? {
    guard let limit = candidate.settings.tallest[candidate.presence.label] else { return nil }
    let box = candidate.presence.place
    let width = box.width * Double(candidate.picture.width)
    guard width > 0 else { return nil }
    let value = rounded(box.height * Double(candidate.picture.height) / width)
    return Condition(name, value: value, threshold: limit, met: value <= limit)
  }
}

/// It was seen in more than one picture.
enum Looks: Suppressor {
  static let name = "looks"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(Double(candidate.presence.looks), Double(candidate.settings.candidateLooks))
  }
}

/// It was seen in a good part of the clear looks at its place.
enum PresentShare: Suppressor {
  static let name = "present-share"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(candidate.presence.presentShare, candidate.settings.presentShare)
  }
}

/// The detector was sure of it more than once.
enum DetectorScore: Suppressor {
  static let name = "detector-score"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let least = candidate.settings.warnShare * candidate.model.score[candidate.presence.label]
    return atLeast(candidate.score, rounded(least))
  }
}

/// Of small things the detector is fully sure. Says nothing about larger ones.
enum SmallAndUnsure: Suppressor {
  static let name = "small-and-unsure"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let height = candidate.presence.place.height * Double(candidate.picture.height)
    guard height < candidate.settings.surePixels else { return nil }
    return atLeast(candidate.score, rounded(candidate.model.score[candidate.presence.label]))
  }
}

/// The calibrated probability reaches the type's threshold.
enum CalibratedScore: Suppressor {
  static let name = "score"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(value(candidate), candidate.model.warningThresholds[candidate.claim.type] ?? 0)
  }

  static func value(_ candidate: Candidacy) -> Double {
    let raw = rounded(candidate.score)
    return rounded(candidate.model.calibration[candidate.claim.type]?.probability(of: raw) ?? raw)
  }
}

/// It is large enough in the picture to be judged well. Only said, never a reason to keep silent.
enum SizeInPixels: Suppressor {
  static let name = "size-in-pixels"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(candidate.presence.place.height * Double(candidate.picture.height), candidate.settings.leastPixels)
  }
}
