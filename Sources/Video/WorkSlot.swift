import Dispatch
import Synchronization

/// Where a source's thread waits for its one piece of work.
final class WorkSlot: Sendable {
  typealias Work = @Sendable (Demuxer) -> Void

  private let slot = Mutex<Work?>(nil)
  private let given = DispatchSemaphore(value: 0)

  /// Gives the thread its work, or with nil sends it home; only the first call counts.
  func give(_ work: Work?) {
    slot.withLock { slot in
      if let work { slot = work }
    }
    given.signal()
  }

  func wait() -> Work? {
    given.wait()
    return slot.withLock { $0.take() }
  }
}
