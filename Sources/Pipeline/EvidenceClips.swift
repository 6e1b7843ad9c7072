import Evidence
import Formats
import Video

/// The clips of a run's warnings, cut while the run goes on.
///
/// A clip is cut once the source has gone past its end: from the recording itself, or from the ring of a live stream's last
/// packets. H.264 and H.265 are copied as they came; with privacy zones, and of other codecs, the clip is encoded anew. One
/// clip is written at a time.
struct EvidenceClips {
  /// How much a clip shows before and after the alert, in seconds.
  struct Span: Sendable {
    var before: Double
    var after: Double
  }

  /// What has become of a run's clips.
  struct Outcome: Sendable {
    /// By warning id, relative to the folder.
    var clips: [String: String] = [:]
    /// A sentence for each clip that is lost.
    var lost: [String] = []
  }

  private let source: VideoSource
  private let folder: OutputFolder
  private let mask: PrivacyMask
  private let span: Span
  private var waiting: [(id: String, alert: Double)] = []
  private var last: Task<Outcome, Never>?

  init(_ source: VideoSource, folder: OutputFolder, zones: [Zone], span: Span) {
    self.source = source
    self.folder = folder
    self.span = span
    mask = PrivacyMask(zones)
  }

  /// What a live source must keep so that a clip's beginning is still there when its end has come.
  static func ring(_ span: Span) -> PacketRing.Bounds { PacketRing.Bounds(seconds: span.before + span.after + 10) }

  mutating func add(_ warning: WarningRecord) { waiting.append((warning.id, warning.alert)) }

  /// The source has reached `time`: cuts the clips that end before it.
  mutating func advance(to time: Double) {
    while let next = waiting.first, time > next.alert + span.after { cut(waiting.removeFirst(), next.alert) }
  }

  /// The source has ended: cuts what is left and waits for all.
  mutating func finish() async -> Outcome {
    while !waiting.isEmpty { cut(waiting[0], waiting.removeFirst().alert) }
    return await last?.value ?? Outcome()
  }

  private mutating func cut(_ warning: (id: String, alert: Double), _ alert: Double) {
    let (start, end) = (max(0, alert - span.before), alert + span.after)
    let origin = source.statistics.origin
    let packets = source.stream.isLive ? source.recentPackets(from: start, to: end) : nil
    let isCopied = mask.isEmpty && ["h264", "hevc"].contains(source.stream.codec)
    last = Task { [source, folder, mask, previous = last] in
      var outcome = await previous?.value ?? Outcome()
      let name = "evidence/\(safeName(warning.id))/clip.mp4"
      do {
        let path = try folder.makeParent(of: name)
        let hide: ClipEncoder.Mask = { mask.runs(width: $0, height: $1) }
        switch (packets, isCopied) {
        case (let packets?, true): _ = try await ClipWriter.write(packets, to: path, origin: origin)
        case (let packets?, false): _ = try await ClipEncoder.write(packets, to: path, origin: origin, mask: hide)
        case (nil, true):
          _ = try await ClipWriter.cut(source.address, from: start, to: end, into: path, origin: origin)
        case (nil, false):
          _ = try await ClipEncoder.cut(source.address, from: start, to: end, into: path, origin: origin, mask: hide)
        }
        outcome.clips[warning.id] = name
      } catch { outcome.lost.append("\(warning.id): its clip is lost: \(error)") }
      return outcome
    }
  }
}
