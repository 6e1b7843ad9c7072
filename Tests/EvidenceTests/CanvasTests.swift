import Evidence
import Geometry
import Testing
import Video

@Suite("Canvas")
struct CanvasTests {
  @Test("a box is outlined and its inside is left alone")
  func outline() {
    var canvas = Canvas(width: 100, height: 80, grey: 90)
    canvas.stroke(Box(x: 0.2, y: 0.25, width: 0.5, height: 0.5), .white)
    #expect(canvas.planes.luma[20 * 100 + 40] == 255)
    #expect(canvas.planes.luma[40 * 100 + 20] == 255)
    #expect(canvas.planes.luma[40 * 100 + 40] == 90)
    #expect(canvas.planes.luma[5 * 100 + 5] == 90)
  }

  @Test("what lies outside the picture is cut, not drawn elsewhere and no trap")
  func outside() throws {
    var canvas = Canvas(width: 31, height: 17, grey: 7)
    canvas.stroke(Box(x: -3, y: -3, width: 0.5, height: 0.5), .red)
    canvas.stroke(Box(x: 1.5, y: 1.5, width: 9, height: 9), .red)
    #expect(canvas.planes.luma.allSatisfy { $0 == 7 })
    let wide = try Polygon([Point(x: -50, y: -50), Point(x: 60, y: -40), Point(x: 0.5, y: 70)])
    canvas.stroke(wide, .green)
    canvas.blacken(wide)
    #expect(canvas.planes.luma[8 * 31 + 15] == 0)
  }

  @Test("a privacy zone is black to its last pixel, also where it covers a pixel in part")
  func privacy() throws {
    var canvas = Canvas(width: 50, height: 50, grey: 200)
    canvas.blacken(
      try Polygon([Point(x: 0.203, y: 0.2), Point(x: 0.6, y: 0.2), Point(x: 0.6, y: 0.61), Point(x: 0.203, y: 0.61)]))
    #expect(canvas.planes.luma[20 * 50 + 10] == 0)
    #expect(canvas.planes.luma[30 * 50 + 20] == 0)
    #expect(canvas.planes.luma[30 * 50 + 9] == 200)
    #expect(canvas.planes.luma[31 * 50 + 20] == 200)
  }

  @Test("text stays within the picture wherever it is put")
  func text() {
    var canvas = Canvas(width: 120, height: 40, grey: 50)
    canvas.write("car 0.91", above: Point(x: 0.99, y: 0.0), .white)
    #expect(canvas.planes.luma.contains(255))
    #expect(canvas.planes.luma[39 * 120] == 50)
  }
}
