public import Formats
public import Geometry

/// A presence in a zone: where it is on the way to a warning.
struct Claim: Sendable, Hashable, Codable {
  let type: EventType
  /// The zone's index in the camera document.
  let zone: Int
  var state: WarningState
  /// The later of the presence's start and the zone's opening.
  var start: Double
  var due: Double
  var box: Box
  var history: [StateChange]
  /// The conditions as last judged.
  var why: [Condition] = []
  /// The raised warning's id.
  var warning: String?
  /// The condition that last kept it from being raised once it was due.
  var heldBy: String?
  /// When it was last a part of a better-seen thing.
  var partAt: Double?
  /// Decided for good while the presence lasts: another zone has raised it.
  var isSettled = false
}

/// What a step of the rules says to the outside.
public enum RuleEvent: Sendable, Hashable {
  /// A thing has become a candidate: a picture of it is worth keeping.
  case candidate(CandidateRecord)
  /// A warning is raised.
  case raised(WarningRecord)
  /// A raised warning has changed its state.
  case changed(WarningRecord)
  /// A candidate is over that did not become a warning.
  case suppressed(SuppressedRecord)
  /// Something an operator should know about the camera, once each.
  case note(String)
}

/// A candidate as it begins.
public struct CandidateRecord: Sendable, Hashable, Codable {
  /// Unique within a camera's rules; the same for one thing in several zones.
  public var presence: Int
  public var type: EventType
  public var zone: String
  public var start: Double
  public var due: Double
  public var box: Box
  public var label: String
}
