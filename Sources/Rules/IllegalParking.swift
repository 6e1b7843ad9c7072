import Formats
import Geometry

/// The rule for vehicles that stand where they may not.
enum IllegalParking: ZoneRule {
  static let type = EventType.illegalParking
  static let zoneKind = ZoneKind.noParking
  static let permittedKind: ZoneKind? = .permittedParking

  static func concerns(_ presence: Presence) -> Bool { presence.family == .road }

  static var suppressors: [any Suppressor.Type] {
    [
      Dwell.self, Loading.self, PermittedPlace.self, ZoneCoverage.self, Stationary.self, Looks.self, PresentShare.self,
      SeenShare.self, PartOfAnother.self, Shape.self, MovingNeighbours.self, QueueTime.self, DetectorScore.self,
      SmallAndUnsure.self,
      CalibratedScore.self, SizeInPixels.self,
    ]
  }

  /// A queue excuses until it has lasted longer than queues do.
  static func isAdvisory(_ condition: Condition, among conditions: [Condition]) -> Bool {
    switch condition.name {
    case SizeInPixels.name, QueueTime.name: true
    case MovingNeighbours.name: conditions.contains { $0.name == QueueTime.name && $0.met }
    default: false
    }
  }

  /// Looks at the road users around each standing one, in its own zone: which came to stand together with it, and which drive
  /// off from beside or before it.
  ///
  /// What moves in another lane says nothing about a queue, and neither does who still drives up to its end.
  ///
  /// - Parameter score: the least score of a class that makes its presence credible.
  static func observeNeighbours(
    _ memory: inout PlaceMemory, _ things: [Sighting], _ zones: ZoneMap, at time: Double, period: Double,
    settings: RuleSettings, score: (String) -> Double
  ) {
    guard memory.presences.indices.contains(where: { memory.presences[$0].family == .road && memory.hasClaims($0) })
    else { return }
    let standing = memory.outlines(settings)
    // Pictures so far apart show nobody moving: who came is known from what was not there before.
    let isSparse = period > settings.sparseSeconds
    for index in standing.indices where standing[index].family == .road && memory.hasClaims(index) {
      let own = standing[index]
      let polygons = memory.presences[index].claims.filter { $0.type == type }.map {
        zones.entries[$0.zone].zone.polygon
      }
      func isInZone(_ box: Box) -> Bool {
        let contact = box.groundContact(share: settings.groundShare)
        return polygons.contains { $0.coverage(of: contact) >= settings.leaveCoverage }
      }
      var (moving, still, together) = (0.0, 0.0, 0)
      for place in standing.indices where place != index && standing[place].family == .road {
        guard standing[place].lastSeen == time, isNear(standing[place].place, own.place, settings) else { continue }
        let other = standing[place]
        guard !isOneThing(other.place, own.place), isInZone(other.place) else { continue }
        let age = time - other.start
        if age >= min(5, period * 0.9), other.looks >= 2 {
          // Only who was seen to arrive can be told to have come with the others.
          let isSame = isSparse || other.movedIn && time - other.trackSince >= settings.swapSeconds
          let arrived = own.arrivalSeen && other.arrivalSeen && isSame
          let isCredible = other.isSteady && other.looks >= 3 && other.score >= score(other.label)
          if arrived, isCredible, abs(other.start - own.start) <= settings.togetherSeconds {
            still += 1
            together += 1
          }
        } else if isSparse {
          moving += 1
        }
      }
      for thing in things.indices where things[thing].family == .road && things[thing].passing {
        let (box, velocity) = (things[thing].box, things[thing].velocity)
        guard isNear(box, own.place, settings), !isOneThing(box, own.place), isInZone(box) else { continue }
        let (from, to) = (own.place.centre, box.centre)
        if (to.x - from.x) * velocity.x + (to.y - from.y) * velocity.y > 0 { moving += 1 }
      }
      memory.withPresence(index) { presence in
        let elapsed = presence.neighbours.time.map { time - $0 } ?? 0
        // At least the last five pictures count, whatever their distance.
        let memorySeconds = max(settings.neighbourMemorySeconds, 5 * period)
        let fade = max(0, 1 - elapsed / memorySeconds)
        let weight = min(1, max(elapsed, 0.04) / settings.independentSeconds)
        presence.neighbours.moving = presence.neighbours.moving * fade + moving * weight
        // Two that stand are a queue; more of them do not need more traffic to tell them from one.
        let standing = min(still, Double(settings.queueSize))
        presence.neighbours.standing = presence.neighbours.standing * fade + standing * weight
        presence.neighbours.together = together
        presence.neighbours.time = time
        if together >= settings.queueSize, MovingNeighbours.share(presence.neighbours) < settings.movingShare {
          presence.neighbours.queuedAt = time
        }
      }
    }
  }

  private static func isNear(_ a: Box, _ b: Box, _ settings: RuleSettings) -> Bool {
    let (first, second) = (a.centre, b.centre)
    return abs(first.x - second.x) <= settings.neighbourDistance * max(a.width, b.width)
      && abs(first.y - second.y) <= settings.neighbourDistance * max(a.height, b.height)
  }

  private static func isOneThing(_ a: Box, _ b: Box) -> Bool {
    a.iou(b) > 0.45 || a.covered(by: b) > 0.75 || b.covered(by: a) > 0.75
  }
}
