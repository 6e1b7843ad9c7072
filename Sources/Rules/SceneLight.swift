import Geometry
import Observation

/// Notices when the whole picture's light jumps: a cloud, the switch to infra-red, exposure, headlights that flood the scene.
struct SceneLight: Sendable, Hashable, Codable {
  /// Every eighth cell's luma, in sixteenths.
  private var cells: [Int16] = []
  private var grey = false
  private(set) var jumpedAt: Double?

  /// Takes in a picture; true where its light differs from the one before.
  mutating func update(_ picture: ThumbnailSampler, at time: Double) -> Bool {
    let grid = picture.grid
    let now = stride(from: 3, to: grid.luma.count, by: 8).map { grid.luma[$0] }
    defer {
      cells = now
      grey = picture.isGrey
    }
    guard cells.count == now.count else { return false }
    // Most of the picture must have changed the same way: what moves through it changes a part.
    let changes = zip(now, cells).map { Int($0) - Int($1) }.sorted()
    let median = changes[changes.count / 2]
    let jumped = abs(median) > 12 * 16 || grey != picture.isGrey
    if jumped { jumpedAt = time }
    return jumped
  }

  /// Whether a jump was so short ago that changed pictures say nothing.
  func holds(at time: Double, settings: RuleSettings) -> Bool {
    jumpedAt.map { time - $0 < settings.lightHoldSeconds } ?? false
  }
}
