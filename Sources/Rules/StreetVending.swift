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
      Vendor.self, PartOfAnother.self, VendorCluster.self, DetectorScore.self, SmallAndUnsure.self,
      CalibratedScore.self, SizeInPixels.self,
    ]
  }
}

/// Somebody stays by the stall: a person was beside it in a good part of the looks at it. An abandoned stall, a parked delivery
/// tricycle and a sunshade alone are no trade.
enum Vendor: Suppressor {
  static let name = "vendor"
  static func judge(_ candidate: Candidacy) -> Condition? {
    let presence = candidate.presence
    let settings = candidate.settings
    return atLeast(
      presence.seen > 0 ? presence.accompanied / presence.seen : 0,
      presence.isUnnamed ? settings.vendorShareUnnamed : settings.vendorShare)
  }
}

/// Stalls side by side are one place: one that stands within its own width of one that was raised, or of one that does, is not
/// raised again.
enum VendorCluster: Suppressor {
  static let name = "beside-a-raised-stall"
  static func judge(_ candidate: Candidacy) -> Condition? {
    guard let nearest = candidate.nearest else { return nil }
    return atLeast(nearest, candidate.settings.clusterDistance)
  }

  /// The gap to the nearest row of stalls in the zone of which one was raised, in widths of this one; nil where there is none.
  static func nearest(
    _ own: Presence, among others: [Presence], zone: Int, settings: RuleSettings
  ) -> Double? {
    guard own.claims.contains(where: { $0.type == .streetVending }) else { return nil }
    var rest = others.filter { other in
      other.id != own.id
        && other.claims.contains { $0.zone == zone && $0.type == .streetVending && $0.state != .appearing }
    }
    // The row that was raised, with whatever stands beside it.
    var row = rest.filter(isRaised)
    rest.removeAll(where: isRaised)
    var next = row
    while let stall = next.popLast() {
      let beside = rest.filter { gap($0, stall) < settings.clusterDistance }
      rest.removeAll { other in beside.contains { $0.id == other.id } }
      row += beside
      next += beside
    }
    return row.map { gap(own, $0) }.min()
  }

  private static func isRaised(_ presence: Presence) -> Bool {
    presence.claims.contains { $0.type == .streetVending && $0.warning != nil }
  }

  private static func gap(_ a: Presence, _ b: Presence) -> Double {
    let across = max(b.place.x - a.place.maxX, a.place.x - b.place.maxX, 0)
    let along = max(b.place.y - a.place.maxY, a.place.y - b.place.maxY, 0)
    return max(across / a.place.width, along / a.place.height)
  }
}
