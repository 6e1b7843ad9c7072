import Formats
import Foundation
import Glibc
import Observation
import Video

/// Keeps what the rules read of clips, so that a change of rules needs neither decoding nor the network.
///
/// A clip is a folder named after its key: chunks of pictures and `index.json`. It is made under another name and renamed when
/// it is whole, so that an interruption leaves nothing half-written; several processes may share the folder.
public struct ObservationCache: Sendable {
  /// Of the pictures, their packing and what is made of them before the rules; part of every key. A change of decoding, sampling,
  /// preprocessing, heads, views or thumbnails raises it.
  public static let version = 1

  /// Why kept observations cannot be used.
  struct Damage: Error {}

  private let folder: OutputFolder
  private let mostBytes: Int

  /// - Parameters:
  ///   - path: made where it is missing.
  ///   - mostBytes: beyond it the entries that were not used for longest are removed.
  public init(_ path: String, mostBytes: Int = 16 << 30) throws(OutputError) {
    folder = try OutputFolder(path)
    self.mostBytes = mostBytes
    removeLeftovers()
  }

  /// `warden/observations` in the user's folder for such things (XDG Base Directory Specification).
  public static var standardPath: String? {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/warden/observations" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.cache/warden/observations"
  }

  /// Nil where there is none, or none that is whole.
  func entry(_ key: String) -> ObservedClip? {
    let path = folder.path + "/" + key
    guard let data = FileManager.default.contents(atPath: path + "/index.json"),
      let index = try? JSONDecoder().decode(ObservedClip.Index.self, from: data), index.version == Self.version
    else { return nil }
    // What was used last is removed last.
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path + "/index.json")
    return ObservedClip(path: path, index: index)
  }

  func remove(_ key: String) { try? FileManager.default.removeItem(atPath: folder.path + "/" + key) }

  func recorder(_ key: String) -> ObservationRecorder {
    // Two clips of one suite may be the same.
    let number = String(UInt64.random(in: 0 ... .max), radix: 16)
    return ObservationRecorder(folder: folder, key: key, part: "part-\(getpid())-\(number)")
  }

  /// Removes what was not used for longest until the bound holds; what is in `keys` stays.
  public func trim(keeping keys: Set<String>) {
    var entries: [(name: String, used: Date, bytes: Int)] = []
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: folder.path)) ?? [] where Self.isKey(name) {
      let path = folder.path + "/" + name
      let used = try? files.attributesOfItem(atPath: path + "/index.json")[.modificationDate] as? Date
      let bytes = ((try? files.contentsOfDirectory(atPath: path)) ?? []).reduce(0) { sum, file in
        sum + ((try? files.attributesOfItem(atPath: path + "/" + file)[.size] as? Int) ?? 0)
      }
      entries.append((name, used ?? .distantPast, bytes))
    }
    var total = entries.reduce(0) { $0 + $1.bytes }
    for entry in entries.sorted(by: { ($0.used, $0.name) < ($1.used, $1.name) }) {
      guard total > mostBytes else { return }
      guard !keys.contains(entry.name) else { continue }
      remove(entry.name)
      total -= entry.bytes
    }
  }

  private static func isKey(_ name: String) -> Bool { name.utf8.count == 64 && name.allSatisfy(\.isHexDigit) }

  /// What a process that is no more was making.
  private func removeLeftovers() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
      let parts = name.split(separator: "-")
      guard parts.count == 3, parts[0] == "part", let process = pid_t(parts[1]) else { continue }
      if process != getpid(), kill(process, 0) != 0, errno == ESRCH { remove(name) }
    }
  }
}

/// What was seen of a clip, on disk.
public struct ObservedClip: Sendable {
  struct Chunk: Codable {
    var file: String
    var sha256: String
    /// Of its first picture.
    var time: Double
    var count: Int
  }

  struct Index: Codable {
    var version: Int
    var sampling: Sampling
    var durationSeconds: Double
    var chunks: [Chunk]
  }

  let path: String
  let index: Index

  func pictures(of chunk: Chunk) throws(ObservationCache.Damage) -> [ObservedPicture] {
    guard let data = FileManager.default.contents(atPath: path + "/" + chunk.file) else {
      throw ObservationCache.Damage()
    }
    let bytes = [UInt8](data)
    guard Video.sha256(bytes) == chunk.sha256, let pictures = ObservationChunk.pictures(bytes),
      pictures.count == chunk.count
    else { throw ObservationCache.Damage() }
    return pictures
  }

  /// The last picture sampled at or before a time, or the first; nil where it cannot be read.
  public func still(at time: Double) -> [UInt8]? {
    let chunk = index.chunks.last { $0.time <= time + 0.001 } ?? index.chunks.first
    guard let chunk, let pictures = try? pictures(of: chunk) else { return nil }
    return (pictures.last { $0.observation.time <= time + 0.001 } ?? pictures.first)?.still
  }
}

/// Takes in a clip's pictures one after the other.
struct ObservationRecorder {
  private let folder: OutputFolder
  private let key: String
  private let part: String
  private var pictures: [ObservedPicture] = []
  private var chunks: [ObservedClip.Chunk] = []

  init(folder: OutputFolder, key: String, part: String) {
    self.folder = folder
    self.key = key
    self.part = part
  }

  mutating func add(_ picture: ObservedPicture) throws(OutputError) {
    pictures.append(picture)
    if pictures.count == 32 { try flush() }
  }

  private mutating func flush() throws(OutputError) {
    guard let first = pictures.first else { return }
    let bytes = ObservationChunk.bytes(pictures)
    let file = "\(chunks.count).bin"
    try folder.write(bytes, to: "\(part)/\(file)")
    chunks.append(
      .init(file: file, sha256: sha256(bytes), time: first.observation.time, count: pictures.count))
    pictures = []
  }

  /// Makes the entry whole.
  mutating func finish(_ sampling: Sampling, durationSeconds: Double) throws(OutputError) -> ObservedClip {
    try flush()
    let index = ObservedClip.Index(
      version: ObservationCache.version, sampling: sampling, durationSeconds: durationSeconds, chunks: chunks)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data: Data
    do { data = try encoder.encode(index) } catch { preconditionFailure("an index is plain numbers: \(error)") }
    try folder.write([UInt8](data), to: "\(part)/index.json")
    let path = folder.path + "/" + key
    // Another process may have been faster; its entry is the same.
    if rename(folder.path + "/" + part, path) != 0 {
      let reason = String(cString: strerror(errno))
      guard FileManager.default.fileExists(atPath: path + "/index.json") else {
        throw .cannotWrite(path, reason: reason)
      }
      discard()
    }
    return ObservedClip(path: path, index: index)
  }

  func discard() { try? FileManager.default.removeItem(atPath: folder.path + "/" + part) }
}
