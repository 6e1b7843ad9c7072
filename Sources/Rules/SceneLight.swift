import Geometry
import Observation

/// Notices when the whole picture's light jumps: a cloud, the switch to infra-red, exposure, headlights that flood the scene.
struct SceneLight: Sendable, Hashable, Codable {
  private static let columns = 16
  private static let rows = 9

  private var cells: [Double] = []
  private var grey = false
  private(set) var jumpedAt: Double?

  /// Takes in a picture; true where its light differs from the one before.
  mutating func update(_ picture: ThumbnailSampler, at time: Double) -> Bool {
    var now = [Double](repeating: 0, count: Self.columns * Self.rows)
    var counts = [Double](repeating: 0, count: now.count)
    let (width, height) = (picture.picture.width, picture.picture.height)
    for row in 0..<height {
      let line = row * Self.rows / height * Self.columns
      for column in 0..<width {
        let cell = line + column * Self.columns / width
        now[cell] += Double(picture.picture.luma[row * width + column])
        counts[cell] += 1
      }
    }
    for index in now.indices where counts[index] > 0 { now[index] /= counts[index] }
    defer {
      cells = now
      grey = picture.isGrey
    }
    guard cells.count == now.count else { return false }
    // Most of the picture must have changed the same way: what moves through it changes a part.
    let changes = zip(now, cells).map { $0 - $1 }.sorted()
    let median = changes[changes.count / 2]
    let jumped = abs(median) > 12 || grey != picture.isGrey
    if jumped { jumpedAt = time }
    return jumped
  }

  /// Whether a jump was so short ago that changed pictures say nothing.
  func holds(at time: Double, settings: RuleSettings) -> Bool {
    jumpedAt.map { time - $0 < settings.lightHoldSeconds } ?? false
  }
}
