public import Formats
import Geometry

/// Tracks of boxes that people drew in CVAT ("CVAT for video 1.1"), to be made into a reference.
///
/// A track's label is an event type. Its `zone`, `due` (seconds), `ignore` (`true`) and `note` are attributes of its boxes; a
/// track without `due` is due after the dwell of its zone.
public struct CVATAnnotations: Sendable {
  struct TrackBox: Sendable {
    var frame: Int
    var box: Box
    var isOutside: Bool
    var isKeyframe: Bool
  }

  struct Track: Sendable {
    var id: String
    var label: String
    var boxes: [TrackBox] = []
    var attributes: [String: String] = [:]
  }

  private let file: String
  private var tracks: [Track] = []
  private var size: (width: Double, height: Double)?

  static let mostBoxes = 2_000_000

  /// Reads the XML; boxes become fractions of `original_size`. Frame numbers are those of the video, also for tasks with a step.
  public init(xml bytes: [UInt8], file: String) throws(FormatError) {
    self.file = file
    var scanner = try XMLScanner(bytes, file: file)
    var path: [String] = []
    var text = ""
    var attribute: String?
    var width: Double?
    var height: Double?
    var count = 0
    while let piece = try scanner.next() {
      switch piece {
      case .text(let part): text += part
      case .start(let name, let attributes):
        path.append(name)
        text = ""
        switch path {
        case ["annotations", "track"]:
          tracks.append(
            Track(
              id: try Self.value("id", attributes, file: file, place: "a track"),
              label: try Self.value("label", attributes, file: file, place: "a track")))
        case ["annotations", "track", "box"]:
          count += 1
          guard count <= Self.mostBoxes else {
            throw FormatError(file: file, problem: "holds more than \(Self.mostBoxes) boxes")
          }
          tracks[tracks.count - 1].boxes.append(
            try Self.box(attributes, file: file, track: tracks[tracks.count - 1].id))
        case ["annotations", "track", "box", "attribute"], ["annotations", "track", "attribute"]:
          attribute = try Self.value("name", attributes, file: file, place: "an attribute")
        case ["annotations", "image"]:
          throw FormatError(file: file, problem: "holds single pictures; export the task as \"CVAT for video 1.1\"")
        default: break
        }
      case .end(let name):
        switch path {
        case ["annotations", "version"]:
          guard text.trimmed == "1.1" else { throw FormatError(file: file, problem: "is not of version 1.1") }
        case _ where name == "width" && path.suffix(2) == ["original_size", "width"]: width = Double(text.trimmed)
        case _ where name == "height" && path.suffix(2) == ["original_size", "height"]: height = Double(text.trimmed)
        case _ where name == "attribute" && path.count >= 3 && path[1] == "track":
          if let attribute { tracks[tracks.count - 1].attributes[attribute] = text.trimmed }
          attribute = nil
        default: break
        }
        path.removeLast()
        text = ""
      }
    }
    guard let width, let height, width > 0, height > 0 else {
      throw FormatError(file: file, problem: "lacks meta.task.original_size with the picture's width and height")
    }
    size = (width, height)
  }

  private static func value(
    _ key: String, _ attributes: [String: String], file: String, place: String
  ) throws(FormatError) -> String {
    guard let value = attributes[key], !value.isEmpty, value.count <= 200 else {
      throw FormatError(file: file, problem: "has \(place) without \"\(key)\"")
    }
    return value
  }

  private static func box(_ attributes: [String: String], file: String, track: String) throws(FormatError) -> TrackBox {
    func number(_ key: String) throws(FormatError) -> Double {
      guard let text = attributes[key], let value = Double(text), value.isFinite, abs(value) <= 1e6 else {
        throw FormatError(file: file, problem: "has a box in track \(track) whose \"\(key)\" is no number")
      }
      return value
    }
    guard let frame = Int(exactly: try number("frame")), frame >= 0 else {
      throw FormatError(file: file, problem: "has a box in track \(track) whose \"frame\" is no frame number")
    }
    let corners = (
      Point(x: try number("xtl"), y: try number("ytl")), Point(x: try number("xbr"), y: try number("ybr"))
    )
    return TrackBox(
      frame: frame, box: Box(from: corners.0, to: corners.1), isOutside: attributes["outside"] == "1",
      isKeyframe: attributes["keyframe"] != "0")
  }

  /// The tracks as events of a clip.
  ///
  /// - Parameters:
  ///   - framesPerSecond: of the video that was labelled; the XML numbers frames and knows no seconds.
  ///   - camera: for the dwell of zones; nil where every track names its due time.
  public func reference(
    framesPerSecond: Double, durationSeconds: Double, clip: String? = nil, camera: CameraDocument? = nil
  ) throws(FormatError) -> ReferenceDocument {
    precondition(framesPerSecond > 0, "a rate above 0")
    var events: [ReferenceEvent] = []
    for track in tracks {
      let place = "track \(track.id)"
      guard let type = EventType(rawValue: track.label) else {
        let types = EventType.allCases.map(\.rawValue).joined(separator: ", ")
        throw FormatError(
          file: file, path: place, problem: "has the label \"\(track.label)\"; expected one of \(types)")
      }
      func seconds(_ frame: Int) -> Double {
        let exact = Double(frame) / framesPerSecond
        return (exact * 1000).rounded() / 1000
      }
      let boxes = track.boxes.sorted { $0.frame < $1.frame }
      let seen = boxes.prefix { !$0.isOutside }
      guard let first = seen.first else { throw FormatError(file: file, path: place, problem: "has no visible box") }
      guard boxes.drop(while: { !$0.isOutside }).allSatisfy(\.isOutside) else {
        throw FormatError(
          file: file, path: place, problem: "leaves and comes back; an event is one presence, so make it two tracks")
      }
      let start = seconds(first.frame)
      let end = boxes.first { $0.isOutside }.map { seconds($0.frame) }
      let zone = track.attributes["zone"].flatMap { $0.isEmpty ? nil : $0 }
      let due: Double
      if let text = track.attributes["due"], !text.isEmpty {
        guard let value = Double(text), value >= start, value <= 31_622_400 else {
          throw FormatError(
            file: file, path: place, problem: "has the due time \"\(text)\"; expected seconds not before its start")
        }
        due = value
      } else if let zone, let dwell = camera?.zones.first(where: { $0.id == zone })?.dwell {
        due = start + dwell
      } else {
        throw FormatError(
          file: file, path: place, problem: "has no due time and no zone of the camera to take the dwell from")
      }
      let timed = seen.filter { $0.isKeyframe || $0.frame == first.frame || $0.frame == seen.last!.frame }
        .map { ReferenceEvent.TimedBox(time: seconds($0.frame), box: fraction($0.box)) }
      var event = ReferenceEvent(
        id: track.id, type: type, zone: zone, start: start, due: due, end: end, box: timed[0].box,
        ignore: track.attributes["ignore"] == "true", note: track.attributes["note"])
      if timed.contains(where: { $0.box != timed[0].box }) { event.boxes = timed }
      events.append(event)
    }
    let document = ReferenceDocument(clip: clip, durationSeconds: durationSeconds, labelledBy: "CVAT", events: events)
    // The reader's checks are the contract's; an import passes them too.
    return try ReferenceDocument(json: document.json(), file: file)
  }

  private func fraction(_ box: Box) -> Box {
    let (width, height) = size!
    let whole = Box(x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height)
    return whole.clipped ?? whole
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
