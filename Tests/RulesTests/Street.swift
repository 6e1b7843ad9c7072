import Formats
import Geometry
import Observation
import Rules
import Tracking

/// A small generator with a written seed (SplitMix64, Steele and others 2014).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A standard normal value, by the sum of twelve.
  mutating func normal() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
  }
}

/// Something in a made-up street: where it is when, and how it looks.
struct Actor {
  var label = "car"
  var score = 0.8
  var from = 0.0
  var to = Double.infinity
  /// Where its box is at a time.
  var box: (Double) -> Box
  /// Distinguishes its pattern and colour in thumbnails.
  var look = 1
  /// Whether the detector reports it at a time.
  var isDetected: (Double) -> Bool = { _ in true }
  /// Class names by time, where they flicker.
  var labels: ((Double) -> String)?

  init(
    _ label: String = "car", at box: Box, from: Double = 0, to: Double = .infinity, score: Double = 0.8, look: Int = 1
  ) {
    self.label = label
    self.score = score
    self.from = from
    self.to = to
    self.look = look
    self.box = { _ in box }
  }

  /// Drives in a straight line between two boxes within its time.
  init(
    _ label: String = "car", driving first: Box, to last: Box, from: Double, until: Double, score: Double = 0.8,
    look: Int = 1
  ) {
    self.init(label, at: first, from: from, to: until, score: score, look: look)
    box = { time in
      let share = (time - from) / (until - from)
      return Box(
        x: first.x + (last.x - first.x) * share, y: first.y + (last.y - first.y) * share,
        width: first.width + (last.width - first.width) * share,
        height: first.height + (last.height - first.height) * share)
    }
  }

  func isThere(_ time: Double) -> Bool { time >= from && time < to }
}

/// A made-up street before a camera.
struct Street {
  var actors: [Actor]
  /// Of each detected edge, as a share of the box's size.
  var jitter = 0.0
  /// The share of detections that are dropped at random.
  var drops = 0.0
  var seed: UInt64 = 1
  var paintsThumbnails = false
  /// Gain and offset of the light at a time.
  var light: (Double) -> (gain: Double, offset: Double) = { _ in (1, 0) }
  var isGrey: (Double) -> Bool = { _ in false }
  /// By how much the whole picture is displaced.
  var shake: (Double) -> (x: Double, y: Double) = { _ in (0, 0) }

  init(_ actors: [Actor]) { self.actors = actors }

  /// What the detector reports. Of actors that cover each other the later ones are in front.
  func observation(at time: Double) -> Observation {
    var generator = SeededGenerator(state: seed &* 1_000_003 &+ UInt64(max(0, time) * 1000))
    let shift = shake(time)
    var detections: [Detection] = []
    let there = actors.enumerated().filter { $0.element.isThere(time) }
    for (index, actor) in there {
      var box = actor.box(time)
      let isDropped = Double.random(in: 0..<1, using: &generator) < drops
      let noise = (0..<4).map { _ in generator.normal() * jitter }
      guard !isDropped, actor.isDetected(time) else { continue }
      let isHidden = there.contains { $0.offset > index && box.covered(by: $0.element.box(time)) > 0.6 }
      guard !isHidden else { continue }
      box = Box(
        x: box.x + shift.x + noise[0] * box.width, y: box.y + shift.y + noise[1] * box.height,
        width: box.width * (1 + noise[2]), height: box.height * (1 + noise[3]))
      let label = actor.labels?(time) ?? actor.label
      if let box = box.clipped { detections.append(Detection(label: label, score: actor.score, box: box)) }
    }
    detections.sort { ($0.score, $0.box.x) > ($1.score, $1.box.x) }
    return Observation(time: time, detections: detections, thumbnail: paintsThumbnails ? paint(at: time) : nil)
  }

  static let width = 160
  static let height = 90

  /// A picture with a patterned road and each actor as a block of its own pattern and colour.
  private func paint(at time: Double) -> Thumbnail {
    let count = Self.width * Self.height
    var luma = [Double](repeating: 0, count: count)
    var blue = [Double](repeating: 128, count: count)
    var red = [Double](repeating: 128, count: count)
    let shift = shake(time)
    for row in 0..<Self.height {
      for column in 0..<Self.width {
        luma[row * Self.width + column] = 95 + Self.texture(look: 0, column, row) * 0.25
      }
    }
    for actor in actors where actor.isThere(time) {
      let box = actor.box(time)
      let x0 = Int((box.x + shift.x) * Double(Self.width))
      let y0 = Int((box.y + shift.y) * Double(Self.height))
      let wide = max(1, Int(box.width * Double(Self.width)))
      let high = max(1, Int(box.height * Double(Self.height)))
      for row in max(0, y0)..<max(0, min(Self.height, y0 + high)) {
        for column in max(0, x0)..<max(0, min(Self.width, x0 + wide)) {
          let cell = (column - x0) * 6 / wide + (row - y0) * 6 / high * 6
          luma[row * Self.width + column] = 60 + Double(actor.look % 4) * 25 + Self.texture(look: actor.look, cell, 7)
          blue[row * Self.width + column] = 128 + Double((actor.look * 37) % 50) - 25
          red[row * Self.width + column] = 128 + Double((actor.look * 53) % 50) - 25
        }
      }
    }
    let (gain, offset) = light(time)
    let grey = isGrey(time)
    var generator = SeededGenerator(state: seed &+ UInt64(max(0, time) * 1000))
    func byte(_ value: Double) -> UInt8 { UInt8(max(0, min(255, value))) }
    return Thumbnail(
      width: Self.width, height: Self.height,
      luma: luma.map { byte($0 * gain + offset + Double.random(in: -2...2, using: &generator)) },
      blueDifference: grey ? [UInt8](repeating: 128, count: count) : blue.map { byte($0) },
      redDifference: grey ? [UInt8](repeating: 128, count: count) : red.map { byte($0) })
  }

  private static func texture(look: Int, _ column: Int, _ row: Int) -> Double {
    var generator = SeededGenerator(state: UInt64(look) &* 7919 &+ UInt64(column) &* 31 &+ UInt64(row) &* 65_537)
    return Double(generator.next() % 100)
  }
}

/// What a camera's rules made of a street.
struct Outcome {
  var rules: SceneRules
  var events: [RuleEvent]

  var raised: [WarningRecord] {
    events.compactMap { if case .raised(let record) = $0 { record } else { nil } }
  }
  var warnings: [WarningRecord] { rules.warnings }
  var suppressed: [SuppressedRecord] { rules.suppressed }
}

enum Scene {
  static let groups = ClassGroups(
    model: "test",
    classes: [
      "person", "bicycle", "motorcycle", "tricycle", "car", "bus", "truck", "umbrella", "stall", "bin", "bin-overflow",
      "garbage",
    ],
    groups: [
      "vehicle": ["car", "bus", "truck"], "two-wheeler": ["bicycle", "motorcycle"], "three-wheeler": ["tricycle"],
      "stall-like": ["stall", "tricycle", "umbrella"], "person": ["person"], "bin": ["bin", "bin-overflow"],
      "bin-overflow": ["bin-overflow"], "litter": ["garbage"],
    ])

  /// The kerb of the made-up street: a no-parking zone over the middle of the picture.
  static let kerb = Box(x: 0.2, y: 0.4, width: 0.5, height: 0.3)
  /// A bay within the kerb.
  static let bay = Box(x: 0.4, y: 0.45, width: 0.12, height: 0.12)

  static func zone(
    _ kind: ZoneKind = .noParking, id: String = "kerb", _ box: Box = kerb, dwell: Double? = 180,
    classes: [String]? = nil
  ) throws -> Zone {
    Zone(id: id, kind: kind, polygon: try Polygon(box), dwellSeconds: dwell, classes: classes)
  }

  static func camera(_ zones: [Zone]) -> CameraDocument {
    CameraDocument(id: "cam", frame: CameraDocument.Frame(width: 1280, height: 720), zones: zones)
  }

  static func rules(
    _ zones: [Zone], settings: RuleSettings = RuleSettings(), camera change: (inout CameraDocument) -> Void = { _ in }
  ) throws -> SceneRules {
    var camera = camera(zones)
    change(&camera)
    return try SceneRules(camera: camera, model: RuleModel(groups: groups), settings: settings)
  }

  /// Times of pictures, `period` apart.
  static func times(_ seconds: Double, every period: Double = 1) -> [Double] {
    (0...Int(seconds / period)).map { Double($0) * period }
  }

  static func run(_ street: Street, _ rules: SceneRules, at times: [Double]) -> Outcome {
    var rules = rules
    var events: [RuleEvent] = []
    for time in times { events += rules.step(street.observation(at: time)) }
    events += rules.finish(at: times.last ?? 0)
    return Outcome(rules: rules, events: events)
  }

  static func run(
    _ street: Street, zones: [Zone]? = nil, seconds: Double, every period: Double = 1,
    settings: RuleSettings = RuleSettings()
  ) throws -> Outcome {
    let rules = try rules(zones ?? [zone()], settings: settings)
    return run(street, rules, at: times(seconds, every: period))
  }
}
