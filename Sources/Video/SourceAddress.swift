/// Where a video comes from: a file, or an address of one of five schemes.
///
/// The text is parsed here and nowhere else. User name and password end at the last `@` before the path, may hold any
/// character there, plain or percent-encoded, and never appear in `description`.
public struct SourceAddress: Sendable, Hashable, CustomStringConvertible {
  public enum Scheme: String, Sendable, Hashable, CaseIterable {
    case file, rtsp, rtsps, http, https
  }

  public let scheme: Scheme
  /// The host of a network address, an IPv6 literal without brackets; empty for a file.
  public let host: String
  /// The port as given.
  public let port: Int?
  /// The path of a file, or path, query and all of a network address from the first slash on.
  public let path: String
  package let user: String?
  package let password: String?

  /// Reads a path, `file:PATH`, or `rtsp://`, `rtsps://`, `http://`, `https://`; `user` and `password` win over those in
  /// the text.
  public init(_ text: String, user: String? = nil, password: String? = nil) throws(VideoError) {
    guard !text.isEmpty else { throw VideoError(.badAddress("is empty"), source: "source") }
    guard let separator = text.firstIndex(of: ":"), let scheme = SourceAddress.networkScheme(text, separator) else {
      let path =
        text.hasPrefix("file://")
        ? String(text.dropFirst(7)) : text.hasPrefix("file:") ? String(text.dropFirst(5)) : text
      if let colons = SourceAddress.schemeLike(text), colons != "file" {
        throw VideoError(
          .badAddress("begins with \(colons)://; file names, rtsp, rtsps, http and https are read"),
          source: "\(colons)://…")
      }
      guard !path.isEmpty, !path.utf8.contains(0) else {
        throw VideoError(.badAddress("is no file name"), source: "file:")
      }
      self.scheme = .file
      self.path = path
      host = ""
      port = nil
      self.user = nil
      self.password = nil
      return
    }
    let rest = text[text.index(separator, offsetBy: 3)...]
    let shown = "\(scheme.rawValue)://…"
    guard rest.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f && $0 != "\\" }) else {
      throw VideoError(.badAddress("holds white space, a backslash or a control character"), source: shown)
    }
    // A password may hold "/", "?" and "#": the authority ends at the first slash behind the last "@" whose right side
    // reads as a host, else at the first slash.
    var (credentials, remainder) = SourceAddress.splitCredentials(rest)
    let authorityEnd = remainder.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? remainder.endIndex
    var authority = remainder[..<authorityEnd]
    remainder = remainder[authorityEnd...]
    var port: Int?
    let host: Substring
    if authority.first == "[" {
      guard let bracket = authority.firstIndex(of: "]") else {
        throw VideoError(.badAddress("has an opening bracket without a closing one"), source: shown)
      }
      host = authority[authority.index(after: authority.startIndex)..<bracket]
      authority = authority[authority.index(after: bracket)...]
      guard !host.isEmpty, host.utf8.allSatisfy({ SourceAddress.isHexadecimal($0) || $0 == 0x3a || $0 == 0x2e }) else {
        throw VideoError(.badAddress("has no IPv6 address in its brackets"), source: shown)
      }
    } else {
      let end = authority.firstIndex(of: ":") ?? authority.endIndex
      host = authority[..<end]
      authority = authority[end...]
      guard !host.isEmpty, host.utf8.allSatisfy(SourceAddress.isHostByte) else {
        throw VideoError(.badAddress("has no valid host name"), source: shown)
      }
    }
    if !authority.isEmpty {
      guard authority.first == ":", let number = Int(authority.dropFirst()), (1...65535).contains(number),
        authority.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) })
      else { throw VideoError(.badAddress("has a port that is no number from 1 to 65535"), source: shown) }
      port = number
    }
    self.scheme = scheme
    self.host = String(host)
    self.port = port
    path = remainder.isEmpty ? "/" : remainder.first == "/" ? String(remainder) : "/" + remainder
    let colon = credentials?.firstIndex(of: ":")
    let foundUser = credentials.map { text in SourceAddress.decoded(colon.map { text[..<$0] } ?? text) }
    let foundPassword = colon.flatMap { colon in
      credentials.map { SourceAddress.decoded($0[$0.index(after: colon)...]) }
    }
    credentials = nil
    self.user = user ?? foundUser
    self.password = password ?? (user == nil ? foundPassword : nil)
  }

  /// Pictures come at the camera's pace and cannot be read again. An HTTP source is only known to be live once it is open.
  public var isNetwork: Bool { scheme != .file }

  /// The address to show: without user name, password and query.
  public var description: String {
    guard isNetwork else { return path }
    let shownPath = path.prefix { $0 != "?" && $0 != "#" }
    return
      "\(scheme.rawValue)://\(bracketedHost)\(port.map { ":\($0)" } ?? "")\(shownPath)\(shownPath.count < path.count ? "?…" : "")"
  }

  /// The address as libavformat is to open it, rebuilt from the checked parts; holds the password.
  package var opened: String {
    guard isNetwork else { return path }
    var text = scheme.rawValue + "://"
    if let user {
      text += SourceAddress.encoded(user)
      if let password { text += ":" + SourceAddress.encoded(password) }
      text += "@"
    }
    let withoutFragment = path.prefix { $0 != "#" }
    return text + bracketedHost + (port.map { ":\($0)" } ?? "") + withoutFragment
  }

  private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

  private static func networkScheme(_ text: String, _ separator: String.Index) -> Scheme? {
    guard text[separator...].hasPrefix("://"), let scheme = Scheme(rawValue: text[..<separator].lowercased()),
      scheme != .file
    else { return nil }
    return scheme
  }

  /// The word before `://`, if the text begins like an address.
  private static func schemeLike(_ text: String) -> String? {
    guard let separator = text.firstIndex(of: ":"), text[separator...].hasPrefix("://") else { return nil }
    let word = text[..<separator]
    guard !word.isEmpty, word.utf8.allSatisfy({ ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || $0 == 0x2b }) else {
      return nil
    }
    return word.lowercased()
  }

  private static func splitCredentials(_ rest: Substring) -> (Substring?, Substring) {
    // Try each "@", the last one first, whose right side begins with a host and an optional port.
    var at = rest.lastIndex(of: "@")
    let firstSlash = rest.firstIndex(of: "/") ?? rest.endIndex
    while let candidate = at {
      let right = rest[rest.index(after: candidate)...]
      let authority = right.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
      let left = rest[..<candidate]
      // An "@" in the path belongs to the path, unless what stands before the first slash is no host.
      let leftIsHost = candidate > firstSlash && looksLikeHost(rest[..<firstSlash])
      if looksLikeHost(authority), !leftIsHost { return (left, right) }
      at = left.lastIndex(of: "@")
    }
    return (nil, rest)
  }

  private static func looksLikeHost(_ authority: Substring) -> Bool {
    if authority.first == "[" { return authority.contains("]") }
    let end = authority.firstIndex(of: ":") ?? authority.endIndex
    let host = authority[..<end]
    let port = authority[end...].dropFirst()
    return !host.isEmpty && host.utf8.allSatisfy(isHostByte) && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte == 0x2d || byte == 0x2e || byte == 0x5f
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }

  /// Percent-decoded; a `%` without two hexadecimal digits behind it stands for itself.
  private static func decoded(_ text: Substring) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, index + 2 < bytes.count, isHexadecimal(bytes[index + 1]),
        isHexadecimal(bytes[index + 2]),
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        result.append(value)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
      if isHostByte(byte) {
        result.append(byte)
      } else {
        result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
