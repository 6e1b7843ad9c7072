import Evidence
public import Formats
public import ObjectDetection
import Observation
import Rules
public import Video

/// The main job: one source from its first picture to its last, the warnings document out.
public struct SourceRun: Sendable {
  public struct Options: Sendable {
    /// Pictures a second.
    public var rate: Double
    /// Seconds on the media clock.
    public var from = 0.0
    public var to = Double.infinity
    /// Keeps a line for each sampled picture.
    public var keepsDetections = false
    /// Seconds that a warning's clip shows before and after the alert.
    public var clipBefore = 10.0
    public var clipAfter = 10.0

    public init(rate: Double) { self.rate = rate }
  }

  /// How far a run is.
  public struct Progress: Sendable {
    public let sampled: Int
    /// Seconds on the media clock.
    public let time: Double
    public let warnings: Int
  }

  /// What a run gives.
  public struct Result: Sendable {
    public let document: WarningsDocument
    /// By rising time; empty unless asked for.
    public let detections: [DetectionLine]
    /// Evidence that could not be made or written, a sentence each. The warnings are whole all the same.
    public let lostEvidence: [String]
    /// Why the source ended before its end; nil where it did not.
    public let failure: VideoError?
  }

  private let camera: CameraDocument
  private let detector: Detector
  private let options: Options

  public init(camera: CameraDocument, detector: Detector, options: Options) {
    self.camera = camera
    self.detector = detector
    self.options = options
  }

  /// Runs until the source ends, `to` is reached, or the source is stopped; then gives what there is.
  ///
  /// - Parameters:
  ///   - now: UTC in seconds since 1970, asked once when a live source shows its first picture.
  ///   - folder: where evidence goes; nil keeps none.
  /// - Throws: `UnknownClassName` where a zone names what the detector does not know, `VideoError` where the source
  ///   gives not one picture.
  public func run(
    _ source: VideoSource, folder: OutputFolder?, now: () -> Double, note: (String) -> Void,
    progress: (Progress) -> Void
  ) async throws -> Result {
    let isLive = source.stream.isLive
    // Where pictures are far apart a clip shows some all the same.
    let span = EvidenceClips.Span(
      before: max(options.clipBefore, min(300, 3 / options.rate)), after: options.clipAfter)
    var pictures = source.pictures(
      rate: options.rate, from: options.from, to: options.to,
      keeping: isLive && folder != nil ? EvidenceClips.ring(span) : nil
    ).makeAsyncIterator()
    // A source that gives nothing at all fails here.
    var next = try await pictures.next()
    var chain = try CameraChain(
      camera: camera, detector: detector, liveSince: isLive ? now() - (next?.time ?? 0) : nil)
    for sentence in chain.rules.notes { note(sentence) }
    var evidence = EvidenceCollector(zones: camera.zones)
    var clips = folder.map { EvidenceClips(source, folder: $0, zones: camera.zones, span: span) }
    var lines: [DetectionLine] = []
    var lost: [String] = []
    var written: [String: EvidenceFiles] = [:]
    var sampled = 0
    var warnings = 0
    var failure: VideoError?
    while let picture = next {
      let step = chain.step(picture)
      if options.keepsDetections { lines.append(DetectionLine(step)) }
      if folder != nil { evidence.look(picture) }
      for event in step.events {
        switch event {
        case .note(let sentence): note(sentence)
        case .candidate(let candidate): evidence.keep(candidate)
        case .raised(let warning):
          warnings += 1
          guard let folder else { continue }
          written[warning.id] = write(evidence.stills(of: warning, at: picture), of: warning, to: folder, lost: &lost)
          clips?.add(warning)
        case .changed, .suppressed: break
        }
      }
      clips?.advance(to: picture.time)
      sampled += 1
      progress(Progress(sampled: sampled, time: picture.time, warnings: warnings))
      do throws(VideoError) { next = try await pictures.next() } catch {
        failure = error
        next = nil
      }
    }
    let statistics = source.statistics
    _ = chain.finish(at: statistics.durationSeconds)
    if let outcome = await clips?.finish() {
      for (id, name) in outcome.clips { written[id, default: EvidenceFiles()].clip = name }
      lost += outcome.lost
    }

    var raised = chain.rules.warnings
    for index in raised.indices { raised[index].evidence = written[raised[index].id] }
    let document = WarningsDocument(
      camera: camera.id, clip: isLive ? nil : clipName(source.address.description),
      durationSeconds: statistics.durationSeconds, model: detector.document.reference, version: wardenVersion,
      sampling: Sampling(statistics), notes: chain.rules.notes, raised: raised,
      suppressed: chain.rules.suppressed)
    return Result(document: document, detections: lines, lostEvidence: lost, failure: failure)
  }

  /// A still that cannot be made or written is lost and said so; the warning stays.
  private func write(
    _ stills: [EvidenceCollector.Still], of warning: WarningRecord, to folder: OutputFolder, lost: inout [String]
  ) -> EvidenceFiles {
    var files = EvidenceFiles()
    for still in stills {
      let name = "evidence/\(safeName(warning.id))/\(still.name)"
      do {
        try folder.write(still.jpeg.get(), to: name)
        files.stills.append(name)
      } catch { lost.append("\(warning.id): \(still.name) is lost: \(error)") }
    }
    return files
  }
}

extension DetectionLine {
  init(_ step: CameraChain.Step) {
    self.init(
      time: step.observation.time,
      detections: zip(step.observation.detections, step.tracks).map { detection, track in
        DetectionRecord(label: detection.label, score: detection.score, box: detection.box, track: track)
      })
  }
}

extension Sampling {
  init(_ statistics: SamplingStatistics) {
    self.init(
      rate: statistics.rate, sampled: statistics.sampled, decoded: statistics.decoded,
      keyframesOnly: statistics.keyframesOnly, dropped: statistics.dropped,
      gaps: statistics.gaps.map { Gap(from: $0.from, to: $0.to) }, truncated: statistics.isTruncated)
  }
}

/// A file name from any text: letters, digits, dots, dashes and underscores, not hidden.
func safeName(_ text: String) -> String {
  let name = String(
    text.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
  return name.isEmpty || name.hasPrefix(".") ? "_" + name : name
}

private func clipName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
