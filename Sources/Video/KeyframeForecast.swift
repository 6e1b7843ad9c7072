/// When the next keyframe comes: as the container lists them, or by the distances seen so far.
struct KeyframeForecast {
  /// Decoding times of all keyframes, on the packets' clock but for a shift.
  private let listed: [Double]
  private var shift = 0.0
  private var next = 0
  private var last: (time: Double, reorder: Double)?
  /// The last distances between keyframes, in seconds.
  private var distances: [Double] = []
  private let longestListed: Double?

  /// Distances that are remembered, and how many must have been seen before they count.
  private static let remembered = 16
  private static let needed = 2

  init(listed: [Double]?) {
    self.listed = listed ?? []
    var longest = 0.0
    for index in self.listed.indices.dropFirst() { longest = max(longest, self.listed[index] - self.listed[index - 1]) }
    longestListed = self.listed.count > 1 ? longest : nil
  }

  /// The longest distance between keyframes to reckon with, in seconds; nil while unknown.
  var longestDistance: Double? {
    if !listed.isEmpty { return longestListed }
    return distances.count >= KeyframeForecast.needed ? distances.max() : nil
  }

  /// Takes in a keyframe shown at `time` and decoded at `decodingTime`.
  mutating func saw(time: Double, decodingTime: Double) {
    if let last {
      if time > last.time {
        distances.append(time - last.time)
        if distances.count > KeyframeForecast.remembered { distances.removeFirst() }
      }
    } else if let first = listed.first {
      shift = decodingTime - first
    }
    last = (time, time - decodingTime)
    // Half a millisecond: the same tick reached by two sums.
    while next < listed.count, listed[next] + shift <= decodingTime + 0.0005 { next += 1 }
  }

  /// A keyframe is overdue: `time` was shown without one since the last.
  mutating func passed(_ time: Double) {
    guard listed.isEmpty, let last, let longest = longestDistance, time - last.time > longest else { return }
    distances[distances.count - 1] = max(distances[distances.count - 1], time - last.time)
  }

  /// When the keyframe after the last one is shown, at the latest by all that is known; infinite behind the last listed
  /// one, nil while unknown.
  var nextKeyframe: Double? {
    guard let last else { return nil }
    if !listed.isEmpty { return next < listed.count ? listed[next] + shift + last.reorder : .infinity }
    return longestDistance.map { last.time + $0 }
  }
}
