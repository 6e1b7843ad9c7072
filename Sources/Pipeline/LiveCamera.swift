import Evidence
public import Formats
import Foundation
import Geometry
import ObjectDetection
public import Observation
import Rules
import Synchronization
public import Video

/// A camera under watch, until its task is cancelled: opened, looked at, opened again when it fails.
///
/// The rules run in this task alone. What others ask for, its health and its newest picture, may be asked from anywhere.
public final class LiveCamera: Sendable {
  /// What the newest picture showed.
  public struct Newest: Sendable {
    public let picture: Picture
    public let detections: [Detection]
  }

  public let document: CameraDocument
  fileprivate let address: @Sendable () async throws(VideoError) -> SourceAddress
  fileprivate let detector: SharedDetector
  private let gate: OpeningGate
  fileprivate let keeper: any LiveKeeper
  fileprivate let categories: CategoriesDocument
  private let shared: Mutex<Shared>

  private struct Shared {
    var health: CameraHealth
    var newest: Newest?
    /// When the last pictures were looked at.
    var looks: [Double] = []
  }

  /// - Parameters:
  ///   - address: where the stream is, asked before each opening, so that a name is resolved and judged anew.
  ///   - gate: shared by all cameras.
  public init(
    _ document: CameraDocument, detector: SharedDetector, gate: OpeningGate, keeper: any LiveKeeper,
    categories: CategoriesDocument = CategoriesDocument(),
    address: @escaping @Sendable () async throws(VideoError) -> SourceAddress
  ) {
    self.document = document
    self.detector = detector
    self.gate = gate
    self.keeper = keeper
    self.categories = categories
    self.address = address
    shared = Mutex(Shared(health: CameraHealth(.starting, since: Self.now)))
  }

  public var health: CameraHealth {
    shared.withLock { shared in
      var health = shared.health
      let recent = shared.looks.count { $0 > Self.now - 30 }
      if health.state == .live || health.state == .degraded {
        health.picturesPerSecond = Double(recent) / min(30, max(1, Self.now - health.since))
      }
      return health
    }
  }

  /// The newest picture looked at; nil before the first.
  public var newest: Newest? { shared.withLock { $0.newest } }

  /// Seconds since 1970.
  static var now: Double { Date().timeIntervalSince1970 }

  /// Watches until the task is cancelled.
  public func run() async {
    var watching: Watching
    do {
      watching = try await Watching(self, saved: keeper.state(of: document.id))
    } catch {
      await show(CameraHealth(.offline, reason: "bad-zones", detail: "\(error)", since: Self.now))
      return
    }
    for sentence in watching.notes { keeper.note(sentence, of: document.id) }
    var backOff = BackOff()
    var random = SystemRandomNumberGenerator()
    while !Task.isCancelled {
      let began = Self.now
      do throws(VideoError) {
        let source = try await open()
        defer { source.stop() }
        try await watching.follow(source)
        guard !source.stream.isLive, !Task.isCancelled else { throw VideoError(.wentAway, source: document.id) }
        // A recording that stands for a camera begins again.
        backOff.reset()
        if Self.now - began < 1 { try? await Task.sleep(for: .seconds(1)) }
      } catch {
        if Task.isCancelled { break }
        if Self.now - began > 60 { backOff.reset() }
        let wait = backOff.next(after: error, using: &random)
        var health = CameraHealth(.offline, reason: error.reason, detail: "\(error)", since: Self.now)
        health.retryAt = Self.now + wait
        await show(health)
        try? await Task.sleep(for: .seconds(wait))
      }
    }
    await watching.save()
  }

  private func open() async throws(VideoError) -> VideoSource {
    await gate.enter()
    do throws(VideoError) {
      let source = try await VideoSource.open(try await address())
      await gate.leave()
      return source
    } catch {
      await gate.leave()
      throw error
    }
  }

  /// Notes how the camera is; told on when state or reason are others than before.
  fileprivate func show(_ health: CameraHealth) async {
    let isNew = shared.withLock { shared in
      var health = health
      health.lastPicture = shared.looks.last ?? shared.health.lastPicture
      let isNew = shared.health.state != health.state || shared.health.reason != health.reason
      if !isNew { health.since = shared.health.since }
      shared.health = health
      return isNew
    }
    if isNew { await keeper.keep(self.health, of: document.id) }
  }

  fileprivate func saw(_ picture: Picture, _ detections: [Detection]) {
    shared.withLock { shared in
      shared.newest = Newest(picture: picture, detections: detections)
      shared.looks.append(Self.now)
      if shared.looks.count > 256 { shared.looks.removeFirst(128) }
      shared.health.lastPicture = Self.now
    }
  }
}

/// The part of a camera's watch that only its own task touches.
private struct Watching {
  private let camera: LiveCamera
  private let keeper: any LiveKeeper
  private let detector: SharedDetector
  private let document: CameraDocument
  private var state: LiveState
  private var evidence: EvidenceCollector
  private var lasting: [LastingWarning] = []
  /// The keeper's ids of warnings that new rules raised once more.
  private var aliases: [String: LastingWarning] = [:]
  private var savedAt = 0.0
  private var knownFrame: CameraDocument.Frame?
  private var clips: [PendingClip] = []
  /// The last picture's time on the rules' clock.
  private var lastTime = 0.0

  private struct PendingClip {
    var warning: String
    /// Seconds on the source's clock.
    var from: Double
    var to: Double
  }

  /// How long before and after the alert a clip shows.
  private static let clipSeconds = (before: 25.0, after: 5.0)

  init(_ camera: LiveCamera, saved: LiveState?) async throws(UnknownClassName) {
    self.camera = camera
    document = camera.document
    keeper = camera.keeper
    detector = camera.detector
    let model = detector.detector.document.sha256
    if let saved, saved.fits(document, model: model) {
      state = saved
      lastTime = LiveCamera.now - saved.mediaStart
    } else {
      let start = LiveCamera.now
      state = LiveState(
        mediaStart: start, model: model,
        rules: try SceneRules(
          camera: document, model: RuleModel(detector.detector.document), categories: camera.categories,
          liveSince: start))
      lasting = await keeper.lasting(of: document.id)
    }
    evidence = EvidenceCollector(zones: document.zones)
  }

  var notes: [String] { state.rules.notes }

  mutating func save() async {
    savedAt = LiveCamera.now
    await keeper.keep(state, of: document.id)
  }

  /// Looks at a source's pictures until it ends.
  mutating func follow(_ source: VideoSource) async throws(VideoError) {
    let isLive = source.stream.isLive
    let rate = document.sampleRate
    let ring = PacketRing.Bounds(
      seconds: Self.clipSeconds.before + Self.clipSeconds.after + 15, bytes: 32 << 20)
    let hidesParts = document.zones.contains { $0.kind == .privacy }
    var pictures = source.pictures(rate: rate, keeping: hidesParts ? nil : ring).makeAsyncIterator()
    var watch = PictureWatch()
    var load = LoadWatch()
    var anchor: (wall: Double, media: Double)?
    clips = []
    while let raw = try await pictures.next() {
      let began = anchor ?? (LiveCamera.now, raw.time)
      anchor = began
      let dueAt = began.wall + raw.time - began.media
      if !isLive {
        // At its own speed; what cannot be looked at in time is left out, as a camera's would be.
        let ahead = dueAt - LiveCamera.now
        if ahead > 0.001 {
          try? await Task.sleep(for: .seconds(min(ahead, 60)))
        } else if ahead < -2 / rate {
          load.dropped()
          continue
        }
      }
      if Task.isCancelled { return }
      // The wall clock may have been set back meanwhile; the rules' clock only rises.
      let time = max(dueAt - state.mediaStart, lastTime + 0.001)
      lastTime = time
      let picture = raw.at(time)
      let frame = CameraDocument.Frame(width: picture.width, height: picture.height)
      if frame != knownFrame {
        knownFrame = frame
        await keeper.keep(frame, of: document.id)
      }
      let thumbnail = Thumbnail(picture)
      var verdict = watch.look(thumbnail, at: time)
      let detections = await detector.detect(picture)
      load.looked(source.statistics, at: time)
      if verdict == .good, load.damagedShare > 0.1 { verdict = .garbled }
      camera.saw(picture, detections)
      if verdict == .good {
        await step(picture, detections, thumbnail, source, mediaTime: raw.time)
      }
      await camera.show(health(verdict, load))
      await writeClips(source, upTo: raw.time)
      if LiveCamera.now - savedAt >= 5 { await save() }
    }
    await writeClips(source, upTo: .infinity)
  }

  private func health(_ verdict: PictureWatch.Verdict, _ load: LoadWatch) -> CameraHealth {
    let now = LiveCamera.now
    switch verdict {
    case .frozen:
      return CameraHealth(
        .degraded, reason: verdict.rawValue,
        detail: "the picture has not changed for 30 s; nothing is judged meanwhile",
        since: now)
    case .black:
      return CameraHealth(
        .degraded, reason: verdict.rawValue, detail: "the picture is black; is the lens covered?", since: now)
    case .garbled:
      return CameraHealth(
        .degraded, reason: verdict.rawValue, detail: "the pictures are damaged; look at the line to the camera",
        since: now)
    case .good: break
    }
    guard load.droppedShare > 0.2 else { return CameraHealth(.live, since: now) }
    let share = Int((100 * load.droppedShare).rounded())
    return CameraHealth(
      .degraded, reason: "overload",
      detail: "\(share) % of the pictures due are left out, since this machine cannot look at all of them", since: now)
  }

  private mutating func step(
    _ picture: Picture, _ detections: [Detection], _ thumbnail: Thumbnail, _ source: VideoSource, mediaTime: Double
  ) async {
    let events = state.rules.step(Observation(time: picture.time, detections: detections, thumbnail: thumbnail))
    evidence.look(picture)
    var mustSave = false
    for event in events {
      switch event {
      case .note(let sentence): keeper.note(sentence, of: document.id)
      case .candidate(let candidate): evidence.keep(candidate)
      case .raised(let warning):
        mustSave = true
        await raise(warning, at: picture, mediaTime: mediaTime)
      case .changed(let warning):
        await keeper.keep(
          known(warning), zone: zone(warning), of: document.id, mediaStart: state.mediaStart)
      case .suppressed(let candidate):
        await keeper.keep(candidate, of: document.id, mediaStart: state.mediaStart)
      }
    }
    state.rules.forget(endedBefore: picture.time - 3600)
    if mustSave { await save() }
  }

  private mutating func raise(_ warning: WarningRecord, at picture: Picture, mediaTime: Double) async {
    if let same = lasting.first(where: {
      $0.type == warning.type && $0.zone == warning.zone && $0.box.iou(warning.box) >= 0.5
    }) {
      // New rules see again what the old ones had raised: one violation, one warning.
      lasting.removeAll { $0.id == same.id }
      aliases[warning.id] = same
      await keeper.keep(known(warning), zone: zone(warning), of: document.id, mediaStart: state.mediaStart)
      return
    }
    var warning = warning
    var stills: [(name: String, jpeg: [UInt8])] = []
    for still in evidence.stills(of: warning, at: picture) {
      switch still.jpeg {
      case .success(let jpeg): stills.append((still.name, jpeg))
      case .failure(let error): keeper.note("\(warning.id): \(still.name) is lost: \(error)", of: document.id)
      }
    }
    warning.evidence = EvidenceFiles(stills: await keeper.keep(stills, of: warning.id))
    await keeper.keep(warning, zone: zone(warning), of: document.id, mediaStart: state.mediaStart)
    clips.append(
      PendingClip(
        warning: warning.id, from: mediaTime - Self.clipSeconds.before, to: mediaTime + Self.clipSeconds.after))
  }

  private func known(_ warning: WarningRecord) -> WarningRecord {
    guard let same = aliases[warning.id] else { return warning }
    var warning = warning
    warning.id = same.id
    warning.times = ClockTimes(
      start: same.times.start, due: same.times.due, alert: same.times.alert, end: warning.times?.end)
    return warning
  }

  private func zone(_ warning: WarningRecord) -> Zone? { document.zones.first { $0.id == warning.zone } }

  /// Writes the clips whose time has passed, or at the source's end what there is of them.
  private mutating func writeClips(_ source: VideoSource, upTo time: Double) async {
    for clip in clips where clip.to <= time {
      let packets = source.recentPackets(from: clip.from, to: clip.to)
      guard !packets.isEmpty else { continue }
      let (keeper, document) = (keeper, document)
      // Beside the watch: a slow disk must not cost pictures.
      Task.detached {
        do throws(VideoError) {
          _ = try await ClipWriter.write(packets, to: keeper.clipPath(of: clip.warning))
          await keeper.keepClip(of: clip.warning)
        } catch { keeper.note("\(clip.warning): the clip is lost: \(error)", of: document.id) }
      }
    }
    clips.removeAll { $0.to <= time }
  }
}

/// How many of the pictures due were left out or damaged, over the last half minute.
private struct LoadWatch {
  private struct Sample {
    var time: Double
    var sampled: Int
    var dropped: Int
    var decoded: Int
    var damaged: Int
  }

  private var ownDrops = 0
  private var samples: [Sample] = []

  mutating func dropped() { ownDrops += 1 }

  mutating func looked(_ statistics: SamplingStatistics, at time: Double) {
    samples.append(
      Sample(
        time: time, sampled: statistics.sampled, dropped: statistics.dropped + ownDrops, decoded: statistics.decoded,
        damaged: statistics.damaged))
    while samples.count > 2, time - samples[0].time > 30 { samples.removeFirst() }
  }

  var droppedShare: Double { share(\.dropped, \.sampled, atLeast: 10) }
  var damagedShare: Double { share(\.damaged, \.decoded, atLeast: 5) }

  private func share(_ part: KeyPath<Sample, Int>, _ whole: KeyPath<Sample, Int>, atLeast count: Int) -> Double {
    guard let first = samples.first, let last = samples.last else { return 0 }
    let (part, whole) = (last[keyPath: part] - first[keyPath: part], last[keyPath: whole] - first[keyPath: whole])
    return whole < count ? 0 : Double(part) / Double(whole)
  }
}

/// Lets a bounded number of cameras be opened at a time, the first come first.
public actor OpeningGate {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  public init(_ count: Int = 16) { free = count }

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
