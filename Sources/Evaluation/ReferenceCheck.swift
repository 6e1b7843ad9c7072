public import Formats
import Geometry

/// Holds a reference against the camera it is of.
public enum ReferenceCheck {
  /// - Throws: where an event names a zone that the camera lacks, or one of another kind.
  /// - Returns: sentences about what looks wrong: an event outside its zone, one that is due before its dwell.
  public static func check(
    _ reference: ReferenceDocument, _ camera: CameraDocument, file: String
  ) throws(FormatError) -> [String] {
    var remarks: [String] = []
    for (index, event) in reference.events.enumerated() {
      guard let name = event.zone else { continue }
      guard let zone = camera.zones.first(where: { $0.id == name }) else {
        throw FormatError(
          file: file, path: "events[\(index)].zone",
          problem: "names \"\(name)\", which the camera \(camera.id) does not have")
      }
      guard zone.kind.eventType == event.type else {
        throw FormatError(
          file: file, path: "events[\(index)].zone",
          problem: "names \"\(name)\", a zone of the kind \(zone.kind.rawValue), which raises no \(event.type.rawValue)"
        )
      }
      if zone.polygon.coverage(of: event.box) == 0 {
        remarks.append("\(file): events[\(index)].box of \(event.id) lies outside its zone \(name)")
      }
      if event.due - event.start < zone.dwell - 0.001, !event.ignore {
        remarks.append(
          "\(file): events[\(index)].dueSeconds of \(event.id) is before its start plus the dwell of \(name)")
      }
    }
    return remarks
  }
}
