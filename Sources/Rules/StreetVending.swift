import Formats
import Geometry

/// The rule for stalls, carts and the like that are set up where trade is forbidden, with somebody who stays by them.
enum StreetVending: ZoneRule {
  static let type = EventType.streetVending
  static let zoneKind = ZoneKind.noVending
  static let permittedKind: ZoneKind? = .permittedVending

  /// Stalls and umbrellas, and three-wheelers among the road users; the zone's classes decide.
  static func concerns(_ presence: Presence) -> Bool { presence.family == .stall || presence.family == .road }

  static var suppressors: [any Suppressor.Type] {
    [
      Dwell.self, PermittedPlace.self, ZoneCoverage.self, Stationary.self, Looks.self, PresentShare.self,
      SeenShare.self,
      Vendor.self, PartOfAnother.self, VendorCluster.self, DetectorScore.self, CalibratedScore.self, SizeInPixels.self,
    ]
  }
}

/// Somebody stays by the stall: a person was beside it in a good part of the looks at it. An abandoned stall, a parked delivery
/// tricycle and a sunshade alone are no trade.
enum Vendor: Suppressor {
  static let name = "vendor"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let presence = candidate.presence
    return atLeast(presence.seen > 0 ? presence.accompanied / presence.seen : 0, candidate.settings.vendorShare)
  }
}

/// Stalls side by side are one place: one that stands within its own width of one that was raised is not raised again.
enum VendorCluster: Suppressor {
  static let name = "beside-a-raised-stall"
  static func judge(_ candidate: Candidacy) -> Condition? {
    guard let nearest = candidate.nearest else { return nil }
    return atLeast(nearest, candidate.settings.clusterDistance)
  }

  /// The gap to the nearest stall that was raised in the zone, in widths of this one.
  static func nearest(_ own: Presence, among others: [Presence], zone: Int) -> Double? {
    var nearest: Double?
    guard own.family == .stall || own.claims.contains(where: { $0.type == .streetVending }) else { return nil }
    for other in others where other.id != own.id {
      guard other.claims.contains(where: { $0.zone == zone && $0.type == .streetVending && $0.warning != nil }) else {
        continue
      }
      let across = max(other.place.x - own.place.maxX, own.place.x - other.place.maxX, 0)
      let along = max(other.place.y - own.place.maxY, own.place.y - other.place.maxY, 0)
      let gap = max(across / own.place.width, along / own.place.height)
      nearest = min(nearest ?? gap, gap)
    }
    return nearest
  }
}
