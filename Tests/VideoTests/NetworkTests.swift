import Foundation
import Synchronization
import Testing
import Video

/// A process that serves until it is let go: it ends when its standard input does.
final class Server: Sendable {
  /// The first line that it prints.
  let line: String
  private let process: pid_t
  private let input: Int32

  static func start(_ command: [String]) async throws -> Server {
    try await Media.blocking { try Server(command) }
  }

  private init(_ command: [String]) throws {
    var (toServer, fromServer): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard pipe(&toServer) == 0, pipe(&fromServer) == 0 else { throw Media.Failure(command: "pipe", message: "") }
    // Other children must not hold these ends open.
    for end in toServer + fromServer { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toServer[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromServer[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let code = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
    close(toServer[0])
    close(fromServer[1])
    guard code == 0 else { throw Media.Failure(command: command[0], message: String(cString: strerror(code))) }
    self.process = process
    input = toServer[1]
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while read(fromServer[0], &byte, 1) == 1, byte != 0x0a { text.append(byte) }
    close(fromServer[0])
    line = String(decoding: text, as: UTF8.self)
    if line.isEmpty { throw Media.Failure(command: command.joined(separator: " "), message: "it did not start") }
  }

  /// To be called in the end; a test's last look at a server may come long before that.
  func end() {
    Foundation.kill(process, SIGKILL)
    close(input)
    waitpid(process, nil, 0)
  }
}

enum Camera {
  private static let script =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../scripts/rtsp-serve"

  static let exists: Bool =
    Media.exists
    && (try? Media.spawn([
      "/usr/bin/python3", "-c",
      "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; Gst.init(None); "
        + "assert all(map(Gst.ElementFactory.find, ['h264parse', 'rtph264pay', 'parsebin']))",
    ])) != nil

  /// An RTSP camera that shows files.
  static func start(_ files: [String], _ options: [String] = []) async throws -> Server {
    try await Server.start(["/usr/bin/python3", script] + options + files)
  }

  /// A minute of street traffic, so to say, without B pictures, as cameras send it.
  static func clip(_ size: String = "320x240", seconds: Double = 60) async throws -> String {
    try await Media.make(
      "camera-\(size)-\(Int(seconds)).mp4", Media.card(size, seconds: seconds), Media.h264, ["-bf", "0"])
  }
}

private func quick() -> Limits {
  var limits = Limits()
  limits.openSeconds = 20
  limits.readSeconds = 3
  return limits
}

@Suite("RTSP cameras", .enabled(if: Camera.exists, "python3-gi with GStreamer's RTSP server is not installed"))
struct CameraTests {
  @Test("a camera gives pictures at the wanted rate")
  func pictures() async throws {
    let server = try await Camera.start([try await Camera.clip()])
    defer { server.end() }
    let source = try await VideoSource.open(server.line, limits: quick())
    #expect(source.stream.isLive && source.stream.container == "rtsp" && source.stream.codec == "h264")
    var times: [Double] = []
    for try await picture in source.pictures(rate: 2) {
      times.append(picture.time)
      if times.count == 8 { break }
    }
    // A busy machine may lose some, but none comes off its time.
    #expect(times.allSatisfy { $0 >= 0 && abs($0 * 2 - ($0 * 2).rounded()) < 0.2 })
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 > $0 })
    #expect(source.statistics.damaged == 0)
  }

  @Test("a clip is written of what a camera has just sent")
  func clip() async throws {
    let server = try await Camera.start([try await Camera.clip()])
    defer { server.end() }
    let source = try await VideoSource.open(server.line, limits: quick())
    let output = Media.path("live-clip.mp4")
    for try await picture in source.pictures(rate: 2, keeping: PacketRing.Bounds(seconds: 30)) where picture.time >= 4 {
      let (start, end) = (picture.time - 2.5, picture.time - 0.5)
      let packets = source.recentPackets(from: start, to: end)
      let clip = try await ClipWriter.write(packets, to: output, origin: source.statistics.origin)
      #expect(clip.start <= start && clip.start > start - 1.1)
      #expect(abs(clip.start + clip.duration - end) < 0.2)
      let (pictures, statistics) = try await sample(output, rate: 25)
      #expect(pictures.count == clip.pictures)
      #expect(statistics.damaged == 0 && !statistics.isTruncated)
      break
    }
  }

  @Test("a slow reader gets the newest picture, and what it missed is counted")
  func newest() async throws {
    let server = try await Camera.start([try await Camera.clip()])
    defer { server.end() }
    let source = try await VideoSource.open(server.line, limits: quick())
    var times: [Double] = []
    for try await picture in source.pictures(rate: 10) {
      times.append(picture.time)
      if times.count == 3 { break }
      try await Task.sleep(for: .seconds(1))
    }
    #expect(source.statistics.dropped > 5)
    #expect(times[2] - times[1] > 0.5)
  }

  @Test("a camera that stays connected and sends no picture is silent")
  func silent() async throws {
    let server = try await Camera.start([try await Camera.clip()], ["--silent-after", "3"])
    defer { server.end() }
    let error = await failure(server.line, limits: quick())
    #expect(error?.kind == .silent(seconds: 3))
    #expect(error?.isInputFault == false && error?.mayPass == true)
  }

  @Test("a camera that dies, and one that says good-bye, went away", arguments: ["--die-after=3", "--once"])
  func dies(how: String) async throws {
    let clip = try await Camera.clip(seconds: how == "--once" ? 3 : 60)
    let server = try await Camera.start([clip], [how])
    defer { server.end() }
    let error = await failure(server.line, limits: quick())
    #expect(error?.kind == .wentAway)
    #expect(error?.isInputFault == false)
  }

  @Test("a wrong password is told from a wrong path, and no error shows it")
  func passwords() async throws {
    let server = try await Camera.start([try await Camera.clip()], ["--auth", "a:p@ss:w/o?r#d%"])
    defer { server.end() }
    let host = server.line.dropFirst("rtsp://".count)
    for wrong in ["rtsp://\(host)", "rtsp://a:wr0ng@\(host)"] {
      let error = await failure(wrong, limits: quick())
      #expect(error?.kind == .unauthorized)
      #expect(error?.isInputFault == true)
      #expect(error?.description.contains("wr0ng") == false)
    }
    #expect(await failure("rtsp://a:p@ss:w/o?r#d%@\(host)/elsewhere", limits: quick())?.kind == .unknownPath)
    let source = try await VideoSource.open(server.line, user: "a", password: "p@ss:w/o?r#d%", limits: quick())
    for try await picture in source.pictures(rate: 1) {
      #expect(picture.width == 320)
      break
    }
    let probe = try await Probe.run(try SourceAddress("rtsp://a:p@ss:w/o?r#d%@\(host)"), seconds: 3, limits: quick())
    #expect(probe.stream.isLive && abs((probe.keyframeSeconds ?? 0) - 1) < 0.1)
    #expect(abs((probe.pictureRate ?? 0) - 25) < 3)
  }

  @Test("a change of size in mid-stream gives pictures of the new size")
  func changesSize() async throws {
    let clips = [try await Camera.clip(seconds: 3), try await Camera.clip("640x360", seconds: 3)]
    let server = try await Camera.start(clips, ["--once"])
    defer { server.end() }
    let source = try await VideoSource.open(server.line, limits: quick())
    var sizes: Set<Int> = []
    do {
      for try await picture in source.pictures(rate: 5) { sizes.insert(picture.width) }
      Issue.record("no error at the end")
    } catch {
      #expect(error.kind == .wentAway)
    }
    #expect(sizes == [320, 640])
    #expect(source.statistics.damaged == 0)
  }

  @Test(
    "timestamps that wrap or jump back go on without a break",
    arguments: [["--rtp-wrap-after", "3"], ["--jump-back", "4:3"]])
  func clocks(options: [String]) async throws {
    let server = try await Camera.start([try await Camera.clip()], options)
    defer { server.end() }
    let source = try await VideoSource.open(server.line, limits: quick())
    var times: [Double] = []
    for try await packet in source.packets(buffered: 1_000) {
      times.append(try #require(packet.time))
      if times.count == 150 { break }
    }
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 < 1 })
    #expect(abs((times.last ?? 0) - (times.first ?? 0) - 149.0 / 25) < 1)
  }

  @Test("a stop from another thread ends a reader that waits")
  func stops() async throws {
    let server = try await Camera.start([try await Camera.clip()], ["--silent-after", "2"])
    defer { server.end() }
    var limits = quick()
    limits.readSeconds = 300
    let source = try await VideoSource.open(server.line, limits: limits)
    var count = 0
    for try await _ in source.pictures(rate: 1) {
      count += 1
      if count == 1 {
        Task.detached {
          try await Task.sleep(for: .seconds(3))
          source.stop()
        }
      }
    }
    #expect(count >= 1)
  }
}

/// A port of loopback that takes connections and treats them as told.
private final class Listener: Sendable {
  enum Manner: Sendable {
    /// Says nothing.
    case mute
    /// Sends a byte now and then.
    case drip
    /// Answers any request with these bytes, and closes.
    case answer(String)
  }

  let port: Int
  private let descriptor: Int32

  init(_ manner: Manner) throws {
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listening, pointer, length) == 0 && listen(listening, 8) == 0
          && getsockname(listening, pointer, &length) == 0
      }
    }
    guard bound else { throw Media.Failure(command: "bind", message: "") }
    descriptor = listening
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread {
      while true {
        let client = accept(listening, nil, nil)
        guard client >= 0 else {
          close(listening)
          return
        }
        Thread {
          var buffer = [UInt8](repeating: 0, count: 4096)
          switch manner {
          case .mute: while read(client, &buffer, buffer.count) > 0 {}
          case .drip: while send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1 { usleep(200_000) }
          case .answer(let text):
            _ = read(client, &buffer, buffer.count)
            _ = text.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
          }
          close(client)
        }.start()
      }
    }.start()
  }

  /// Ends listening. The accepting thread closes the descriptor: closed here, its number could be another test's by
  /// the time that thread accepts again.
  func end() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }
}

@Suite("sources that fail to open")
struct UnreachableTests {
  private func limits() -> Limits {
    var limits = Limits()
    limits.openSeconds = 1
    limits.readSeconds = 1
    return limits
  }

  @Test("nobody listens: refused; no such name: said so")
  func refused() async throws {
    let closed = try Listener(.mute)
    closed.end()
    let port = closed.port
    #expect(await failure("rtsp://127.0.0.1:\(port)/s", limits: limits())?.kind == .refused)
    #expect(await failure("http://a:secret@127.0.0.1:\(port)/s.mp4", limits: limits())?.kind == .refused)
    var patient = limits()
    patient.openSeconds = 20
    let error = await failure("rtsp://a:secret@camera.invalid/s", limits: patient)
    #expect(error?.kind == .nameNotFound || error?.kind == .timedOut(seconds: 20))
    #expect(error?.description.contains("secret") == false)
  }

  @Test(
    "a peer that is mute or drips is left within the time-out", arguments: ["rtsp", "rtsps", "http", "https"],
    [true, false])
  func silent(scheme: String, drips: Bool) async throws {
    let listener = try Listener(drips ? .drip : .mute)
    defer { listener.end() }
    let error = await failure("\(scheme)://127.0.0.1:\(listener.port)/s", limits: limits())
    if drips, scheme.hasSuffix("s") {
      // What drips is no TLS, which may be seen at once.
      #expect(error != nil)
    } else {
      #expect(error?.kind == .timedOut(seconds: 1))
    }
    #expect(error?.isInputFault == false)
  }

  @Test("a cancelled task leaves an opening source")
  func cancelled() async throws {
    let listener = try Listener(.mute)
    defer { listener.end() }
    let port = listener.port
    let task = Task { () async -> VideoError? in
      var limits = Limits()
      limits.openSeconds = 300
      return await failure("rtsp://127.0.0.1:\(port)/s", limits: limits)
    }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    #expect(await task.value?.kind == .stopped)
  }

  @Test(
    "a server's refusals are told apart",
    arguments: [
      ("401 Unauthorized", VideoError.Kind.unauthorized), ("403 Forbidden", .forbidden),
      ("404 Not Found", .unknownPath),
      ("500 Oops", .serverError), ("302 Found\r\nLocation: http://127.0.0.1:1/x", .serverError),
    ] as [(String, VideoError.Kind)])
  func refusals(status: String, kind: VideoError.Kind) async throws {
    let listener = try Listener(.answer("HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    defer { listener.end() }
    let error = await failure("http://a:secret@127.0.0.1:\(listener.port)/s.mp4")
    #expect(error?.kind == kind)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("an answer that is no video is said to be so")
  func noVideo() async throws {
    let page = "<html><body>Welcome to your camera</body></html>"
    let head = "HTTP/1.1 200 OK\r\nContent-Length: \(page.count)\r\nConnection: close\r\n\r\n"
    let listener = try Listener(.answer(head + page))
    defer { listener.end() }
    let error = await failure("http://127.0.0.1:\(listener.port)/index.html")
    #expect(error?.kind == .notVideo)
  }
}

@Suite("HTTP", .enabled(if: Media.exists, "ffmpeg is not installed"))
struct WebTests {
  /// Serves the test folder, and prints its address when it listens.
  private func server() async throws -> Server {
    try await Server.start([
      "/usr/bin/python3", "-c",
      """
      import http.server, os, sys, threading
      os.chdir(sys.argv[1])
      server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
      threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
      print('http://127.0.0.1:%d' % server.server_port, flush=True)
      server.serve_forever()
      """, Media.folder,
    ])
  }

  @Test("a recording on a web server is read whole, as a recording", arguments: ["mp4", "mkv"])
  func recording(container: String) async throws {
    let server = try await server()
    defer { server.end() }
    _ = try await Media.make(
      "web.\(container)", Media.card(), Media.h264, container == "mp4" ? ["-movflags", "+faststart"] : [])
    let source = try await VideoSource.open("\(server.line)/web.\(container)")
    #expect(!source.stream.isLive)
    var count = 0
    for try await _ in source.pictures(rate: 25) { count += 1 }
    #expect(count == 100)
    #expect(abs(source.statistics.durationSeconds - 4) < 0.01)
    #expect(!source.statistics.isTruncated)
  }

  @Test("pictures in a row over HTTP, which have no timestamps, are timed as they arrive")
  func picturesInARow() async throws {
    let picture = try await Media.make("row.jpg", Media.card(seconds: 1), ["-frames:v", "1"])
    let server = try await Server.start([
      "/usr/bin/python3", "-c",
      """
      import http.server, os, sys, threading, time
      picture = open(sys.argv[1], 'rb').read()
      class Camera(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
          self.send_response(200)
          self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
          self.end_headers()
          while True:
            self.wfile.write(b'--frame\\r\\nContent-Type: image/jpeg\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(picture))
            self.wfile.write(picture + b'\\r\\n')
            time.sleep(0.2)
      server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Camera)
      threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
      print('http://127.0.0.1:%d' % server.server_port, flush=True)
      server.serve_forever()
      """, picture,
    ])
    defer { server.end() }
    let source = try await VideoSource.open("\(server.line)/video")
    #expect(source.stream.isLive && source.stream.codec == "mjpeg")
    var times: [Double] = []
    // Those sent before the source was open come in a heap; the first distance ends it.
    var afterHeap: Int?
    for try await packet in source.packets(buffered: 1_000) {
      let time = try #require(packet.time)
      if afterHeap == nil, let last = times.last, time - last > 0.1 { afterHeap = times.count }
      times.append(time)
      if let afterHeap, times.count == afterHeap + 20 { break }
      if times.count == 300 { break }
    }
    let timed = times[try #require(afterHeap, "300 pictures, and no distance of 0.1 s")...]
    // 19 distances of 0.2 s; at the 25 pictures a second that the library assumes they would be 0.8 s together.
    #expect(try #require(timed.last) - timed[timed.startIndex] > 1.6)
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("a playlist is followed where the address names one")
  func playlist() async throws {
    let server = try await server()
    defer { server.end() }
    _ = try await Media.make("list.m3u8", Media.card(), Media.h264, ["-hls_time", "1", "-hls_list_size", "0"])
    let source = try await VideoSource.open("\(server.line)/list.m3u8")
    var count = 0
    for try await _ in source.pictures(rate: 25) { count += 1 }
    #expect(count == 100)
  }
}
