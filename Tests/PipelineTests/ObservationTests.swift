import Foundation
import Geometry
import Observation
import Pipeline
import Testing

@Suite("What is kept of clips")
struct ObservationTests {
  /// SplitMix64, for tests that are the same every time.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// A plane of the kind: 0 one value, 1 noise, 2 a ramp with a little noise.
  func plane(_ kind: Int, _ width: Int, _ height: Int, _ generator: inout Seeded) -> [UInt8] {
    (0..<(width * height)).map { index in
      switch kind {
      case 0: 128
      case 1: UInt8.random(in: 0...255, using: &generator)
      default: UInt8(truncatingIfNeeded: index % width * 3 + Int.random(in: 0...3, using: &generator))
      }
    }
  }

  func picture(_ time: Double, _ width: Int, _ height: Int, kind: Int, _ generator: inout Seeded) -> ObservedPicture {
    let thumbnail = Thumbnail(
      width: width, height: height, luma: plane(kind, width, height, &generator),
      blueDifference: plane(0, width, height, &generator), redDifference: plane(kind, width, height, &generator))
    let detections = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      Detection(
        label: ["car", "自行车"].randomElement(using: &generator)!, score: .random(in: 0...1, using: &generator),
        box: Box(x: .random(in: 0...0.5, using: &generator), y: 1.0 / 3, width: 0.1, height: 0.2))
    }
    return ObservedPicture(
      observation: Observation(time: time, detections: detections, thumbnail: thumbnail),
      still: (0..<Int.random(in: 0...50, using: &generator)).map { UInt8($0) })
  }

  @Test("pictures come back as they were, bit for bit", arguments: 0..<40)
  func roundTrip(seed: Int) throws {
    var generator = Seeded(state: UInt64(seed))
    var (width, height) = (Int.random(in: 1...40, using: &generator), Int.random(in: 1...30, using: &generator))
    var pictures: [ObservedPicture] = []
    for index in 0..<Int.random(in: 0...6, using: &generator) {
      // Now and then another size, no picture, or the same one again.
      switch Int.random(in: 0...5, using: &generator) {
      case 0: width += 1
      case 1: height += 2
      default: break
      }
      var next = picture(
        Double(index) / 3, width, height, kind: Int.random(in: 0...2, using: &generator), &generator)
      if Int.random(in: 0...4, using: &generator) == 0 { next.observation.thumbnail = nil }
      pictures.append(next)
      if Bool.random(using: &generator) {
        next.observation.time += 0.1
        pictures.append(next)
      }
    }
    #expect(ObservationChunk.pictures(ObservationChunk.bytes(pictures)) == pictures)
  }

  @Test("a still picture packs well, and any damage is refused or gives something, never a crash")
  func packing() {
    var generator = Seeded(state: 9)
    let first = picture(0, 64, 48, kind: 2, &generator)
    let bytes = ObservationChunk.bytes([first])
    let twice = ObservationChunk.bytes([first, first])
    #expect(bytes.count < 64 * 48 * 3)
    #expect(twice.count - bytes.count < 64 * 48 / 4)
    for _ in 0..<300 {
      var damaged = twice
      damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      _ = ObservationChunk.pictures(damaged)
      _ = ObservationChunk.pictures(Array(damaged.prefix(Int.random(in: 0..<damaged.count, using: &generator))))
    }
    #expect(ObservationChunk.pictures(Array(bytes.dropLast())) == nil)
    #expect(ObservationChunk.pictures(bytes + [0]) == nil)
  }

  @Test("a folder of results belongs to one process at a time")
  func lock() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = try OutputFolder(path)
    var first: FolderLock? = try FolderLock(folder)
    #expect(throws: OutputError.cannotWrite(path, reason: "another warden is writing there")) { try FolderLock(folder) }
    _ = first
    first = nil
    #expect(throws: Never.self) { try FolderLock(folder) }
  }
}
