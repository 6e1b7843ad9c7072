import Foundation
import Testing
import Video

@Suite("recordings", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct RecordingTests {
  @Test(
    "every picture is decoded as ffmpeg decodes it, at its time",
    arguments: [
      ("plain.mp4", Media.h264), ("plain.ts", Media.h264), ("plain.mkv", Media.h264), ("plain.avi", Media.h264),
      ("plain.h264", Media.h264), ("plain.flv", Media.h264), ("hevc.mp4", Media.hevc), ("raw.hevc", Media.hevc),
      ("mpeg4.mp4", ["-c:v", "mpeg4", "-q:v", "3", "-g", "25"]),
      ("mpeg4.avi", ["-c:v", "mpeg4", "-q:v", "3", "-g", "25", "-bf", "2"]),
      ("mjpeg.avi", ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]),
      ("fragmented.mp4", Media.h264 + ["-movflags", "+frag_keyframe+empty_moov"]),
    ] as [(String, [String])])
  func decodes(name: String, codec: [String]) async throws {
    let path = try await Media.make(name, Media.card(), codec)
    let (pictures, statistics) = try await sample(path, rate: 25)
    #expect(pictures.count == 100)
    for (index, picture) in pictures.enumerated() {
      #expect(abs(picture.time - Double(index) / 25) < 0.002)
      #expect(picture.width == 320 && picture.height == 240 && picture.subsampling == .yuv420)
    }
    let expected = try await Media.luma(path)
    #expect(pictures.flatMap(\.luma) == expected)
    #expect(statistics.sampled == 100 && statistics.decoded == 100)
    #expect(abs(statistics.durationSeconds - 4) < 0.002)
    #expect(statistics.gaps.isEmpty && statistics.damaged == 0 && !statistics.isTruncated && statistics.segments == 1)
  }

  @Test(
    "samples of every form become 8-bit planes of the same picture",
    arguments: [
      ("ten.mp4", Media.hevc + ["-pix_fmt", "yuv420p10le"], ChromaSubsampling.yuv420),
      ("ten422.mp4", Media.h264 + ["-pix_fmt", "yuv422p10le"], .yuv422),
      ("h422.mp4", Media.h264 + ["-pix_fmt", "yuv422p"], .yuv422),
      ("h444.mp4", Media.h264 + ["-pix_fmt", "yuv444p"], .yuv444),
      ("grey.mp4", Media.h264 + ["-pix_fmt", "gray"], .yuv420),
      ("nv12.avi", ["-c:v", "rawvideo", "-pix_fmt", "nv12"], .yuv420),
      ("bgr.avi", ["-c:v", "rawvideo", "-pix_fmt", "bgr24"], .yuv444),
      ("clip.gif", [], .yuv444),
      ("full.mp4", Media.h264 + ["-pix_fmt", "yuvj420p"], .yuv420),
    ] as [(String, [String], ChromaSubsampling)])
  func forms(name: String, codec: [String], subsampling: ChromaSubsampling) async throws {
    let path = try await Media.make(name, Media.card(seconds: 0.4), codec)
    let (pictures, _) = try await sample(path, rate: 25)
    #expect(pictures.count >= 9)
    let first = try #require(pictures.first)
    #expect(first.subsampling == subsampling)
    let plain = try await sample(try await Media.make("plain.mp4", Media.card(), Media.h264), rate: 25, to: 0.1)
      .pictures
    let stretch = { (value: UInt8) in UInt8(min(max(((Double(value) - 16) * 255 / 219).rounded(), 0), 255)) }
    let (a, b) = (first.isFullRange ? first.luma : first.luma.map(stretch), plain[0].luma.map(stretch))
    #expect(Picture.difference(a, b) < 4)
    if name != "grey.mp4" { #expect(first.isFullRange == ["bgr.avi", "clip.gif", "full.mp4"].contains(name)) }
  }

  @Test("odd sizes keep their last column and row", arguments: ["321x241", "35x17"])
  func oddSizes(size: String) async throws {
    let path = try await Media.make(
      "odd-\(size).mkv", Media.colourCard(size, rate: "25", seconds: 0.4), ["-c:v", "ffv1", "-pix_fmt", "yuv420p"])
    let (pictures, _) = try await sample(path, rate: 25)
    let first = try #require(pictures.first)
    #expect("\(first.width)x\(first.height)" == size)
    #expect(pictures.flatMap(\.luma) == (try await Media.luma(path)))
  }

  @Test("a rotated recording is shown upright", arguments: [90, 180, 270])
  func rotated(degrees: Int) async throws {
    let plain = try await Media.plain("mp4")
    let path = try await Media.make(
      "rotated-\(degrees).mp4", ["-i", plain, "-c", "copy", "-metadata:s:v", "rotate=\(degrees)"])
    let source = try await VideoSource.open(path)
    #expect(source.stream.width == (degrees == 180 ? 320 : 240))
    let (pictures, _) = try await sample(path, rate: 5, to: 0.5)
    let first = try #require(pictures.first)
    #expect(first.width == (degrees == 180 ? 320 : 240))
    let shown = try await Media.luma(path, ["-frames:v", "1"])
    #expect(Picture.difference(first.luma, shown) < 0.1)
  }

  @Test("colour tags are read, and their lack is judged by size")
  func colour() async throws {
    let tagged = try await Media.make(
      "tagged.mp4", Media.card(seconds: 0.2), Media.h264 + ["-colorspace", "bt709", "-color_range", "tv"])
    #expect(try await sample(tagged, rate: 25).pictures.first?.matrix == .bt709)
    #expect(try await sample(try await Media.plain("mp4"), rate: 1).pictures.first?.matrix == .bt601)
    let large = try await Media.make("large.mp4", Media.card("1280x720", seconds: 0.2), Media.h264)
    #expect(try await sample(large, rate: 25).pictures.first?.matrix == .bt709)
    let wide = try await Media.make("wide.mp4", Media.card(seconds: 0.2), Media.h264 + ["-aspect", "16:9"])
    let picture = try #require(try await sample(wide, rate: 25).pictures.first)
    #expect(abs(picture.displayAspectRatio - 16.0 / 9) < 0.01)
  }

  @Test(
    "keyframes alone are decoded where their spacing allows the rate", arguments: ["mp4", "mkv", "ts", "h264", "avi"])
  func keyframesOnly(container: String) async throws {
    let path = try await Media.make("long.\(container)", Media.card("160x120", seconds: 30), Media.h264)
    let (pictures, statistics) = try await sample(path, rate: 1)
    #expect(pictures.count == 30)
    #expect(statistics.keyframesOnly)
    // A container without an index shows its spacing by two distances first.
    #expect(statistics.decoded <= (container == "mp4" ? 30 : 90))
    for (index, picture) in pictures.enumerated() { #expect(abs(picture.time - Double(index)) < 0.09) }
    let expected = try await Media.luma(path)
    for (index, picture) in pictures.enumerated() where container != "avi" {
      let start = index * 25 * 160 * 120
      #expect(picture.luma == Array(expected[start..<(start + 160 * 120)]))
    }
  }

  @Test("where the spacing does not allow it, what lies behind the last due picture is skipped")
  func skipsTheRest() async throws {
    let path = try await Media.make(
      "sparse.mp4", Media.card("160x120", seconds: 30), Media.h264 + ["-g", "125", "-sc_threshold", "0", "-bf", "0"])
    let (pictures, statistics) = try await sample(path, rate: 0.5)
    #expect(pictures.map { $0.time.rounded() } == (0..<15).map { Double(2 * $0) })
    #expect(!statistics.keyframesOnly)
    // Of each ten seconds the stretches 0…4 and 5…8 are needed, of the second one more picture and the decoder's delay.
    #expect(statistics.decoded < 30 * 25 * 9 / 10)
    let expected = try await Media.luma(path)
    for picture in pictures {
      let start = Int((picture.time * 25).rounded()) * 160 * 120
      #expect(picture.luma == Array(expected[start..<(start + 160 * 120)]))
    }
  }

  @Test("a wanted span gives its pictures and no others")
  func span() async throws {
    let path = try await Media.make("long.mp4", Media.card("160x120", seconds: 30), Media.h264)
    let (pictures, statistics) = try await sample(path, rate: 5, from: 10, to: 12)
    #expect(pictures.count == 10)
    #expect(try #require(pictures.first).time >= 9.999)
    #expect(try #require(pictures.last).time < 12)
    #expect(statistics.durationSeconds <= 12)
    #expect(!statistics.isTruncated)
  }

  @Test("the same recording gives the same pictures twice")
  func repeats() async throws {
    let path = try await Media.plain("ts")
    let (a, b) = (try await sample(path, rate: 3), try await sample(path, rate: 3))
    #expect(a.pictures.map(\.time) == b.pictures.map(\.time))
    #expect(a.pictures.map(\.planes) == b.pictures.map(\.planes))
    #expect(a.statistics == b.statistics)
  }

  @Test("a recording loses nothing to a slow reader")
  func slowReader() async throws {
    let source = try await VideoSource.open(try await Media.plain("mp4"))
    var count = 0
    for try await _ in source.pictures(rate: 25) {
      count += 1
      if count % 20 == 0 { try await Task.sleep(for: .milliseconds(20)) }
    }
    #expect(count == 100)
    #expect(source.statistics.dropped == 0)
  }

  @Test("a reader that leaves, a stop and a cancelled task end the source")
  func ends() async throws {
    let source = try await VideoSource.open(try await Media.plain("mp4"))
    for try await _ in source.pictures(rate: 25) { break }
    #expect(source.statistics.sampled < 100)

    let stopped = try await VideoSource.open(try await Media.plain("mp4"))
    var count = 0
    for try await _ in stopped.pictures(rate: 25) {
      count += 1
      if count == 3 { stopped.stop() }
    }
    #expect(count == 3)

    let path = try await Media.plain("mp4")
    let task = Task { () throws -> Int in
      let source = try await VideoSource.open(path)
      var count = 0
      for try await _ in source.pictures(rate: 25) {
        count += 1
        withUnsafeCurrentTask { $0?.cancel() }
      }
      return count
    }
    #expect(try await task.value == 1)
  }

  @Test("packets come whole, with rising decoding times")
  func packets() async throws {
    let source = try await VideoSource.open(try await Media.plain("mp4"))
    var packets: [Packet] = []
    for try await packet in source.packets() { packets.append(packet) }
    #expect(packets.count == 100)
    #expect(packets.filter(\.isKeyframe).map { $0.time ?? -1 } == [0, 1, 2, 3])
    #expect(zip(packets, packets.dropFirst()).allSatisfy { $0.decodingTime < $1.decodingTime })
  }

  @Test("a sampler of one's own decodes packets by hand")
  func samplerByHand() async throws {
    let source = try await VideoSource.open(try await Media.plain("ts"))
    let sampler = FrameSampler(rate: 5, source: "by hand")
    var count = 0
    for try await packet in source.packets() { count += try sampler.push(packet).count }
    count += try sampler.finish(isTruncated: false).count
    #expect(count == 20)
  }
}
