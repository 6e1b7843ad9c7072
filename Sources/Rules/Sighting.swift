import Geometry
import Observation

/// A detection of a picture as the rules take it: one thing, found once.
struct Sighting {
  /// The index in the observation's detections; negative for what the operator has drawn.
  var index: Int
  var label: String
  var score: Double
  var box: Box
  var family: Family
  var group: String
  var stallLike: Bool
  var track: Int?
  /// Its track is known to move.
  var passing: Bool
  /// Its track is known to stay about, or pictures are too far apart to tell.
  var stays = false
  /// How far its track has come, in sizes, and where it goes, in fractions of the picture a second.
  var travelled = 0.0
  var velocity = Point(x: 0, y: 0)
  /// Drawn by the operator, not found.
  var isDrawn: Bool { index < 0 }
  /// Other class names that were found for the same box, with their scores.
  var others: [(index: Int, label: String, score: Double)]

  /// The things of a picture: without those that stand on privacy or ignore zones, and each thing once.
  static func things(
    in observation: Observation, families: FamilyTable, zones: ZoneMap, settings: RuleSettings
  ) -> [Sighting] {
    var things: [Sighting] = []
    let byScore = observation.detections.enumerated().sorted {
      ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
    }
    for (index, detection) in byScore {
      guard let entry = families[detection.label], let box = detection.box.clipped else { continue }
      if box.area > settings.largestArea { continue }
      let contact = box.groundContact(share: settings.groundShare)
      if zones.dropped(contact, settings: settings) { continue }
      if let same = things.firstIndex(where: { thing in
        guard thing.family == entry.family else { return false }
        let overlap = thing.box.iou(box)
        if overlap > (thing.group == entry.group ? settings.duplicateOverlap : 0.8) { return true }
        // A much fainter box within a better one is a part of that thing.
        return thing.group == entry.group && detection.score < settings.partScore * thing.score
          && box.covered(by: thing.box) > settings.partCover
      }) {
        things[same].others.append((index, detection.label, detection.score))
        continue
      }
      things.append(
        Sighting(
          index: index, label: detection.label, score: detection.score, box: box, family: entry.family,
          group: entry.group,
          stallLike: entry.stallLike, track: nil, passing: false, others: []))
    }
    return things
  }
}
