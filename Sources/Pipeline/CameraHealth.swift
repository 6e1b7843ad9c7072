public import Video

/// How a live camera is.
public struct CameraHealth: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Not yet a picture.
    case starting
    /// Pictures come and are looked at.
    case live
    /// Pictures come, but something is wrong with them or with how many are looked at.
    case degraded
    /// No pictures; tried again at `retryAt`.
    case offline
  }

  public var state: State
  /// A stable key, such as `frozen-picture` or `wrong-password`; nil while all is well.
  public var reason: String?
  /// One sentence for an operator.
  public var detail: String?
  /// When this state began. This and all other times are seconds since 1970.
  public var since: Double
  public var retryAt: Double?
  public var lastPicture: Double?
  /// Pictures looked at a second, over the last half minute.
  public var picturesPerSecond: Double?

  public init(_ state: State, reason: String? = nil, detail: String? = nil, since: Double) {
    self.state = state
    self.reason = reason
    self.detail = detail
    self.since = since
  }
}

extension VideoError {
  /// A stable key for interfaces: why there is no picture.
  public var reason: String {
    switch kind {
    case .badAddress: "bad-address"
    case .notFound, .unknownPath: "not-found"
    case .notAFile, .empty, .notVideo, .notPicture, .damaged: "no-video"
    case .brokenOff: "broken-off"
    case .noPermission: "no-permission"
    case .noVideoStream: "no-video"
    case .unsupportedCodec: "unsupported-codec"
    case .noPictures: "no-pictures"
    case .tooLarge: "too-large"
    case .refused: "refused"
    case .unauthorized: "wrong-password"
    case .forbidden: "forbidden"
    case .serverError: "server-error"
    case .nameNotFound: "no-such-name"
    case .unreachable: "unreachable"
    case .timedOut: "timed-out"
    case .silent: "silent"
    case .wentAway: "went-away"
    case .stopped: "stopped"
    case .readFailed, .writeFailed, .conversionFailed, .nothingToWrite: "failed"
    }
  }
}
