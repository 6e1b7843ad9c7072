import Foundation
import Testing
import Video

@Suite("picture")
struct PictureTests {
  private func noise(_ width: Int, _ height: Int, _ subsampling: ChromaSubsampling, seed: UInt64 = 1) -> PicturePlanes {
    var random = SeededGenerator(state: seed)
    var planes = PicturePlanes(width: width, height: height, subsampling: subsampling, isFullRange: true)
    for index in planes.luma.indices { planes.luma[index] = .random(in: 0...255, using: &random) }
    for index in planes.blueDifference.indices {
      planes.blueDifference[index] = .random(in: 0...255, using: &random)
      planes.redDifference[index] = .random(in: 0...255, using: &random)
    }
    return planes
  }

  @Test("planes come back as they were put in", arguments: ChromaSubsampling.allCases, [(1, 1), (7, 5), (64, 48)])
  func planes(subsampling: ChromaSubsampling, size: (Int, Int)) {
    let planes = noise(size.0, size.1, subsampling)
    let picture = Picture(planes, time: 3)
    #expect(picture.planes == planes)
    #expect(picture.time == 3)
    picture.withPlanes { luma, lumaStride, blue, red, chromaStride in
      #expect(luma[(size.1 - 1) * lumaStride + size.0 - 1] == planes.luma.last)
      #expect(red[(picture.chromaHeight - 1) * chromaStride + picture.chromaWidth - 1] == planes.redDifference.last)
      #expect(blue.count == red.count)
    }
  }

  @Test("each of the eight orientations puts every sample where EXIF wants it", arguments: Orientation.allCases)
  func turns(orientation: Orientation) {
    let (width, height) = (37, 70)
    let stored = (0..<(width * height)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 5) }
    let (shownWidth, shownHeight) = orientation.swapsSides ? (height, width) : (width, height)
    var shown = [UInt8](repeating: 0, count: width * height)
    turnPlane(stored, width, width: width, height: height, orientation, into: &shown, shownWidth)
    // Where EXIF 2.3 says row 0 and column 0 of the stored picture lie.
    for y in 0..<shownHeight {
      for x in 0..<shownWidth {
        let (column, row): (Int, Int) =
          switch orientation {
          case .upright: (x, y)
          case .mirrored: (width - 1 - x, y)
          case .halfTurn: (width - 1 - x, height - 1 - y)
          case .flipped: (x, height - 1 - y)
          case .transposed: (y, x)
          case .quarterTurn: (y, height - 1 - x)
          case .transversed: (width - 1 - y, height - 1 - x)
          case .threeQuarterTurn: (width - 1 - y, x)
          }
        if shown[y * shownWidth + x] != stored[row * width + column] {
          Issue.record("(\(x), \(y)) of \(orientation)")
          return
        }
      }
    }
    #expect(Orientation(matrix: orientation.matrix) == orientation)
  }

  @Test("reducing by whole factors is the mean of each block")
  func reducesBlocks() {
    let planes = noise(40, 24, .yuv444)
    let reduced = Picture(planes).reduced(width: 10, height: 8)
    for y in 0..<8 {
      for x in 0..<10 {
        var sum = 0
        for dy in 0..<3 { for dx in 0..<4 { sum += Int(planes.luma[(y * 3 + dy) * 40 + x * 4 + dx]) } }
        #expect(abs(Double(reduced.luma[y * 10 + x]) - Double(sum) / 12) <= 0.5)
      }
    }
  }

  @Test(
    "reducing by any factor keeps an even picture even and a gradient's mean",
    arguments: [(33, 17), (160, 90), (1, 1), (400, 3)])
  func reducesAnything(size: (Int, Int)) {
    var planes = PicturePlanes(width: 161, height: 91, isFullRange: true, luma: 77)
    for index in planes.redDifference.indices { planes.redDifference[index] = 200 }
    let even = Picture(planes).reduced(width: size.0, height: size.1)
    #expect(Set(even.luma) == [77])
    #expect(Set(even.blueDifference) == [128])
    #expect(Set(even.redDifference) == [200])
    #expect(even.luma.count == size.0 * size.1)
    for y in 0..<91 { for x in 0..<161 { planes.luma[y * 161 + x] = UInt8(x) } }
    let ramp = Picture(planes).reduced(width: size.0, height: size.1).luma
    let mean = Double(ramp.reduce(0) { $0 + Int($1) }) / Double(ramp.count)
    #expect(abs(mean - 80) < 1)
  }

  @Test("a limited range is stretched to the full one")
  func stretches() {
    var planes = PicturePlanes(width: 4, height: 2, isFullRange: false)
    planes.luma = [16, 16, 235, 235, 16, 16, 235, 235]
    planes.blueDifference = [16, 240]
    let reduced = Picture(planes).reduced(width: 2, height: 1)
    #expect(reduced.luma == [0, 255])
    #expect(reduced.blueDifference == [1, 255] || reduced.blueDifference == [0, 255])
    #expect(reduced.redDifference == [128, 128])
  }

  @Test("scaling keeps colours")
  func scales() throws {
    var planes = PicturePlanes(width: 64, height: 48, isFullRange: false, luma: 99)
    for index in planes.blueDifference.indices { planes.blueDifference[index] = 60 }
    let scaled = try Picture(planes).scaled(width: 30, height: 20)
    #expect(scaled.width == 30 && scaled.height == 20)
    #expect(scaled.planes.luma.allSatisfy { abs(Int($0) - 99) <= 1 })
    #expect(scaled.planes.blueDifference.allSatisfy { abs(Int($0) - 60) <= 1 })
  }
}
