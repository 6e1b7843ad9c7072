import Geometry
public import Observation

/// What the rules read of one sampled picture, and the picture itself for people.
public struct ObservedPicture: Sendable, Hashable {
  public var observation: Observation
  /// A JPEG at most 640 wide, privacy zones black.
  public var still: [UInt8]

  public init(observation: Observation, still: [UInt8]) {
    self.observation = observation
    self.still = still
  }
}

/// Some pictures as bytes: numbers little-endian, thumbnails packed one against the other.
package enum ObservationChunk {
  package static func bytes(_ pictures: [ObservedPicture]) -> [UInt8] {
    var out = ByteWriter()
    out.put(UInt64(pictures.count))
    var last: Thumbnail?
    for picture in pictures {
      out.put(picture.observation.time.bitPattern)
      out.put(UInt64(picture.observation.detections.count))
      for detection in picture.observation.detections {
        out.put(Array(detection.label.utf8))
        let box = detection.box
        for value in [detection.score, box.x, box.y, box.width, box.height] { out.put(value.bitPattern) }
      }
      if let thumbnail = picture.observation.thumbnail {
        let before = last.flatMap { $0.width == thumbnail.width && $0.height == thumbnail.height ? $0 : nil }
        out.put(UInt64(thumbnail.width))
        out.put(UInt64(thumbnail.height))
        var planes = PlaneEncoder()
        planes.write(thumbnail.luma, width: thumbnail.width, previous: before?.luma)
        planes.write(thumbnail.blueDifference, width: thumbnail.width, previous: before?.blueDifference)
        planes.write(thumbnail.redDifference, width: thumbnail.width, previous: before?.redDifference)
        planes.finish()
        out.put(planes.bytes)
        last = thumbnail
      } else {
        out.put(UInt64(0))
      }
      out.put(picture.still)
    }
    return out.bytes
  }

  /// Nil for bytes that are no chunk.
  package static func pictures(_ bytes: [UInt8]) -> [ObservedPicture]? {
    var reader = ByteReader(bytes)
    guard let count = reader.count() else { return nil }
    var pictures: [ObservedPicture] = []
    var last: Thumbnail?
    for _ in 0..<count {
      guard let time = reader.double(), let detectionCount = reader.count() else { return nil }
      var detections: [Detection] = []
      for _ in 0..<detectionCount {
        guard let label = reader.list(), let score = reader.double(), let x = reader.double(), let y = reader.double(),
          let width = reader.double(), let height = reader.double()
        else { return nil }
        detections.append(
          Detection(
            label: String(decoding: label, as: UTF8.self), score: score,
            box: Box(x: x, y: y, width: width, height: height)))
      }
      var observation = Observation(time: time, detections: detections)
      guard let width = reader.count() else { return nil }
      if width > 0 {
        guard let height = reader.count(), height > 0, width * height <= 1 << 20, let packed = reader.list() else {
          return nil
        }
        let before = last.flatMap { $0.width == width && $0.height == height ? $0 : nil }
        var planes = PlaneDecoder(packed, from: 0)
        let luma = planes.read(width: width, height: height, previous: before?.luma)
        let blue = planes.read(width: width, height: height, previous: before?.blueDifference)
        let red = planes.read(width: width, height: height, previous: before?.redDifference)
        last = Thumbnail(width: width, height: height, luma: luma, blueDifference: blue, redDifference: red)
        observation.thumbnail = last
      }
      guard let still = reader.list() else { return nil }
      pictures.append(ObservedPicture(observation: observation, still: still))
    }
    return reader.isAtEnd ? pictures : nil
  }
}

private struct ByteWriter {
  var bytes: [UInt8] = []

  mutating func put(_ value: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func put(_ list: [UInt8]) {
    put(UInt64(list.count))
    bytes += list
  }
}

private struct ByteReader {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func word() -> UInt64? {
    guard at + 8 <= bytes.count else { return nil }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[at + index]) << UInt64(8 * index) }
    at += 8
    return value
  }

  mutating func double() -> Double? { word().map { Double(bitPattern: $0) } }

  /// A count that the bytes left could hold.
  mutating func count() -> Int? {
    guard let value = word(), value <= UInt64(bytes.count) else { return nil }
    return Int(value)
  }

  mutating func list() -> [UInt8]? {
    guard let count = count(), at + count <= bytes.count else { return nil }
    defer { at += count }
    return Array(bytes[at..<(at + count)])
  }
}
