public import Formats
import Geometry
public import Observation
import Tracking

/// A camera's rules: takes in what pictures showed and says what is wrong.
///
/// The whole state is this value: encoded, decoded and continued at any moment it gives the same warnings. It reads no clock, no
/// file and no random number, and belongs to one caller at a time.
///
/// Invariants: warnings' ids are unique; a presence has at most one warning of a type.
public struct SceneRules: Sendable, Hashable, Codable {
  public let camera: CameraDocument
  public let settings: RuleSettings
  /// All that was raised and not forgotten, in the order of their alerts, as of the last picture.
  public internal(set) var warnings: [WarningRecord] = []
  /// Candidates that did not become warnings, in the order in which they ended.
  public internal(set) var suppressed: [SuppressedRecord] = []
  /// What an operator should know about this camera.
  public internal(set) var notes: [String] = []
  /// For each detection of the last observation the track that it belongs to, or nil.
  public private(set) var detectionTracks: [Int?] = []

  let model: RuleModel
  let categories: CategoriesDocument
  /// UTC of media time 0 in seconds since 1970; nil where nothing is known of it.
  let mediaStart: Double?
  let isLive: Bool
  let zones: ZoneMap
  let families: FamilyTable
  var tracker: Tracker
  var memory = PlaceMemory()
  /// For each id without its last number how often it was given.
  var idCounts: [String: Int] = [:]
  private var light = SceneLight()
  private var view = ViewCheck()
  private var scenery = Scenery()
  /// The usual height of people in the no-vending zones; nil before the first.
  private var personHeight: Double?
  /// The last picture that could be judged.
  private var lastJudged: Double?
  /// Times of the last pictures, at most `allowancePictures` + 1.
  private var times: [Double] = []

  /// - Parameters:
  ///   - liveSince: for a live stream the UTC of media time 0 in seconds since 1970; nil for a recorded clip, whose
  ///     `clipStart` places it on the calendar.
  /// - Throws: where a zone names a class or group that the model does not have.
  public init(
    camera: CameraDocument, model: RuleModel, categories: CategoriesDocument = CategoriesDocument(),
    settings: RuleSettings = RuleSettings(), liveSince: Double? = nil
  ) throws(UnknownClassName) {
    self.camera = camera
    self.model = model
    self.categories = categories
    self.settings = settings
    mediaStart = liveSince ?? camera.clipStart?.instant
    isLive = liveSince != nil
    zones = try ZoneMap(camera, groups: model.groups, settings: settings)
    families = FamilyTable(model.groups)
    tracker = Tracker(
      settings: TrackerSettings(
        score: model.score, low: model.low, groups: FamilyTable.trackingGroups(model.groups)))
    if mediaStart == nil,
      camera.zones.contains(where: { !$0.schedule.isEmpty || $0.effective != nil || !$0.permits.isEmpty })
    {
      notes.append("the clip's start is not known (clipStart): schedules are taken as always on")
    }
  }

  /// Takes in a picture's observation and returns what follows from it, in order.
  ///
  /// Observations must come by rising time; one that is not later than the last is passed over.
  public mutating func step(_ observation: Observation) -> [RuleEvent] {
    let time = observation.time
    guard time.isFinite, time > (times.last ?? -.infinity) else {
      detectionTracks = observation.detections.map { _ in nil }
      return []
    }
    times.append(time)
    if times.count > settings.allowancePictures + 1 { times.removeFirst() }

    var events: [RuleEvent] = []
    let picture = observation.thumbnail.map { ThumbnailSampler($0) }
    if let picture {
      _ = light.update(picture, at: time)
      if isUnusable(picture, at: time, &events) {
        detectionTracks = observation.detections.map { _ in nil }
        return events
      }
    }
    let isFirst = lastJudged == nil
    let gap = lastJudged.map { time - $0 } ?? 0
    lastJudged = time
    var things = follow(observation, at: time)
    if let picture { addNewThings(to: &things, picture.grid, at: time) }
    let period = medianPeriod
    let scene = PlaceMemory.Scene(
      time: time, isFirst: isFirst, gap: gap, picture: picture,
      lightHolds: light.holds(at: time, settings: settings),
      allowance: max(settings.allowanceSeconds, settings.allowancePeriods * period), period: period,
      birthScore: { [model, settings] label in settings.birthShare * model.score[label] }, settings: settings)
    for change in memory.update(things, scene) { apply(change, at: time, &events) }
    IllegalParking.observeNeighbours(&memory, things, zones, at: time, period: period, settings: settings) {
      [model, settings] in settings.warnShare * model.score[$0]
    }
    BinOverflow.observe(&memory, things, full: fullLabels, at: time, settings: settings)
    judge(at: time, &events)
    return events
  }

  /// Ends the clip: candidates that are left become suppressed. Warnings stay as they are.
  public mutating func finish(at time: Double) -> [RuleEvent] {
    var events: [RuleEvent] = []
    for index in memory.presences.indices {
      let presence = memory.presences[index]
      for claim in presence.claims where claim.warning == nil && claim.state != .appearing {
        let reason: String
        if let fault = view.fault {
          reason = "not judged: \(fault.sentence)"
        } else if claim.state == .unknown {
          reason = "not seen at the end of the clip"
        } else if time < claim.due {
          reason = "the clip ended before the dwell"
        } else {
          reason = claim.heldBy.map { "held back by \($0)" } ?? "not there at the end of the clip"
        }
        suppress(claim, of: presence, end: nil, reason: reason, &events)
      }
      memory.withPresence(index) { $0.claims.removeAll { $0.warning == nil } }
    }
    return events
  }

  /// Drops what is over since before `time`, so that a service's state does not grow: it has had the events.
  public mutating func forget(endedBefore time: Double) {
    warnings.removeAll { $0.state == .cleared && ($0.end ?? $0.alert) < time }
    suppressed.removeAll { ($0.end ?? $0.start) < time }
  }

  /// Class names that mean an over-full bin.
  private var fullLabels: Set<String> { Set(model.groups.groups["bin-overflow"] ?? []) }

  /// The median distance of the last pictures in seconds; 0 before the second.
  private var medianPeriod: Double { Standing.median(zip(times.dropFirst(), times).map { $0 - $1 }) }

  /// Whether the picture says nothing about the street: nothing is raised and nothing cleared on it. Says so when that begins
  /// and when it ends.
  private mutating func isUnusable(
    _ picture: ThumbnailSampler, at time: Double, _ events: inout [RuleEvent]
  ) -> Bool {
    let (before, since) = (view.fault, view.since)
    let fault = view.update(picture.grid, at: time, settings: settings)
    guard fault != before else { return fault != nil }
    var said: [String] = []
    if let before, let since {
      said.append("\(before.sentence) no longer, after \(Reason.seconds(time - since)) s")
    }
    if let fault { said.append("\(fault.sentence), nothing is raised or cleared on it") }
    for sentence in said {
      if notes.count < settings.remarks { note("from \(Reason.seconds(time)) s on \(sentence)", &events) }
      for presence in memory.presences { apply(.remark(presence.id, reason: sentence), at: time, &events) }
    }
    return fault != nil
  }

  /// Adds things that stand in a no-vending zone, were not there before, and are nothing that the detector has a name for.
  private mutating func addNewThings(to things: inout [Sighting], _ grid: SceneGrid, at time: Double) {
    let vending = zones.entries.filter { $0.labels.contains(Scenery.label) && $0.zone.kind == .noVending }
    guard !vending.isEmpty else { return }
    let found = scenery.update(grid, at: time, holds: light.holds(at: time, settings: settings), settings: settings)
    for thing in things where thing.family == .person && !thing.passing {
      let feet = thing.box.groundContact(share: settings.groundShare)
      guard vending.contains(where: { $0.zone.polygon.coverage(of: feet) > 0 }) else { continue }
      personHeight = personHeight.map { $0 + (thing.box.height - $0) * 0.1 } ?? thing.box.height
    }
    // Heights are fractions of the picture's height, widths of its width.
    let ratio = Double(camera.frame.height) / Double(camera.frame.width)
    guard let personHeight else { return }
    for (number, new) in found.enumerated() where new.fill >= settings.unnamedFill {
      let box = new.box
      guard settings.unnamedHeight.contains(box.height / personHeight),
        settings.unnamedWidth.contains(box.width / (personHeight * ratio))
      else { continue }
      let contact = box.groundContact(share: settings.groundShare)
      guard vending.contains(where: { $0.zone.polygon.coverage(of: contact) >= settings.leaveCoverage }) else {
        continue
      }
      let standing = memory.presences.filter { $0.unknownSince == nil && !$0.isUnnamed }
      func covered(_ families: Set<Family>) -> Double {
        let shares =
          things.filter { families.contains($0.family) }.map { box.covered(by: $0.box) }
          + standing.filter { families.contains($0.family) }.map { box.covered(by: $0.place) }
        return shares.max() ?? 0
      }
      guard covered([.road, .stall, .bin, .litter]) < settings.unnamedVehicleCover,
        covered([.person]) < settings.unnamedPersonCover
      else { continue }
      things.append(
        Sighting(
          index: -1000 - number, label: Scenery.label, score: settings.unnamedScore, box: box, family: .stall,
          group: Scenery.label, stallLike: true, track: nil, passing: false, others: []))
    }
  }

  /// The picture's things, with their tracks.
  private mutating func follow(_ observation: Observation, at time: Double) -> [Sighting] {
    var things = Sighting.things(in: observation, families: families, zones: zones, settings: settings)
    let tracks = tracker.update(
      things.map { Detection(label: $0.label, score: $0.score, box: $0.box) }, at: time)
    detectionTracks = observation.detections.map { _ in nil }
    let isDense = times.count < 2 || time - times[times.count - 2] <= tracker.settings.predictionSeconds
    for index in things.indices { things[index].stays = !isDense }
    for track in tracks {
      things[track.detection].track = track.id
      things[track.detection].passing =
        isDense && track.looks >= 3 && track.speed >= settings.passingSpeed
        && track.surprise <= settings.passingSurprise
      if isDense { things[track.detection].stays = track.looks >= 3 && !things[track.detection].passing }
      things[track.detection].travelled = Standing.shift(from: track.origin, to: track.box)
      things[track.detection].velocity = track.velocity
      detectionTracks[things[track.detection].index] = track.id
      for other in things[track.detection].others { detectionTracks[other.index] = track.id }
    }
    BinOverflow.addDrawnBins(to: &things, zones: zones, settings: settings)
    return things
  }
}
