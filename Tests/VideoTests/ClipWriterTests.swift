import Foundation
import Testing
import Video

@Suite("packet ring and clip writer", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct ClipWriterTests {
  private func packets(_ path: String) async throws -> [Packet] {
    let source = try await VideoSource.open(path)
    var packets: [Packet] = []
    for try await packet in source.packets() { packets.append(packet) }
    return packets
  }

  @Test("the ring begins at a keyframe and keeps to its seconds and bytes")
  func ring() async throws {
    let all = try await packets(try await Media.make("long.mp4", Media.card("160x120", seconds: 30), Media.h264))
    var ring = PacketRing(PacketRing.Bounds(seconds: 5))
    for packet in all {
      ring.append(packet)
      #expect(ring.packets.first?.isKeyframe == true)
      let span = packet.decodingTime - (ring.packets.first?.decodingTime ?? 0)
      #expect(span < 6.01)
      if packet.decodingTime > 6 { #expect(span >= 4.99) }
      #expect(ring.byteCount == ring.packets.reduce(0) { $0 + $1.byteCount })
    }
    let bytes = all.reduce(0) { $0 + $1.byteCount } / 10
    var small = PacketRing(PacketRing.Bounds(seconds: 100, bytes: bytes))
    for packet in all {
      small.append(packet)
      #expect(small.byteCount <= bytes)
      #expect(small.count == 0 || small.packets.first?.isKeyframe == true)
    }
    var none = PacketRing(PacketRing.Bounds(seconds: 100, bytes: 10))
    for packet in all { none.append(packet) }
    #expect(none.count == 0 && none.byteCount == 0)
    #expect(none.packets(from: 0, to: 10).isEmpty)

    let span = ring.packets(from: 27.5, to: 28.5)
    #expect(span.first?.time == 27)
    #expect(abs((span.compactMap(\.time).max() ?? 0) - 28.48) < 0.2)
    #expect(ring.packets(from: 0, to: 28).first === ring.packets.first)
  }

  @Test(
    "a clip of a recording begins at the keyframe before, has its index in front and the same pictures",
    arguments: [
      ("long.mp4", Media.h264, 100.0), ("long.mkv", Media.h264, 100), ("long.ts", Media.h264, 100),
      ("long.h264", Media.h264, 100), ("longer.mp4", Media.hevc, 100),
      ("long4.avi", ["-c:v", "mpeg4", "-g", "25"], 100),
    ] as [(String, [String], Double)])
  func cuts(name: String, codec: [String], _: Double) async throws {
    let path = try await Media.make(name, Media.card("160x120", seconds: 30), codec)
    let output = Media.path("clip-of-\(name).mp4")
    let clip = try await ClipWriter.cut(try SourceAddress(path), from: 12.4, to: 15.6, into: output)
    #expect(abs(clip.start - 12) < 0.09)
    #expect(abs(clip.start + clip.duration - 15.6) < 0.2)
    let bytes = try Media.bytes(output)
    #expect(bytes.count == clip.byteCount)
    let text = String(decoding: bytes, as: UTF8.self)
    let (index, media) = (try #require(text.range(of: "moov")), try #require(text.range(of: "mdat")))
    #expect(index.lowerBound < media.lowerBound)
    let (pictures, statistics) = try await sample(output, rate: 25)
    #expect(pictures.count == clip.pictures)
    #expect(statistics.damaged == 0 && !statistics.isTruncated)
    #expect(abs(statistics.durationSeconds - clip.duration) < 0.05)
    let original = try await Media.luma(path)
    for picture in pictures {
      let start = Int(((picture.time + clip.start.rounded()) * 25).rounded()) * 160 * 120
      #expect(Picture.difference(picture.luma, Array(original[start..<(start + 160 * 120)])) < 0.01)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: Media.folder).allSatisfy {
        !$0.hasSuffix(".part") || !$0.hasPrefix("clip-of-\(name)")
      })
  }

  @Test("a rotated recording's clip is rotated too")
  func rotated() async throws {
    let plain = try await Media.plain("mp4")
    let path = try await Media.make("rotated-90.mp4", ["-i", plain, "-c", "copy", "-metadata:s:v", "rotate=90"])
    let output = Media.path("clip-rotated.mp4")
    _ = try await ClipWriter.cut(try SourceAddress(path), from: 1, to: 2, into: output)
    let picture = try #require(try await sample(output, rate: 1).pictures.first)
    #expect(picture.width == 240 && picture.height == 320)
    let original = try #require(try await sample(path, rate: 1, from: 1, to: 1.5).pictures.first)
    #expect(picture.luma == original.luma)
  }

  @Test("what cannot be written leaves nothing behind")
  func refuses() async throws {
    let address = try SourceAddress(try await Media.plain("mp4"))
    await #expect(throws: VideoError.self) {
      try await ClipWriter.cut(address, from: 0, to: 1, into: Media.path("no/such/folder/clip.mp4"))
    }
    await #expect(throws: VideoError(.nothingToWrite, source: Media.path("none-clip.mp4"))) {
      try await ClipWriter.write([], to: Media.path("none-clip.mp4"))
    }
    let raw = try SourceAddress(
      try await Media.make("nv12.avi", Media.card(seconds: 0.4), ["-c:v", "rawvideo", "-pix_fmt", "nv12"]))
    await #expect(throws: VideoError.self) {
      try await ClipWriter.cut(raw, from: 0, to: 1, into: Media.path("raw-clip.mp4"))
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: Media.folder)
    #expect(!left.contains { $0.hasPrefix("none-clip") || $0.hasPrefix("raw-clip") })
  }

  @Test("missing decoding times are made so that they rise and pass no presentation time", arguments: 0..<30)
  func decodingTimes(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    // Groups of reordered pictures, as B pictures make them.
    var shown: [Int64] = []
    var next: Int64 = 0
    while shown.count < 60 {
      let group = Int.random(in: 1...5, using: &random)
      let times = (0..<group).map { next + Int64($0) * 40 }
      shown += [times[group - 1]] + times.dropLast().shuffled(using: &random)
      next += Int64(group) * 40
    }
    let times = ClipWriter.Timestamps(shown.map { (presentation: $0, decoding: nil, duration: 40) })
    #expect(zip(times.decoding, times.decoding.dropFirst()).allSatisfy { $0 < $1 })
    #expect(zip(times.decoding, times.presentation).allSatisfy { $0 <= $1 })
    #expect(times.decoding.first == 0)
    #expect(times.span == next)
    #expect(zip(times.presentation, shown).allSatisfy { $0 - $1 == times.presentation[0] - shown[0] })
  }

  @Test("a probe tells codec, size, rate, keyframe spacing and shows a picture")
  func probe() async throws {
    let path = try await Media.make("long.ts", Media.card("160x120", seconds: 30), Media.h264)
    let probe = try await Probe.run(try SourceAddress(path))
    #expect(probe.stream.codec == "h264" && probe.stream.container == "mpegts" && !probe.stream.isLive)
    #expect(probe.width == 160 && probe.height == 120)
    #expect(abs((probe.pictureRate ?? 0) - 25) < 0.5)
    #expect(abs((probe.keyframeSeconds ?? 0) - 1) < 0.05)
    #expect(probe.still.width == 160)
    await #expect(throws: VideoError(.notFound, source: "no-such.mp4")) {
      try await Probe.run(try SourceAddress("no-such.mp4"))
    }
  }
}
