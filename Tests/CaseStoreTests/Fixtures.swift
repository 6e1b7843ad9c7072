import CaseStore
import Formats
import Foundation
import Geometry

/// A store in a folder of its own, which goes with it.
final class Scratch: Sendable {
  let folder: String
  let store: CaseStore

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "warden-store-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    store = try CaseStore(folder: folder)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Some moment of a working day; tests count from it.
  static let morning = 1_780_000_000.0

  static func act(_ by: String, _ seconds: Double = 0) -> Act { Act(by: by, at: morning + seconds) }

  /// A store with a camera `cam-1` and its zone `kerb`.
  static func withCamera() async throws -> Scratch {
    let scratch = try Scratch()
    var camera = CameraEntry(id: "cam-1", name: "Market Street", url: "rtsp://10.0.0.7/main")
    camera.zones = [try zone]
    try await scratch.store.add(camera, act("op"))
    return scratch
  }

  static var zone: Zone {
    get throws {
      Zone(
        id: "kerb", name: "Left kerb", kind: .noParking,
        polygon: try Polygon([Point(x: 0.1, y: 0.5), Point(x: 0.4, y: 0.5), Point(x: 0.4, y: 0.8)]))
    }
  }

  /// A warning of `cam-1`, raised so many seconds after the morning.
  static func warning(
    _ number: Int, at seconds: Double = 0, camera: String = "cam-1", state: WarningState = .warned
  ) throws -> StoredWarning {
    let alert = morning + seconds
    var record = WarningRecord(
      id: "\(camera)-illegal-parking-\(number)", type: .illegalParking, zone: "kerb", alert: 180,
      box: Box(x: 0.1, y: 0.5, width: 0.1, height: 0.1))
    record.state = state
    record.category = "05-05"
    record.score = 0.9
    record.label = "car"
    record.why = [Condition("dwell", value: 180, threshold: 180, met: true)]
    record.history = [StateChange(time: 0, state: .appearing, reason: "first seen in kerb")]
    return StoredWarning(
      record, camera: camera, zone: try zone,
      times: ClockTimes(start: alert - 180, due: alert, alert: alert, end: nil), mediaStart: alert - 180)
  }
}
