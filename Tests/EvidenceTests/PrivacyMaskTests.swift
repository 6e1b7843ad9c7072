import Evidence
import Formats
import Geometry
import Testing
import Video

@Suite("Privacy mask")
struct PrivacyMaskTests {
  @Test("every pixel that a zone touches is hidden, and none else", arguments: [(64, 48), (31, 17), (1, 1)])
  func pixels(width: Int, height: Int) throws {
    let polygon = try Polygon([
      Point(x: 0.1, y: 0.15), Point(x: 0.8, y: 0.2), Point(x: 0.45, y: 0.5), Point(x: 0.7, y: 0.93),
    ])
    let zone = Zone(id: "door", kind: .privacy, polygon: polygon)
    var hidden = Set<Int>()
    for run in PrivacyMask([zone]).runs(width: width, height: height) {
      for column in run.columns { hidden.insert(run.row * width + column) }
    }
    for row in 0..<height {
      for column in 0..<width {
        let pixel = Box(
          x: Double(column) / Double(width), y: Double(row) / Double(height), width: 1 / Double(width),
          height: 1 / Double(height))
        #expect(hidden.contains(row * width + column) == (polygon.coverage(of: pixel) > 0))
      }
    }
  }

  @Test("a colour sample goes with the first of its pixels", arguments: ChromaSubsampling.allCases)
  func colour(subsampling: ChromaSubsampling) {
    var planes = PicturePlanes(width: 5, height: 5, subsampling: subsampling, isFullRange: false, luma: 200)
    planes.blueDifference = planes.blueDifference.map { _ in 90 }
    planes.redDifference = planes.redDifference.map { _ in 160 }
    planes.blacken([PixelRun(row: 4, columns: 3..<9), PixelRun(row: 9, columns: 0..<2)])
    #expect(planes.luma.count { $0 == 16 } == 2)
    #expect(planes.blueDifference.contains(128) && planes.blueDifference.contains(90))
    #expect(planes.redDifference.last == 128)
  }

  @Test("zones of other kinds hide nothing")
  func others() throws {
    let zone = Zone(id: "kerb", kind: .ignore, polygon: try Polygon(Box(x: 0, y: 0, width: 1, height: 1)))
    #expect(PrivacyMask([zone]).isEmpty)
  }
}
