import Foundation
import Yams

/// `warden.yaml`, with overrides from the environment: what the service needs to know before it starts.
public struct ServiceConfiguration: Sendable, Hashable {
  /// How long decided things are kept, in seconds; nil for ever.
  public struct Retention: Sendable, Hashable {
    public var undecided: Double?
    public var rejected: Double? = 30 * 86_400
    public var closed: Double? = 365 * 86_400
  }

  /// Address and port, such as `127.0.0.1:8080` or `[::1]:8080`.
  public var listen = "127.0.0.1:8080"
  public var dataFolder = "./warden-data"
  /// Files that may serve as cameras; nil: none.
  public var mediaFolder: String?
  /// Networks in which cameras may be; empty: private ones. Loopback only where it is listed.
  public var cameraNetworks: [AddressRange] = []
  /// Nil: `warden.key` in the data folder.
  public var keyFile: String?
  /// A model package; nil: the one that is shipped.
  public var model: String?
  /// Pictures that are looked at side by side.
  public var threads = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
  /// The console's language where a person has not chosen: `zh` or `en`.
  public var language = "en"
  public var retention = Retention()
  /// Minutes per stage of a case; `respond` is from alert to dispatch.
  public var budgets: [String: Double] = ["respond": 30]

  public init() {}

  public var keyPath: String { keyFile ?? dataFolder + "/warden.key" }

  /// Reads a file (nil: defaults) and the environment over it.
  ///
  /// - Throws: the first thing that is wrong, with file and line, or the variable's name.
  public init(file: String?, environment: [String: String]) throws(ServiceError) {
    if let file {
      guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8) else {
        throw .input("\(file) cannot be read")
      }
      try read(text, file: file)
    }
    try override(environment)
    try check()
  }

  /// Reads YAML text; relative paths are the file's own folder's.
  package mutating func read(_ text: String, file: String) throws(ServiceError) {
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw .input("\(file): \(Self.sentence(error))")
    } catch { throw .input("\(file) is no YAML: \(error)") }
    guard let root else { return }
    guard case .mapping(let mapping) = root else {
      throw .input("\(file), line \(Self.line(root)): keys with values are expected, such as listen: 127.0.0.1:8080")
    }
    let folder = file.contains("/") ? String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) : "."
    for (key, value) in mapping {
      let place = "\(file), line \(Self.line(value))"
      guard let name = key.string else { throw .input("\(place): a key is expected") }
      do throws(Problem) {
        switch name {
        case "cameraNetworks":
          guard case .sequence(let items) = value else { throw Problem("a list of networks such as [10.0.0.0/8]") }
          cameraNetworks = []
          for item in items { cameraNetworks.append(try Self.network(try Self.text(item))) }
        case "retention":
          guard case .mapping(let parts) = value else { throw Problem("{undecided, rejected, closed}") }
          for (part, span) in parts { try setRetention(part.string ?? "", try Self.text(span)) }
        case "budgets":
          guard case .mapping(let parts) = value else { throw Problem("minutes by stage, such as {respond: 30}") }
          for (part, minutes) in parts { try setBudget(part.string ?? "", try Self.text(minutes)) }
        default: try set(name, try Self.text(value), relativeTo: folder)
        }
      } catch { throw .input("\(place): \(name): \(error.expected) is expected") }
    }
  }

  private mutating func override(_ environment: [String: String]) throws(ServiceError) {
    for (variable, value) in environment.sorted(by: { $0.key < $1.key }) {
      guard let name = Self.variables[variable] else { continue }
      do throws(Problem) {
        switch name {
        case "cameraNetworks":
          cameraNetworks = []
          for item in value.split(whereSeparator: { $0 == "," || $0 == " " }) {
            cameraNetworks.append(try Self.network(String(item)))
          }
        case "retention.undecided", "retention.rejected", "retention.closed":
          try setRetention(String(name.dropFirst("retention.".count)), value)
        case "budgets.respond": try setBudget("respond", value)
        default: try set(name, value, relativeTo: ".")
        }
      } catch { throw .input("\(variable): \(error.expected) is expected") }
    }
  }

  static let variables: [String: String] = [
    "WARDEN_LISTEN": "listen", "WARDEN_DATA_FOLDER": "dataFolder", "WARDEN_MEDIA_FOLDER": "mediaFolder",
    "WARDEN_CAMERA_NETWORKS": "cameraNetworks", "WARDEN_KEY_FILE": "keyFile", "WARDEN_MODEL": "model",
    "WARDEN_THREADS": "threads", "WARDEN_LANGUAGE": "language", "WARDEN_RETENTION_UNDECIDED": "retention.undecided",
    "WARDEN_RETENTION_REJECTED": "retention.rejected", "WARDEN_RETENTION_CLOSED": "retention.closed",
    "WARDEN_BUDGETS_RESPOND": "budgets.respond",
  ]

  /// What was expected where something else stood.
  private struct Problem: Error {
    let expected: String
    init(_ expected: String) { self.expected = expected }
  }

  private mutating func set(_ name: String, _ text: String, relativeTo folder: String) throws(Problem) {
    func path() -> String { text.hasPrefix("/") || folder == "." ? text : folder + "/" + text }
    switch name {
    case "listen":
      listen = text
      guard endpoint != nil else { throw Problem("address:port, such as 127.0.0.1:8080") }
    case "dataFolder": dataFolder = path()
    case "mediaFolder": mediaFolder = path()
    case "keyFile": keyFile = path()
    case "model": model = path()
    case "threads":
      guard let count = Int(text), (1...256).contains(count) else { throw Problem("a number from 1 to 256") }
      threads = count
    case "language":
      guard text == "zh" || text == "en" else { throw Problem("zh or en") }
      language = text
    default:
      throw Problem(
        "one of listen, dataFolder, mediaFolder, cameraNetworks, keyFile, model, threads, language, retention, budgets")
    }
  }

  private mutating func setRetention(_ part: String, _ text: String) throws(Problem) {
    let seconds = try Self.span(text)
    switch part {
    case "undecided": retention.undecided = seconds
    case "rejected": retention.rejected = seconds
    case "closed": retention.closed = seconds
    default: throw Problem("one of undecided, rejected, closed")
    }
  }

  private mutating func setBudget(_ part: String, _ text: String) throws(Problem) {
    guard ["respond", "handled", "verified"].contains(part), let minutes = Double(text), minutes > 0, minutes < 1e6
    else { throw Problem("minutes for respond, handled or verified") }
    budgets[part] = minutes
  }

  /// `never`, or a number of days `d` or hours `h`.
  private static func span(_ text: String) throws(Problem) -> Double? {
    if text == "never" { return nil }
    guard let number = Double(text.dropLast()), number > 0, let unit = text.last, unit == "d" || unit == "h" else {
      throw Problem("never, or a span such as 30d or 12h")
    }
    return number * (unit == "d" ? 86_400 : 3600)
  }

  private static func network(_ text: String) throws(Problem) -> AddressRange {
    guard let range = AddressRange(text) else { throw Problem("a network such as 10.20.0.0/16") }
    return range
  }

  private static func text(_ node: Node) throws(Problem) -> String {
    guard case .scalar(let scalar) = node else { throw Problem("one value") }
    return scalar.string
  }

  private static func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

  private static func sentence(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    default: "\(error)"
    }
  }

  private func check() throws(ServiceError) {
    if let mediaFolder {
      var isFolder = ObjCBool(false)
      guard FileManager.default.fileExists(atPath: mediaFolder, isDirectory: &isFolder), isFolder.boolValue else {
        throw .input("mediaFolder: \(mediaFolder) is no folder")
      }
    }
  }

  /// Host and port of `listen`.
  package var endpoint: (host: String, port: Int)? {
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = String(listen[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return host.isEmpty ? nil : (host, port)
  }
}
