import Evaluation
import Formats
import Geometry

/// A square of a tenth of the picture's sides at a place on a grid.
func square(_ column: Double, _ row: Double = 0) -> Box { Box(x: column / 10, y: row / 10, width: 0.1, height: 0.1) }

func event(
  _ id: String, _ type: EventType = .illegalParking, start: Double = 0, due: Double, end: Double? = nil,
  box: Box = square(1),
  zone: String? = nil, ignore: Bool = false
) -> ReferenceEvent {
  ReferenceEvent(id: id, type: type, zone: zone, start: start, due: due, end: end, box: box, ignore: ignore)
}

func warning(
  _ id: String, _ type: EventType = .illegalParking, alert: Double, box: Box = square(1), zone: String? = nil,
  score: Double? = nil, end: Double? = nil
) -> WarningRecord {
  WarningRecord(id: id, type: type, zone: zone, alert: alert, end: end, score: score, box: box)
}

func clip(
  named name: String = "a", camera: String? = nil, seconds: Double = 3600, rate: Double? = 1, conditions: [String] = [],
  _ events: [ReferenceEvent], _ warnings: [WarningRecord]
) -> ScoredClip {
  ScoredClip(
    name: name, camera: camera ?? name,
    reference: ReferenceDocument(clip: "clip.mp4", durationSeconds: seconds, conditions: conditions, events: events),
    system: WarningsDocument(
      clip: "clip.mp4", durationSeconds: seconds, sampling: rate.map { Sampling(rate: $0) }, raised: warnings))
}

/// The event of that number in a row of them, a hundred seconds apart: it stands from 0, is due at 50 and ends at `end`.
func numbered(_ index: Int, end: Double = 90, box: Box = square(1)) -> ReferenceEvent {
  let start = Double(index) * 100
  return event("E\(index)", start: start, due: start + 50, end: start + end, box: box)
}

/// The outcomes by warning id, and by event id for missed events.
func outcomes(_ clip: ScoredClip, _ preset: Preset = .operational) throws -> [String: Outcome] {
  let document = try Evaluator.evaluate([clip], options: EvaluationOptions(preset: preset, rounds: 10))
  var result: [String: Outcome] = [:]
  for match in document.matches { result[match.warning ?? match.reference!] = match.outcome }
  return result
}

/// SplitMix64, for tests that are the same every time.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
