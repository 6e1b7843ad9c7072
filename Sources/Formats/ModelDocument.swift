/// How a picture is fitted to the network's input.
public enum Resizing: String, Sendable, Hashable, Codable, CaseIterable {
  case stretch
  case letterbox
}

/// The order of an input's channels.
public enum ChannelOrder: String, Sendable, Hashable, Codable, CaseIterable {
  case rgb
  case bgr
}

/// Where a letterboxed picture lies within the input.
public enum LetterboxAnchor: String, Sendable, Hashable, Codable, CaseIterable {
  case centre
  case topLeft = "top-left"
}

/// How a network's output is to be decoded.
public enum HeadKind: String, Sendable, Hashable, Codable, CaseIterable {
  case nanodetPlus = "nanodet-plus"
  case picodet
  case yolox
  case yolov8

  /// Whether box sides come as distributions over `regMax + 1` bins.
  public var hasDistributions: Bool { self == .nanodetPlus || self == .picodet }
}

/// Whether an output's scores have been through the sigmoid.
public enum ScoreKind: String, Sendable, Hashable, Codable, CaseIterable {
  case activated
  case logits
}

/// A threshold for all classes, with exceptions by class name.
public struct ClassThreshold: Sendable, Hashable, Codable {
  public var standard: Double
  public var byClass: [String: Double]

  public init(_ standard: Double, byClass: [String: Double] = [:]) {
    self.standard = standard
    self.byClass = byClass
  }

  public subscript(label: String) -> Double { byClass[label] ?? standard }
}

/// `model.json`: a detector package.
public struct ModelDocument: Document, Hashable {
  public static let schema = "warden.model/1"

  /// What the network takes: x = (v − mean) · scale for v in 0…255, in the order of `channels`.
  public struct Input: Sendable, Hashable, Codable {
    /// In pixels.
    public var width: Int
    public var height: Int
    public var resize: Resizing
    public var channels: ChannelOrder
    public var mean: [Double]
    public var scale: [Double]
    /// The graph's input; nil is its only one.
    public var name: String?
    /// Sides must divide by it.
    public var multiple: Int?
    public var anchor: LetterboxAnchor
    /// Grey value of the letterbox's margin.
    public var pad: Double

    public init(
      width: Int, height: Int, resize: Resizing, channels: ChannelOrder, mean: [Double], scale: [Double],
      name: String? = nil,
      multiple: Int? = nil, anchor: LetterboxAnchor = .centre, pad: Double = 114
    ) {
      self.width = width
      self.height = height
      self.resize = resize
      self.channels = channels
      self.mean = mean
      self.scale = scale
      self.name = name
      self.multiple = multiple
      self.anchor = anchor
      self.pad = pad
    }
  }

  /// What the network gives.
  public struct Head: Sendable, Hashable, Codable {
    public var kind: HeadKind
    public var strides: [Int]
    /// Boxes' sides are distributions over `regMax + 1` bins; nil where they are not.
    public var regMax: Int?
    /// The graph's output; nil is its only one.
    public var output: String?
    public var scores: ScoreKind
    /// A cell's centre is (index + cellOffset) × stride.
    public var cellOffset: Double

    public init(
      kind: HeadKind, strides: [Int], regMax: Int? = nil, output: String? = nil, scores: ScoreKind, cellOffset: Double
    ) {
      self.kind = kind
      self.strides = strides
      self.regMax = regMax
      self.output = output
      self.scores = scores
      self.cellOffset = cellOffset
    }
  }

  public struct Thresholds: Sendable, Hashable, Codable {
    /// A detection counts above it.
    public var score: ClassThreshold
    /// Detections from here up feed the tracker's second stage.
    public var low: ClassThreshold
    /// A detection is dropped above this overlap with a better one of its class.
    public var nms: ClassThreshold
    /// Per class and picture.
    public var maxDetections: Int

    public init(
      score: ClassThreshold, low: ClassThreshold = ClassThreshold(0.1), nms: ClassThreshold, maxDetections: Int = 100
    ) {
      self.score = score
      self.low = low
      self.nms = nms
      self.maxDetections = maxDetections
    }
  }

  public var name: String
  public var version: String?
  /// The weights' file within the package's folder.
  public var file: String
  /// Of that file, 64 hexadecimal digits.
  public var sha256: String
  public var licence: String?
  public var classes: [String]
  public var groups: [String: [String]]
  public var input: Input
  public var head: Head
  public var thresholds: Thresholds
  public var calibration: [EventType: Calibration]
  /// The least calibrated score that warns; a type that is absent has 0.
  public var warningThresholds: [EventType: Double]
  /// Free, kept as it was read.
  public var origin: JSONValue?
  public internal(set) var warnings: [String] = []

  public init(
    name: String, version: String? = nil, file: String, sha256: String, licence: String? = nil, classes: [String],
    groups: [String: [String]], input: Input, head: Head, thresholds: Thresholds,
    calibration: [EventType: Calibration] = [:], warningThresholds: [EventType: Double] = [:], origin: JSONValue? = nil
  ) {
    self.name = name
    self.version = version
    self.file = file
    self.sha256 = sha256
    self.licence = licence
    self.classes = classes
    self.groups = groups
    self.input = input
    self.head = head
    self.thresholds = thresholds
    self.calibration = calibration
    self.warningThresholds = warningThresholds
    self.origin = origin
  }

  public var reference: ModelReference { ModelReference(name: name, sha256: sha256) }

  /// The look-up of names in zones.
  public var classGroups: ClassGroups { ClassGroups(model: name, classes: classes, groups: groups) }
}
