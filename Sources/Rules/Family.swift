import Formats

/// Things that a detector may take for one another and that share places: a place remembers one thing of a family.
public enum Family: String, Sendable, Hashable, Codable, CaseIterable {
  /// Vehicles, two- and three-wheelers.
  case road
  case person
  case stall
  case bin
  case litter
}

/// Which family and which group a class belongs to, looked up once.
struct FamilyTable: Sendable, Hashable, Codable {
  struct Entry: Sendable, Hashable, Codable {
    var family: Family
    /// The group within the family.
    var group: String
    /// Also something that vendors use.
    var stallLike: Bool
  }

  private var entries: [String: Entry] = [:]

  private static let families: [(group: String, family: Family)] = [
    ("vehicle", .road), ("three-wheeler", .road), ("two-wheeler", .road), ("person", .person), ("bin", .bin),
    ("bin-overflow", .bin), ("stall-like", .stall), ("litter", .litter),
  ]

  init(_ groups: ClassGroups) {
    let stallLike = Set(groups.groups["stall-like"] ?? [])
    for (group, family) in Self.families {
      for label in groups.groups[group] ?? [] where entries[label] == nil {
        entries[label] = Entry(family: family, group: group, stallLike: stallLike.contains(label))
      }
    }
  }

  subscript(label: String) -> Entry? { entries[label] }

  /// Sets of class names that one track may go through.
  static func trackingGroups(_ groups: ClassGroups) -> [[String]] {
    ["vehicle", "two-wheeler", "three-wheeler", "person", "bin", "bin-overflow", "stall-like", "litter"].map {
      groups.groups[$0] ?? []
    }
  }
}
