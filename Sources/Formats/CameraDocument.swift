public import Geometry

/// What kind of thing is wrong.
public enum EventType: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  case illegalParking = "illegal-parking"
  case streetVending = "street-vending"
  case binOverflow = "bin-overflow"

  public static func < (a: EventType, b: EventType) -> Bool { a.rawValue < b.rawValue }
}

/// What holds in a zone.
public enum ZoneKind: String, Sendable, Hashable, Codable, CaseIterable {
  case noParking = "no-parking"
  case permittedParking = "permitted-parking"
  case noVending = "no-vending"
  case permittedVending = "permitted-vending"
  case bin
  case ignore
  case privacy

  /// What is raised in the zone, if anything.
  public var eventType: EventType? {
    switch self {
    case .noParking: .illegalParking
    case .noVending: .streetVending
    case .bin: .binOverflow
    case .permittedParking, .permittedVending, .ignore, .privacy: nil
    }
  }

  /// Overlaps resolve in this order, the lowest first: privacy, ignore, permitted, forbidden.
  public var precedence: Int {
    switch self {
    case .privacy: 0
    case .ignore: 1
    case .permittedParking, .permittedVending: 2
    case .noParking, .noVending, .bin: 3
    }
  }
}

/// A part of the picture with a rule.
public struct Zone: Sendable, Hashable, Codable {
  public var id: String
  public var name: String?
  public var kind: ZoneKind
  public var polygon: Polygon
  /// As written in the document; `dwell` has the default.
  public var dwellSeconds: Double?
  /// Names of groups or classes as written in the document; `watched` has the default.
  public var classes: [String]?
  /// Empty means always.
  public var schedule: [WeeklyWindow]
  public var effective: EffectiveDates?
  public var holidays: Holidays?
  public var permits: [Permit]

  public init(
    id: String, name: String? = nil, kind: ZoneKind, polygon: Polygon, dwellSeconds: Double? = nil,
    classes: [String]? = nil,
    schedule: [WeeklyWindow] = [], effective: EffectiveDates? = nil, holidays: Holidays? = nil, permits: [Permit] = []
  ) {
    self.id = id
    self.name = name
    self.kind = kind
    self.polygon = polygon
    self.dwellSeconds = dwellSeconds
    self.classes = classes
    self.schedule = schedule
    self.effective = effective
    self.holidays = holidays
    self.permits = permits
  }

  /// How long something must stand before it is due, in seconds: 180 for parking, 120 for vending and bins unless written.
  public var dwell: Double {
    if let dwellSeconds { return dwellSeconds }
    switch kind {
    case .noParking: return 180
    case .noVending, .bin: return 120
    case .permittedParking, .permittedVending, .ignore, .privacy: return 0
    }
  }

  /// The groups or classes that the zone is about: as written, else vehicles for parking, stall-like things for vending and bins
  /// for bins; empty means everything.
  public var watched: [String] {
    if let classes { return classes }
    switch kind {
    case .noParking, .permittedParking: return ["vehicle"]
    case .noVending, .permittedVending: return ["stall-like"]
    case .bin: return ["bin"]
    case .ignore, .privacy: return []
    }
  }
}

/// `camera.json`: a camera's picture, place and zones.
public struct CameraDocument: Document, Hashable, Codable {
  public static let schema = "warden.camera/1"

  public struct Frame: Sendable, Hashable, Codable {
    /// In pixels.
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  public var id: String
  public var name: String?
  /// The wall clock that schedules go by.
  public var clock: WallClock
  /// Cameras of one site show the same place; as written, `splitSite` has the default.
  public var site: String?
  public var frame: Frame
  /// When the clip's time 0 was, for recorded clips.
  public var clipStart: Timestamp?
  /// Pictures a second.
  public var sampleRate: Double
  /// Network runs that a sampled picture may cost.
  public var viewsPerSample: Int
  public var district: String?
  public var placeCode: String?
  /// Degrees east.
  public var longitude: Double?
  /// Degrees north.
  public var latitude: Double?
  public var owner: String?
  public var zones: [Zone]
  public private(set) var warnings: [String] = []

  public init(
    id: String, name: String? = nil, clock: WallClock = .utc, site: String? = nil, frame: Frame,
    clipStart: Timestamp? = nil,
    sampleRate: Double = 1, viewsPerSample: Int = 2, zones: [Zone] = []
  ) {
    self.id = id
    self.name = name
    self.clock = clock
    self.site = site
    self.frame = frame
    self.clipStart = clipStart
    self.sampleRate = sampleRate
    self.viewsPerSample = viewsPerSample
    self.zones = zones
  }

  /// What splits keep together: the site, else the camera.
  public var splitSite: String { site ?? id }

  /// Whether a zone holds at a time on the media clock; `mediaStart` as for `activity(of:at:mediaStart:)`.
  public func isActive(_ zone: Zone, at time: Double, mediaStart start: Double?) -> Bool {
    guard let start else { return true }
    return ZoneCalendar(zone, clock: clock).isActive(at: start + time)
  }

  /// Whether a zone holds and from when to when, with times in seconds on the media clock. The answer holds until its `until`;
  /// one asks again then, not at every picture.
  ///
  /// - Parameters:
  ///   - time: seconds on the media clock.
  ///   - start: the instant of media time 0 (for a recorded clip `clipStart?.instant`); nil where nothing is known of it: then
  ///     every zone always holds.
  public func activity(of zone: Zone, at time: Double, mediaStart start: Double?) -> ZoneActivity {
    guard let start else { return .always }
    let activity = ZoneCalendar(zone, clock: clock).activity(at: start + time)
    return ZoneActivity(isActive: activity.isActive, since: activity.since - start, until: activity.until - start)
  }

  /// Since when the zone has held at that time, in seconds on the media clock: minus infinity where it always did, nil where it
  /// does not hold.
  public func openSince(_ zone: Zone, at time: Double, mediaStart: Double?) -> Double? {
    let activity = activity(of: zone, at: time, mediaStart: mediaStart)
    return activity.isActive ? activity.since : nil
  }
}

extension CameraDocument {
  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let root = ValueReader(try JSONValue(parsing: bytes, file: file), context: context)
    self = try root.object("a camera document") { camera throws(FormatError) in
      try camera.schema(Self.schema)
      let id = try camera.required("id", "the camera's id").identifier()
      let frame = try camera.required("frame", "{width, height} in pixels").object { frame throws(FormatError) in
        Frame(
          width: try frame.required("width", "pixels").integer(1...65_536),
          height: try frame.required("height", "pixels").integer(1...65_536))
      }
      var document = CameraDocument(id: id, frame: frame)
      document.name = try camera.optional("name").map { text throws(FormatError) in try text.name() }
      if let reader = camera.optional("timeZone") {
        guard let clock = WallClock(timeZone: try reader.string()) else {
          throw reader.expected("a time zone such as \"Asia/Ho_Chi_Minh\"")
        }
        document.clock = clock
      }
      document.site = try camera.nullable("site").map { text throws(FormatError) in try text.identifier() }
      document.clipStart = try camera.nullable("clipStart").map { text throws(FormatError) in try Timestamp(text) }
      if let reader = camera.optional("sampleRate") {
        document.sampleRate = try reader.number(0.0001...240, "pictures a second")
      }
      if let reader = camera.optional("viewsPerSample") { document.viewsPerSample = try reader.integer(1...64) }
      document.district = try camera.nullable("district").map { text throws(FormatError) in try text.name() }
      document.placeCode = try camera.nullable("placeCode").map { text throws(FormatError) in try text.name() }
      document.owner = try camera.nullable("owner").map { text throws(FormatError) in try text.name() }
      document.longitude = try camera.nullable("longitude").map { number throws(FormatError) in
        try number.number(-180...180, "degrees")
      }
      document.latitude = try camera.nullable("latitude").map { number throws(FormatError) in
        try number.number(-90...90, "degrees")
      }
      document.zones = try camera.required("zones", "a list of zones, which may be empty")
        .array("a list of zones", count: 0...1000) { zone throws(FormatError) in try Zone(zone) }
      return document
    }
    try FormatError.checkDistinct(zones.map(\.id), file: file, list: "zones")
    warnings = context.warnings
  }

  public func json() -> [UInt8] {
    JSONWriter.document(
      .members([
        "schema": .string(Self.schema),
        "id": .string(id),
        "name": name.map(JSONNode.string),
        "timeZone": .string(clock.name),
        "site": site.map(JSONNode.string),
        "frame": .object(["width": .integer(frame.width), "height": .integer(frame.height)]),
        "clipStart": clipStart.map { .string($0.text) },
        "sampleRate": .decimal(sampleRate, 6),
        "viewsPerSample": viewsPerSample == 2 ? nil : .integer(viewsPerSample),
        "district": district.map(JSONNode.string),
        "placeCode": placeCode.map(JSONNode.string),
        "longitude": longitude.map { .decimal($0, 6) },
        "latitude": latitude.map { .decimal($0, 6) },
        "owner": owner.map(JSONNode.string),
        "zones": .array(zones.map(\.node)),
      ]))
  }
}

extension Zone {
  init(_ reader: ValueReader) throws(FormatError) {
    self = try reader.object("a zone") { zone throws(FormatError) in
      let id = try zone.required("id", "the zone's id").identifier()
      let kind = try zone.required("kind", "one of " + ZoneKind.allCases.map(\.rawValue).joined(separator: ", "))
        .choice(ZoneKind.self)
      let polygon = try zone.required("polygon", "a list of at least three [x, y] corners").polygon()
      var result = Zone(id: id, kind: kind, polygon: polygon)
      result.name = try zone.nullable("name").map { text throws(FormatError) in try text.name() }
      result.dwellSeconds = try zone.optional("dwellSeconds").map { number throws(FormatError) in
        try number.number(0...604_800, "seconds")
      }
      result.classes = try zone.optional("classes").map { list throws(FormatError) in
        try list.array("a list of group or class names", count: 1...200) { text throws(FormatError) in try text.name() }
      }
      if let list = zone.optional("schedule") {
        result.schedule = try list.array("a list of windows", count: 0...100) { window throws(FormatError) in
          try WeeklyWindow(window)
        }
        if result.schedule.isEmpty { list.warn("is empty, which is taken as always") }
      }
      result.effective = try zone.nullable("effective").map { dates throws(FormatError) in try EffectiveDates(dates) }
      result.holidays = try zone.nullable("holidays").map { dates throws(FormatError) in try Holidays(dates) }
      if let list = zone.optional("permits") {
        result.permits = try list.array("a list of permits", count: 0...10_000) { permit throws(FormatError) in
          try Permit(permit)
        }
      }
      return result
    }
  }

  /// As it stands in the document.
  public var node: JSONNode {
    .members([
      "id": .string(id),
      "name": name.map(JSONNode.string),
      "kind": .string(kind.rawValue),
      "polygon": .polygon(polygon),
      "dwellSeconds": dwellSeconds.map { .plain($0, 3) },
      "classes": classes.map(JSONNode.strings),
      "schedule": schedule.isEmpty ? nil : .array(schedule.map(\.node)),
      "effective": effective.map(\.node),
      "holidays": holidays.map(\.node),
      "permits": permits.isEmpty ? nil : .array(permits.map(\.node)),
    ])
  }
}
