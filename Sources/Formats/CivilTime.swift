/// A day of the Gregorian calendar.
public struct CivilDate: Sendable, Hashable, Codable, Comparable {
  /// Days since 1970-01-01.
  public let dayNumber: Int

  public init(dayNumber: Int) { self.dayNumber = dayNumber }

  /// Nil where the calendar has no such day or the year is not within 1…9999.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year) else {
      return nil
    }
    // Years that begin in March, so that the leap day comes last; 400 of them are 146,097 days.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    dayNumber = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }

  /// `YYYY-MM-DD`.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = decimalDigits(bytes[0..<4]), let month = decimalDigits(bytes[5..<7]),
      let day = decimalDigits(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  public var components: (year: Int, month: Int, day: Int) {
    let shifted = dayNumber + 719_468
    let era = shifted >= 0 ? shifted / 146_097 : (shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let part = (5 * dayOfYear + 2) / 153
    let month = part < 10 ? part + 3 : part - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
  }

  public var weekday: Weekday {
    // 1970-01-01 was a Thursday.
    let index = (dayNumber + 3) % 7
    return Weekday.allCases[index < 0 ? index + 7 : index]
  }

  /// `YYYY-MM-DD`.
  public var text: String {
    let (year, month, day) = components
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  public static func < (a: CivilDate, b: CivilDate) -> Bool { a.dayNumber < b.dayNumber }
}

/// The days of the week, Monday first.
public enum Weekday: String, Sendable, Hashable, Codable, CaseIterable {
  case monday = "mon"
  case tuesday = "tue"
  case wednesday = "wed"
  case thursday = "thu"
  case friday = "fri"
  case saturday = "sat"
  case sunday = "sun"
}

/// An instant with the distance from UTC that it was written with.
public struct Timestamp: Sendable, Hashable, Codable {
  /// Seconds since 1970-01-01 in UTC.
  public let instant: Double
  /// Minutes east of UTC.
  public let offsetMinutes: Int

  public init(instant: Double, offsetMinutes: Int = 0) {
    self.instant = instant
    self.offsetMinutes = offsetMinutes
  }

  /// ISO 8601 as `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)`; nil for anything else. A leap second counts as the next one.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, let date = CivilDate(String(decoding: bytes[0..<10], as: UTF8.self)),
      bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let hour = decimalDigits(bytes[11..<13]), let minute = decimalDigits(bytes[14..<16]),
      let second = decimalDigits(bytes[17..<19]), hour < 24, minute < 60, second <= 60
    else { return nil }
    var at = 19
    var thousandths = 0
    if bytes[at] == UInt8(ascii: ".") {
      let end = bytes[(at + 1)...].firstIndex { $0 < UInt8(ascii: "0") || $0 > UInt8(ascii: "9") } ?? bytes.count
      guard end > at + 1, let value = decimalDigits(bytes[(at + 1)..<min(end, at + 4)]) else { return nil }
      thousandths = [100, 10, 1][min(end - at - 1, 3) - 1] * value
      at = end
    }
    var offset = 0
    switch bytes[at...].first {
    case UInt8(ascii: "Z") where at + 1 == bytes.count: break
    case UInt8(ascii: "+") where at + 6 == bytes.count, UInt8(ascii: "-") where at + 6 == bytes.count:
      guard bytes[at + 3] == UInt8(ascii: ":"), let hours = decimalDigits(bytes[(at + 1)..<(at + 3)]),
        let minutes = decimalDigits(bytes[(at + 4)..<(at + 6)]), hours <= 18, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (bytes[at] == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
    let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
    self.init(instant: Double(seconds) + Double(thousandths) / 1000, offsetMinutes: offset)
  }

  /// In its own offset; thousandths only where there are any.
  public var text: String { written(thousandths: .whereNeeded) }

  /// In UTC with milliseconds, as live warnings carry it: `2024-05-02T01:00:00.000Z`.
  public static func utc(_ instant: Double) -> String { Timestamp(instant: instant).written(thousandths: .always) }

  private enum Thousandths {
    case always
    case whereNeeded
  }

  private func written(thousandths: Thousandths) -> String {
    let total = Int((instant * 1000).rounded()) + offsetMinutes * 60_000
    let day = total >= 0 ? total / 86_400_000 : (total - 86_399_999) / 86_400_000
    let rest = total - day * 86_400_000
    var text = CivilDate(dayNumber: day).text + "T"
    text += "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2))"
    if thousandths == .always || rest % 1000 > 0 { text += "." + padded(rest % 1000, 3) }
    guard thousandths == .whereNeeded else { return text + "Z" }
    if offsetMinutes == 0 { return text + "Z" }
    let minutes = abs(offsetMinutes)
    return text + (offsetMinutes < 0 ? "-" : "+") + "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
  }
}

/// Digits alone, as a number.
private func decimalDigits(_ bytes: ArraySlice<UInt8>) -> Int? {
  var value = 0
  for byte in bytes {
    guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    value = value * 10 + Int(byte - UInt8(ascii: "0"))
  }
  return value
}

private func padded(_ value: Int, _ width: Int) -> String {
  let text = String(value)
  return String(repeating: "0", count: max(width - text.count, 0)) + text
}

extension CivilDate {
  init(_ reader: ValueReader) throws(FormatError) {
    guard case .string(let text) = reader.value, let date = CivilDate(text) else {
      throw reader.expected("a date such as \"2024-05-01\"")
    }
    self = date
  }
}

extension Timestamp {
  init(_ reader: ValueReader) throws(FormatError) {
    guard case .string(let text) = reader.value, let stamp = Timestamp(text) else {
      throw reader.expected("a time with its distance from UTC such as \"2024-05-02T08:00:00+07:00\"")
    }
    self = stamp
  }
}
