import Foundation
import Video

/// Videos that ffmpeg makes for the tests, once each, in a folder that goes with the test run.
enum Media {
  static let folder: String = {
    let path = NSTemporaryDirectory() + "warden-video-tests-\(ProcessInfo.processInfo.processIdentifier)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit {
      try? FileManager.default.removeItem(
        atPath: NSTemporaryDirectory() + "warden-video-tests-\(ProcessInfo.processInfo.processIdentifier)")
    }
    return path
  }()

  /// The files that are made or being made.
  private actor Workshop {
    private var made: [String: Task<String, any Error>] = [:]

    func make(_ name: String, _ arguments: [String]) async throws -> String {
      let task =
        made[name]
        ?? Task {
          let path = Media.path(name)
          try await Media.run(["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments + [path])
          return path
        }
      made[name] = task
      return try await task.value
    }
  }

  private static let workshop = Workshop()

  /// A path of its own in the folder.
  static func path(_ name: String) -> String { folder + "/" + name }

  /// A moving test card.
  static func card(_ size: String = "320x240", rate: String = "25", seconds: Double = 4) -> [String] {
    ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=\(rate):d=\(seconds)"]
  }

  /// A test card drawn in RGB, which has odd sizes too.
  static func colourCard(_ size: String, rate: String = "1", seconds: Double = 1) -> [String] {
    ["-f", "lavfi", "-i", "testsrc=s=\(size):r=\(rate):d=\(seconds)"]
  }

  static let h264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-threads", "1"]
  static let hevc = [
    "-c:v", "libx265", "-preset", "ultrafast", "-g", "25", "-x265-params", "log-level=error:pools=1",
  ]

  /// The file `name`, made by ffmpeg with these arguments when it is first asked for.
  static func make(_ name: String, _ arguments: [String]...) async throws -> String {
    try await workshop.make(name, arguments.flatMap { $0 })
  }

  /// The four-second H.264 card with a keyframe each second, in the container that the name's end says.
  static func plain(_ container: String) async throws -> String {
    try await make("plain.\(container)", card(), h264)
  }

  /// A file of these bytes.
  static func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = path(name)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  struct Failure: Error {
    let command: String
    let message: String
  }

  /// Work that blocks, on a thread of its own: the tasks' few threads are for the readers.
  static func blocking<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result(catching: work)) }.start()
    }
  }

  /// The standard output of a command.
  @discardableResult
  static func run(_ command: [String]) async throws -> [UInt8] {
    try await blocking { try spawn(command) }
  }

  /// As `run`, waiting here. Spawned by hand: Foundation's `Process` may hang when many wait at once.
  static func spawn(_ command: [String]) throws -> [UInt8] {
    let number = UInt64.random(in: 0 ... .max)
    let (output, errors) = (path("output-\(number)"), path("errors-\(number)"))
    defer {
      unlink(output)
      unlink(errors)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let code = posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
    guard code == 0 else { throw Failure(command: command[0], message: String(cString: strerror(code))) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else {
      let message = (try? bytes(errors)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      throw Failure(command: command.joined(separator: " "), message: message)
    }
    return try bytes(output)
  }

  /// Luma of every picture of a file as ffmpeg shows it, one after the other.
  static func luma(_ path: String, _ options: [String] = []) async throws -> [UInt8] {
    try await run(
      ["ffmpeg", "-v", "error", "-nostdin", "-i", path] + options
        + ["-f", "rawvideo", "-vf", "extractplanes=y", "-fps_mode", "passthrough", "-"])
  }

  static let exists: Bool = (try? spawn(["ffmpeg", "-version"])) != nil
}

/// Everything a source gives at a rate.
func sample(
  _ path: String, rate: Double, from start: Double = 0, to end: Double = .infinity, limits: Limits = Limits()
) async throws -> (pictures: [Picture], statistics: SamplingStatistics) {
  let source = try await VideoSource.open(path, limits: limits)
  var pictures: [Picture] = []
  for try await picture in source.pictures(rate: rate, from: start, to: end) { pictures.append(picture) }
  return (pictures, source.statistics)
}

/// The error that a source ends with; nil when it ends well.
func failure(_ path: String, rate: Double = 1, limits: Limits = Limits()) async -> VideoError? {
  do {
    _ = try await sample(path, rate: rate, limits: limits)
    return nil
  } catch {
    return error as? VideoError
  }
}

extension Picture {
  var luma: [UInt8] { planes.luma }

  /// The mean difference of two lumas of one size.
  static func difference(_ a: [UInt8], _ b: [UInt8]) -> Double {
    guard a.count == b.count, !a.isEmpty else { return .infinity }
    return Double(zip(a, b).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(a.count)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}
