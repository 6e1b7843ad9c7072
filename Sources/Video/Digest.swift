import CFFmpeg

/// The SHA-256 digest (FIPS 180-4) of bytes, as 64 hexadecimal digits in lower case.
public func sha256(_ bytes: [UInt8]) -> String {
  guard let context = av_sha_alloc() else { preconditionFailure("no memory for a digest") }
  defer { av_free(UnsafeMutableRawPointer(context)) }
  av_sha_init(context, 256)
  av_sha_update(context, bytes, bytes.count)
  var digest = [UInt8](repeating: 0, count: 32)
  av_sha_final(context, &digest)
  let digits = Array("0123456789abcdef")
  return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
