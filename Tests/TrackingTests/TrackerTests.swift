import Foundation
import Geometry
import Observation
import Testing
import Tracking

@Suite("Tracker")
struct TrackerTests {
  static let settings = TrackerSettings(
    score: ScoreThreshold(0.4), low: ScoreThreshold(0.1), groups: [["car", "bus", "truck"], ["person"]])

  static func car(_ x: Double, _ y: Double, score: Double = 0.8, label: String = "car") -> Detection {
    Detection(label: label, score: score, box: Box(x: x, y: y, width: 0.1, height: 0.08))
  }

  @Test("a thing that moves a little keeps its id at any rate", arguments: [0.04, 0.2, 1.0, 5.0, 100.0])
  func keepsItsID(period: Double) {
    var tracker = Tracker(settings: Self.settings)
    var ids: Set<Int> = []
    for step in 0..<50 {
      let jitter = step % 2 == 0 ? 0.004 : -0.004
      let seen = tracker.update([Self.car(0.3 + jitter, 0.4)], at: Double(step) * period)
      ids.formUnion(seen.map(\.id))
    }
    #expect(ids == [1])
  }

  @Test("a fast thing is followed once its boxes no longer overlap")
  func followsFastThings() {
    var tracker = Tracker(settings: Self.settings)
    var ids: Set<Int> = []
    for step in 0..<12 {
      ids.formUnion(tracker.update([Self.car(0.02 + 0.07 * Double(step), 0.4)], at: Double(step) * 0.5).map(\.id))
    }
    #expect(ids == [1])
  }

  @Test("car, truck and bus in turn are one track, a person in the same place is another")
  func groupsHoldTogether() {
    var tracker = Tracker(settings: Self.settings)
    var ids: [Int] = []
    for (step, label) in ["car", "truck", "car", "bus", "car"].enumerated() {
      ids += tracker.update([Self.car(0.3, 0.4, label: label)], at: Double(step)).map(\.id)
    }
    #expect(ids == [1, 1, 1, 1, 1])
    #expect(tracker.tracks.map(\.label) == ["car"])
    #expect(tracker.update([Self.car(0.3, 0.4, label: "person")], at: 6).map(\.id) == [2])
  }

  @Test("faint detections carry a track on but start none")
  func faintDetections() {
    var tracker = Tracker(settings: Self.settings)
    #expect(tracker.update([Self.car(0.3, 0.4, score: 0.2)], at: 0).isEmpty)
    #expect(tracker.update([Self.car(0.3, 0.4)], at: 1).map(\.id) == [1])
    #expect(tracker.update([Self.car(0.3, 0.4, score: 0.2)], at: 2).map(\.id) == [1])
    #expect(tracker.update([Self.car(0.3, 0.4, score: 0.05)], at: 3).isEmpty)
  }

  @Test("a lost track is kept for a time, whatever the rate", arguments: [0.1, 1.0, 7.0])
  func keptForATime(period: Double) {
    var settings = Self.settings
    settings.keepSeconds = 30
    for (gap, expected) in [(28.0, 1), (45.0, 2)] {
      var tracker = Tracker(settings: settings)
      for step in 0..<5 { tracker.update([Self.car(0.3, 0.4)], at: Double(step) * period) }
      let last = 4 * period
      var time = last + period
      while time < last + gap {
        tracker.update([], at: time)
        time += period
      }
      #expect(tracker.update([Self.car(0.3, 0.4)], at: time).map(\.id) == [expected])
    }
  }

  @Test("after a gap longer than a track is kept, a thing in the same place is still the same track")
  func longGap() {
    var tracker = Tracker(settings: Self.settings)
    tracker.update([Self.car(0.3, 0.4), Self.car(0.6, 0.4)], at: 0)
    tracker.update([Self.car(0.3, 0.4), Self.car(0.6, 0.4)], at: 100)
    #expect(tracker.update([Self.car(0.601, 0.4), Self.car(0.302, 0.4)], at: 200).map(\.id) == [2, 1])
  }

  @Test("a distant thing after a long gap is a new track")
  func gateIsHonest() {
    var tracker = Tracker(settings: Self.settings)
    for step in 0..<5 { tracker.update([Self.car(0.1 + 0.05 * Double(step), 0.4)], at: Double(step)) }
    #expect(tracker.update([Self.car(0.7, 0.4)], at: 60).map(\.id) == [2])
  }

  @Test("two things that pass each other keep their ids")
  func crossing() {
    var tracker = Tracker(settings: Self.settings)
    var left: Set<Int> = []
    var right: Set<Int> = []
    for step in 0..<40 {
      let x = 0.02 * Double(step)
      let seen = tracker.update([Self.car(0.05 + x, 0.40), Self.car(0.85 - x, 0.44)], at: Double(step) * 0.2)
      for track in seen { if track.detection == 0 { left.insert(track.id) } else { right.insert(track.id) } }
    }
    #expect(left == [1])
    #expect(right == [2])
  }

  @Test("a clock that steps back ends all tracks and reuses no id")
  func clockStepsBack() {
    var tracker = Tracker(settings: Self.settings)
    tracker.update([Self.car(0.3, 0.4)], at: 10)
    #expect(tracker.update([Self.car(0.3, 0.4)], at: 5).map(\.id) == [2])
  }

  struct Scene {
    var generator: SeededGenerator
    var things: [(box: Box, dx: Double, dy: Double)]

    init(seed: Int, count: Int) {
      generator = SeededGenerator(state: UInt64(seed))
      things = []
      for index in 0..<count {
        let box = Box(x: 0.08 * Double(index % 10) + 0.1, y: 0.1 + 0.09 * Double(index / 10), width: 0.05, height: 0.05)
        things.append((box, index % 3 == 0 ? 0.004 : 0, 0))
      }
    }

    mutating func detections(drop: Double, jitter: Double) -> [Detection] {
      var result: [Detection] = []
      for index in things.indices {
        things[index].box.x += things[index].dx
        guard Double.random(in: 0..<1, using: &generator) >= drop else { continue }
        var box = things[index].box
        box.x += jitter * generator.normal() * box.width
        box.y += jitter * generator.normal() * box.height
        box.width *= 1 + jitter * generator.normal()
        box.height *= 1 + jitter * generator.normal()
        result.append(
          Detection(label: "car", score: Double.random(in: 0.15...0.95, using: &generator), box: box))
      }
      return result.shuffled(using: &generator)
    }
  }

  @Test("under drops, jitter and noise ids stay unique, and few things ever change theirs", arguments: 0..<20)
  func propertiesUnderNoise(seed: Int) {
    var scene = Scene(seed: seed, count: 12)
    var tracker = Tracker(settings: Self.settings)
    var known: Set<Int> = []
    var highest = 0
    for step in 0..<120 {
      let detections = scene.detections(drop: 0.3, jitter: 0.04)
      let seen = tracker.update(detections, at: Double(step) * 0.5)
      #expect(Set(seen.map(\.id)).count == seen.count)
      #expect(Set(seen.map(\.detection)).count == seen.count)
      for track in seen {
        if !known.contains(track.id) {
          #expect(track.id > highest)
          highest = track.id
          known.insert(track.id)
        }
        #expect(detections[track.detection].box == track.box)
      }
      #expect(tracker.tracks.map(\.id) == tracker.tracks.map(\.id).sorted())
    }
    #expect(known.count <= 16)
  }

  @Test("a tracker encoded, decoded and continued at any moment does the same", arguments: [0, 1, 7, 30])
  func codable(moment: Int) throws {
    var scene = Scene(seed: 3, count: 12)
    let pictures = (0..<60).map { _ in scene.detections(drop: 0.3, jitter: 0.05) }
    var straight = Tracker(settings: Self.settings)
    var resumed = Tracker(settings: Self.settings)
    for (step, picture) in pictures.enumerated() {
      if step == moment {
        resumed = try JSONDecoder().decode(Tracker.self, from: JSONEncoder().encode(resumed))
      }
      let expected = straight.update(picture, at: Double(step))
      #expect(resumed.update(picture, at: Double(step)) == expected)
    }
    #expect(straight == resumed)
  }

  @Test("no detections, boxes without area and unknown classes are borne")
  func oddInput() {
    var tracker = Tracker(settings: Self.settings)
    #expect(tracker.update([], at: 0).isEmpty)
    let flat = Detection(label: "car", score: 0.9, box: Box(x: 0.1, y: 0.1, width: 0, height: 0.1))
    #expect(tracker.update([flat], at: 1).isEmpty)
    #expect(tracker.update([Self.car(0.3, 0.3, label: "kiosk")], at: 2).map(\.label) == ["kiosk"])
    #expect(tracker.update([Self.car(0.3, 0.3, label: "kiosk")], at: 3).map(\.id) == [1])
  }
}
