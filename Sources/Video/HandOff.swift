import Dispatch
import Synchronization

/// Hands values from a thread that may block to one asynchronous reader.
///
/// With `.everything` the thread waits while the reader is behind by `capacity` values; with `.newest` a value that the
/// reader has not taken gives way to the next, and is counted. One thread sends, one task reads; both ends may be closed
/// from anywhere.
package final class HandOff<Element: Sendable>: Sendable {
  package enum Policy: Sendable {
    case everything(capacity: Int)
    case newest
  }

  private struct State {
    var waiting: [Element] = []
    var reader: CheckedContinuation<Result<Element?, VideoError>, Never>?
    var end: Result<Element?, VideoError>?
    var senderWaits = false
    var dropped = 0
  }

  private enum Outcome {
    case done, closed, full
    case handed(CheckedContinuation<Result<Element?, VideoError>, Never>)
  }

  private let policy: Policy
  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: 0)

  package init(_ policy: Policy) {
    self.policy = policy
  }

  /// How many values gave way to newer ones.
  package var dropped: Int { state.withLock { $0.dropped } }

  /// Hands on a value; false when nobody will read it.
  package func send(_ element: Element) -> Bool {
    while true {
      let outcome: Outcome = state.withLock { state in
        if state.end != nil { return .closed }
        if let reader = state.reader.take() { return .handed(reader) }
        switch policy {
        case .newest:
          state.dropped += state.waiting.count
          state.waiting = [element]
          return .done
        case .everything(let capacity):
          guard state.waiting.count < capacity else {
            state.senderWaits = true
            return .full
          }
          state.waiting.append(element)
          return .done
        }
      }
      switch outcome {
      case .done: return true
      case .closed: return false
      case .handed(let reader):
        reader.resume(returning: .success(element))
        return true
      case .full: room.wait()
      }
    }
  }

  /// No more values: the reader gets what waits, then the end or the error. `discarding` takes away what waits.
  package func finish(_ error: VideoError? = nil, discarding: Bool = false) {
    let (reader, end, wake) = state.withLock { state in
      if discarding { state.waiting = [] }
      if state.end == nil { state.end = error.map { .failure($0) } ?? .success(nil) }
      defer { state.senderWaits = false }
      return (state.reader.take(), state.end, state.senderWaits)
    }
    if wake { room.signal() }
    if let reader, let end { reader.resume(returning: end) }
  }

  /// The next value; nil at the end and after the reader's task was cancelled.
  package func next() async throws(VideoError) -> Element? {
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<Element?, VideoError>, Never>) in
        let (result, wake): (Result<Element?, VideoError>?, Bool) = state.withLock { state in
          if !state.waiting.isEmpty {
            let element = state.waiting.removeFirst()
            defer { state.senderWaits = false }
            return (.success(element), state.senderWaits)
          }
          if let end = state.end {
            // The error is told once; who asks again is at the end.
            state.end = .success(nil)
            return (end, false)
          }
          precondition(state.reader == nil, "one task reads at a time")
          state.reader = continuation
          return (nil, false)
        }
        if wake { room.signal() }
        if let result { continuation.resume(returning: result) }
      }
    } onCancel: {
      finish(discarding: true)
    }
    return try result.get()
  }
}
