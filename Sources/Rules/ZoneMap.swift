import Formats
import Geometry

/// A camera's zones with the class names that each is about, and the order in which overlaps resolve.
struct ZoneMap: Sendable, Hashable, Codable {
  struct Entry: Sendable, Hashable, Codable {
    var zone: Zone
    /// Class names that the zone is about.
    var labels: Set<String>
  }

  let entries: [Entry]

  init(_ camera: CameraDocument, groups: ClassGroups, settings: RuleSettings) throws(UnknownClassName) {
    var entries: [Entry] = []
    for zone in camera.zones {
      var labels = try groups.labels(zone.watched)
      labels.subtract(try groups.labels(settings.exempt[zone.id] ?? []))
      // What was not part of the scene before stands for a stall, where stalls are meant.
      if zone.kind == .noVending || zone.kind == .permittedVending, zone.watched.contains("stall-like") {
        labels.insert(Scenery.label)
      }
      entries.append(Entry(zone: zone, labels: labels))
    }
    self.entries = entries
  }

  /// Whether something with this ground contact is not to be looked at: privacy and ignore come before everything.
  func dropped(_ contact: Box, settings: RuleSettings) -> Bool {
    entries.contains {
      ($0.zone.kind == .privacy || $0.zone.kind == .ignore)
        && $0.zone.polygon.coverage(of: contact) >= settings.droppedCoverage
    }
  }

  /// The largest share of the ground contact in a permitted place of the kind that is about this class and holds now.
  func permitted(_ contact: Box, label: String, kind: ZoneKind, open: [Bool]) -> Double {
    var most = 0.0
    for (index, entry) in entries.enumerated()
    where entry.zone.kind == kind && open[index] && entry.labels.contains(label) {
      most = max(most, entry.zone.polygon.coverage(of: contact))
    }
    return most
  }
}
