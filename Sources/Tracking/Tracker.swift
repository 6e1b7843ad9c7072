import Assignment
import Geometry
public import Observation

/// Follows things from picture to picture: two-stage association (ByteTrack, Zhang and others 2022) with a Kalman filter that
/// takes the real distance in time.
///
/// Detections above the score threshold are associated first, then the faint ones with the tracks that are left. A pair is
/// judged by the IoU with the predicted box, or with the last box where the thing stood or where the pictures are too far apart
/// for a prediction; where boxes do not overlap, by the distance from the prediction while that still says something.
///
/// Invariants: ids rise and are never used twice; `tracks` are by rising id; a track's last look is not later than `time`.
public struct Tracker: Sendable, Hashable, Codable {
  public let settings: TrackerSettings
  /// Everything followed at present, also what was not seen in the last picture.
  public private(set) var tracks: [Track] = []
  /// The last picture's time, or nil before the first.
  public private(set) var time: Double?
  private var nextID = 1
  /// For each class name the groups that hold it, as bits.
  private let groupBits: [String: UInt64]

  /// At most 64 groups are told apart.
  public init(settings: TrackerSettings) {
    self.settings = settings
    var bits: [String: UInt64] = [:]
    for (index, group) in settings.groups.prefix(64).enumerated() {
      for label in group { bits[label, default: 0] |= 1 << UInt64(index) }
    }
    groupBits = bits
  }

  /// Takes in a picture's detections and returns the tracks that they carry on or start, by rising detection index.
  ///
  /// `time` is in seconds on the media clock. A time before the last one starts a new segment: all tracks end.
  /// Detections below the low threshold are passed over.
  @discardableResult
  public mutating func update(_ detections: [Detection], at time: Double) -> [Track] {
    let gap = self.time.map { time - $0 } ?? 0
    if gap < 0 { tracks = [] }
    self.time = time
    for index in tracks.indices { tracks[index].filter.predict(seconds: max(gap, 0), settings: settings) }

    var strong: [Int] = []
    var faint: [Int] = []
    for (index, detection) in detections.enumerated() where detection.box.area > 0 {
      if detection.score >= settings.score[detection.label] {
        strong.append(index)
      } else if detection.score >= settings.low[detection.label] {
        faint.append(index)
      }
    }

    var taken = [Bool](repeating: false, count: detections.count)
    var open = Array(tracks.indices)
    for (stage, choice) in [strong, faint].enumerated() {
      let pairs = associate(open, with: choice, of: detections, at: time, faint: stage == 1)
      for (track, detection) in pairs {
        take(detections[detection], index: detection, into: track, at: time)
        taken[detection] = true
      }
      let matched = Set(pairs.map(\.track))
      open.removeAll { matched.contains($0) }
    }
    for index in strong where !taken[index] { start(detections[index], index: index, at: time) }

    let seen = tracks.filter { $0.lastSeen == time }.sorted { $0.detection < $1.detection }
    tracks.removeAll { track in
      let keep = track.looks > 1 ? settings.keepSeconds : settings.keepUnconfirmedSeconds
      return track.lastSeen < time && time - track.lastSeen > keep
    }
    return seen
  }

  private func associate(
    _ open: [Int], with choice: [Int], of detections: [Detection], at time: Double, faint: Bool
  ) -> [(track: Int, detection: Int)] {
    guard !open.isEmpty, !choice.isEmpty else { return [] }
    let bits = choice.map { groupBits[detections[$0].label] ?? 0 }
    var matrix = CostMatrix(rows: open.count, columns: choice.count)
    for (row, index) in open.enumerated() {
      let track = tracks[index]
      let trackBits = groupBits[track.label] ?? 0
      let predicted = track.filter.box
      for (column, candidate) in choice.enumerated() {
        guard trackBits & bits[column] != 0 || detections[candidate].label == track.label else { continue }
        matrix[row, column] = cost(track, predicted: predicted, detections[candidate].box, at: time, faint: faint)
      }
    }
    return Assignment(matrix, unmatched: Self.unmatchedCost).pairs.map { (open[$0.row], choice[$0.column]) }
  }

  /// Overlapping pairs cost 0…1, those by distance 1…1.4; staying alone costs more than either, less than two poor pairs.
  private static let unmatchedCost = 1.5
  /// The 99 % quantile of the chi-square distribution with two degrees of freedom.
  private static let gate = 9.21
  /// A prediction whose deviation is beyond this many box sizes would accept anything.
  private static let largestSpread = 1.5

  private func cost(_ track: Track, predicted: Box, _ box: Box, at time: Double, faint: Bool) -> Double? {
    let unseen = time - track.lastSeen
    let far = unseen > settings.predictionSeconds
    let moving = track.looks > 1 && track.speed * min(unseen, settings.predictionSeconds) > 0.5
    var overlap = far ? 0 : predicted.iou(box)
    if far || !moving { overlap = max(overlap, track.box.iou(box)) }
    if overlap >= (faint ? settings.lowOverlap : settings.overlap) { return 1 - overlap }
    guard !faint, !far, track.filter.spread <= Self.largestSpread else { return nil }
    let growth = (box.area / max(predicted.area, 1e-12))
    guard growth > 0.4, growth < 2.5 else { return nil }
    let distance = track.filter.distanceSquared(box, settings: settings)
    return distance <= Self.gate ? 1 + 0.4 * distance / Self.gate : nil
  }

  private mutating func take(_ detection: Detection, index: Int, into track: Int, at time: Double) {
    tracks[track].surprise = tracks[track].filter.distanceSquared(detection.box, settings: settings)
    tracks[track].filter.update(detection.box, settings: settings)
    tracks[track].box = detection.box
    tracks[track].score = detection.score
    tracks[track].detection = index
    tracks[track].lastSeen = time
    tracks[track].looks += 1
    tracks[track].speed = tracks[track].filter.speed
    for label in tracks[track].votes.keys { tracks[track].votes[label, default: 0] *= 0.9 }
    tracks[track].votes[detection.label, default: 0] += detection.score
    let best = tracks[track].votes.max { ($0.value, $1.key) < ($1.value, $0.key) }
    if let best { tracks[track].label = best.key }
  }

  private mutating func start(_ detection: Detection, index: Int, at time: Double) {
    tracks.append(
      Track(
        id: nextID, label: detection.label, score: detection.score, box: detection.box, origin: detection.box,
        detection: index, firstSeen: time, lastSeen: time, looks: 1, speed: 0, surprise: 0,
        filter: BoxFilter(detection.box, settings: settings),
        votes: [detection.label: detection.score]))
    nextID += 1
  }
}
