import Formats
import Foundation
import Geometry
import Observation
import Rules
import Testing

/// What holds whatever the detector does.
@Suite("Properties")
struct PropertyTests {
  /// A street with three parked cars and passing traffic, disturbed at random.
  static func street(_ seed: Int, pictures: Bool = false) -> (street: Street, starts: [Double]) {
    var generator = SeededGenerator(state: UInt64(seed) &* 77 &+ 5)
    let places = [0.22, 0.4, 0.56].map { Box(x: $0, y: 0.45, width: 0.12, height: 0.12) }
    // Further apart than cars that come in one queue.
    let starts = places.indices.map { Double($0 * 70 + Int.random(in: 0...5, using: &generator)) }
    var actors = zip(places, starts).enumerated().map { index, place in
      Actor(at: place.0, from: place.1, look: index + 1)
    }
    for index in 0..<20 {
      let from = Double(index) * 15 + Double.random(in: 0...5, using: &generator)
      actors.append(
        Actor(
          driving: Box(x: 0, y: 0.62, width: 0.12, height: 0.12), to: Box(x: 0.88, y: 0.62, width: 0.12, height: 0.12),
          from: from, until: from + 6, look: index + 10))
    }
    var street = Street(actors)
    street.seed = UInt64(seed)
    street.jitter = 0.03
    street.paintsThumbnails = pictures
    return (street, starts)
  }

  @Test(
    "over drops, jitter and box noise each car is raised once, its dwell right to a sample period", arguments: 0..<24)
  func dwell(seed: Int) throws {
    let period = [0.2, 1.0, 5.0][seed % 3]
    var (street, starts) = Self.street(seed)
    // A missed first look would be the detector's error, not the rule's.
    for index in starts.indices {
      let start = starts[index]
      street.actors[index].isDetected = { time in
        time < start + period * 1.01 || SeededGenerator.chance(seed, index, time) >= 0.25
      }
    }
    let times = Scene.times(420, every: period)
    let outcome = Scene.run(street, try Scene.rules([Scene.zone()]), at: times)
    #expect(outcome.raised.count == starts.count)
    #expect(Set(outcome.raised.map(\.id)).count == outcome.raised.count)
    for warning in outcome.raised {
      let place = try #require(
        starts.indices.first { street.actors[$0].box(0).iou(warning.box) > 0.5 }, "a warning in no car's place")
      #expect(abs((warning.start ?? -1) - starts[place]) <= period)
      #expect(warning.alert >= warning.due ?? .infinity)
      #expect(warning.alert <= (warning.due ?? 0) + max(2, period))
    }
  }

  @Test("a state encoded, decoded and continued at any moment gives the same warnings", arguments: 0..<8)
  func resumption(seed: Int) throws {
    var (street, _) = Self.street(seed, pictures: seed % 2 == 0)
    street.drops = 0.2
    // One leaves before and one after it is due.
    street.actors[0].to = 150
    street.actors[1].to = 300
    let times = Scene.times(400)
    let straight = Scene.run(street, try Scene.rules([Scene.zone()]), at: times)
    var rules = try Scene.rules([Scene.zone()])
    var events: [RuleEvent] = []
    for (index, time) in times.enumerated() {
      if index % 37 == seed * 3 % 37 {
        rules = try JSONDecoder().decode(SceneRules.self, from: JSONEncoder().encode(rules))
      }
      events += rules.step(street.observation(at: time))
    }
    events += rules.finish(at: 400)
    #expect(events == straight.events)
    #expect(rules.warnings == straight.warnings)
    #expect(rules.suppressed == straight.suppressed)
  }

  @Test("the order of a picture's detections changes nothing", arguments: 0..<4)
  func order(seed: Int) throws {
    var (street, _) = Self.street(seed)
    street.drops = 0.2
    let times = Scene.times(300)
    let straight = Scene.run(street, try Scene.rules([Scene.zone()]), at: times)
    var generator = SeededGenerator(state: UInt64(seed))
    var rules = try Scene.rules([Scene.zone()])
    for time in times {
      var picture = street.observation(at: time)
      // Scores are made distinct, so that sorting by them is one order.
      picture.detections.shuffle(using: &generator)
      _ = rules.step(picture)
    }
    #expect(rules.warnings.map(\.start) == straight.warnings.map(\.start))
    #expect(rules.warnings.map(\.alert) == straight.warnings.map(\.alert))
  }

  @Test("random detections never break an invariant", arguments: 0..<20)
  func noise(seed: Int) throws {
    var generator = SeededGenerator(state: UInt64(seed) + 900)
    var rules = try Scene.rules([Scene.zone(dwell: 20)])
    var raised: Set<String> = []
    var time = 0.0
    for _ in 0..<200 {
      time += pow(10, Double.random(in: -1.5...2, using: &generator))
      let detections = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        Detection(
          label: Scene.groups.classes.randomElement(using: &generator)!,
          score: Double.random(in: 0...1, using: &generator),
          box: Box(
            x: Double.random(in: -0.1...1, using: &generator), y: Double.random(in: -0.1...1, using: &generator),
            width: Double.random(in: 0...0.5, using: &generator), height: Double.random(in: 0...0.5, using: &generator))
        )
      }
      for event in rules.step(Observation(time: time, detections: detections)) {
        switch event {
        case .raised(let record):
          #expect(raised.insert(record.id).inserted)
          #expect(record.alert >= record.due ?? .infinity)
          #expect(
            record.why.allSatisfy {
              $0.met || $0.name == "size-in-pixels" || $0.name == "longer-than-a-queue"
                || $0.name == "moving-neighbours"
            })
        case .changed(let record):
          #expect(raised.contains(record.id))
          let times = record.history.dropFirst().map(\.time)
          #expect(times == times.sorted())
        default: break
        }
      }
      #expect(rules.detectionTracks.count == detections.count)
    }
    _ = rules.finish(at: time)
    #expect(Set(rules.warnings.map(\.id)) == raised)
  }
}

extension SeededGenerator {
  /// A number in 0..<1 that depends on nothing but its arguments.
  static func chance(_ seed: Int, _ index: Int, _ time: Double) -> Double {
    var generator = SeededGenerator(
      state: UInt64(seed) &* 1_000_003 &+ UInt64(index) &* 7919 &+ UInt64(time * 1000))
    _ = generator.next()
    return Double.random(in: 0..<1, using: &generator)
  }
}
