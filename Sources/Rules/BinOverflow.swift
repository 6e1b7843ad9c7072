import Formats
import Geometry

/// The rule for bins that stay over-full.
///
/// Single looks are not believed: a bin's fill is voted over many, and rubbish beside a bin counts as its overflow. Looks at which
/// somebody or something is before the bin do not vote.
enum BinOverflow: ZoneRule {
  static let type = EventType.binOverflow
  static let zoneKind = ZoneKind.bin
  static let permittedKind: ZoneKind? = nil

  static func concerns(_ presence: Presence) -> Bool { presence.family == .bin }
  static func since(_ presence: Presence) -> Double? { presence.fill.fullSince }
  static func ending(_ presence: Presence) -> (at: Double, reason: String) {
    (presence.fill.lastFull ?? presence.lastSeen, "emptied")
  }
  static func score(_ presence: Presence) -> Double { Standing.median(presence.fill.bestScores) }
  static func label(_ presence: Presence) -> String { presence.fill.label ?? presence.label }

  static var suppressors: [any Suppressor.Type] {
    [
      Dwell.self, ZoneCoverage.self, FullShare.self, FullLooks.self, DetectorScore.self, CalibratedScore.self,
      SizeInPixels.self,
    ]
  }

  /// Adds the bins that the operator has drawn: a bin zone in which no bin was found is taken to be the bin itself.
  static func addDrawnBins(to things: inout [Sighting], zones: ZoneMap, settings: RuleSettings) {
    for (index, entry) in zones.entries.enumerated() where entry.zone.kind == zoneKind {
      let isFound = things.contains { thing in
        thing.family == .bin
          && entry.zone.polygon.coverage(of: thing.box.groundContact(share: settings.groundShare))
            >= settings.enterCoverage
      }
      guard !isFound, let label = entry.labels.sorted().first, let box = entry.zone.polygon.bounds.clipped else {
        continue
      }
      things.append(
        Sighting(
          index: -1 - index, label: label, score: 1, box: box, family: .bin, group: "bin", stallLike: false, track: nil,
          passing: false, others: []))
    }
  }

  /// Lets each bin's look vote.
  static func observe(
    _ memory: inout PlaceMemory, _ things: [Sighting], full: Set<String>, at time: Double, settings: RuleSettings
  ) {
    for index in memory.presences.indices {
      let bin = memory.presences[index]
      guard bin.family == .bin, bin.sight == .seen, bin.lastSeen == time, let seen = bin.lastThing else { continue }
      let isBlocked = things.contains { thing in
        (thing.family == .person || thing.family == .road) && bin.place.covered(by: thing.box) >= settings.binCover
      }
      guard !isBlocked else { continue }
      let reach = Box(
        x: bin.place.x - settings.besideBin * bin.place.width, y: bin.place.y - 0.2 * bin.place.height,
        width: bin.place.width * (1 + 2 * settings.besideBin), height: bin.place.height * 1.4)
      let litter = things.filter { $0.family == .litter && $0.box.covered(by: reach) >= 0.5 }.max {
        ($0.score, $1.index) < ($1.score, $0.index)
      }
      let isFull = full.contains(seen.label)
      var vote: (label: String, score: Double)?
      if isFull { vote = (seen.label, seen.score) }
      if let litter, litter.score > vote?.score ?? 0 { vote = (litter.label, litter.score) }
      memory.withPresence(index) { $0.fill.add(vote, at: time, settings: settings) }
    }
  }
}

/// How full a bin is, voted over looks.
///
/// Invariant: `fullSince` is not nil exactly while the bin counts as full.
struct Fill: Sendable, Hashable, Codable {
  /// The fading share of full looks.
  private(set) var level = 0.0
  /// The first full look of the present run.
  private(set) var runStart: Double?
  private(set) var fullSince: Double?
  private(set) var lastFull: Double?
  /// Looks since the run began, and those of them that were full.
  private(set) var looks = 0
  private(set) var fullLooks = 0
  private(set) var bestScores: [Double] = []
  /// What spoke for it being full last.
  private(set) var label: String?
  private var lastLook: Double?

  /// Takes in a look: what speaks for it being full, or nil.
  mutating func add(_ vote: (label: String, score: Double)?, at time: Double, settings: RuleSettings) {
    let gap = lastLook.map { time - $0 } ?? settings.independentSeconds
    lastLook = time
    let weight = settings.fillWeight * min(1, gap / settings.independentSeconds)
    level +=
      ((vote == nil ? 0 : 1) - level) * (level == 0 && runStart == nil && vote != nil ? max(weight, 0.5) : weight)
    if let vote {
      if runStart == nil {
        runStart = time
        looks = 0
        fullLooks = 0
        bestScores = []
      }
      fullLooks += 1
      lastFull = time
      label = vote.label
      bestScores = Array((bestScores + [vote.score]).sorted(by: >).prefix(5))
    }
    if runStart != nil { looks += 1 }
    if fullSince == nil, level >= settings.fullLevel { fullSince = runStart }
    if level <= settings.emptyLevel, vote == nil {
      runStart = nil
      fullSince = nil
    }
  }
}

/// Most clear looks since the bin is over-full have shown it so.
enum FullShare: Suppressor {
  static let name = "full-share"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let fill = candidate.presence.fill
    return atLeast(fill.looks > 0 ? Double(fill.fullLooks) / Double(fill.looks) : 0, candidate.settings.fullShare)
  }
}

/// Enough looks have shown it so.
enum FullLooks: Suppressor {
  static let name = "full-looks"
  static func judge(_ candidate: Candidacy) -> Condition? {
    atLeast(Double(candidate.presence.fill.fullLooks), Double(candidate.settings.fullLooks))
  }
}
