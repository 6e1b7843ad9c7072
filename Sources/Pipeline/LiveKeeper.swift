public import Formats
public import Geometry

/// Where a live camera's findings go. Each call returns when what it tells is safe, and may be repeated.
public protocol LiveKeeper: Sendable {
  /// A warning was raised, or has changed. `mediaStart` is the instant of its media time 0 in seconds since 1970.
  func keep(_ warning: WarningRecord, zone: Zone?, of camera: String, mediaStart: Double) async
  /// Stills of a warning, before it is told.
  func keep(_ stills: [(name: String, jpeg: [UInt8])], of warning: String) async -> [String]
  /// The path at which a warning's clip is to be written.
  func clipPath(of warning: String) -> String
  /// The clip is written whole.
  func keepClip(of warning: String) async
  func keep(_ suppressed: SuppressedRecord, of camera: String, mediaStart: Double) async
  func keep(_ state: LiveState, of camera: String) async
  func state(of camera: String) async -> LiveState?
  /// Warnings of the camera that have not cleared, for rules that begin anew.
  func lasting(of camera: String) async -> [LastingWarning]
  func keep(_ frame: CameraDocument.Frame, of camera: String) async
  func keep(_ health: CameraHealth, of camera: String) async
  /// A sentence for the log.
  func note(_ sentence: String, of camera: String)
}

/// A warning that the rules no longer remember but the keeper does.
public struct LastingWarning: Sendable, Hashable {
  public var id: String
  public var type: EventType
  public var zone: String?
  public var box: Box
  public var times: ClockTimes

  public init(id: String, type: EventType, zone: String?, box: Box, times: ClockTimes) {
    self.id = id
    self.type = type
    self.zone = zone
    self.box = box
    self.times = times
  }
}
