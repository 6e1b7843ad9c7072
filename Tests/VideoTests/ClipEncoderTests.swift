import Foundation
import Testing
import Video

@Suite("clip encoder", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct ClipEncoderTests {
  @Test("a masked clip is H.264 with its index in front, black where it is hidden and as it was elsewhere")
  func masked() async throws {
    let path = try await Media.plain("mp4")
    let output = Media.path("masked.mp4")
    let hide: ClipEncoder.Mask = { width, height in
      (0..<height / 2).map { PixelRun(row: $0, columns: 0..<width / 2) }
    }
    let clip = try await ClipEncoder.cut(try SourceAddress(path), from: 1.2, to: 3, into: output, mask: hide)
    #expect(abs(clip.start - 1) < 0.05 && clip.pictures >= 48)
    let bytes = try Media.bytes(output)
    let text = String(decoding: bytes, as: UTF8.self)
    let (index, media) = (try #require(text.range(of: "moov")), try #require(text.range(of: "mdat")))
    #expect(index.lowerBound < media.lowerBound)
    let source = try await VideoSource.open(output)
    #expect(source.stream.codec == "h264")
    let picture = try #require(try await sample(output, rate: 25).pictures.last)
    let original = try await Media.luma(path)
    let frame = Int(((picture.time + clip.start) * 25).rounded())
    let expected = Array(original[frame * 320 * 240..<(frame + 1) * 320 * 240])
    for row in stride(from: 0, to: 240, by: 7) {
      for column in stride(from: 0, to: 320, by: 7) {
        let value = Int(picture.luma[row * 320 + column])
        if row < 112, column < 152 { #expect(value <= 20) }
      }
    }
    let below = Array(picture.luma[160 * 320..<240 * 320])
    #expect(Picture.difference(below, Array(expected[160 * 320..<240 * 320])) < 6)
    let again = Media.path("masked-again.mp4")
    _ = try await ClipEncoder.cut(try SourceAddress(path), from: 1.2, to: 3, into: again, mask: hide)
    #expect(try Media.bytes(again) == bytes)
  }

  @Test("what cannot be written leaves nothing behind")
  func refuses() async throws {
    let address = try SourceAddress(try await Media.plain("mp4"))
    await #expect(throws: VideoError.self) {
      try await ClipEncoder.cut(address, from: 0, to: 1, into: Media.path("no/such/folder/clip.mp4"))
    }
    await #expect(throws: VideoError(.nothingToWrite, source: Media.path("none-encoded.mp4"))) {
      try await ClipEncoder.write([], to: Media.path("none-encoded.mp4"))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: Media.folder)
    #expect(!left.contains { $0.hasPrefix("none-encoded") })
  }
}
