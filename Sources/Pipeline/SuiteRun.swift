import Evaluation
import Evidence
public import Formats
import Foundation
import Geometry
import Inference
public import ObjectDetection
import Observation
import Rules
import Synchronization
import Video

/// Runs a system on the clips of a suite, several at once.
///
/// What the rules read of a clip is kept by clip, model, sampling and views; the rules always run on what was kept, so that a
/// run that was interrupted, or one with other rules, gives what an uninterrupted one gives.
public struct SuiteRun: Sendable {
  /// How far a run is.
  public struct Progress: Sendable {
    public internal(set) var clips = 0
    /// Looked at in this run; those that were kept from an earlier one are not counted.
    public internal(set) var pictures = 0
    /// Of all clips' length, 0…1.
    public internal(set) var share = 0.0
  }

  /// What a system said of a clip.
  public struct Result: Sendable {
    public let document: WarningsDocument
    /// What it saw.
    public let observed: ObservedClip
    let key: String
  }

  private let detector: Detector
  private let rules: ModelDocument
  private let cache: ObservationCache

  /// - Parameter rules: the package as the rules know it, where that is another than the detector's own: one whose scores are
  ///   not calibrated, say.
  public init(detector: Detector, rules: ModelDocument? = nil, cache: ObservationCache) {
    self.detector = detector
    self.rules = rules ?? detector.document
    self.cache = cache
  }

  /// The results in the order of the clips.
  ///
  /// - Parameters:
  ///   - atOnce: clips at a time.
  ///   - progress: called from any thread, one call at a time.
  /// - Throws: `VideoError`, `UnknownClassName` or `OutputError` as `SuiteError` with the clip's name.
  public func run(
    _ clips: [Suite.Clip], atOnce: Int, progress: @escaping @Sendable (Progress) -> Void
  ) async throws -> [Result] {
    let meter = Meter(clips.map(\.reference.durationSeconds), progress)
    var results = [Result?](repeating: nil, count: clips.count)
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      // The longest first, so that no core waits at the end.
      let order = clips.indices.sorted {
        (-clips[$0].reference.durationSeconds, $0) < (-clips[$1].reference.durationSeconds, $1)
      }
      var next = 0
      func begin() {
        guard next < order.count else { return }
        let index = order[next]
        next += 1
        group.addTask {
          let result = try await run(clips[index]) { meter.look(index, $0) }
          meter.finish(index)
          return (index, result)
        }
      }
      for _ in 0..<max(atOnce, 1) { begin() }
      while let (index, result) = try await group.next() {
        results[index] = result
        begin()
      }
    }
    cache.trim(keeping: Set(results.compactMap { $0?.key }))
    return results.map { $0! }
  }

  private func run(_ clip: Suite.Clip, look: (Double) -> Void) async throws -> Result {
    do {
      let key = try key(clip)
      if let observed = cache.entry(key) {
        // Damaged ones are made again.
        if let document = try? judge(clip, observed) { return Result(document: document, observed: observed, key: key) }
        _ = try chain(clip)
        cache.remove(key)
      }
      let observed = try await observe(clip, key, look: look)
      return Result(document: try judge(clip, observed), observed: observed, key: key)
    } catch let error as VideoError {
      throw SuiteError(clip: clip.name, reason: error.description, isInputFault: error.isInputFault)
    } catch let error as UnknownClassName {
      throw SuiteError(clip: clip.name, reason: "camera.json: \(error)", isInputFault: true)
    } catch is ObservationCache.Damage {
      throw SuiteError(clip: clip.name, reason: "what was just written cannot be read back", isInputFault: false)
    }
  }

  private func chain(_ clip: Suite.Clip) throws(UnknownClassName) -> SceneRules {
    try SceneRules(camera: clip.camera, model: RuleModel(rules))
  }

  /// All that decides what the rules read, and the privacy zones of the stills.
  private func key(_ clip: Suite.Clip) throws -> String {
    var model = detector.document
    // These come after the network.
    (model.calibration, model.warningThresholds, model.groups, model.origin) = ([:], [:], [:], nil)
    (model.name, model.version, model.licence) = ("model", nil, nil)
    var parts = ["observations \(ObservationCache.version)", detector.network.instructionSet.name]
    parts.append(String(decoding: model.json(), as: UTF8.self))
    parts.append("rate \(clip.camera.sampleRate)")
    // The zones decide the views, too.
    parts.append("views \(clip.camera.viewsPerSample)")
    for zone in clip.camera.zones {
      parts.append("\(zone.kind) " + zone.polygon.corners.map { "\($0.x) \($0.y)" }.joined(separator: " "))
    }
    parts.append(try digest(of: clip.path))
    return sha256(Array(parts.joined(separator: "\n").utf8))
  }

  private func observe(_ clip: Suite.Clip, _ key: String, look: (Double) -> Void) async throws -> ObservedClip {
    let source = try await VideoSource.open(clip.path)
    var pictures = source.pictures(rate: clip.camera.sampleRate).makeAsyncIterator()
    var chain = try CameraChain(camera: clip.camera, detector: detector)
    var recorder = cache.recorder(key)
    do {
      while let picture = try await pictures.next() {
        try recorder.add(
          ObservedPicture(observation: chain.observe(picture), still: still(picture, clip.camera.zones)))
        look(picture.time)
      }
      let statistics = source.statistics
      return try recorder.finish(Sampling(statistics), durationSeconds: statistics.durationSeconds)
    } catch {
      recorder.discard()
      throw error
    }
  }

  private func still(_ picture: Picture, _ zones: [Zone]) throws(VideoError) -> [UInt8] {
    let scale = min(1, 640 / Double(max(picture.width, 1)))
    let (width, height) = (Double(picture.width) * scale, Double(picture.height) * scale)
    let small = try picture.scaled(width: max(2, Int(width.rounded())), height: max(2, Int(height.rounded())))
    var canvas = Canvas(small)
    canvas.blackenPrivacy(zones)
    return try StillImage.jpeg(canvas.picture, quality: 80)
  }

  private func judge(_ clip: Suite.Clip, _ observed: ObservedClip) throws -> WarningsDocument {
    var rules = try chain(clip)
    for chunk in observed.index.chunks {
      for picture in try observed.pictures(of: chunk) { _ = rules.step(picture.observation) }
    }
    _ = rules.finish(at: observed.index.durationSeconds)
    return WarningsDocument(
      camera: clip.camera.id, clip: clip.path.split(separator: "/").last.map(String.init),
      durationSeconds: observed.index.durationSeconds, model: detector.document.reference, version: wardenVersion,
      sampling: observed.index.sampling, notes: rules.notes, raised: rules.warnings, suppressed: rules.suppressed)
  }
}

/// Why a clip of a suite could not be run.
public struct SuiteError: Error, Sendable, CustomStringConvertible {
  public let clip: String
  public let reason: String
  public let isInputFault: Bool

  public var description: String { "\(clip): \(reason)" }
}

/// Adds up what clips that run at once have done.
private final class Meter: Sendable {
  private struct State {
    var seconds: [Double]
    var progress = SuiteRun.Progress()
  }

  private let lengths: [Double]
  private let report: @Sendable (SuiteRun.Progress) -> Void
  private let state: Mutex<State>

  init(_ lengths: [Double], _ report: @escaping @Sendable (SuiteRun.Progress) -> Void) {
    self.lengths = lengths
    self.report = report
    state = Mutex(State(seconds: lengths.map { _ in 0 }))
  }

  func look(_ clip: Int, _ time: Double) {
    change {
      $0.progress.pictures += 1
      $0.seconds[clip] = time
    }
  }

  func finish(_ clip: Int) {
    change {
      $0.progress.clips += 1
      $0.seconds[clip] = .infinity
    }
  }

  private func change(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      let done = zip(state.seconds, lengths).reduce(0) { $0 + min($1.0, $1.1) }
      let total = lengths.reduce(0, +)
      state.progress.share = total > 0 ? done / total : 0
      report(state.progress)
    }
  }
}

/// A file's digest, read in blocks: that of the blocks' digests.
private func digest(of path: String) throws(SuiteReadError) -> String {
  guard let file = FileHandle(forReadingAtPath: path) else { throw SuiteReadError(path) }
  defer { try? file.close() }
  var digests = ""
  while true {
    let block: Data?
    do { block = try file.read(upToCount: 16 << 20) } catch { throw SuiteReadError(path) }
    guard let block, !block.isEmpty else { return sha256(Array(digests.utf8)) }
    digests += sha256([UInt8](block))
  }
}

private struct SuiteReadError: Error, CustomStringConvertible {
  let path: String

  init(_ path: String) { self.path = path }

  var description: String { "\(path) cannot be read" }
}
