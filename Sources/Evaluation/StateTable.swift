import Formats
import Geometry

/// Whether things that were found were called by the right class: bins and their state, say.
public struct StateTable: Sendable, Hashable {
  /// Of the group, in its order.
  public let classes: [String]
  /// How often a thing of the first class was called by the second.
  public private(set) var counts: [String: [String: Int]]
  /// How often a thing of a class was not found.
  public private(set) var missed: [String: Int]

  /// Matches things with the group's detections of a score, best scores first, at an overlap of at least one half whatever the
  /// class, one to one. Only pictures that label the whole group count.
  public init(_ pictures: [BoxBenchmark.Picture], classes: [String], score: Double) {
    self.classes = classes
    counts = [:]
    missed = [:]
    let members = Set(classes)
    for picture in pictures where picture.labelled.map({ $0.isSuperset(of: members) }) ?? true {
      let truth = picture.truth.filter { members.contains($0.label) && $0.isHuman && !$0.isCrowd }
      let found = picture.found.enumerated().filter { members.contains($0.element.label) && $0.element.score >= score }
        .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
      var calledAs = [String?](repeating: nil, count: truth.count)
      for detection in found {
        let free = truth.indices.filter { calledAs[$0] == nil && truth[$0].box.iou(detection.box) >= 0.5 }
        if let best = free.max(by: { truth[$0].box.iou(detection.box) < truth[$1].box.iou(detection.box) }) {
          calledAs[best] = detection.label
        }
      }
      for (thing, label) in zip(truth, calledAs) {
        if let label {
          counts[thing.label, default: [:]][label, default: 0] += 1
        } else {
          missed[thing.label, default: 0] += 1
        }
      }
    }
  }

  /// The share of found things that were called by their own class; nil for none.
  public var accuracy: Double? {
    let all = counts.values.reduce(0) { $0 + $1.values.reduce(0, +) }
    let right = counts.reduce(0) { $0 + ($1.value[$1.key] ?? 0) }
    return all > 0 ? Double(right) / Double(all) : nil
  }
}
