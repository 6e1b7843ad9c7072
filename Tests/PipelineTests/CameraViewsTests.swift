import Formats
import Geometry
import Pipeline
import Testing

@Suite("Camera views")
struct CameraViewsTests {
  private func views(_ zones: [Box], viewsPerSample: Int = 2) throws -> [Box] {
    var camera = CameraDocument(
      id: "cam", frame: CameraDocument.Frame(width: 1920, height: 1080),
      zones: try zones.enumerated().map { index, box in
        Zone(id: "zone-\(index)", kind: .noParking, polygon: try Polygon(box))
      })
    camera.viewsPerSample = viewsPerSample
    return CameraViews.choose(for: camera, pictureWidth: 1920, pictureHeight: 1080, inputWidth: 416, inputHeight: 416)
  }

  @Test("a far kerb gets a crop of its own, in the network's shape, with room above it")
  func farKerb() throws {
    let kerb = Box(x: 0.6, y: 0.2, width: 0.1, height: 0.05)
    let views = try views([kerb])
    #expect(views.count == 2 && views[0] == .picture)
    let crop = try #require(views.last)
    #expect(crop.y < kerb.y && kerb.covered(by: crop) > 0.999)
    #expect(abs(crop.width * 1920 - crop.height * 1080) < 1)
    #expect(crop.width * 1920 >= 415.9 && crop.covered(by: .picture) > 0.9999)
  }

  @Test("a near zone, no zone and a budget of one run leave the whole picture alone")
  func wholePicture() throws {
    #expect(try views([]) == [.picture])
    #expect(try views([Box(x: 0.1, y: 0.4, width: 0.8, height: 0.5)]) == [.picture])
    #expect(try views([Box(x: 0.6, y: 0.2, width: 0.1, height: 0.05)], viewsPerSample: 1) == [.picture])
  }

  @Test("zones side by side share a crop, and no more runs are spent than allowed")
  func budget() throws {
    let near = [0.6, 0.66].map { Box(x: $0, y: 0.2, width: 0.04, height: 0.04) }
    #expect(try views(near).count == 2)
    let apart = [0.02, 0.5, 0.93].map { Box(x: $0, y: 0.3, width: 0.04, height: 0.04) }
    #expect(try views(apart).count == 2)
    #expect(try views(apart, viewsPerSample: 4).count == 4)
  }
}
