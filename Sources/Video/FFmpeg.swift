import CFFmpeg
import Glibc

/// The libraries' process-wide settings and small conversions.
enum FFmpeg {
  /// Set once, before the first call into the libraries: their log goes nowhere, and no single allocation passes 512 MiB.
  static let prepared: Void = {
    warden_silence_log()
    av_max_alloc(512 << 20)
  }()

  /// The libraries' own words for an error.
  static func words(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
    guard av_strerror(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func name(of codec: AVCodecID) -> String {
    String(cString: avcodec_get_name(codec))
  }

  static func value(_ rational: AVRational) -> Double? {
    rational.den > 0 && rational.num > 0 ? Double(rational.num) / Double(rational.den) : nil
  }

  /// Ticks in seconds, rounded once.
  static func seconds(_ ticks: Int64, _ timeBase: AVRational) -> Double {
    Double(ticks) * Double(timeBase.num) / Double(max(timeBase.den, 1))
  }

  /// The value, or nil for the libraries' "no timestamp".
  static func timestamp(_ value: Int64) -> Int64? {
    value == warden_nopts ? nil : value
  }
}

/// Seconds of the machine's monotonic clock.
func monotonicSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
}
