public import Formats
import Foundation
public import Rules

/// A camera's rules as they are saved and resumed.
///
/// The rules' media clock goes on over reconnections and restarts: `mediaStart` is the instant of its 0, and pictures of each
/// new connection are placed on it by the wall clock.
public struct LiveState: Sendable, Codable {
  /// Seconds since 1970 in UTC.
  public var mediaStart: Double
  /// Digest of the model that saw what the rules remember.
  public var model: String
  public var rules: SceneRules

  public init(mediaStart: Double, model: String, rules: SceneRules) {
    self.mediaStart = mediaStart
    self.model = model
    self.rules = rules
  }

  /// - Returns: nil where the bytes are of another version of warden.
  public init?(_ bytes: [UInt8]) {
    guard let state = try? JSONDecoder().decode(LiveState.self, from: Data(bytes)) else { return nil }
    self = state
  }

  public func bytes() -> [UInt8] { (try? JSONEncoder().encode(self)).map { Array($0) } ?? [] }

  /// Whether the rules can go on for a camera and a model: its zones and clock are as they were.
  public func fits(_ camera: CameraDocument, model: String) -> Bool {
    self.model == model && rules.camera.zones == camera.zones && rules.camera.clock == camera.clock
  }
}
