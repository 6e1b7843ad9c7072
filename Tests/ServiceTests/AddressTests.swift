import Foundation
import Service
import Testing
import Video

@Suite("Where a camera may be")
struct AddressTests {
  private func guarding(_ networks: [String] = [], media: String? = nil) -> AddressGuard {
    AddressGuard(
      networks: networks.map { AddressRange($0)! }, mediaFolder: media, resolve: { Bench.names[$0] ?? [] })
  }

  @Test(
    "loopback, link-local, metadata and other addresses where no camera is are refused in every spelling",
    arguments: [
      "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "localhost", "[::1]",
      "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::]",
      "0.0.0.0",
      "0", "169.254.169.254", "metadata.lan", "[::ffff:169.254.169.254]", "[fe80::1]", "[fd00:ec2::254]", "224.0.0.1",
      "255.255.255.255", "192.0.2.1", "198.18.0.1", "rebind.lan", "8.8.8.8", "[2001:0:0:0:0:0:80ff:fffe]",
    ])
  func refused(_ host: String) async {
    for scheme in ["rtsp", "http"] {
      await #expect(throws: VideoError.self, "\(host)") {
        try await guarding().check("\(scheme)://\(host)/stream", user: nil, password: nil)
      }
    }
  }

  @Test(
    "addresses that a parser could take for another are refused or mean what is judged",
    arguments: [
      "rtsp://10.0.0.1@127.0.0.1/", "rtsp://127.0.0.1#@10.0.0.1/", "rtsp://127.0.0.1\\\\@10.0.0.1/",
      "rtsp://10.0.0.1 /",
      "rtsp://10.0.0.1\\t/", "file:///etc/passwd", "file:/etc/passwd", "concat:a|b", "data:,x", "subfile,,start,0:a",
      "ftp://10.0.0.1/",
      "/etc/passwd", "a.mp4", "", "rtsp://", "rtsp:///a", "http://[::ffff:127.0.0.1]:80/a.m3u8", "unix:///run/x",
      "tcp://10.0.0.1:1",
      "RTSP+UDP://10.0.0.1/", "gopher://10.0.0.1/", "http://①②⑦.0.0.1/", "http://10.0.0.1:0/", "http://10.0.0.1:99999/",
    ])
  func tricks(_ url: String) async {
    do throws(VideoError) {
      let address = try await guarding().check(url, user: nil, password: nil)
      // Whatever got through leads to a camera's network.
      #expect(address.host == "10.0.0.1", "\(url)")
    } catch { #expect(error.description.isEmpty == false) }
  }

  @Test("a private camera is allowed, and it is its judged address that is opened")
  func allowed() async throws {
    let address = try await guarding().check("rtsp://camera.lan:8554/main?x=1", user: "me", password: "a@b")
    #expect(address.host == "10.1.2.3" && address.port == 8554 && address.path == "/main?x=1")
    #expect(address.description == "rtsp://10.1.2.3:8554/main?…")
  }

  @Test("named networks alone are allowed, loopback only by its own name")
  func networks() async throws {
    let narrow = guarding(["10.1.0.0/16"])
    _ = try await narrow.check("rtsp://10.1.2.3/a", user: nil, password: nil)
    await #expect(throws: VideoError.self) { try await narrow.check("rtsp://10.2.2.3/a", user: nil, password: nil) }
    let open = guarding(["0.0.0.0/0", "::/0"])
    _ = try await open.check("rtsp://8.8.8.8/a", user: nil, password: nil)
    for host in ["127.0.0.1", "[::1]", "169.254.169.254"] {
      await #expect(throws: VideoError.self) { try await open.check("rtsp://\(host)/a", user: nil, password: nil) }
    }
    _ = try await guarding(["127.0.0.0/8"]).check("rtsp://127.0.0.1:5000/a", user: nil, password: nil)
    await #expect(throws: VideoError.self) {
      try await guarding(["127.0.0.0/8"]).check("rtsp://10.0.0.1/a", user: nil, password: nil)
    }
  }

  @Test("a refusal says the same whatever is there")
  func sameWords() async {
    var sentences: Set<String> = []
    for port in [1, 22, 80, 8080] {
      do throws(VideoError) {
        _ = try await guarding().check("http://127.0.0.1:\(port)/", user: nil, password: nil)
      } catch { sentences.insert(error.description.replacing(":\(port)", with: "")) }
    }
    #expect(sentences.count == 1)
  }

  @Test("files are named within the media folder, and links are not followed")
  func files() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "warden-media-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder + "/deep", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data([1]).write(to: URL(filePath: folder + "/a clip.mp4"))
    try FileManager.default.createSymbolicLink(atPath: folder + "/link.mp4", withDestinationPath: "/etc/passwd")
    let media = guarding(media: folder)
    #expect(try await media.check("file:a clip.mp4", user: nil, password: nil).path == folder + "/a clip.mp4")
    for name in ["link.mp4", "deep", "../a", "deep/../a clip.mp4", "", ".", "..", folder + "/a clip.mp4", "a\u{0}"] {
      await #expect(throws: VideoError.self, "\(name)") {
        try await media.check("file:" + name, user: nil, password: nil)
      }
    }
    await #expect(throws: VideoError.self) { try await guarding().check("file:a", user: nil, password: nil) }
  }
}
