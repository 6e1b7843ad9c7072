import Formats

/// What one type of event asks of a thing in a zone; the walk from appearing to a warning is the same for all.
protocol ZoneRule {
  static var type: EventType { get }
  static var zoneKind: ZoneKind { get }
  /// The kind of zone that excuses, if any.
  static var permittedKind: ZoneKind? { get }
  /// Whether such a thing can be meant at all, whatever its class.
  static func concerns(_ presence: Presence) -> Bool
  /// Since when it has been wrong, apart from the zone's calendar; nil where it is not wrong now.
  static func since(_ presence: Presence) -> Double?
  /// What has become of a thing that is no longer wrong although it is still there, and since when.
  static func ending(_ presence: Presence) -> (at: Double, reason: String)
  /// How sure the detector was, 0…1.
  static func score(_ presence: Presence) -> Double
  /// The class name to show.
  static func label(_ presence: Presence) -> String
  /// The suppressors, in the order in which they are given as a reason.
  static var suppressors: [any Suppressor.Type] { get }
  /// Names of conditions that are only said and keep nothing from being raised, given the others.
  static func isAdvisory(_ condition: Condition, among conditions: [Condition]) -> Bool
}

extension ZoneRule {
  static func since(_ presence: Presence) -> Double? { presence.start }
  static func ending(_ presence: Presence) -> (at: Double, reason: String) { (presence.lastNear, "moved on") }
  static func score(_ presence: Presence) -> Double { presence.score }
  static func label(_ presence: Presence) -> String { presence.label }
  static func isAdvisory(_ condition: Condition, among conditions: [Condition]) -> Bool {
    condition.name == SizeInPixels.name
  }

  static func conditions(_ candidate: Candidacy) -> [Condition] { suppressors.compactMap { $0.judge(candidate) } }

  /// The condition that keeps the candidate from being a warning, if any.
  static func obstacle(_ conditions: [Condition]) -> Condition? {
    conditions.first { !$0.met && !isAdvisory($0, among: conditions) }
  }
}

/// All rules that there are.
enum ZoneRules {
  static var all: [any ZoneRule.Type] { [IllegalParking.self, StreetVending.self, BinOverflow.self] }
}
