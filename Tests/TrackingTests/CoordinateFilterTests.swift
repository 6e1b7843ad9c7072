import Foundation
import Testing
import Tracking

@Suite("Coordinate filter")
struct CoordinateFilterTests {
  @Test("a prediction in one step and in many steps is the same")
  func stepsCompose() {
    var whole = CoordinateFilter(position: 0.3, deviation: 0.01, speed: 0.2)
    whole.velocity = 0.05
    var parts = whole
    whole.predict(seconds: 7, speed: 0.2, memory: 5)
    for _ in 0..<175 { parts.predict(seconds: 0.04, speed: 0.2, memory: 5) }
    #expect(abs(whole.position - parts.position) < 1e-9)
    #expect(abs(whole.velocity - parts.velocity) < 1e-9)
    #expect(abs(whole.positionVariance - parts.positionVariance) < 1e-9)
    #expect(abs(whole.covariance - parts.covariance) < 1e-9)
    #expect(abs(whole.velocityVariance - parts.velocityVariance) < 1e-9)
  }

  @Test("a short step is the constant-velocity model with white-noise acceleration")
  func shortStep() {
    var filter = CoordinateFilter(position: 1, deviation: 0.1, speed: 2)
    filter.velocity = 3
    let (p, v) = (filter.positionVariance, filter.velocityVariance)
    let (step, memory) = (0.001, 5.0)
    filter.predict(seconds: step, speed: 2, memory: memory)
    let density = 2 * 2 * 2 / memory
    #expect(abs(filter.position - (1 + 3 * step)) < 1e-6)
    #expect(abs(filter.positionVariance - (p + step * step * v + density * step * step * step / 3)) < 1e-8)
    #expect(abs(filter.velocityVariance - (v * (1 - 2 * step / memory) + density * step)) < 1e-6)
  }

  @Test("the covariance stays positive over wild steps and measurements", arguments: 0..<50)
  func covarianceStaysPositive(seed: Int) {
    var generator = SeededGenerator(state: UInt64(seed))
    var filter = CoordinateFilter(position: 0.5, deviation: 0.01, speed: 0.1)
    for _ in 0..<300 {
      let step = pow(10, Double.random(in: -3...3, using: &generator))
      filter.predict(seconds: step, speed: 0.1, memory: 5)
      if Bool.random(using: &generator) {
        filter.update(Double.random(in: -1...2, using: &generator), deviation: 0.01)
      }
      #expect(filter.positionVariance > 0)
      #expect(filter.velocityVariance > 0)
      let product = filter.positionVariance * filter.velocityVariance
      #expect(product - filter.covariance * filter.covariance > -1e-12 * product)
      #expect(filter.position.isFinite && filter.velocity.isFinite)
    }
  }

  @Test("a steady mover's velocity is found")
  func velocityIsFound() {
    var filter = CoordinateFilter(position: 0, deviation: 0.01, speed: 0.2)
    for step in 1...50 {
      filter.predict(seconds: 0.2, speed: 0.2, memory: 5)
      filter.update(0.1 * 0.2 * Double(step), deviation: 0.01)
    }
    #expect(abs(filter.velocity - 0.1) < 0.01)
  }
}
