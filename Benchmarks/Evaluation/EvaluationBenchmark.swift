import Evaluation
import Formats
import Geometry
import Glibc
import Statistics

/// Scores 100,000 warnings against 100,000 events over 1,000 clips, and prints where the time goes, in seconds of one core.
@main
struct EvaluationBenchmark {
  static func main() throws {
    var generator = Xoshiro256(seed: 17)
    let clips = (0..<1000).map { clip($0, &generator) }
    let warnings = clips.reduce(0) { $0 + $1.system.raised.count }
    let events = clips.reduce(0) { $0 + $1.reference.events.count }
    print("\(clips.count) clips, \(events) events, \(warnings) warnings")
    var document: EvaluationDocument?
    let scored = try seconds {
      document = try Evaluator.evaluate(clips, options: .init(require: ["precision": 0.85]))
    }
    print("scored        \(scored)")
    guard let document else { return }
    var bytes: [UInt8] = []
    print("evaluation    \(seconds { bytes = document.json() }), \(bytes.count >> 20) MiB")
    print("csv           \(seconds { bytes = Reports.csv(document) })")
    print("junit         \(seconds { bytes = Reports.junit(document) })")
    print(
      "report        \(seconds { bytes = HTMLReport(subject: "benchmark").html(document) }), \(bytes.count >> 10) KiB"
    )
    for (type, figures) in document.types.sorted(by: { $0.key < $1.key }) {
      let counts = figures.counts
      print(
        "  \(type.rawValue): \(counts.truePositives) right, \(counts.falsePositives) false, \(counts.falseNegatives) missed"
      )
    }
    // One clip with as many: what a hostile suite would hold.
    let crowded = ScoredClip(
      name: "all", camera: "all", reference: clip(0, &generator, events: 100_000, hours: 1000).reference,
      system: clip(0, &generator, events: 100_000, hours: 1000).system)
    print("one clip of \(crowded.reference.events.count) events", terminator: ": ")
    print(try seconds { _ = try Evaluator.evaluate([crowded]) })
  }

  /// Of the processor, so that what else runs on the machine does not count.
  static func seconds(_ work: () throws -> Void) rethrows -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let begun = now()
    try work()
    return ((now() - begun) * 1000).rounded() / 1000
  }

  /// An hour of a busy street: most events raised a little late and a little aside, some missed, some raised twice or for nothing.
  static func clip(
    _ number: Int, _ generator: inout Xoshiro256, events count: Int = 100, hours: Double = 1
  ) -> ScoredClip {
    let types = EventType.allCases
    var events: [ReferenceEvent] = []
    var warnings: [WarningRecord] = []
    let seconds = hours * 3600
    func share() -> Double { Double(generator.below(1_000_000)) / 1_000_000 }
    func box() -> Box {
      Box(x: share() * 0.85, y: share() * 0.85, width: 0.05 + share() * 0.1, height: 0.05 + share() * 0.1)
    }
    for index in 0..<count {
      let type = types[generator.below(types.count)]
      let start = share() * (seconds - 400)
      let place = box()
      events.append(
        ReferenceEvent(
          id: "E\(index)", type: type, zone: "z\(generator.below(4))", start: start, due: start + 180,
          end: share() < 0.8 ? start + 200 + share() * 1000 : nil, box: place))
      let fate = share()
      if fate < 0.85 {
        let shifted = Box(x: place.x + share() * 0.02, y: place.y, width: place.width, height: place.height)
        warnings.append(
          WarningRecord(
            id: "w\(index)", type: type, start: start, alert: start + 179 + share() * 20, score: share(), box: shifted))
      } else {
        warnings.append(
          WarningRecord(id: "x\(index)", type: type, alert: share() * seconds, score: share(), box: box()))
      }
    }
    let name = "clip-\(number)"
    return ScoredClip(
      name: name, camera: "camera-\(number % 100)",
      reference: ReferenceDocument(clip: name, durationSeconds: seconds, conditions: ["day"], events: events),
      system: WarningsDocument(clip: name, durationSeconds: seconds, sampling: Sampling(rate: 1), raised: warnings))
  }
}
