import Formats
import Geometry
import Testing

@Suite("when a zone holds")
struct ZoneCalendarTests {
  let polygon = try! Polygon(Box(x: 0, y: 0, width: 1, height: 1))

  func camera(_ timeZone: String) -> CameraDocument {
    CameraDocument(id: "a", clock: WallClock(timeZone: timeZone)!, frame: .init(width: 1, height: 1))
  }

  func instant(_ text: String) -> Double { Timestamp(text)!.instant }

  /// Whether the zone holds at each time, and since and until when, as texts in UTC.
  func activity(_ zone: Zone, _ time: String, in timeZone: String) -> (active: Bool, since: String?, until: String?) {
    let activity = camera(timeZone).activity(of: zone, at: 0, mediaStart: instant(time))
    func text(_ seconds: Double) -> String? {
      seconds.isFinite ? Timestamp(instant: instant(time) + seconds).text : nil
    }
    return (activity.isActive, text(activity.since), text(activity.until))
  }

  func zone(
    _ schedule: [WeeklyWindow], effective: EffectiveDates? = nil, holidays: Holidays? = nil, permits: [Permit] = []
  ) -> Zone {
    Zone(
      id: "z", kind: .noParking, polygon: polygon, schedule: schedule, effective: effective, holidays: holidays,
      permits: permits)
  }

  func clock(_ hour: Int, _ minute: Int = 0) -> Int { hour * 60 + minute }

  let workdays: Set<Weekday> = [.monday, .tuesday, .wednesday, .thursday, .friday]

  @Test("no schedule means always, and so does a clip without a start")
  func always() {
    #expect(camera("UTC").activity(of: zone([]), at: 5, mediaStart: 0) == .always)
    let never = zone([WeeklyWindow(days: [.monday], from: 0, to: 1)])
    #expect(camera("UTC").activity(of: never, at: 5, mediaStart: nil) == .always)
    #expect(camera("UTC").openSince(never, at: 5, mediaStart: nil) == -.infinity)
  }

  @Test("a daily window opens and closes by the camera's clock")
  func daily() {
    // 2024-05-02 is a Thursday; Viet Nam is seven hours ahead.
    let kerb = zone([WeeklyWindow(days: workdays, from: clock(7), to: clock(20))])
    let inside = activity(kerb, "2024-05-02T08:00:00+07:00", in: "Asia/Ho_Chi_Minh")
    #expect(inside == (true, "2024-05-02T00:00:00Z", "2024-05-02T13:00:00Z"))
    let evening = activity(kerb, "2024-05-03T20:00:00+07:00", in: "Asia/Ho_Chi_Minh")
    // Friday evening until Monday morning.
    #expect(evening == (false, "2024-05-03T13:00:00Z", "2024-05-06T00:00:00Z"))
    #expect(activity(kerb, "2024-05-03T19:59:59.999+07:00", in: "Asia/Ho_Chi_Minh").active)
    #expect(activity(kerb, "2024-05-03T07:00:00+07:00", in: "Asia/Ho_Chi_Minh").active)
    #expect(!activity(kerb, "2024-05-04T12:00:00+07:00", in: "Asia/Ho_Chi_Minh").active)
  }

  @Test("times are on the media clock where a start is given")
  func mediaClock() throws {
    let kerb = zone([WeeklyWindow(from: clock(8), to: clock(9))])
    let start = instant("2024-05-02T07:59:00Z")
    let camera = camera("UTC")
    #expect(camera.openSince(kerb, at: 59.9, mediaStart: start) == nil)
    #expect(camera.openSince(kerb, at: 60, mediaStart: start) == 60)
    #expect(camera.openSince(kerb, at: 3000, mediaStart: start) == 60)
    #expect(camera.activity(of: kerb, at: 3000, mediaStart: start).until == 3660)
  }

  @Test("a window past midnight belongs to the day on which it begins")
  func pastMidnight() {
    let night = zone([WeeklyWindow(days: [.friday], from: clock(22), to: clock(6))])
    // 2024-05-03 is a Friday.
    #expect(!activity(night, "2024-05-03T05:00:00Z", in: "UTC").active)
    #expect(
      activity(night, "2024-05-03T23:00:00Z", in: "UTC") == (true, "2024-05-03T22:00:00Z", "2024-05-04T06:00:00Z"))
    #expect(
      activity(night, "2024-05-04T05:59:00Z", in: "UTC") == (true, "2024-05-03T22:00:00Z", "2024-05-04T06:00:00Z"))
    #expect(!activity(night, "2024-05-04T23:00:00Z", in: "UTC").active)
    // A holiday on Saturday does not cut short the night that began on Friday; one on Friday takes all of it.
    let saturday = Holidays(dates: [CivilDate("2024-05-04")!], rule: .off)
    let friday = Holidays(dates: [CivilDate("2024-05-03")!], rule: .off)
    #expect(activity(zone(night.schedule, holidays: saturday), "2024-05-04T05:00:00Z", in: "UTC").active)
    #expect(!activity(zone(night.schedule, holidays: friday), "2024-05-04T05:00:00Z", in: "UTC").active)
  }

  @Test("windows that touch are one opening")
  func touching() {
    let both = zone([WeeklyWindow(from: clock(8), to: clock(12)), WeeklyWindow(from: clock(12), to: clock(18))])
    #expect(activity(both, "2024-05-02T13:00:00Z", in: "UTC") == (true, "2024-05-02T08:00:00Z", "2024-05-02T18:00:00Z"))
    let allDay = zone([WeeklyWindow(from: 0, to: clock(24))])
    let open = activity(allDay, "2024-05-02T13:00:00Z", in: "UTC")
    #expect(open.active && open.since == nil)
  }

  @Test("holidays rest the schedule, or are the only days on which it holds")
  func holidays() {
    let dates: Set<CivilDate> = [CivilDate("2024-05-01")!]
    let off = zone([], holidays: Holidays(dates: dates, rule: .off))
    let only = zone([], holidays: Holidays(dates: dates, rule: .only))
    #expect(activity(off, "2024-05-01T12:00:00Z", in: "UTC") == (false, "2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z"))
    #expect(activity(only, "2024-05-01T12:00:00Z", in: "UTC") == (true, "2024-05-01T00:00:00Z", "2024-05-02T00:00:00Z"))
    #expect(activity(off, "2024-05-02T12:00:00Z", in: "UTC").since == "2024-05-02T00:00:00Z")
    #expect(!activity(only, "2024-05-02T12:00:00Z", in: "UTC").active)
    // The date is the camera's: in Tokyo the first of May begins nine hours earlier.
    #expect(activity(only, "2024-04-30T16:00:00Z", in: "Asia/Tokyo").active)
  }

  @Test("effective dates include both ends")
  func effective() {
    let dates = EffectiveDates(from: CivilDate("2024-05-01"), to: CivilDate("2024-05-02"))
    let works = zone([], effective: dates)
    #expect(!activity(works, "2024-04-30T23:59:59Z", in: "UTC").active)
    #expect(
      activity(works, "2024-05-01T00:00:00Z", in: "UTC") == (true, "2024-05-01T00:00:00Z", "2024-05-03T00:00:00Z"))
    #expect(!activity(works, "2024-05-03T00:00:00Z", in: "UTC").active)
  }

  @Test("a permit rests the zone for its span, and the dwell begins anew after it")
  func permits() {
    let permit = Permit(from: Timestamp("2024-05-02T06:00:00+07:00")!, to: Timestamp("2024-05-02T09:00:00+07:00")!)
    let market = zone([WeeklyWindow(from: clock(7), to: clock(20))], permits: [permit])
    let city = "Asia/Ho_Chi_Minh"
    #expect(!activity(market, "2024-05-02T08:00:00+07:00", in: city).active)
    #expect(activity(market, "2024-05-02T08:00:00+07:00", in: city).until == "2024-05-02T02:00:00Z")
    #expect(activity(market, "2024-05-02T09:30:00+07:00", in: city).since == "2024-05-02T02:00:00Z")
    let anytime = zone([], permits: [permit])
    #expect(activity(anytime, "2024-05-02T05:00:00+07:00", in: city).until == "2024-05-01T23:00:00Z")
  }

  @Test("a window that the spring change skips opens at the jump")
  func springForward() {
    // Berlin, 2024-03-31: 02:00 becomes 03:00 at 01:00 UTC.
    let early = zone([WeeklyWindow(from: clock(2, 30), to: clock(4))])
    #expect(!activity(early, "2024-03-31T00:59:59Z", in: "Europe/Berlin").active)
    #expect(
      activity(early, "2024-03-31T01:30:00Z", in: "Europe/Berlin") == (
        true, "2024-03-31T01:00:00Z", "2024-03-31T02:00:00Z"
      ))
    let skipped = zone([WeeklyWindow(from: clock(2, 10), to: clock(2, 50))])
    #expect(!activity(skipped, "2024-03-31T01:20:00Z", in: "Europe/Berlin").active)
    #expect(activity(skipped, "2024-03-30T01:20:00Z", in: "Europe/Berlin").active)
    // A night window lasts an hour less.
    let night = zone([WeeklyWindow(from: clock(22), to: clock(6))])
    #expect(
      activity(night, "2024-03-31T01:30:00Z", in: "Europe/Berlin") == (
        true, "2024-03-30T21:00:00Z", "2024-03-31T04:00:00Z"
      ))
  }

  @Test("a time that the autumn change shows twice counts twice")
  func fallBack() {
    // Berlin, 2024-10-27: 03:00 becomes 02:00 at 01:00 UTC.
    let early = zone([WeeklyWindow(from: clock(2, 10), to: clock(2, 50))])
    #expect(
      activity(early, "2024-10-27T00:30:00Z", in: "Europe/Berlin") == (
        true, "2024-10-27T00:10:00Z", "2024-10-27T00:50:00Z"
      ))
    #expect(
      activity(early, "2024-10-27T01:30:00Z", in: "Europe/Berlin") == (
        true, "2024-10-27T01:10:00Z", "2024-10-27T01:50:00Z"
      ))
    #expect(!activity(early, "2024-10-27T00:55:00Z", in: "Europe/Berlin").active)
    let night = zone([WeeklyWindow(from: clock(22), to: clock(6))])
    #expect(
      activity(night, "2024-10-27T01:30:00Z", in: "Europe/Berlin") == (
        true, "2024-10-26T20:00:00Z", "2024-10-27T05:00:00Z"
      ))
  }

  @Test("since and until agree with asking at every minute", arguments: [UInt64(1), 2, 3, 4, 5, 6])
  func agreesWithScan(seed: UInt64) {
    var generator = Seeded(seed)
    let places = ["Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "Asia/Kathmandu"]
    for _ in 0..<12 {
      let place = places.randomElement(using: &generator)!
      let windows = (0..<Int.random(in: 0...3, using: &generator)).map { _ -> WeeklyWindow in
        let from = Int.random(in: 0..<1440, using: &generator)
        let to = (from + Int.random(in: 1..<1440, using: &generator)) % 1440
        return WeeklyWindow(
          days: Set(Weekday.allCases.filter { _ in Bool.random(using: &generator) }), from: from, to: to)
      }
      // Around the changes of clocks in 2024.
      let centre = instant(
        ["2024-03-31T01:00:00Z", "2024-10-27T01:00:00Z", "2024-03-10T07:00:00Z", "2024-04-06T15:00:00Z"]
          .randomElement(using: &generator)!)
      let permitStart = centre + Double(Int.random(in: -3000...3000, using: &generator)) * 60
      let permit = Permit(from: Timestamp(instant: permitStart), to: Timestamp(instant: permitStart + 7200))
      let subject = zone(windows, permits: Bool.random(using: &generator) ? [permit] : [])
      let camera = camera(place)
      let begin = centre - 3 * 86_400
      let states = (0..<(6 * 1440)).map {
        camera.isActive(subject, at: Double($0 * 60), mediaStart: begin)
      }
      for _ in 0..<20 {
        let minute = Int.random(in: 0..<states.count, using: &generator)
        let activity = camera.activity(of: subject, at: Double(minute * 60), mediaStart: begin)
        var first = minute
        while first > 0, states[first - 1] == states[minute] { first -= 1 }
        var next = minute
        while next < states.count, states[next] == states[minute] { next += 1 }
        if first > 0 { #expect(activity.since == Double(first * 60)) } else { #expect(activity.since <= 0) }
        if next < states.count {
          #expect(activity.until == Double(next * 60))
        } else {
          #expect(activity.until >= Double(states.count * 60 - 60))
        }
      }
    }
  }

  @Test("dates and days of the week follow the calendar")
  func calendar() {
    #expect(CivilDate("1970-01-01")?.dayNumber == 0)
    #expect(CivilDate("2000-02-29")?.dayNumber == 11_016)
    #expect(CivilDate("1900-02-29") == nil)
    #expect(CivilDate("2024-05-02")?.weekday == .thursday)
    #expect(CivilDate("2024-13-01") == nil)
    #expect(CivilDate("2024-5-1") == nil)
    for day in stride(from: -800_00, to: 80_000, by: 13) {
      let date = CivilDate(dayNumber: day)
      #expect(CivilDate(date.text) == date)
    }
  }

  @Test("times keep the distance from UTC that they were written with")
  func timestamps() {
    for text in [
      "2024-05-02T08:00:00+07:00", "2024-05-02T08:00:00Z", "2017-12-18T10:24:37-05:00", "2024-05-02T08:00:00.250+05:45",
    ] {
      #expect(Timestamp(text)?.text == text)
    }
    #expect(Timestamp("2024-05-02T08:00:00+07:00")?.instant == 1_714_611_600)
    #expect(Timestamp.utc(1_714_611_600.0004) == "2024-05-02T01:00:00.000Z")
    #expect(Timestamp.utc(1_714_611_599.9996) == "2024-05-02T01:00:00.000Z")
    for text in [
      "2024-05-02", "2024-05-02T08:00:00", "2024-05-02T24:00:00Z", "2024-05-02T08:60:00Z", "2024-05-02T08:00:00.Z",
      "2024-05-02T08:00:00+0700",
    ] {
      #expect(Timestamp(text) == nil)
    }
  }
}
