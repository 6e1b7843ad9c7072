/// A time of day on some days of the week, by the clock on the wall.
///
/// Where `to` is before `from` the window passes midnight and belongs to the day on which it begins.
public struct WeeklyWindow: Sendable, Hashable, Codable {
  public var days: Set<Weekday>
  /// Minutes since midnight, 0…1439.
  public var from: Int
  /// Minutes since midnight, 0…1440, not equal to `from`; the window ends as this minute begins.
  public var to: Int

  public init(days: Set<Weekday> = Set(Weekday.allCases), from: Int, to: Int) {
    self.days = days
    self.from = from
    self.to = to
  }

  public var passesMidnight: Bool { to < from }
}

/// The dates on which a zone holds, both included; nil leaves that end open.
public struct EffectiveDates: Sendable, Hashable, Codable {
  public var from: CivilDate?
  public var to: CivilDate?

  public init(from: CivilDate? = nil, to: CivilDate? = nil) {
    self.from = from
    self.to = to
  }

  public func contains(_ date: CivilDate) -> Bool {
    if let from, date < from { return false }
    if let to, date > to { return false }
    return true
  }
}

/// Dates on which the schedule rests, or on which alone it holds.
public struct Holidays: Sendable, Hashable, Codable {
  public enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
    /// The schedule rests on these dates.
    case off
    /// The schedule holds on these dates alone.
    case only
  }

  public var dates: Set<CivilDate>
  public var rule: Rule

  public init(dates: Set<CivilDate>, rule: Rule) {
    self.dates = dates
    self.rule = rule
  }

  public func allow(_ date: CivilDate) -> Bool { dates.contains(date) == (rule == .only) }
}

/// A span in which the zone rests: from `from` up to but without `to`.
public struct Permit: Sendable, Hashable, Codable {
  public var from: Timestamp
  public var to: Timestamp
  public var reason: String?

  public init(from: Timestamp, to: Timestamp, reason: String? = nil) {
    self.from = from
    self.to = to
    self.reason = reason
  }

  public func covers(_ instant: Double) -> Bool { instant >= from.instant && instant < to.instant }
}

/// Whether a zone holds at a moment, since when and until when.
public struct ZoneActivity: Sendable, Hashable, Codable {
  public var isActive: Bool
  /// Since when it has been so: the opening where active. Minus infinity where nothing changed in the 35 days before.
  public var since: Double
  /// Until when it stays so: the answer may be kept up to that time. Never more than 35 days ahead where there is a calendar.
  public var until: Double

  public init(isActive: Bool, since: Double, until: Double) {
    self.isActive = isActive
    self.since = since
    self.until = until
  }

  /// A zone without a calendar.
  public static let always = ZoneActivity(isActive: true, since: -.infinity, until: .infinity)
}

extension WeeklyWindow {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a window {days, from, to}") { window throws(FormatError) in
      var days = Set(Weekday.allCases)
      if let list = window.optional("days") {
        days = Set(
          try list.array("a list of days such as \"mon\"", count: 1...7) { day throws(FormatError) in
            try day.choice(Weekday.self)
          })
      }
      let from = try Self.minutes(window.required("from", "a time of day such as \"07:00\""), upTo: 1439)
      let end = try window.required("to", "a time of day such as \"20:00\"")
      let to = try Self.minutes(end, upTo: 1440)
      guard from != to else {
        throw end.fail("must differ from \"from\"; a whole day is \"00:00\" to \"24:00\"")
      }
      return WeeklyWindow(days: days, from: from, to: to)
    }
  }

  private static func minutes(_ reader: ValueReader, upTo most: Int) throws(FormatError) -> Int {
    let wrong = reader.expected(
      "a time of day such as \"07:00\"\(most == 1440 ? " up to \"24:00\"" : " up to \"23:59\"")")
    guard case .string(let text) = reader.value else { throw wrong }
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":"),
      [0, 1, 3, 4].allSatisfy({ bytes[$0] >= UInt8(ascii: "0") && bytes[$0] <= UInt8(ascii: "9") })
    else { throw wrong }
    let digits = bytes.map { Int($0) - 48 }
    let minute = digits[3] * 10 + digits[4]
    let total = (digits[0] * 10 + digits[1]) * 60 + minute
    guard minute < 60, total <= most else { throw wrong }
    return total
  }

  var node: JSONNode {
    func clock(_ minutes: Int) -> JSONNode {
      let (hour, minute) = (minutes / 60, minutes % 60)
      return .string((hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)")
    }
    let names = Weekday.allCases.filter(days.contains).map(\.rawValue)
    return .object(["days": .strings(names), "from": clock(from), "to": clock(to)])
  }
}

extension EffectiveDates {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("dates {from, to}") { dates throws(FormatError) in
      let from = try dates.nullable("from").map { reader throws(FormatError) in try CivilDate(reader) }
      let end = dates.nullable("to")
      let to = try end.map { reader throws(FormatError) in try CivilDate(reader) }
      if let from, let to, let end, to < from { throw end.fail("must not be before \"from\"") }
      return EffectiveDates(from: from, to: to)
    }
  }

  var node: JSONNode {
    .object(["from": from.map { .string($0.text) } ?? .null, "to": to.map { .string($0.text) } ?? .null])
  }
}

extension Holidays {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("holidays {dates, rule}") { holidays throws(FormatError) in
      let dates = try holidays.required("dates", "a list of dates")
        .array("a list of dates", count: 0...10_000) { date throws(FormatError) in try CivilDate(date) }
      let rule = try holidays.required("rule", "\"off\" or \"only\"").choice(Rule.self)
      return Holidays(dates: Set(dates), rule: rule)
    }
  }

  var node: JSONNode { .object(["dates": .strings(dates.sorted().map(\.text)), "rule": .string(rule.rawValue)]) }
}

extension Permit {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a permit {from, to, reason}") { permit throws(FormatError) in
      let from = try Timestamp(permit.required("from", "a time with its distance from UTC"))
      let end = try permit.required("to", "a time with its distance from UTC")
      let to = try Timestamp(end)
      guard to.instant > from.instant else { throw end.fail("must be after \"from\"") }
      let reason = try permit.nullable("reason").map { text throws(FormatError) in try text.prose() }
      return Permit(from: from, to: to, reason: reason)
    }
  }

  var node: JSONNode {
    .members(["from": .string(from.text), "to": .string(to.text), "reason": reason.map(JSONNode.string)])
  }
}
