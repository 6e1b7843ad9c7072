import Foundation
import Testing
import Video

@Suite("hand-off between a thread and a reader")
struct HandOffTests {
  private func send(_ values: Range<Int>, over hand: HandOff<Int>) {
    Thread {
      for value in values where !hand.send(value) { return }
      hand.finish()
    }.start()
  }

  @Test("with room for few, everything arrives in order", arguments: [1, 3])
  func everything(capacity: Int) async throws {
    let hand = HandOff<Int>(.everything(capacity: capacity))
    send(0..<5_000, over: hand)
    var next = 0
    while let value = try await hand.next() {
      #expect(value == next)
      next += 1
    }
    #expect(next == 5_000)
    #expect(hand.dropped == 0)
  }

  @Test("with the newest alone, what was not taken is counted")
  func newest() async throws {
    let hand = HandOff<Int>(.newest)
    for value in 0..<10 { #expect(hand.send(value)) }
    #expect(try await hand.next() == 9)
    #expect(hand.dropped == 9)
    hand.finish()
    #expect(try await hand.next() == nil)
    #expect(!hand.send(1))
  }

  @Test("an error comes behind what waits, once")
  func error() async throws {
    let hand = HandOff<Int>(.everything(capacity: 4))
    #expect(hand.send(1))
    hand.finish(VideoError(.wentAway, source: "x"))
    #expect(try await hand.next() == 1)
    await #expect(throws: VideoError(.wentAway, source: "x")) { try await hand.next() }
    #expect(try await hand.next() == nil)
  }

  @Test("a waiting sender and a waiting reader are let go at the end")
  func letGo() async throws {
    let hand = HandOff<Int>(.everything(capacity: 1))
    send(0..<10, over: hand)
    _ = try await hand.next()
    hand.finish(discarding: true)
    #expect(try await hand.next() == nil)

    let waiting = HandOff<Int>(.newest)
    let reader = Task { try await waiting.next() }
    reader.cancel()
    #expect(try await reader.value == nil)
  }
}
