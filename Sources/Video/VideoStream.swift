/// What is known of a source's pictures once it is open.
public struct VideoStream: Sendable, Hashable {
  /// The codec's short name: `h264`, `hevc`, `mjpeg`, `mpeg4` …
  public let codec: String
  /// The container's or protocol's short name: `mp4`, `mpegts`, `rtsp` …
  public let container: String
  /// Columns and rows as displayed upright, before the sample aspect ratio; 0 when only a decoded picture will tell.
  public let width: Int
  public let height: Int
  /// Pictures a second, as the container says or the first seconds show; nil when unknown.
  public let pictureRate: Double?
  /// Seconds of a recording, as its container says; nil when unknown or live.
  public let duration: Double?
  /// Pictures come at the source's pace and cannot be read again.
  public let isLive: Bool
}
