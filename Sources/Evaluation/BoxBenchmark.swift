public import Formats
public import Geometry
import Statistics

/// Scores a detector's boxes in labelled pictures.
///
/// A class counts in the pictures that label it without exception, against boxes that people drew; crowd regions absorb what
/// lies on them. A group of classes is one class, with non-maximum suppression over the group. Sizes are the square root of a
/// box's area in the picture scaled to 832 pixels wide; what is outside the size asked for is neither found nor missed.
public struct BoxBenchmark: Sendable {
  /// A picture with its truth and with what a detector found, in pixels.
  public struct Picture: Sendable {
    public var width: Int
    public var labelled: Set<String>?
    public var truth: [COCODocument.Annotation]
    public var found: [Found]

    public init(width: Int, labelled: Set<String>?, truth: [COCODocument.Annotation], found: [Found]) {
      self.width = width
      self.labelled = labelled
      self.truth = truth
      self.found = found
    }
  }

  public struct Found: Sendable, Hashable {
    public var label: String
    public var score: Double
    /// In pixels.
    public var box: Box

    public init(label: String, score: Double, box: Box) {
      self.label = label
      self.score = score
      self.box = box
    }
  }

  /// What is measured: one class or a group of classes as one, and which sizes count.
  public struct Measure: Sendable, Hashable {
    public var name: String
    public var members: [String]
    public var sizes: ClosedRange<Double>
    public var overlap: Double

    public init(_ name: String, members: [String], sizes: ClosedRange<Double> = 0 ... .infinity, overlap: Double = 0.5)
    {
      self.name = name
      self.members = members
      self.sizes = sizes
      self.overlap = overlap
    }
  }

  /// Precision and recall where everything from a score up counts.
  public struct OperatingPoint: Sendable, Hashable {
    public var score: Double
    public var precision: Double?
    public var recall: Double
    public var falsePerPicture: Double
  }

  public struct Result: Sendable, Hashable {
    public var measure: Measure
    /// Objects that count.
    public var count: Int
    public var pictures: Int
    /// COCO's 101-point average precision at the measure's overlap; nil for no objects.
    public var averagePrecision: Double?
    /// The mean over overlaps 0.5, 0.55 … 0.95.
    public var averagePrecision5095: Double?
    /// The highest recall at a precision of at least 0.9, and the lowest score there.
    public var recallAtPrecision90: Double?
    public var scoreAtPrecision90: Double?
    public var operatingPoints: [OperatingPoint]
  }

  /// Classes whose crowd regions absorb for each other.
  public var interchangeable: Set<String>
  /// Suppression within a group.
  public var suppression: Double
  public var mostPerPicture: Int

  public init(
    interchangeable: Set<String> = ["car", "bus", "truck"], suppression: Double = 0.6, mostPerPicture: Int = 1000
  ) {
    self.interchangeable = interchangeable
    self.suppression = suppression
    self.mostPerPicture = mostPerPicture
  }

  /// Each class that the truth has, each group of several of them, and both by size.
  public static func measures(classes: [String], groups: [String: [String]]) -> [Measure] {
    let sizes: [(String, ClosedRange<Double>)] = [
      ("", 0 ... .infinity), (", under 16 px", 0...16), (", 16 to 32 px", 16...32), (", 32 to 96 px", 32...96),
      (", over 96 px", 96 ... .infinity),
    ]
    let known = Set(classes)
    let several = groups.filter { $0.value.count > 1 && known.isSuperset(of: $0.value) }.sorted { $0.key < $1.key }
    return (classes.map { ($0, [$0]) } + several.map { ("any \($0.key)", $0.value) }).flatMap { name, members in
      sizes.map { Measure(name + $0.0, members: members, sizes: $0.1) }
    }
  }

  /// Joins the truth with what was found, by file name.
  ///
  /// - Throws: where a picture of the truth was not looked at, or could not be read.
  public static func pictures(_ truth: COCODocument, _ found: DetectionsDocument) throws(EvaluationError) -> [Picture] {
    var byFile: [String: [DetectionRecord]] = [:]
    for picture in found.pictures {
      if case .read(_, _, let detections) = picture.outcome { byFile[picture.file] = detections }
    }
    var result: [Picture] = []
    for picture in truth.pictures {
      guard let detections = byFile[picture.file] else {
        throw EvaluationError("the picture \(picture.file) was not looked at or could not be read")
      }
      let (width, height) = (Double(picture.width), Double(picture.height))
      result.append(
        Picture(
          width: picture.width, labelled: picture.labelled, truth: picture.annotations,
          found: detections.map { detection in
            let box = detection.box
            return Found(
              label: detection.label, score: detection.score,
              box: Box(x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height))
          }))
    }
    return result
  }

  public func score(_ pictures: [Picture], _ measure: Measure) -> Result {
    let rows = pictures.filter { picture in picture.labelled.map { $0.isSuperset(of: measure.members) } ?? true }
      .map { row($0, measure) }
    let count = rows.reduce(0) { $0 + $1.truth.count { !$0.isIgnored } }
    let main = hits(rows, measure: measure, overlap: measure.overlap)
    let flags = main.map(\.right)
    var mean: Double?
    if count > 0 {
      let steps = (0..<10).map { 0.5 + Double($0) * 0.05 }
      let values = steps.map { step in
        PrecisionRecallCurve.averagePrecision101(
          hits(rows, measure: measure, overlap: step).map(\.right), positives: count)!
      }
      mean = values.reduce(0, +) / 10
    }
    var result = Result(
      measure: measure, count: count, pictures: rows.count,
      averagePrecision: PrecisionRecallCurve.averagePrecision101(flags, positives: count), averagePrecision5095: mean,
      recallAtPrecision90: count > 0 ? 0 : nil, scoreAtPrecision90: nil, operatingPoints: [])
    guard count > 0 else { return result }
    var right = 0
    for (index, hit) in main.enumerated() {
      if hit.right { right += 1 }
      if Double(right) / Double(index + 1) >= 0.9 {
        result.recallAtPrecision90 = max(result.recallAtPrecision90!, Double(right) / Double(count))
        result.scoreAtPrecision90 = hit.score
      }
    }
    result.operatingPoints = (1...19).map { step in
      let score = Double(step) * 0.05
      let taken = main.prefix { $0.score >= score }
      let right = taken.count { $0.right }
      return OperatingPoint(
        score: score, precision: taken.isEmpty ? nil : Double(right) / Double(taken.count),
        recall: Double(right) / Double(count), falsePerPicture: Double(taken.count - right) / Double(max(rows.count, 1))
      )
    }
    return result
  }

  private struct Object {
    var box: Box
    var isCrowd: Bool
    var isIgnored: Bool
  }

  private struct Row {
    var scale: Double
    var truth: [Object]
    /// By falling score, after suppression.
    var found: [Found]
  }

  private func row(_ picture: Picture, _ measure: Measure) -> Row {
    let scale = 832 / Double(picture.width)
    let members = Set(measure.members)
    let crowds = measure.members.first.map(interchangeable.contains) == true ? interchangeable : members
    let truth = picture.truth.filter { object in
      members.contains(object.label) && object.isHuman || object.isCrowd && crowds.contains(object.label)
    }.map { object in
      Object(
        box: object.box, isCrowd: object.isCrowd,
        isIgnored: object.isCrowd || !counts(object.box, scale, measure))
    }
    // Stable, so that equal scores keep the detector's order.
    let sorted = picture.found.enumerated().filter { members.contains($0.element.label) }
      .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
    var kept: [Found] = []
    for candidate in sorted where kept.count < mostPerPicture {
      if measure.members.count > 1, kept.contains(where: { $0.box.iou(candidate.box) > suppression }) { continue }
      kept.append(candidate)
    }
    return Row(scale: scale, truth: truth, found: kept)
  }

  private func counts(_ box: Box, _ scale: Double, _ measure: Measure) -> Bool {
    let size = box.area.squareRoot() * scale
    return size >= measure.sizes.lowerBound
      && (size < measure.sizes.upperBound || measure.sizes.upperBound == .infinity)
  }

  /// Right or wrong by falling score over all pictures; what is absorbed or of another size is left out.
  private func hits(_ rows: [Row], measure: Measure, overlap: Double) -> [(score: Double, right: Bool)] {
    var hits: [(score: Double, right: Bool)] = []
    for row in rows {
      var isTaken = [Bool](repeating: false, count: row.truth.count)
      for found in row.found {
        var best: (index: Int, value: Double)?
        var absorbed = false
        for (index, object) in row.truth.enumerated() {
          guard let shared = found.box.intersection(object.box)?.area else { continue }
          let whole = object.isCrowd ? found.box.area : found.box.area + object.box.area - shared
          let value = shared / max(whole, 1e-9)
          guard value >= overlap else { continue }
          if object.isIgnored {
            absorbed = true
          } else if !isTaken[index], value > best?.value ?? -1 {
            best = (index, value)
          }
        }
        if let best {
          isTaken[best.index] = true
          hits.append((found.score, true))
        } else if !absorbed, counts(found.box, row.scale, measure) {
          hits.append((found.score, false))
        }
      }
    }
    return hits.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.map(\.element)
  }

  /// The results as a document `warden.boxes/1`, with the state of groups of things whose classes are states.
  public static func json(
    _ results: [Result], states: [String: StateTable] = [:], model: ModelReference
  ) -> [UInt8] {
    JSONWriter.document(
      .object([
        "schema": .string("warden.boxes/1"),
        "states": .object(
          states.mapValues { table in
            .object([
              "accuracy": .score(table.accuracy), "missed": .object(table.missed.mapValues(JSONNode.integer)),
              "calledAs": .object(table.counts.mapValues { .object($0.mapValues(JSONNode.integer)) }),
            ])
          }),
        "model": .object(["name": .string(model.name), "sha256": .string(model.sha256)]),
        "measures": .array(
          results.map { result in
            .object([
              "name": .string(result.measure.name), "classes": .strings(result.measure.members),
              "objects": .integer(result.count), "pictures": .integer(result.pictures),
              "overlap": .score(result.measure.overlap), "averagePrecision": .score(result.averagePrecision),
              "averagePrecision5095": .score(result.averagePrecision5095),
              "recallAtPrecision90": .score(result.recallAtPrecision90),
              "scoreAtPrecision90": .score(result.scoreAtPrecision90),
              "operatingPoints": .array(
                result.operatingPoints.map {
                  .array([.score($0.score), .score($0.precision), .score($0.recall), .score($0.falsePerPicture)])
                }),
            ])
          }),
      ]))
  }
}
