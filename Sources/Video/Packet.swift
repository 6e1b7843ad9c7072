import CFFmpeg

/// One compressed picture as it came, to decode or to keep.
///
/// Unchecked: a handle to C memory that is filled before it is wrapped, and only read from then on.
public final class Packet: @unchecked Sendable {
  let raw: UnsafeMutablePointer<AVPacket>
  let parameters: CodecParameters
  /// When the picture is shown, in seconds on the source's clock, whose 0 is the first keyframe; nil where the stream does
  /// not say. Straightened: it never jumps back.
  public let time: Double?
  /// When the picture is decoded, in seconds on the same clock; never falls.
  public let decodingTime: Double
  /// How long the picture is shown, in seconds; the usual distance where the stream does not say.
  public let duration: Double
  /// Decoding can begin here.
  public let isKeyframe: Bool

  init(
    adopting raw: UnsafeMutablePointer<AVPacket>, parameters: CodecParameters, time: Double?, decodingTime: Double,
    duration: Double
  ) {
    self.raw = raw
    self.parameters = parameters
    self.time = time
    self.decodingTime = decodingTime
    self.duration = duration
    isKeyframe = raw.pointee.flags & AV_PKT_FLAG_KEY != 0
  }

  /// Size of the compressed picture.
  public var byteCount: Int { Int(raw.pointee.size) }

  /// The picture is needed to decode others and is not shown itself.
  var isDiscarded: Bool { raw.pointee.flags & AV_PKT_FLAG_DISCARD != 0 }
  /// Part of the packet is missing or was damaged on the way.
  var isCorrupt: Bool { raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }

  deinit {
    var pointer: UnsafeMutablePointer<AVPacket>? = raw
    av_packet_free(&pointer)
  }
}

/// What a decoder or a container must know of a stream; shared by its packets.
///
/// Unchecked: a handle to C memory that is filled before it is wrapped, and only read from then on.
final class CodecParameters: @unchecked Sendable {
  let raw: UnsafeMutablePointer<AVCodecParameters>
  let timeBase: AVRational
  /// The usual rate of pictures; nil when unknown.
  let pictureRate: Double?
  let orientation: Orientation
  let sampleAspectRatio: AVRational

  init?(
    copying parameters: UnsafePointer<AVCodecParameters>, timeBase: AVRational, pictureRate: Double?,
    orientation: Orientation, sampleAspectRatio: AVRational
  ) {
    guard let raw = avcodec_parameters_alloc() else { return nil }
    self.raw = raw
    self.timeBase = timeBase
    self.pictureRate = pictureRate
    self.orientation = orientation
    self.sampleAspectRatio = sampleAspectRatio
    guard avcodec_parameters_copy(raw, parameters) >= 0 else { return nil }
  }

  func seconds(_ ticks: Int64) -> Double { FFmpeg.seconds(ticks, timeBase) }

  deinit {
    var pointer: UnsafeMutablePointer<AVCodecParameters>? = raw
    avcodec_parameters_free(&pointer)
  }
}
