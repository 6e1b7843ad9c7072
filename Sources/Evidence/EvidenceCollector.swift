public import Formats
import Geometry
public import Rules
public import Video

/// Keeps the pictures that a warning will want: at first sight, when due, at the alert.
///
/// Which picture was a first sight is known only when a candidate appears some seconds later, so the last pictures are
/// held back; what is kept of them for longer is kept as JPEG.
public struct EvidenceCollector {
  /// A picture of a warning's evidence; a failure says why it is lost.
  public struct Still {
    /// `first.jpg`, `due.jpg`, `alert.jpg` or `alert-clean.jpg`.
    public let name: String
    public let jpeg: Result<[UInt8], VideoError>
  }

  private struct Candidate {
    var due: Double
    var end: Double
    var first: Kept?
    var dueStill: Kept?
  }

  private struct Kept {
    var time: Double
    var jpeg: Result<[UInt8], VideoError>
  }

  private struct Key: Hashable {
    var type: EventType
    var zone: String
    var startMilliseconds: Int
  }

  private let zones: [Zone]
  /// A candidate appears at most ten seconds and two pictures after its first sight.
  private let held = 24
  private let heldSeconds = 12.0
  private var recent: [Picture] = []
  private var candidates: [Key: Candidate] = [:]

  public init(zones: [Zone]) { self.zones = zones }

  /// Takes in each sampled picture, before what it brought is told.
  public mutating func look(_ picture: Picture) {
    recent.append(picture)
    while recent.count > held || recent.count > 3 && picture.time - recent[0].time > heldSeconds {
      recent.removeFirst()
    }
    let due = candidates.filter { $0.value.dueStill == nil && picture.time >= $0.value.due }.keys
    if !due.isEmpty {
      let still = kept(picture)
      for key in due { candidates[key]?.dueStill = still }
    }
    // What has not become a warning long after it was due will not be asked for.
    candidates = candidates.filter { picture.time < $0.value.end }
  }

  /// Keeps the first sight of a candidate.
  public mutating func keep(_ candidate: CandidateRecord) {
    let first = recent.min { abs($0.time - candidate.start) < abs($1.time - candidate.start) }
    let dwell = candidate.due - candidate.start
    candidates[key(candidate.type, candidate.zone, candidate.start)] = Candidate(
      due: candidate.due, end: candidate.due + 4 * dwell + 3600, first: first.map { kept($0) })
  }

  /// The stills of a warning that is raised at `picture`: box, zone, time and class drawn, and one without.
  public func stills(of warning: WarningRecord, at picture: Picture) -> [Still] {
    let candidate = warning.start.flatMap { start in
      warning.zone.flatMap { candidates[key(warning.type, $0, start)] }
    }
    var stills: [Still] = []
    if let first = candidate?.first {
      stills.append(Still(name: "first.jpg", jpeg: drawn(first, warning, "first seen")))
    }
    if let due = candidate?.dueStill { stills.append(Still(name: "due.jpg", jpeg: drawn(due, warning, "due"))) }
    stills.append(Still(name: "alert.jpg", jpeg: drawn(Canvas(picture), picture.time, warning, "alert")))
    var clean = Canvas(picture)
    clean.blackenPrivacy(zones)
    stills.append(Still(name: "alert-clean.jpg", jpeg: encode(clean)))
    return stills
  }

  private func kept(_ picture: Picture) -> Kept {
    Kept(time: picture.time, jpeg: Result { () throws(VideoError) in try StillImage.jpeg(picture, quality: 95) })
  }

  private func drawn(_ kept: Kept, _ warning: WarningRecord, _ what: String) -> Result<[UInt8], VideoError> {
    kept.jpeg.flatMap { jpeg in
      let picture = Result { () throws(VideoError) in try StillImage.decode(jpeg, name: what) }
      return picture.flatMap { drawn(Canvas($0), kept.time, warning, what) }
    }
  }

  private func drawn(
    _ canvas: Canvas, _ time: Double, _ warning: WarningRecord, _ what: String
  ) -> Result<[UInt8], VideoError> {
    var canvas = canvas
    canvas.blackenPrivacy(zones)
    canvas.draw(zones.filter { $0.id == warning.zone })
    canvas.stroke(warning.box, .amber)
    canvas.write(
      "\(warning.label ?? warning.type.rawValue) \(warning.id)",
      above: Point(x: warning.box.x, y: warning.box.y), .amber)
    canvas.write("\(what) \(clock(time))", above: Point(x: 0, y: 1), .white)
    return encode(canvas)
  }

  private func encode(_ canvas: Canvas) -> Result<[UInt8], VideoError> {
    Result { () throws(VideoError) in try StillImage.jpeg(canvas.picture) }
  }

  private func key(_ type: EventType, _ zone: String, _ start: Double) -> Key {
    Key(type: type, zone: zone, startMilliseconds: Int((start * 1000).rounded()))
  }
}

/// Media time as `1:02:03.4`.
private func clock(_ time: Double) -> String {
  let tenths = Int((max(time, 0) * 10).rounded())
  let (hours, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60)
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return "\(hours):\(two(minutes)):\(two(seconds)).\(tenths % 10)"
}
