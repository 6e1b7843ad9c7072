import Glibc

/// An IP address as its bytes: 4, or 16 with every IPv4 address in IPv6's clothes undressed.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
  public let bytes: [UInt8]

  /// - Parameter bytes: 4 or 16 of them.
  init(_ bytes: [UInt8]) { self.bytes = Self.inner(bytes) ?? bytes }

  /// A literal as the system reads it, so that `127.1` and `0x7f000001` are what they mean.
  public init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET6, text, &six) == 1 {
      self.init(withUnsafeBytes(of: &six) { Array($0) })
    } else if inet_aton(text, &four) != 0 {
      self.init(withUnsafeBytes(of: &four) { Array($0) })
    } else {
      return nil
    }
  }

  /// The IPv4 address within ::ffff:a.b.c.d, ::a.b.c.d, 64:ff9b::/96, 2002::/16 (6to4) and 2001::/32 (Teredo).
  private static func inner(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count == 16 else { return nil }
    let zeros = bytes[..<10].allSatisfy { $0 == 0 }
    if zeros, bytes[10] == 0xff, bytes[11] == 0xff { return Array(bytes[12...]) }
    // ::1 and :: are IPv6's own.
    if zeros, bytes[10] == 0, bytes[11] == 0, bytes[12...].contains(where: { $0 != 0 }), bytes[12] != 0 {
      return Array(bytes[12...])
    }
    if bytes.starts(with: [0, 0x64, 0xff, 0x9b]), bytes[4..<12].allSatisfy({ $0 == 0 }) { return Array(bytes[12...]) }
    if bytes.starts(with: [0x20, 0x02]) { return Array(bytes[2..<6]) }
    if bytes.starts(with: [0x20, 0x01, 0, 0]) { return bytes[12...].map { ~$0 } }
    return nil
  }

  public var description: String {
    guard bytes.count == 16 else { return bytes.map { String($0) }.joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
      .joined(separator: ":")
  }
}

/// A network in CIDR notation; an address alone is a network of one.
public struct AddressRange: Sendable, Hashable {
  private let bytes: [UInt8]
  private let length: Int

  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return nil }
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, String(parts[0]), &four) == 1 {
      bytes = withUnsafeBytes(of: &four) { Array($0) }
    } else if inet_pton(AF_INET6, String(parts[0]), &six) == 1 {
      bytes = withUnsafeBytes(of: &six) { Array($0) }
    } else {
      return nil
    }
    let most = bytes.count * 8
    if parts.count == 2 {
      guard let length = Int(parts[1]), (0...most).contains(length) else { return nil }
      self.length = length
    } else {
      length = most
    }
  }

  public func contains(_ address: IPAddress) -> Bool { contains(address.bytes) }

  /// Whether another network lies within this one.
  public func holds(_ other: AddressRange) -> Bool { other.length >= length && contains(other.bytes) }

  private func contains(_ other: [UInt8]) -> Bool {
    guard other.count == bytes.count else { return false }
    for index in 0..<length where (bytes[index / 8] ^ other[index / 8]) & (0x80 >> UInt8(index % 8)) != 0 {
      return false
    }
    return true
  }
}
