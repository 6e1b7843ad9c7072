import Foundation
import Testing
import Video

private let streetClips =
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../../shared/clips"

/// The street clips beside the checkout, where they are.
@Suite(
  "street clips", .enabled(if: FileManager.default.fileExists(atPath: streetClips), "no ../shared/clips here"))
struct StreetClipTests {
  @Test(
    "every picture of the stills in a row is taken, at its time, and of the moving ones the wanted rate",
    arguments: [
      ("us-busstop-a", 1.0, 63, 1784.96), ("us-busstop-b", 1, 70, 1064.4), ("vn-stall", 0.0104, 6, 582),
      ("vn-kerbnight", 0.0161, 29, 1812.5), ("vn-junction", 0.8, 217, 271.25), ("kr-schoolzone", 2, 41, 20.467),
    ])
  func clips(name: String, rate: Double, count: Int, duration: Double) async throws {
    let (pictures, statistics) = try await sample("\(streetClips)/\(name)/clip.mp4", rate: rate)
    #expect(pictures.count == count)
    #expect(abs(statistics.durationSeconds - duration) < 0.04)
    #expect(!statistics.isTruncated && statistics.damaged == 0)
    if name == "us-busstop-a" {
      #expect(statistics.gaps.contains { abs($0.to - $0.from - 224.96) < 0.05 })
    }
  }
}
