import Geometry
import Testing

@Suite("boxes")
struct BoxTests {
  let box = Box(x: 0.2, y: 0.2, width: 0.4, height: 0.2)

  @Test("overlap is symmetric, one with itself, nought beside and at a shared edge")
  func overlap() {
    #expect(box.iou(box) == 1)
    let half = Box(x: 0.4, y: 0.2, width: 0.4, height: 0.2)
    // Shares 0.2 of 0.6 wide.
    #expect(abs(box.iou(half) - 1.0 / 3) < 1e-12 && box.iou(half) == half.iou(box))
    // Quarters are exact, so these two share an edge and nothing more.
    let (left, right) = (Box(x: 0.25, y: 0, width: 0.25, height: 1), Box(x: 0.5, y: 0, width: 0.25, height: 1))
    #expect(left.iou(right) == 0 && left.intersection(right) == nil)
    #expect(Box(x: 0, y: 0, width: 0, height: 0).iou(box) == 0)
  }

  @Test("coverage is the share of the first box")
  func covered() {
    let inner = Box(x: 0.3, y: 0.25, width: 0.1, height: 0.1)
    #expect(abs(inner.covered(by: box) - 1) < 1e-12)
    #expect(abs(box.covered(by: inner) - 0.125) < 1e-12)
    #expect(Box(x: 0.3, y: 0.3, width: 0, height: 0.1).covered(by: box) == 0)
  }

  @Test("the ground contact is the lower band")
  func groundContact() {
    let band = box.groundContact(share: 0.25)
    #expect(abs(band.y - 0.35) < 1e-12 && abs(band.maxY - box.maxY) < 1e-12 && band.width == box.width)
  }

  @Test("what reaches beyond the picture is cut")
  func clipped() {
    #expect(Box(x: -0.5, y: 0.5, width: 1, height: 1).clipped == Box(x: 0, y: 0.5, width: 0.5, height: 0.5))
    #expect(Box(x: 1.1, y: 0, width: 1, height: 1).clipped == nil)
    #expect(Box(from: Point(x: 0.5, y: 0.6), to: Point(x: 0.1, y: 0.2)).x == 0.1)
  }
}
