import Foundation
import Testing
import Video

@Suite("faulty recordings", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct FaultyRecordingTests {
  @Test("what cannot be read is named, and whose fault it is")
  func named() async throws {
    #expect(await failure(Media.path("none.mp4"))?.kind == .notFound)
    #expect(await failure(Media.folder)?.kind == .notAFile)
    #expect(await failure(try Media.write("empty.mp4", []))?.kind == .empty)
    #expect(
      await failure(try Media.write("text.mp4", String(repeating: "not a video\n", count: 500).utf8))?.kind == .notVideo
    )
    var random = SeededGenerator(state: 7)
    let noise = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let noisy = await failure(try Media.write("noise.mp4", noise))
    #expect(noisy?.kind == .notVideo)
    #expect(noisy?.isInputFault == true)
    let sound = try await Media.make("sound.mp4", ["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac"])
    #expect(await failure(sound)?.kind == .noVideoStream)
    let unknown = try await Media.make("theora.mkv", Media.card(seconds: 0.4), ["-c:v", "wmv2"])
    #expect(await failure(unknown)?.kind == .unsupportedCodec("wmv2"))
  }

  @Test("a file that may not be read is something outside", .enabled(if: geteuid() != 0, "root may read everything"))
  func permission() async throws {
    let path = try Media.write("secret.mp4", try Media.bytes(try await Media.plain("mp4")))
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    let error = await failure(path)
    #expect(error?.kind == .noPermission)
    #expect(error?.isInputFault == false)
  }

  @Test("playlists and scripts in disguise are not followed")
  func disguised() async throws {
    let segment = try await Media.plain("ts")
    let playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n\(segment)\n#EXT-X-ENDLIST\n"
    #expect(await failure(try Media.write("innocent.mp4", playlist.utf8))?.kind == .notVideo)
    let script = "ffconcat version 1.0\nfile plain.ts\n"
    #expect(await failure(try Media.write("list.mp4", script.utf8))?.kind == .notVideo)
    #expect(await failure("concat:\(segment)|\(segment)")?.kind == .notFound)
  }

  @Test("a recording without one picture is said to be so")
  func noPictures() async throws {
    // The packets of a stream whose pictures are all noise.
    var bytes = try Media.bytes(try await Media.plain("h264"))
    var random = SeededGenerator(state: 3)
    for index in 200..<bytes.count { bytes[index] = .random(in: 1...255, using: &random) }
    let error = await failure(try Media.write("garbled.h264", bytes))
    #expect(error != nil)
    #expect(error?.isInputFault == true)
    let none = try await Media.make("none.avi", Media.card(seconds: 1), ["-frames:v", "0", "-c:v", "mpeg4"])
    #expect(await failure(none)?.isInputFault == true)
  }

  @Test(
    "a recording that breaks off is read as far as it goes, and said to break off",
    arguments: ["mp4", "mkv", "avi", "ts"], [0.35, 0.5, 0.8, 0.99])
  func truncated(container: String, share: Double) async throws {
    let whole =
      container == "mp4"
      ? try await Media.make("fast.mp4", Media.card(seconds: 8), Media.h264, ["-movflags", "+faststart"])
      : try await Media.make("fast.\(container)", Media.card(seconds: 8), Media.h264)
    let bytes = try Media.bytes(whole)
    var count = Int(Double(bytes.count) * share)
    // A cut between two packets of a transport stream cannot be seen.
    if container == "ts", count % 188 == 0 { count += 1 }
    let cut = try Media.write("cut-\(Int(share * 100)).\(container)", bytes.prefix(count))
    let (pictures, statistics) = try await sample(cut, rate: 5)
    #expect(statistics.isTruncated)
    #expect(!pictures.isEmpty && pictures.count <= 40)
    let last = try #require(pictures.last)
    #expect(statistics.durationSeconds >= last.time)
    #expect(statistics.durationSeconds < 8)
    let original = try await sample(whole, rate: 5)
    #expect(!original.statistics.isTruncated)
    for (a, b) in zip(pictures, original.pictures) { #expect(a.time == b.time && a.luma == b.luma) }
  }

  @Test("an MP4 that breaks off before its index cannot be read, and is said to break off", arguments: [0.3, 0.9])
  func noIndex(share: Double) async throws {
    let bytes = try Media.bytes(try await Media.plain("mp4"))
    let path = try Media.write("noindex-\(share).mp4", bytes.prefix(Int(Double(bytes.count) * share)))
    let error = await failure(path)
    #expect(error?.kind == .brokenOff)
    #expect(error?.isInputFault == true)
  }

  @Test("damage within is skipped, and no damaged picture is handed on", arguments: ["mp4", "ts"])
  func damaged(container: String) async throws {
    let whole = try await Media.make(
      "fast.\(container)", Media.card(seconds: 8), Media.h264, container == "mp4" ? ["-movflags", "+faststart"] : [])
    var bytes = try Media.bytes(whole)
    var random = SeededGenerator(state: 11)
    for index in (bytes.count / 2)..<(bytes.count / 2 + bytes.count / 20) {
      bytes[index] = .random(in: 0...255, using: &random)
    }
    let path = try Media.write("damaged.\(container)", bytes)
    let (pictures, statistics) = try await sample(path, rate: 25)
    let original = try await sample(whole, rate: 25).pictures
    #expect(statistics.damaged > 0)
    #expect(pictures.count > 100 && pictures.count < 200)
    // H.264 goes on behind a damaged picture from what there is: those are marked only up to the next whole one.
    let ends = pictures.filter { $0.time < 3 || $0.time > 6 }
    for picture in ends {
      let twin = try #require(original.min { abs($0.time - picture.time) < abs($1.time - picture.time) })
      #expect(twin.luma == picture.luma)
    }
  }

  @Test("pictures and packets past a limit are refused")
  func limits() async throws {
    var limits = Limits()
    limits.maximumPixels = 10_000
    guard case .tooLarge = await failure(try await Media.plain("mp4"), limits: limits)?.kind else {
      Issue.record("no error")
      return
    }
    limits = Limits()
    limits.maximumPacketBytes = 100
    guard case .tooLarge = await failure(try await Media.plain("mp4"), limits: limits)?.kind else {
      Issue.record("no error")
      return
    }
  }

  @Test("any bytes changed anywhere give an error or pictures, never a trap", arguments: 0..<24)
  func fuzzed(seed: UInt64) async throws {
    var random = SeededGenerator(state: seed)
    let container = ["mp4", "mkv", "avi", "ts", "h264", "flv"][Int(seed % 6)]
    var bytes = try Media.bytes(try await Media.plain(container))
    for _ in 0..<Int.random(in: 1...400, using: &random) {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
    }
    let path = try Media.write("fuzzed-\(seed).\(container)", bytes)
    if let result = try? await sample(path, rate: 25) {
      let times = result.pictures.map(\.time)
      #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }
  }
}

@Suite("timestamps and changes in mid-stream", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct ChangingStreamTests {
  private func joined(_ name: String, _ parts: [String]) async throws -> String {
    try Media.write(name, try parts.flatMap { try Media.bytes($0) })
  }

  @Test("a 33-bit clock that wraps is seen through")
  func wraps() async throws {
    // 2^33 ticks of 90 kHz are 95443.7 s.
    let path = try await Media.make("wrap.ts", Media.card(seconds: 8), Media.h264 + ["-output_ts_offset", "95440"])
    let (pictures, statistics) = try await sample(path, rate: 25)
    #expect(pictures.count == 200)
    #expect(statistics.segments == 1 && statistics.gaps.isEmpty)
    #expect(abs(statistics.durationSeconds - 8) < 0.001)
  }

  @Test("a clock that begins anew goes on where it was")
  func beginsAnew() async throws {
    let part = try await Media.plain("ts")
    let path = try await joined("thrice.ts", [part, part, part])
    let (pictures, statistics) = try await sample(path, rate: 5)
    #expect(pictures.count == 60)
    #expect(statistics.segments == 3)
    #expect(abs(statistics.durationSeconds - 12) < 0.05)
    #expect(statistics.gaps.isEmpty)
  }

  @Test("a hole in the stream is a gap")
  func hole() async throws {
    let later = try await Media.make("later.ts", Media.card(), Media.h264 + ["-output_ts_offset", "20"])
    let path = try await joined("hole.ts", [try await Media.plain("ts"), later])
    let (pictures, statistics) = try await sample(path, rate: 5)
    #expect((40...41).contains(pictures.count))
    let gap = try #require(statistics.gaps.first)
    #expect(statistics.gaps.count == 1)
    #expect(abs(gap.from - 3.8) < 0.05 && abs(gap.to - 20) < 0.15)
  }

  @Test("a change of size gives pictures of the new size")
  func changesSize() async throws {
    let large = try await Media.make("large.ts", Media.card("640x360"), Media.h264 + ["-output_ts_offset", "4"])
    let path = try await joined("sizes.ts", [try await Media.plain("ts"), large])
    let (pictures, statistics) = try await sample(path, rate: 5)
    #expect(pictures.count == 40)
    #expect(pictures.prefix(20).allSatisfy { $0.width == 320 })
    #expect(pictures.suffix(19).allSatisfy { $0.width == 640 && $0.height == 360 })
    // The packet at the seam, whose counter does not fit.
    #expect(statistics.damaged <= 1)
  }

  @Test("keyframes that come later than before lose no picture at the full rate")
  func sparserKeyframes() async throws {
    let sparse = try await Media.make(
      "sparse.ts", Media.card(seconds: 8), Media.h264 + ["-g", "90", "-sc_threshold", "0", "-output_ts_offset", "4"])
    let path = try await joined("sparser.ts", [try await Media.plain("ts"), sparse])
    let (pictures, statistics) = try await sample(path, rate: 25)
    // All but those that go with the packet at the seam.
    #expect(pictures.count >= 295)
    #expect(statistics.gaps.allSatisfy { $0.to < 4.1 })
    let slow = try await sample(path, rate: 0.9)
    #expect(slow.pictures.count >= 9)
  }

  @Test("a change of codec goes on with the new one")
  func changesCodec() async throws {
    let other = try await Media.make(
      "other.ts", Media.card("640x360", seconds: 6), Media.hevc + ["-output_ts_offset", "4", "-streamid", "0:500"])
    let path = try await joined("codecs.ts", [try await Media.plain("ts"), other])
    let (pictures, _) = try await sample(path, rate: 5)
    #expect(pictures.filter { $0.width == 320 }.count == 20)
    // The old stream is given up at the second keyframe of the new one.
    #expect(pictures.filter { $0.width == 640 }.count >= 20)
  }
}
