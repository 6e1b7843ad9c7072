package import Geometry

/// Kalman filters over a box's centre and size, which are independent of each other in this model.
///
/// Noise is a share of the box's own width and height, so that near and far things are held to the same standard.
package struct BoxFilter: Sendable, Hashable, Codable {
  package private(set) var x: CoordinateFilter
  package private(set) var y: CoordinateFilter
  package private(set) var width: CoordinateFilter
  package private(set) var height: CoordinateFilter

  package init(_ box: Box, settings: TrackerSettings) {
    let centre = box.centre
    let (noise, speed, growth) = (settings.measurement, settings.speed, settings.growth)
    x = CoordinateFilter(position: centre.x, deviation: noise * box.width, speed: speed * box.width)
    y = CoordinateFilter(position: centre.y, deviation: noise * box.height, speed: speed * box.height)
    width = CoordinateFilter(position: box.width, deviation: noise * box.width, speed: growth * box.width)
    height = CoordinateFilter(position: box.height, deviation: noise * box.height, speed: growth * box.height)
  }

  package var box: Box {
    let (wide, high) = (max(width.position, 1e-6), max(height.position, 1e-6))
    return Box(x: x.position - wide / 2, y: y.position - high / 2, width: wide, height: high)
  }

  package mutating func predict(seconds: Double, settings: TrackerSettings) {
    let size = box
    let memory = settings.speedMemorySeconds
    x.predict(seconds: seconds, speed: settings.speed * size.width, memory: memory)
    y.predict(seconds: seconds, speed: settings.speed * size.height, memory: memory)
    width.predict(seconds: seconds, speed: settings.growth * size.width, memory: memory)
    height.predict(seconds: seconds, speed: settings.growth * size.height, memory: memory)
  }

  package mutating func update(_ measured: Box, settings: TrackerSettings) {
    let (noise, centre) = (settings.measurement, measured.centre)
    x.update(centre.x, deviation: noise * measured.width)
    y.update(centre.y, deviation: noise * measured.height)
    width.update(measured.width, deviation: noise * measured.width)
    height.update(measured.height, deviation: noise * measured.height)
  }

  /// The squared Mahalanobis distance of a box's centre from the estimate (two degrees of freedom).
  package func distanceSquared(_ measured: Box, settings: TrackerSettings) -> Double {
    let centre = measured.centre
    return x.distanceSquared(centre.x, deviation: settings.measurement * measured.width)
      + y.distanceSquared(centre.y, deviation: settings.measurement * measured.height)
  }

  /// The standard deviation of the centre, as a multiple of the box's size: the larger of the two axes.
  package var spread: Double {
    let size = box
    return max(x.positionVariance.squareRoot() / size.width, y.positionVariance.squareRoot() / size.height)
  }

  /// The centre's speed in box sizes per second.
  package var speed: Double {
    let size = box
    let (across, along) = (x.velocity / size.width, y.velocity / size.height)
    return (across * across + along * along).squareRoot()
  }
}
