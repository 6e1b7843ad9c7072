/// What a source may cost before it is given up.
public struct Limits: Sendable, Hashable {
  /// Seconds until a source must be open, its streams known: name, connection, log-in and first packets together.
  public var openSeconds = 10.0
  /// Seconds without a packet of the video after which a live source counts as silent.
  public var readSeconds = 10.0
  /// Seconds of packets without one picture decoded after which a live source is given up.
  public var firstPictureSeconds = 60.0
  /// Bytes and seconds that may be read to learn what the streams are.
  public var probeBytes = 5_000_000
  public var probeSeconds = 5.0
  /// Pixels of the largest picture decoded.
  public var maximumPixels = 36_000_000
  /// Bytes of the largest packet taken.
  public var maximumPacketBytes = 16 << 20
  /// Threads a decoder may use.
  public var decoderThreads = 1

  public init() {}
}
