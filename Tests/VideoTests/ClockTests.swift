import Testing
import Video

@Suite("media clock")
struct MediaClockTests {
  @Test("a counter that wraps goes on without a break", arguments: [32, 33])
  func wraps(bits: Int) {
    var clock = MediaClock(secondsPerTick: 1 / 90_000, wrapBits: [bits])
    let turn = Int64(1) << bits
    let start = turn - 9_000
    for index in 0..<20 {
      let ticks = (start + Int64(index) * 3_600) % turn
      #expect(clock.straighten(ticks, usual: 3_600) == start + Int64(index) * 3_600)
    }
    #expect(clock.segments == 1)
  }

  @Test("a jump back begins a segment that follows at the usual distance")
  func jumpsBack() {
    var clock = MediaClock(secondsPerTick: 0.001)
    _ = clock.straighten(60_000, usual: 40)
    _ = clock.straighten(60_040, usual: 40)
    #expect(clock.straighten(5_000, usual: 40) == 60_080)
    #expect(clock.straighten(5_040, usual: 40) == 60_120)
    #expect(clock.segments == 2)
  }

  @Test("a gap of a recording is time that passed")
  func recordingGap() {
    var clock = MediaClock(secondsPerTick: 0.001)
    _ = clock.straighten(0, usual: 1_000)
    #expect(clock.straighten(225_000, usual: 1_000) == 225_000)
    #expect(clock.segments == 1)
  }

  @Test("a leap of a live stream that the receiver's clock did not see begins a segment")
  func liveLeap() {
    var clock = MediaClock(secondsPerTick: 0.001)
    _ = clock.straighten(0, usual: 40, arrival: 100)
    #expect(clock.straighten(90_000_000, usual: 40, arrival: 100.05) == 50)
    #expect(clock.segments == 2)
    // A pause that both clocks saw is a pause.
    #expect(clock.straighten(90_020_000, usual: 40, arrival: 120.05) == 20_050)
    #expect(clock.segments == 2)
  }

  @Test("a live stream whose clock stands goes on by the receiver's clock")
  func standing() {
    var clock = MediaClock(secondsPerTick: 0.001)
    var last: Int64 = 0
    for index in 0..<1_000 {
      last = clock.straighten(7, usual: 40, arrival: 100 + Double(index) * 0.04)
    }
    #expect(last > 33_000 && last < 41_000)
  }

  @Test("pictures in decoding order without decoding times are no jumps")
  func reordered() {
    var clock = MediaClock(secondsPerTick: 0.001)
    let shown: [Int64] = [0, 160, 80, 40, 120, 320, 240, 200, 280]
    #expect(shown.map { clock.straighten($0, usual: 40, reorders: true) } == shown)
    #expect(clock.segments == 1)
  }

  @Test("any stream of jumps, wraps and gaps comes out rising, its distances kept within a segment", arguments: 0..<50)
  func anything(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let usual: Int64 = 3_600
    let turn = Int64(1) << 33
    var clock = MediaClock(secondsPerTick: 1 / 90_000, wrapBits: [33])
    var raw = Int64.random(in: 0..<turn, using: &random)
    var last = clock.straighten(raw, usual: usual)
    var segments = 1
    for _ in 0..<500 {
      let jumps = Int.random(in: 0..<40, using: &random) == 0
      let step: Int64
      if jumps {
        // Back by more than a rounding and by less than a turn of the counter.
        step = -Int64.random(in: 90_000...(90_000 * 3_600), using: &random)
        segments += raw + step >= 0 ? 1 : 0
      } else {
        step = Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: 1...2_700_000, using: &random) : usual
      }
      if jumps, raw + step < 0 { continue }
      raw = (raw + step) % turn
      let straight = clock.straighten(raw, usual: usual)
      #expect(straight - last == (jumps ? usual : step))
      last = straight
    }
    #expect(clock.segments == segments)
  }
}

@Suite("sampling clock")
struct SamplingClockTests {
  private func taken(_ times: [Double], rate: Double) -> [Double] {
    var clock = SamplingClock(rate: rate)
    return times.filter { clock.take(at: $0) }
  }

  @Test("a rate a little above the stream's takes every picture")
  func everyPicture() {
    let times = (0..<6).map { 97.0 * Double($0) }
    #expect(taken(times, rate: 0.0104) == times)
  }

  @Test(
    "the stream's own rate takes every picture, rounded to milliseconds too",
    arguments: [0.8, 12.5, 25, 30_000 / 1001] as [Double])
  func ownRate(rate: Double) {
    let times = (0..<500).map { (Double($0) / rate * 1000).rounded() / 1000 }
    #expect(taken(times, rate: rate) == times)
  }

  @Test("after a gap one picture is taken and the grid goes on")
  func gap() {
    #expect(taken([0, 0.5, 1, 1.5, 7.4, 7.6, 8, 8.2, 9], rate: 1) == [0, 1, 7.4, 8, 9])
  }

  @Test("at most one picture falls on each period, and none is missing where there are some", arguments: 0..<50)
  func grid(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    let rate = Double.random(in: 0.05...30, using: &random)
    var time = 0.0
    let times = (0..<1_000).map { _ -> Double in
      defer { time += Double.random(in: 0.001...0.3, using: &random) }
      return time
    }
    let taken = taken(times, rate: rate)
    let cell = { (time: Double) in Int(((time + min(0.001, 0.1 / rate)) * rate).rounded(.down)) }
    #expect(Set(taken.map(cell)).count == taken.count)
    #expect(Set(taken.map(cell)) == Set(times.map(cell)))
  }
}
