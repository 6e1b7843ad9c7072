import Foundation

/// A Kalman filter (Kalman 1960) over one coordinate and its velocity, for measurements at any distance in time.
///
/// The velocity is an Ornstein-Uhlenbeck process: for steps far below `memory` this is the constant-velocity model with
/// white-noise acceleration, beyond it the velocity fades, so that the uncertainty grows like a random walk instead of with
/// the cube of time (Bar-Shalom, Li, Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, 8.2).
package struct CoordinateFilter: Sendable, Hashable, Codable {
  package var position: Double
  package var velocity = 0.0
  /// The covariance's three distinct entries.
  package var positionVariance: Double
  package var covariance = 0.0
  package var velocityVariance: Double

  /// A first measurement with its standard deviation, and how fast such things usually move.
  package init(position: Double, deviation: Double, speed: Double) {
    self.position = position
    positionVariance = deviation * deviation
    velocityVariance = speed * speed
  }

  /// Moves the estimate on by `seconds` (not negative).
  package mutating func predict(seconds: Double, speed: Double, memory: Double) {
    guard seconds > 0 else { return }
    let decay = exp(-seconds / memory)
    let reach = memory * (1 - decay)
    let power = speed * speed
    position += reach * velocity
    velocity *= decay
    let spread = 2 * seconds / memory - 3 + 4 * decay - decay * decay
    positionVariance +=
      2 * reach * covariance + reach * reach * velocityVariance + power * memory * memory * max(spread, 0)
    covariance = decay * (covariance + reach * velocityVariance) + power * memory * (1 - decay) * (1 - decay)
    velocityVariance = decay * decay * velocityVariance + power * (1 - decay * decay)
  }

  /// Takes in a measurement with its standard deviation.
  package mutating func update(_ measured: Double, deviation: Double) {
    let innovationVariance = positionVariance + deviation * deviation
    guard innovationVariance > 0 else { return }
    let gain = positionVariance / innovationVariance
    let velocityGain = covariance / innovationVariance
    let innovation = measured - position
    position += gain * innovation
    velocity += velocityGain * innovation
    velocityVariance -= velocityGain * covariance
    covariance *= 1 - gain
    positionVariance *= 1 - gain
  }

  /// The squared distance of a measurement from the estimate, in standard deviations.
  package func distanceSquared(_ measured: Double, deviation: Double) -> Double {
    let variance = positionVariance + deviation * deviation
    let innovation = measured - position
    return variance > 0 ? innovation * innovation / variance : (innovation == 0 ? 0 : .infinity)
  }
}
