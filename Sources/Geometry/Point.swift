/// A place in the displayed picture as fractions of its width and height: origin top left, `x` right, `y` down.
public struct Point: Sendable, Hashable, Codable {
  public var x: Double
  public var y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
