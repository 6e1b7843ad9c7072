import Dispatch
import Synchronization

/// A recorded file or a live stream, read and decoded on a thread of its own.
///
/// ```swift
/// let source = try await VideoSource.open("rtsp://camera/stream")
/// for try await picture in source.pictures(rate: 1) { … }
/// print(source.statistics.sampled)
/// ```
///
/// A source is read once, as pictures or as packets. It may be stopped from any thread, and stops by itself when the reader
/// leaves its loop, its task is cancelled, or the source is forgotten.
public final class VideoSource: Sendable {
  /// Where it comes from; holds the password, but does not show it.
  public let address: SourceAddress
  /// What is known of its pictures.
  public let stream: VideoStream

  private let limits: Limits
  private let interrupt: Interrupt
  private let work: WorkSlot
  private let shared: Mutex<Shared>

  private struct Shared {
    var statistics = SamplingStatistics(rate: 1)
    var ring: PacketRing?
    var wasRead = false
    var end: (@Sendable () -> Void)?
    var dropped: (@Sendable () -> Int)?
  }

  private init(
    _ address: SourceAddress, _ stream: VideoStream, _ limits: Limits, _ interrupt: Interrupt, _ work: WorkSlot
  ) {
    self.address = address
    self.stream = stream
    self.limits = limits
    self.interrupt = interrupt
    self.work = work
    shared = Mutex(Shared())
  }

  deinit { stop() }

  /// Opens a path or an address within `limits.openSeconds`; `user` and `password` win over those in the address.
  ///
  /// A cancelled task leaves at once with `.stopped`.
  public static func open(
    _ address: String, user: String? = nil, password: String? = nil, limits: Limits = Limits()
  ) async throws(VideoError) -> VideoSource {
    try await open(SourceAddress(address, user: user, password: password), limits: limits)
  }

  /// Opens an address within `limits.openSeconds`.
  public static func open(_ address: SourceAddress, limits: Limits = Limits()) async throws(VideoError) -> VideoSource {
    let interrupt = Interrupt()
    let work = WorkSlot()
    let opened = HandOff<VideoStream>(.everything(capacity: 1))
    startThread {
      let demuxer: Demuxer
      do throws(VideoError) {
        demuxer = try Demuxer(address, limits: limits, interrupt: interrupt)
      } catch {
        opened.finish(error)
        return
      }
      guard opened.send(demuxer.stream) else { return }
      work.wait()?(demuxer)
    }
    // The system's name look-up heeds no deadline: after it the thread is left to itself.
    let watch = Task {
      try await Task.sleep(for: .seconds(limits.openSeconds + 0.5))
      opened.finish(VideoError(.timedOut(seconds: limits.openSeconds), source: address.description))
    }
    defer { watch.cancel() }
    do throws(VideoError) {
      guard let stream = try await opened.next() else { throw VideoError(.stopped, source: address.description) }
      return VideoSource(address, stream, limits, interrupt, work)
    } catch {
      interrupt.stop()
      work.give(nil)
      throw error
    }
  }

  /// Ends reading at once, from any thread: a waiting reader gets the end.
  public func stop() {
    interrupt.stop()
    let end = shared.withLock { $0.end }
    end?()
    work.give(nil)
  }

  /// Counts of the pictures read so far; whole once the loop over the pictures has ended.
  public var statistics: SamplingStatistics {
    let (statistics, dropped) = shared.withLock { ($0.statistics, $0.dropped) }
    guard let dropped else { return statistics }
    var complete = statistics
    complete.dropped = dropped()
    return complete
  }

  /// The pictures that a rate (per second) makes due, on the media clock, from `start` up to `end` in seconds.
  ///
  /// A recording waits for a slow reader and loses nothing; a live source keeps its newest picture and counts the others
  /// (`statistics.dropped`). With `keeping`, the original packets of the last seconds stay at hand for clips
  /// (`recentPackets`).
  public func pictures(
    rate: Double, from start: Double = 0, to end: Double = .infinity, keeping ring: PacketRing.Bounds? = nil
  ) -> Pictures {
    precondition(rate > 0 && rate.isFinite, "a sampling rate is positive")
    let hand = HandOff<Picture>(stream.isLive ? .newest : .everything(capacity: 2))
    let (limits, isLive, name) = (limits, stream.isLive, address.description)
    begin(hand, statistics: SamplingStatistics(rate: rate), ring: ring.map { PacketRing($0) })
    work.give { [weak self] demuxer in
      let sampler = FrameSampler(
        rate: rate, start: start, end: end, isLive: isLive, keyframes: demuxer.keyframes, limits: limits, source: name)
      var failure: VideoError?
      do throws(VideoError) {
        var ended = false
        while !ended, !sampler.isFinished {
          var pictures: [Picture]
          if let packet = try demuxer.next() {
            if ring != nil { self?.keep(packet) }
            pictures = try sampler.push(packet)
          } else {
            pictures = try sampler.finish(isTruncated: demuxer.isTruncated)
            ended = true
          }
          if sampler.isFinished, !ended { pictures += try sampler.finish(isTruncated: false) }
          self?.publish(sampler.statistics, segments: demuxer.segments)
          for picture in pictures where !hand.send(picture) { ended = true }
        }
      } catch {
        failure = error.kind == .stopped ? nil : error
      }
      self?.publish(sampler.statistics, segments: demuxer.segments)
      hand.finish(failure)
    }
    return Pictures(source: self, hand: hand)
  }

  /// The compressed pictures as they come; at most `buffered` wait for the reader.
  ///
  /// Behind them a recording waits, and a live source's sender is held up.
  public func packets(buffered: Int = 32) -> Packets {
    let hand = HandOff<Packet>(.everything(capacity: max(1, buffered)))
    begin(hand, statistics: SamplingStatistics(rate: 1), ring: nil)
    work.give { demuxer in
      do throws(VideoError) {
        while let packet = try demuxer.next() {
          guard hand.send(packet) else { break }
        }
        hand.finish()
      } catch {
        hand.finish(error.kind == .stopped ? nil : error)
      }
    }
    return Packets(source: self, hand: hand)
  }

  /// The kept packets from the keyframe at or before `start` up to `end`, in seconds on the media clock; empty without
  /// `keeping` or when they are gone.
  public func recentPackets(from start: Double, to end: Double) -> [Packet] {
    shared.withLock { shared in
      let origin = shared.statistics.origin
      return shared.ring?.packets(from: start + origin, to: end + origin) ?? []
    }
  }

  private func begin<Element>(_ hand: HandOff<Element>, statistics: SamplingStatistics, ring: PacketRing?) {
    let wasRead = shared.withLock { shared in
      shared.statistics = statistics
      shared.ring = ring
      shared.end = { hand.finish(discarding: true) }
      shared.dropped = { hand.dropped }
      defer { shared.wasRead = true }
      return shared.wasRead
    }
    precondition(!wasRead, "a source is read once")
  }

  private func keep(_ packet: Packet) {
    shared.withLock { $0.ring?.append(packet) }
  }

  private func publish(_ statistics: SamplingStatistics, segments: Int) {
    shared.withLock { shared in
      shared.statistics = statistics
      shared.statistics.segments = segments
    }
  }
}

/// The pictures of a source, for one reader.
public struct Pictures: AsyncSequence, Sendable {
  public typealias Element = Picture
  public typealias Failure = VideoError

  let source: VideoSource
  let hand: HandOff<Picture>

  public func makeAsyncIterator() -> Iterator { Iterator(reading: Reading(source, hand)) }

  public struct Iterator: AsyncIteratorProtocol {
    let reading: Reading<Picture>

    public mutating func next() async throws(VideoError) -> Picture? { try await reading.hand.next() }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(VideoError) -> Picture? {
      try await reading.hand.next()
    }
  }
}

/// The compressed pictures of a source, for one reader.
public struct Packets: AsyncSequence, Sendable {
  public typealias Element = Packet
  public typealias Failure = VideoError

  let source: VideoSource
  let hand: HandOff<Packet>

  public func makeAsyncIterator() -> Iterator { Iterator(reading: Reading(source, hand)) }

  public struct Iterator: AsyncIteratorProtocol {
    let reading: Reading<Packet>

    public mutating func next() async throws(VideoError) -> Packet? { try await reading.hand.next() }

    public mutating func next(isolation actor: isolated (any Actor)?) async throws(VideoError) -> Packet? {
      try await reading.hand.next()
    }
  }
}

/// An iterator's hold on its source: when it goes, the source stops.
final class Reading<Element: Sendable>: Sendable {
  let source: VideoSource
  let hand: HandOff<Element>

  init(_ source: VideoSource, _ hand: HandOff<Element>) {
    self.source = source
    self.hand = hand
  }

  deinit {
    hand.finish(discarding: true)
    source.stop()
  }
}
