import Geometry

/// What belongs to the scene, and what has come to it: a pair of backgrounds, one that follows within seconds and one that
/// needs half an hour.
///
/// Where the quick one differs from the slow one, something stands that was not there before, whatever the detector calls it.
/// Slopes of luma and differences of colour are compared, not luma itself: light, gain and infra-red change it.
struct Scenery: Sendable, Hashable, Codable {
  /// The class name of what the detector has no name for.
  static let label = "new-object"

  /// By day and in infra-red a scene looks different: a pair for each.
  private var colour = Pair()
  private var grey = Pair()

  private struct Pair: Sendable, Hashable, Codable {
    var slow: SceneGrid?
    var quick: SceneGrid?
    var start = 0.0
    var last = 0.0
    var pictures = 0
    /// What the slow one has still to follow.
    var debt = 0.0
  }

  /// Something new in the scene.
  struct Thing: Sendable, Hashable {
    var box: Box
    /// The share of its box's cells that are new.
    var fill: Double
  }

  /// Takes in a picture; things that have come to stay, the largest first.
  ///
  /// - Parameter holds: the light has just jumped: nothing is said, and nothing learnt of what differs.
  mutating func update(_ grid: SceneGrid, at time: Double, holds: Bool, settings: RuleSettings) -> [Thing] {
    let isGrey = grid.colourfulness < ThumbnailSampler.greyLimit
    var pair = isGrey ? grey : colour
    defer { if isGrey { grey = pair } else { colour = pair } }
    guard let slow = pair.slow, slow.fits(grid), pair.quick != nil else {
      pair = Pair(slow: grid, quick: grid, start: time, last: time, pictures: 1)
      return []
    }
    let gap = time - pair.last
    pair.last = time
    pair.pictures += 1
    pair.quick?.approach(grid, share: max(0.02, 1 - 1 / (1 + gap / settings.sceneQuickSeconds)))
    let isLearning =
      time - pair.start < settings.sceneLearningSeconds || pair.pictures < settings.sceneLearningPictures
    // At first the slow one is the mean of all pictures, so that what stood in the first one and left fades soon.
    pair.debt = isLearning ? 1 / Double(pair.pictures) : pair.debt + min(0.02, gap / settings.sceneSlowSeconds)
    if !holds, isLearning || pair.debt >= 0.02 {
      pair.slow?.approach(grid, share: min(1, pair.debt))
      pair.debt = 0
    }
    guard !isLearning, !holds, let quick = pair.quick, let slow = pair.slow else { return [] }
    let changed = Self.changes(quick, slow, isGrey: isGrey, settings)
    let changedShare = Double(changed.count { $0 }) / Double(changed.count)
    // Half the picture is never one stall: the light, the weather or the camera.
    guard changedShare < 0.25 else { return [] }
    return Self.things(changed, quick)
  }

  /// Cells at which the quick background differs from the slow one.
  private static func changes(
    _ quick: SceneGrid, _ slow: SceneGrid, isGrey: Bool, _ settings: RuleSettings
  ) -> [Bool] {
    let (columns, rows) = (quick.columns, quick.rows)
    var changed = [Bool](repeating: false, count: columns * rows)
    let (a, b) = (deviation(quick.luma), deviation(slow.luma))
    guard a > 0, b > 0, rows > 2, columns > 2 else { return changed }
    let scale = b / a
    let (slope, colour) = (settings.sceneSlope * 16, isGrey ? .infinity : settings.sceneColour * 16)
    for row in 1..<rows - 1 {
      for column in 1..<columns - 1 {
        let index = row * columns + column
        let (now, before) = (quick.slope(column, row), slow.slope(column, row))
        let (dx, dy) = (Double(now.x) * scale - Double(before.x), Double(now.y) * scale - Double(before.y))
        let blue = Double(quick.blue[index]) - Double(slow.blue[index])
        let red = Double(quick.red[index]) - Double(slow.red[index])
        changed[index] = dx * dx + dy * dy > slope * slope || blue * blue + red * red > colour * colour
      }
    }
    return changed
  }

  private static func deviation(_ values: [Int16]) -> Double {
    var (sum, squares) = (0, 0)
    for value in values {
      sum += Int(value)
      squares += Int(value) * Int(value)
    }
    let mean = Double(sum) / Double(values.count)
    return max(0, Double(squares) / Double(values.count) - mean * mean).squareRoot()
  }

  /// Connected changed cells (eight neighbours), each with the box around them.
  private static func things(_ changed: [Bool], _ grid: SceneGrid) -> [Thing] {
    var open = changed
    var things: [(thing: Thing, count: Int)] = []
    for first in open.indices where open[first] {
      var next = [first]
      open[first] = false
      var (left, right, top, bottom, count) = (grid.columns, 0, grid.rows, 0, 0)
      while let cell = next.popLast() {
        let (column, row) = (cell % grid.columns, cell / grid.columns)
        (left, right, top, bottom) = (min(left, column), max(right, column), min(top, row), max(bottom, row))
        count += 1
        for y in max(0, row - 1)...min(grid.rows - 1, row + 1) {
          for x in max(0, column - 1)...min(grid.columns - 1, column + 1) where open[y * grid.columns + x] {
            open[y * grid.columns + x] = false
            next.append(y * grid.columns + x)
          }
        }
      }
      guard right - left >= 2, bottom - top >= 2 else { continue }
      let area = (right - left + 1) * (bottom - top + 1)
      things.append(
        (
          Thing(box: grid.box(columns: left...right, rows: top...bottom), fill: Double(count) / Double(area)), count
        ))
    }
    return things.sorted { ($1.count, $0.thing.box.x) < ($0.count, $1.thing.box.x) }.map(\.thing)
  }
}
