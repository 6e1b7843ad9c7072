import Geometry

/// Why a picture says nothing about the street.
enum ViewFault: String, Sendable, Hashable, Codable {
  /// The same picture again and again.
  case frozen
  /// Black, or without any structure: a cover, a dead sensor.
  case blank
  /// Not what the zones were drawn on.
  case moved

  var sentence: String {
    switch self {
    case .frozen: "the picture stands still"
    case .blank: "the picture is black or empty"
    case .moved: "the camera has moved: the zones are in the wrong place"
    }
  }
}

/// Recognises pictures on which nothing may be raised and nothing cleared.
///
/// A camera's view is held against what it showed before, block by block: traffic changes some blocks, a camera that was moved
/// changes all. Light, gain and infra-red change the slopes of luma little, and only slopes are compared.
struct ViewCheck: Sendable, Hashable, Codable {
  /// Since when there is a fault.
  private(set) var fault: ViewFault?
  private(set) var since: Double?

  private var reference: SceneGrid?
  /// Pictures in the reference.
  private var learnt = 0
  /// The cells of the picture that stands still, since when, and in how many pictures.
  private var still: [Int16] = []
  private var stillSince = 0.0
  private var stillCount = 0
  /// Since when the view has been another, in how many pictures on end.
  private var otherSince: Double?
  private var otherCount = 0

  /// Takes in a picture; the fault that it shows, if any.
  mutating func update(_ grid: SceneGrid, at time: Double, settings: RuleSettings) -> ViewFault? {
    let now = judge(grid, at: time, settings)
    if now == nil { learn(grid, settings) }
    if now != fault {
      fault = now
      since = now == nil ? nil : time
    }
    return now
  }

  private mutating func judge(_ grid: SceneGrid, at time: Double, _ settings: RuleSettings) -> ViewFault? {
    if grid.contrast < settings.blankContrast { return .blank }
    if isStill(grid, at: time, settings) { return .frozen }
    guard let reference, reference.fits(grid), learnt >= settings.viewPictures else {
      otherSince = nil
      return nil
    }
    let agreement = Self.agreement(grid, reference)
    guard let agreement, agreement < settings.viewAgreement else {
      otherSince = nil
      otherCount = 0
      return nil
    }
    otherSince = otherSince ?? time
    otherCount += 1
    // A light jump or a lorry before the lens may look like it for a moment.
    let isLong = time - otherSince! >= settings.movedSeconds && otherCount >= settings.movedPictures
    return isLong || fault == .moved ? .moved : nil
  }

  /// The share of blocks with structure that look as the reference does; nil where too few have any.
  private static func agreement(_ grid: SceneGrid, _ reference: SceneGrid) -> Double? {
    let block = 8
    var (judged, agreeing) = (0, 0)
    var top = 1
    while top + block < grid.rows {
      var left = 1
      while left + block < grid.columns {
        var (product, own, theirs) = (0, 0, 0)
        for row in top..<top + block {
          for column in left..<left + block {
            let (there, here) = (reference.slope(column, row), grid.slope(column, row))
            product += there.x * here.x + there.y * here.y
            own += here.x * here.x + here.y * here.y
            theirs += there.x * there.x + there.y * there.y
          }
        }
        // Slopes of six grey values in the mean: plain road and sky say nothing.
        if theirs > block * block * 96 * 96 {
          judged += 1
          let scale = (Double(own) * Double(theirs)).squareRoot()
          if scale > 0, Double(product) / scale >= 0.5 { agreeing += 1 }
        }
        left += block
      }
      top += block
    }
    return judged >= 8 ? Double(agreeing) / Double(judged) : nil
  }

  private mutating func learn(_ grid: SceneGrid, _ settings: RuleSettings) {
    guard let known = reference, known.fits(grid) else {
      reference = grid
      learnt = 1
      return
    }
    guard otherSince == nil else { return }
    learnt += 1
    let share = max(1 / Double(learnt), settings.viewLearning)
    reference!.approach(grid, share: share)
  }

  private mutating func isStill(_ grid: SceneGrid, at time: Double, _ settings: RuleSettings) -> Bool {
    let luma = grid.luma
    var same = 0
    if still.count == luma.count {
      for index in luma.indices where luma[index] == still[index] { same += 1 }
    }
    // A burnt-in clock goes on over a frozen scene.
    guard same > 0, Double(same) >= settings.stillShare * Double(luma.count) else {
      still = luma
      stillSince = time
      stillCount = 1
      return false
    }
    stillCount += 1
    return time - stillSince >= settings.stillSeconds && stillCount >= settings.stillPictures
  }
}
