import Foundation
import Testing
import Video

@Suite("still image", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct StillImageTests {
  @Test(
    "files of each format are decoded to what ffmpeg shows",
    arguments: [
      ("j420.jpg", ["-pix_fmt", "yuvj420p", "-q:v", "2"]), ("j422.jpg", ["-pix_fmt", "yuvj422p", "-q:v", "2"]),
      ("j444.jpg", ["-pix_fmt", "yuvj444p", "-q:v", "2"]), ("rgb.png", ["-pix_fmt", "rgb24"]),
      ("deep.png", ["-pix_fmt", "rgb48be"]), ("grey.png", ["-pix_fmt", "gray"]), ("alpha.png", ["-pix_fmt", "rgba"]),
      ("palette.png", ["-pix_fmt", "pal8"]), ("lossy.webp", ["-c:v", "libwebp", "-q:v", "95"]),
      ("lossless.webp", ["-c:v", "libwebp", "-lossless", "1"]), ("x.bmp", []), ("x.gif", []),
    ] as [(String, [String])])
  func formats(name: String, options: [String]) async throws {
    let path = try await Media.make(name, Media.colourCard("321x123"), ["-frames:v", "1"], options)
    let picture = try StillImage.decode(path: path)
    try #require(picture.width == 321 && picture.height == 123)
    // Through ffmpeg's RGB to full-range BT.601 luma, as JPEG has it.
    let rgb = try await Media.run([
      "ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-sws_flags",
      "accurate_rnd+full_chroma_int+full_chroma_inp", "-",
    ])
    let expected = (0..<(321 * 123)).map { index -> UInt8 in
      let (red, green, blue) = (Double(rgb[3 * index]), Double(rgb[3 * index + 1]), Double(rgb[3 * index + 2]))
      return UInt8((0.299 * red + 0.587 * green + 0.114 * blue).rounded())
    }
    var luma = picture.luma
    if !picture.isFullRange { luma = luma.map { UInt8(min(max((Double($0) - 16) * 255 / 219, 0), 255).rounded()) } }
    #expect(Picture.difference(luma, expected) < 2.5)
    #expect(picture.matrix == .bt601)
  }

  @Test("EXIF orientation is applied", arguments: 1...8)
  func exif(orientation: Int) async throws {
    let path = try await Media.make(
      "exif.jpg", Media.card("64x32", rate: "1", seconds: 1), ["-frames:v", "1", "-pix_fmt", "yuvj444p"])
    let plain = try Media.bytes(path)
    let stored = try StillImage.decode(plain, name: "plain")
    // An APP1 segment with a big-endian TIFF directory of one entry.
    let tiff: [UInt8] = [
      0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation), 0, 0, 0, 0, 0, 0,
    ]
    let body = Array("Exif".utf8) + [0, 0] + tiff
    let segment = [0xff, 0xe1, 0, UInt8(body.count + 2)] + body
    let picture = try StillImage.decode(Array(plain[0..<2]) + segment + plain[2...], name: "turned")
    let turn = try #require(Orientation(rawValue: orientation))
    #expect(picture.width == (turn.swapsSides ? 32 : 64))
    var expected = [UInt8](repeating: 0, count: 64 * 32)
    turnPlane(stored.luma, 64, width: 64, height: 32, turn, into: &expected, picture.width)
    #expect(picture.luma == expected)
  }

  @Test("a file cut anywhere is an error", arguments: ["cut.jpg", "cut.png", "cut.webp", "cut.bmp", "cut.gif"])
  func cut(name: String) async throws {
    let path = try await Media.make(name, Media.card("200x150", rate: "1", seconds: 1), ["-frames:v", "1"])
    let bytes = try Media.bytes(path)
    _ = try StillImage.decode(bytes, name: name)
    for share in [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97] {
      let count = max(30, Int(Double(bytes.count) * share))
      #expect(throws: VideoError.self, "\(count) of \(bytes.count) bytes") {
        try StillImage.decode(Array(bytes.prefix(count)), name: name)
      }
    }
  }

  @Test("any damage is an error or a picture, never a trap", arguments: 0..<40)
  func damaged(seed: UInt64) async throws {
    var random = SeededGenerator(state: seed)
    let name = ["cut.jpg", "cut.png", "cut.webp", "cut.bmp", "cut.gif"][Int(seed % 5)]
    let path = try await Media.make(name, Media.card("200x150", rate: "1", seconds: 1), ["-frames:v", "1"])
    var bytes = try Media.bytes(path)
    for _ in 0..<Int.random(in: 1...20, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
    }
    if let picture = try? StillImage.decode(bytes, name: name, maximumPixels: 1_000_000) {
      #expect(picture.width * picture.height <= 1_000_000)
    }
  }

  @Test("no picture, no file, an empty file, a folder and too large a picture are named")
  func named() async throws {
    func kind(_ path: String, maximumPixels: Int = 1_000_000) -> VideoError.Kind? {
      do {
        _ = try StillImage.decode(path: path, maximumPixels: maximumPixels)
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind(try Media.write("text.jpg", "not a picture".utf8)) == .notPicture)
    #expect(kind(Media.path("none.jpg")) == .notFound)
    #expect(kind(try Media.write("empty.jpg", [])) == .empty)
    #expect(kind(Media.folder) == .notAFile)
    for name in ["cut.jpg", "cut.png", "cut.webp", "cut.bmp", "cut.gif"] {
      let path = try await Media.make(name, Media.card("200x150", rate: "1", seconds: 1), ["-frames:v", "1"])
      switch kind(path, maximumPixels: 10_000) {
      case .tooLarge, .damaged: break
      case let other: Issue.record("\(name): \(String(describing: other))")
      }
    }
  }

  @Test(
    "what is written as JPEG or PNG reads back alike, whatever the matrix and range", arguments: ColourMatrix.allCases,
    [true, false])
  func roundTrip(matrix: ColourMatrix, isFullRange: Bool) throws {
    // An even orange in the picture's own matrix.
    let (red, green, blue) = (230.0, 120.0, 40.0)
    let luma = matrix.redWeight * red + (1 - matrix.redWeight - matrix.blueWeight) * green + matrix.blueWeight * blue
    let blueDifference = (blue - luma) / (2 * (1 - matrix.blueWeight))
    let redDifference = (red - luma) / (2 * (1 - matrix.redWeight))
    var planes = PicturePlanes(width: 66, height: 35, matrix: matrix, isFullRange: isFullRange)
    let scale: (luma: Double, chroma: Double, zero: Double) =
      isFullRange ? (1, 1, 0) : (219.0 / 255, 224.0 / 255, 16.0)
    planes.luma = planes.luma.map { _ in UInt8((luma * scale.luma + scale.zero).rounded()) }
    planes.blueDifference = planes.blueDifference.map { _ in UInt8((128 + blueDifference * scale.chroma).rounded()) }
    planes.redDifference = planes.redDifference.map { _ in UInt8((128 + redDifference * scale.chroma).rounded()) }
    let picture = Picture(planes)
    for bytes in [try StillImage.jpeg(picture, quality: 95), try StillImage.png(picture)] {
      let read = try StillImage.decode(bytes, name: "still")
      #expect(read.width == 66 && read.height == 35)
      #expect(read.isFullRange && read.matrix == .bt601)
      let planes = read.planes
      let middle = (
        planes.luma[17 * 66 + 33], planes.blueDifference[planes.blueDifference.count / 2],
        planes.redDifference[planes.redDifference.count / 2]
      )
      let (cb, cr) = (Double(middle.1) - 128, Double(middle.2) - 128)
      #expect(abs(Double(middle.0) + 1.402 * cr - red) < 5)
      #expect(abs(Double(middle.0) + 1.772 * cb - blue) < 5)
      #expect(abs(Double(middle.0) - 0.344136 * cb - 0.714136 * cr - green) < 5)
    }
  }

  @Test("a higher quality makes a larger, truer JPEG")
  func quality() async throws {
    let path = try await Media.make(
      "rgb.png", Media.colourCard("321x123"), ["-frames:v", "1", "-pix_fmt", "rgb24"])
    let picture = try StillImage.decode(path: path)
    let (low, high) = (try StillImage.jpeg(picture, quality: 30), try StillImage.jpeg(picture, quality: 95))
    #expect(low.count < high.count)
    let differences = try [low, high].map {
      Picture.difference(try StillImage.decode($0, name: "still").luma, picture.luma)
    }
    #expect(differences[1] < 2)
    #expect(differences[1] < differences[0])
  }
}
