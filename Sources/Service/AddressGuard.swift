import Foundation
import Glibc
import Synchronization
package import Video

/// Decides where a camera's address may point, before anything is opened there.
///
/// A name is resolved once, every address that it has is judged, and the one that was judged is the one that is opened. A file
/// is named, never reached by a path.
package struct AddressGuard: Sendable {
  private let networks: [AddressRange]
  private let mediaFolder: String?
  private let resolve: @Sendable (String) async -> [IPAddress]

  /// - Parameter networks: empty means private networks, loopback excepted.
  package init(
    networks: [AddressRange], mediaFolder: String?,
    resolve: @escaping @Sendable (String) async -> [IPAddress] = AddressGuard.system
  ) {
    self.networks = networks
    self.mediaFolder = mediaFolder
    self.resolve = resolve
  }

  /// Refused wherever networks reach: nothing there is a camera.
  private static let never = [
    "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8", "2001:db8::/32", "fd00:ec2::/32",
  ].map { AddressRange($0)! }
  private static let loopback = ["127.0.0.0/8", "::1/128"].map { AddressRange($0)! }
  private static let usual = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"]
    .map { AddressRange($0)! }

  /// Whether a camera may be at an address.
  package func allows(_ address: IPAddress) -> Bool {
    if Self.never.contains(where: { $0.contains(address) }) { return false }
    let allowed = networks.isEmpty ? Self.usual : networks
    if Self.loopback.contains(where: { $0.contains(address) }) {
      // Not by a network that happens to hold it, such as 0.0.0.0/0.
      return networks.contains { range in
        range.contains(address) && Self.loopback.contains { $0.holds(range) }
      }
    }
    return allowed.contains { $0.contains(address) }
  }

  /// The address to open for what a person entered.
  ///
  /// - Throws: `.badAddress` in the same words whatever is or is not there, so that nobody can look round the network by it.
  package func check(
    _ url: String, user: String?, password: String?
  ) async throws(VideoError) -> SourceAddress {
    if url.hasPrefix("file:") { return try file(String(url.dropFirst(5))) }
    guard url.contains("://") else {
      throw VideoError(
        .badAddress("begins with none of rtsp://, rtsps://, http://, https:// and file:"), source: "address")
    }
    let address = try SourceAddress(url, user: user, password: password)
    guard address.isNetwork else {
      throw VideoError(
        .badAddress("begins with none of rtsp://, rtsps://, http://, https:// and file:"), source: "address")
    }
    let found = IPAddress(address.host).map { [$0] }
    let addresses: [IPAddress] = if let found { found } else { await resolve(address.host) }
    guard let first = addresses.first else { throw VideoError(.nameNotFound, source: address.description) }
    guard addresses.allSatisfy({ allows($0) }) else {
      throw VideoError(
        .badAddress("is not in a network where cameras may be (cameraNetworks in warden.yaml)"),
        source: address.description)
    }
    // The judged address in the name's place: asked again, the name might answer otherwise.
    let host = first.bytes.count == 16 ? "[\(first)]" : first.description
    let port = address.port.map { ":\($0)" } ?? ""
    return try SourceAddress(
      "\(address.scheme.rawValue)://\(host)\(port)\(address.path)", user: address.user,
      password: address.password)
  }

  private func file(_ name: String) throws(VideoError) -> SourceAddress {
    let shown = "file:" + name
    guard let mediaFolder else {
      throw VideoError(.badAddress("names a file, but there is no mediaFolder in warden.yaml"), source: "file:")
    }
    guard !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 255,
      name.unicodeScalars.allSatisfy({ $0 != "/" && $0 != "\\" && $0.value >= 0x20 && $0.value != 0x7f })
    else { throw VideoError(.badAddress("names a file by more than its name"), source: "file:") }
    let path = mediaFolder + "/" + name
    // Not through a link: it might lead out of the folder.
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    guard type == .typeRegular else {
      throw VideoError(.notFound, source: shown)
    }
    return try SourceAddress("file:" + path)
  }

  /// All addresses of a name, as the system answers within five seconds.
  package static let system: @Sendable (String) async -> [IPAddress] = { name in
    await withCheckedContinuation { (continuation: CheckedContinuation<[IPAddress], Never>) in
      let once = Once(continuation)
      // A name's look-up heeds no deadline: after it the thread is left to itself.
      Thread.detachNewThread { once.resume(lookUp(name)) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 5) { once.resume([]) }
    }
  }

  private static func lookUp(_ name: String) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var result: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &result) == 0 else { return [] }
    defer { freeaddrinfo(result) }
    var found: [IPAddress] = []
    var next = result
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        let literal = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // A zone (`fe80::1%eth0`) says which link; such an address is refused whichever it is.
        if let address = IPAddress(String(literal.prefix { $0 != "%" })) { found.append(address) }
      }
      next = entry.ai_next
    }
    return found
  }
}

/// Resumes a continuation at the first call alone.
private final class Once: Sendable {
  private let continuation: Mutex<CheckedContinuation<[IPAddress], Never>?>

  init(_ continuation: CheckedContinuation<[IPAddress], Never>) { self.continuation = Mutex(continuation) }

  func resume(_ value: [IPAddress]) {
    continuation.withLock { $0.take() }?.resume(returning: value)
  }
}
