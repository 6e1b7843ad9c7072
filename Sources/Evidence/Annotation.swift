public import Formats
import Geometry
public import Observation
import Video

extension Canvas {
  /// Outlines each detection in its class's colour, with class and score above it.
  public mutating func draw(_ detections: [Detection]) {
    // The best last, so that it lies on top.
    for detection in detections.reversed() {
      let colour = Colour.named(detection.label)
      stroke(detection.box, colour)
      write(
        "\(detection.label) \(hundredths(detection.score))", above: Point(x: detection.box.x, y: detection.box.y),
        colour)
    }
  }

  /// Outlines zones in the colour of their kind, with their ids.
  public mutating func draw(_ zones: [Zone]) {
    for zone in zones {
      let colour = Colour.of(zone.kind)
      stroke(zone.polygon, colour)
      let bounds = zone.polygon.bounds
      write(zone.id, above: Point(x: bounds.x, y: bounds.y), colour)
    }
  }

  /// Blackens the privacy zones. Whatever leaves the pipeline passes here.
  public mutating func blackenPrivacy(_ zones: [Zone]) {
    for zone in zones where zone.kind == .privacy { blacken(zone.polygon) }
  }
}

extension Colour {
  /// Forbidden red, permitted green, bins amber, what is left out blue.
  public static func of(_ kind: ZoneKind) -> Colour {
    switch kind {
    case .noParking, .noVending: .red
    case .permittedParking, .permittedVending: .green
    case .bin: .amber
    case .ignore, .privacy: .blue
    }
  }
}

private func hundredths(_ score: Double) -> String {
  let value = Int((min(max(score, 0), 1) * 100).rounded())
  return value == 100 ? "1.00" : "0." + (value < 10 ? "0" : "") + "\(value)"
}
