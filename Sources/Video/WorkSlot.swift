import CFFmpeg
import Dispatch
import Glibc
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

/// Starts a detached thread for calls that block.
func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body))
  let code = pthread_create(
    &thread, &attributes,
    { opaque in
      guard let opaque else { return nil }
      Unmanaged<Box>.fromOpaque(opaque).takeRetainedValue().body()
      return nil
    }, box.toOpaque())
  if code != 0 {
    box.release()
    // Without a thread the work still has to end somewhere, or its reader waits for ever.
    DispatchQueue.global().async(execute: body)
  }
}
