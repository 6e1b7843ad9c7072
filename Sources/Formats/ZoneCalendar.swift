import Foundation

/// The clock on the wall at a camera: what a time zone's clocks show at an instant.
public struct WallClock: Sendable, Hashable, Codable {
  /// An IANA name such as `Asia/Ho_Chi_Minh`.
  public let name: String
  private let timeZone: TimeZone

  /// Nil where the time zone is not known.
  public init?(timeZone name: String) {
    guard !name.isEmpty, let timeZone = TimeZone(identifier: name) else { return nil }
    self.name = name
    self.timeZone = timeZone
  }

  public static let utc = WallClock(timeZone: "UTC")!

  /// Seconds that the clock is ahead of UTC at an instant (seconds since 1970 in UTC).
  public func offset(at instant: Double) -> Double {
    Double(timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: instant)))
  }

  /// The date and the seconds since midnight that the clock shows.
  public func reading(at instant: Double) -> (date: CivilDate, seconds: Double) {
    let local = instant + offset(at: instant)
    let day = (local / 86_400).rounded(.down)
    return (CivilDate(dayNumber: Int(day)), local - day * 86_400)
  }
}

/// When a zone holds: its schedule, dates, holidays and permits on the wall clock of its camera.
///
/// A window is open whenever the clock on the wall reads a time within it: where clocks are set forward, a window whose start
/// is skipped opens at the jump; where they are set back, a time that is read twice counts twice.
struct ZoneCalendar {
  let schedule: [WeeklyWindow]
  let effective: EffectiveDates?
  let holidays: Holidays?
  let permits: [Permit]
  let clock: WallClock

  /// In days.
  private static let horizon = 35

  init(_ zone: Zone, clock: WallClock) {
    schedule = zone.schedule
    effective = zone.effective
    holidays = zone.holidays
    permits = zone.permits
    self.clock = clock
  }

  var isAlwaysOn: Bool { schedule.isEmpty && effective == nil && holidays == nil && permits.isEmpty }

  func isActive(at instant: Double) -> Bool {
    if permits.contains(where: { $0.covers(instant) }) { return false }
    let (today, seconds) = clock.reading(at: instant)
    if schedule.isEmpty { return holds(today) }
    let yesterday = CivilDate(dayNumber: today.dayNumber - 1)
    return schedule.contains { window in
      let (from, to) = (Double(window.from * 60), Double(window.to * 60))
      guard window.passesMidnight else { return seconds >= from && seconds < to && begins(window, on: today) }
      return seconds >= from && begins(window, on: today) || seconds < to && begins(window, on: yesterday)
    }
  }

  func activity(at instant: Double) -> ZoneActivity {
    if isAlwaysOn { return .always }
    let active = isActive(at: instant)
    let day = 86_400.0
    var since = -Double.infinity
    var until = instant + Double(Self.horizon) * day
    search: for step in 0..<Self.horizon {
      let end = instant - Double(step) * day
      for edge in edges(after: end - day, through: end).reversed() where isActive(at: edge - Self.moment) != active {
        since = edge
        break search
      }
    }
    search: for step in 0..<Self.horizon {
      let start = instant + Double(step) * day
      for edge in edges(after: start, through: start + day) where isActive(at: edge) != active {
        until = edge
        break search
      }
    }
    return ZoneActivity(isActive: active, since: since, until: until)
  }

  /// Half a millisecond: times are written with three decimals.
  private static let moment = 0.0005

  private func holds(_ date: CivilDate) -> Bool {
    (effective?.contains(date) ?? true) && (holidays?.allow(date) ?? true)
  }

  private func begins(_ window: WeeklyWindow, on date: CivilDate) -> Bool {
    window.days.contains(date.weekday) && holds(date)
  }

  /// The instants of a span of about a day at which something may change, in order: a few more than do.
  private func edges(after start: Double, through end: Double) -> [Double] {
    let offsets = (clock.offset(at: start), clock.offset(at: end))
    let local = (start + min(offsets.0, offsets.1), end + max(offsets.0, offsets.1))
    let days = Int((local.0 / 86_400).rounded(.down))...Int((local.1 / 86_400).rounded(.down))
    let readings = Set([0] + schedule.flatMap { [$0.from, $0.to % 1440] })
    var edges = Set(permits.flatMap { [$0.from.instant, $0.to.instant] })
    for day in days {
      for reading in readings {
        let shown = Double(day * 86_400 + reading * 60)
        edges.insert(shown - offsets.0)
        edges.insert(shown - offsets.1)
      }
    }
    if offsets.0 != offsets.1 { edges.insert(clockChange(between: start, and: end)) }
    return edges.filter { $0 > start && $0 <= end }.sorted()
  }

  /// The whole second at which the clock's distance from UTC changes.
  private func clockChange(between first: Double, and last: Double) -> Double {
    let before = clock.offset(at: first)
    var (low, high) = (first.rounded(.down), last.rounded(.up))
    while high - low > 1 {
      let middle = ((low + high) / 2).rounded(.down)
      if clock.offset(at: middle) == before { low = middle } else { high = middle }
    }
    return high
  }
}
