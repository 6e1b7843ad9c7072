import Formats
import Foundation
import Geometry
import Observation
import Pipeline
import Rules
import Testing
import Video

@Suite("Live cameras")
struct LiveTests {
  private let width = 320
  private let height = 180

  private func picture(_ luma: (Int, Int) -> UInt8) -> Thumbnail {
    let chroma = width * height
    return Thumbnail(
      width: width, height: height,
      luma: (0..<height).flatMap { y in (0..<width).map { x in luma(x, y) } },
      blueDifference: [UInt8](repeating: 118, count: chroma), redDifference: [UInt8](repeating: 140, count: chroma))
  }

  /// A street: textured, and with a sensor's noise where a seed is given.
  private func street(_ seed: UInt64? = nil, dark: Bool = false) -> Thumbnail {
    var random = Seeded(state: seed ?? 0)
    return picture { x, y in
      let base = dark ? 22 + (x * 7 + y * 3) % 9 + ((x / 40 + y / 30) % 5 == 0 ? 120 : 0) : 60 + (x * 5 + y * 11) % 90
      let noise = seed == nil ? 0 : Int(random.next() % 7) - 3
      return UInt8(clamping: base + noise)
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }

  /// When the watch first says something other than good, over so many pictures at one a second.
  private func verdicts(_ count: Int, _ make: (Int) -> Thumbnail) -> [PictureWatch.Verdict] {
    var watch = PictureWatch()
    return (0..<count).map { watch.look(make($0), at: Double($0)) }
  }

  @Test("a picture that does not change is frozen after 30 s, a burnt-in clock notwithstanding")
  func frozen() {
    let still = street()
    #expect(verdicts(60) { _ in still }.firstIndex(of: .frozen) == 30)
    let clock = verdicts(60) { second in
      picture { x, y in x < 40 && y < 10 ? UInt8(second * 37 % 200) : still.luma[y * width + x] }
    }
    #expect(clock.firstIndex(of: .frozen) == 30)
  }

  @Test("a still street at night with a sensor's noise is not frozen, black or garbled in 20 minutes")
  func night() {
    let found = verdicts(1200) { street(UInt64($0 + 1), dark: true) }
    #expect(found.allSatisfy { $0 == .good })
  }

  @Test("a covered lens is black within 10 s, and good again at the second picture behind it")
  func black() {
    let found = verdicts(40) { second in
      second < 20 ? picture { x, y in UInt8(16 + (x + y + second) % 3) } : street(UInt64(second))
    }
    #expect(found.firstIndex(of: .black) == 8)
    #expect(found[21...].allSatisfy { $0 == .good })
  }

  @Test("half grey and pure noise are garbled within 10 s")
  func garbled() {
    let grey = verdicts(20) { second in
      let scene = street(UInt64(second + 1))
      let chroma = width * height
      return Thumbnail(
        width: width, height: height,
        luma: scene.luma.enumerated().map { $0.offset / width >= height / 2 ? 128 : $0.element },
        blueDifference: [UInt8](repeating: 128, count: chroma), redDifference: [UInt8](repeating: 128, count: chroma))
    }
    #expect(grey.firstIndex(of: .garbled) == 8)
    let noise = verdicts(20) { second in
      var random = Seeded(state: UInt64(second + 1))
      return picture { _, _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    #expect((noise.firstIndex(of: .garbled) ?? 99) <= 10)
  }

  @Test("waiting doubles up to a minute, a quarter more or less, and starts anew after success")
  func backOff() {
    var backOff = BackOff()
    var random = Seeded(state: 9)
    let refused = VideoError(.refused, source: "a")
    let waits = (0..<9).map { _ in backOff.next(after: refused, using: &random) }
    for (wait, middle) in zip(waits, [1.0, 2, 4, 8, 16, 32, 60, 60, 60]) {
      #expect(wait >= 0.75 * middle && wait <= 1.25 * middle)
    }
    // A camera in a black hole takes ten seconds for each try besides.
    #expect(waits[..<6].reduce(0, +) + 60 > 100)
    backOff.reset()
    #expect(backOff.next(after: refused, using: &random) <= 1.25)
  }

  @Test("a wrong password is tried three times in the first minute, and then every five minutes")
  func wrongPassword() {
    var backOff = BackOff()
    var random = Seeded(state: 9)
    let waits = (0..<4).map { _ in backOff.next(after: VideoError(.unauthorized, source: "a"), using: &random) }
    #expect(waits[0] + waits[1] <= 60)
    #expect(waits[2...].allSatisfy { $0 >= 225 })
  }

  @Test("rules that were saved go on where they were, for the same zones and model alone")
  func resumed() throws {
    let polygon = try Polygon([Point(x: 0, y: 0.4), Point(x: 1, y: 0.4), Point(x: 1, y: 1), Point(x: 0, y: 1)])
    var camera = CameraDocument(
      id: "cam", frame: .init(width: 1280, height: 720),
      zones: [Zone(id: "kerb", kind: .noParking, polygon: polygon, dwellSeconds: 60)])
    let model = RuleModel(groups: ClassGroups(model: "m", classes: ["car"], groups: ["vehicle": ["car"]]))
    func run(breaking at: Int?) throws -> [WarningRecord] {
      var state = LiveState(
        mediaStart: 1_780_000_000, model: "m",
        rules: try SceneRules(camera: camera, model: model, liveSince: 1_780_000_000))
      for second in 0..<120 {
        if second == at {
          state = try #require(LiveState(state.bytes()))
          #expect(state.fits(camera, model: "m"))
        }
        _ = state.rules.step(
          Observation(
            time: Double(second),
            detections: [Detection(label: "car", score: 0.9, box: Box(x: 0.4, y: 0.6, width: 0.15, height: 0.15))]))
      }
      return state.rules.warnings
    }
    let whole = try run(breaking: nil)
    #expect(whole.count == 1)
    #expect(try run(breaking: 30) == whole)
    #expect(try run(breaking: 75) == whole)
    let state = LiveState(
      mediaStart: 0, model: "m", rules: try SceneRules(camera: camera, model: model, liveSince: 0))
    #expect(!state.fits(camera, model: "other"))
    camera.zones[0].dwellSeconds = 90
    #expect(!state.fits(camera, model: "m"))
    #expect(LiveState(Array("{}".utf8)) == nil)
  }
}
