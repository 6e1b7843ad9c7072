import CSodium
import Dispatch
import Foundation

/// What must not be read by others: stored passwords, log-ins' hashes, tokens. All of it by libsodium.
public struct Secrets: Sendable {
  private let key: [UInt8]

  /// - Parameter key: 32 bytes.
  package init(key: [UInt8]) {
    precondition(key.count == Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES), "a key of 32 bytes")
    precondition(sodium_init() >= 0, "libsodium starts")
    self.key = key
  }

  /// Reads the key file, or makes it, readable by its owner alone.
  public init(keyFile path: String) throws(ServiceError) {
    precondition(sodium_init() >= 0, "libsodium starts")
    let count = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    if FileManager.default.fileExists(atPath: path) {
      guard let data = FileManager.default.contents(atPath: path) else {
        throw .outside("\(path) cannot be read; the key that encrypts stored passwords is in it")
      }
      guard data.count == count else { throw .input("\(path) is no key file of warden (\(count) bytes)") }
      key = Array(data)
      return
    }
    key = Self.random(count)
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(key), attributes: [.posixPermissions: 0o600])
    else { throw .outside("\(path) cannot be written; the key that encrypts stored passwords belongs there") }
  }

  /// Encrypts a text so that only `place` (a camera's id) can have it decrypted: XChaCha20-Poly1305, nonce in front.
  package func seal(_ text: String, for place: String) -> [UInt8] {
    let nonce = Self.random(Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES))
    let message = Array(text.utf8)
    let data = Array(place.utf8)
    var sealed = [UInt8](repeating: 0, count: message.count + Int(crypto_aead_xchacha20poly1305_ietf_ABYTES))
    var length: UInt64 = 0
    crypto_aead_xchacha20poly1305_ietf_encrypt(
      &sealed, &length, message, UInt64(message.count), data, UInt64(data.count), nil, nonce, key)
    return nonce + sealed[..<Int(length)]
  }

  /// - Returns: nil where the key, the place or a byte is another.
  package func open(_ sealed: [UInt8], for place: String) -> String? {
    let (head, tag) = (
      Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES), Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)
    )
    guard sealed.count >= head + tag else { return nil }
    let nonce = Array(sealed[..<head])
    let body = Array(sealed[head...])
    let data = Array(place.utf8)
    var message = [UInt8](repeating: 0, count: max(1, body.count - tag))
    var length: UInt64 = 0
    let code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      &message, &length, nil, body, UInt64(body.count), data, UInt64(data.count), nonce, key)
    return code == 0 ? String(decoding: message[..<Int(length)], as: UTF8.self) : nil
  }

  // MARK: tokens

  package static func random(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    randombytes_buf(&bytes, count)
    return bytes
  }

  /// 192 random bits for a cookie or a header.
  package static func token() -> String {
    Data(random(24)).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
  }

  /// A password to be read out and typed: 16 letters and digits that are not mistaken for each other, 79 bits.
  package static func password() -> String {
    let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
    let text = random(16).map { letters[Int($0) % letters.count] }
    return stride(from: 0, to: 16, by: 4).map { String(text[$0..<$0 + 4]) }.joined(separator: "-")
  }

  /// What is stored of a token.
  package static func digest(_ token: String) -> [UInt8] {
    let bytes = Array(token.utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    crypto_generichash(&digest, digest.count, bytes, UInt64(bytes.count), nil, 0)
    return digest
  }

  /// Takes the same time wherever the texts differ.
  package static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    return a.count == b.count && sodium_memcmp(a, b, a.count) == 0
  }
}

/// Hashes log-ins' passwords with Argon2id (RFC 9106) at OWASP's parameters: 19 MiB, two passes.
///
/// One at a time on a thread of its own: many log-ins at once cost neither memory nor others' time.
public final class PasswordHasher: Sendable {
  private let queue = DispatchQueue(label: "passwords")
  private static let passes: UInt64 = 2
  private static let memory = 19 << 20
  /// Checked in an unknown user's place, so that both take the same time.
  private let decoy: String

  public init() {
    precondition(sodium_init() >= 0, "libsodium starts")
    decoy = Self.hash("no password at all")
  }

  /// The hash with its salt and parameters, as text.
  package func hash(_ password: String) async -> String { await run { Self.hash(password) } }

  /// Whether a password is the hashed one; nil for an unknown user.
  package func verify(_ password: String, _ hash: String?) async -> Bool {
    let known = hash != nil
    let hash = hash ?? decoy
    return await run {
      let bytes = Self.prepared(password)
      return crypto_pwhash_str_verify(hash, bytes, UInt64(bytes.count)) == 0 && known
    }
  }

  /// Whether a hash was made with other parameters than today's.
  package func needsRehash(_ hash: String) -> Bool {
    crypto_pwhash_str_needs_rehash(hash, Self.passes, Self.memory) != 0
  }

  /// Why a password will not do; nil where it does.
  package static func objection(_ password: String, name: String) -> String? {
    let count = password.unicodeScalars.count
    if count < 10 || count > 128 { return "a password has 10 to 128 characters" }
    if password.lowercased().contains(name.lowercased()) { return "a password does not contain the user's name" }
    let common = ["password", "12345678", "qwerty", "11111111", "00000000", "iloveyou", "admin"]
    let lowered = password.lowercased()
    if common.contains(where: { lowered.hasPrefix($0) }) || Set(lowered).count < 4 {
      return "this password is among the first that anyone would try"
    }
    return nil
  }

  private func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
  }

  /// Normalised, so that two keyboards that write the same letter give the same bytes.
  private static func prepared(_ password: String) -> [CChar] {
    password.precomposedStringWithCompatibilityMapping.utf8.map { CChar(bitPattern: $0) }
  }

  private static func hash(_ password: String) -> String {
    let bytes = prepared(password)
    var text = [CChar](repeating: 0, count: crypto_pwhash_strbytes())
    let code = crypto_pwhash_str(&text, bytes, UInt64(bytes.count), passes, memory)
    precondition(code == 0, "19 MiB of memory for hashing a password")
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
