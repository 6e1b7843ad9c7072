import Geometry

/// What belongs to the scene, and what has come to it: a pair of backgrounds, one that follows within seconds and one that
/// needs half an hour.
///
/// Where the quick one differs from the slow one, something stands that was not there before, whatever the detector calls it.
/// Slopes of luma and differences of colour are compared, not luma itself: light, gain and infra-red change it.
struct Scenery: Sendable, Hashable, Codable {
  /// The class name of what the detector has no name for.
  static let label = "new-object"

  private var long: SceneGrid?
  private var short: SceneGrid?
  private var start = 0.0
  private var pictures = 0
  private var last = 0.0

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
    guard var slow = long, var quick = short, slow.fits(grid) else {
      (long, short) = (grid, grid)
      (start, last, pictures) = (time, time, 1)
      return []
    }
    let gap = time - last
    last = time
    pictures += 1
    quick.approach(grid, share: max(0.02, 1 - 1 / (1 + gap / settings.sceneQuickSeconds)))
    short = quick
    let isLearning = time - start < settings.sceneLearningSeconds || pictures < settings.sceneLearningPictures
    let (changed, scale) = Self.changes(quick, slow, settings)
    // At first the slow one is the mean of all pictures, so that what stood in the first one and left fades soon.
    let share = isLearning ? 1 / Double(pictures) : min(1 / Double(min(pictures, 50)), gap / settings.sceneSlowSeconds)
    if !holds { slow.approach(grid, share: share) }
    long = slow
    guard !isLearning, !holds, scale > 0 else { return [] }
    let changedShare = Double(changed.count { $0 }) / Double(changed.count)
    // Half the picture is never one stall: the light, the weather or the camera.
    guard changedShare < 0.25 else { return [] }
    return Self.things(changed, quick)
  }

  /// Cells at which the quick background differs from the slow one, and the ratio of their contrasts.
  private static func changes(
    _ quick: SceneGrid, _ slow: SceneGrid, _ settings: RuleSettings
  ) -> (cells: [Bool], scale: Double) {
    let (columns, rows) = (quick.columns, quick.rows)
    var changed = [Bool](repeating: false, count: columns * rows)
    let (a, b) = (deviation(quick.luma), deviation(slow.luma))
    guard a > 0, b > 0, rows > 2, columns > 2 else { return (changed, 0) }
    let scale = b / a
    let (slope, colour) = (settings.sceneSlope * 16, settings.sceneColour * 16)
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
    return (changed, scale)
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
