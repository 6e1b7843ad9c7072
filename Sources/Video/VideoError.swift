/// Why a video or a picture could not be opened, read or written.
///
/// The description is one sentence that names the source (never its password) and says what to do or look at.
public struct VideoError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: Hashable, Sendable {
    /// The address cannot be used; the reason completes "the address …".
    case badAddress(String)
    /// No such file.
    case notFound
    /// The path is a folder, a device or a socket.
    case notAFile
    /// The file holds no bytes.
    case empty
    /// The system forbids reading the file.
    case noPermission
    /// The bytes are no video in a format that is read.
    case notVideo
    /// The bytes are no picture in a format that is read.
    case notPicture
    /// The file breaks off before anything can be shown.
    case brokenOff
    /// A picture file is damaged or cut short.
    case damaged
    /// There are streams but none of pictures.
    case noVideoStream
    /// The pictures are in a codec that is not decoded.
    case unsupportedCodec(String)
    /// The stream was read and not one picture could be decoded.
    case noPictures
    /// A picture or packet is larger than the limit.
    case tooLarge(String)
    /// Nobody listens at the address.
    case refused
    /// User name or password are missing or wrong.
    case unauthorized
    /// The server knows the user and forbids the stream.
    case forbidden
    /// The server does not know the path.
    case unknownPath
    /// The server answered with an error, or with another address, which is not followed.
    case serverError
    /// The host's name has no address.
    case nameNotFound
    /// No route to the host, or the network is down.
    case unreachable
    /// No connection within so many seconds.
    case timedOut(seconds: Double)
    /// Connected, but no picture for so many seconds.
    case silent(seconds: Double)
    /// The source ended the connection.
    case wentAway
    /// The source was stopped by its owner.
    case stopped
    /// The disk or the file system failed.
    case readFailed(String)
    /// A file could not be written.
    case writeFailed(String)
    /// A picture could not be encoded or converted; the programme's limits, not the input's.
    case conversionFailed(String)
    /// There is nothing to write: no keyframe in the wanted span.
    case nothingToWrite
  }

  public let kind: Kind
  /// The file or the address without user name, password and query.
  public let source: String

  public init(_ kind: Kind, source: String) {
    self.kind = kind
    self.source = source
  }

  /// Whether the input or the command line is at fault (exit code 2) rather than something outside (3).
  public var isInputFault: Bool {
    switch kind {
    case .badAddress, .notFound, .notAFile, .empty, .notVideo, .notPicture, .brokenOff, .damaged, .noVideoStream,
      .unsupportedCodec, .noPictures, .tooLarge, .unauthorized, .forbidden, .unknownPath, .nothingToWrite:
      true
    case .noPermission, .refused, .serverError, .nameNotFound, .unreachable, .timedOut, .silent, .wentAway, .stopped,
      .readFailed, .writeFailed, .conversionFailed:
      false
    }
  }

  /// Whether trying again later, with nothing changed here, may succeed.
  public var mayPass: Bool {
    switch kind {
    case .refused, .serverError, .nameNotFound, .unreachable, .timedOut, .silent, .wentAway, .unknownPath, .readFailed,
      .noPictures, .notVideo, .noVideoStream:
      true
    default: false
    }
  }

  public var description: String {
    switch kind {
    case .badAddress(let reason): "\(source): the address \(reason)"
    case .notFound: "\(source): no such file"
    case .notAFile: "\(source): this is not a file"
    case .empty: "\(source): the file is empty"
    case .noPermission: "\(source): no permission to read it"
    case .notVideo: "\(source): this is no video that can be read"
    case .notPicture: "\(source): this is no picture that can be read (JPEG, PNG, WebP, BMP, GIF)"
    case .brokenOff: "\(source): the file breaks off before its first picture or its index; copy it again"
    case .damaged: "\(source): the picture is damaged or cut short"
    case .noVideoStream: "\(source): there is no video in it"
    case .unsupportedCodec(let codec):
      "\(source): its codec \(codec) is not decoded; set the camera to H.264, H.265, MPEG-4 or MJPEG"
    case .noPictures: "\(source): not one picture in it could be decoded"
    case .tooLarge(let what): "\(source): \(what)"
    case .refused: "\(source): the connection was refused; is the camera on, and the port right?"
    case .unauthorized: "\(source): user name or password are missing or wrong (401)"
    case .forbidden: "\(source): this user may not see the stream (403)"
    case .unknownPath: "\(source): the server does not know this path (404)"
    case .serverError: "\(source): the server answered with an error, or points to another address (give that one)"
    case .nameNotFound: "\(source): the host's name is not known"
    case .unreachable: "\(source): the host cannot be reached"
    case .timedOut(let seconds): "\(source): no answer within \(VideoError.written(seconds)) s"
    case .silent(let seconds): "\(source): connected, but no picture for \(VideoError.written(seconds)) s"
    case .wentAway: "\(source): the source ended the connection"
    case .stopped: "\(source): stopped"
    case .readFailed(let reason): "\(source): reading failed: \(reason)"
    case .writeFailed(let reason): "\(source): cannot be written: \(reason)"
    case .conversionFailed(let reason): "\(source): the picture cannot be converted: \(reason)"
    case .nothingToWrite: "\(source): no picture to write in this span"
    }
  }

  private static func written(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? String(Int(clamping: Int64(seconds))) : String((seconds * 10).rounded() / 10)
  }
}
