import CFFmpeg
import Synchronization

/// The deadline and the stop flag that the libraries ask for while they wait.
///
/// `arm`, `disarm` and `hasExpired` belong to the thread that makes the blocking call; `stop` may come from any thread.
final class Interrupt: Sendable {
  private let stopped = Atomic<Bool>(false)
  private let expired = Atomic<Bool>(false)
  private let deadline = Atomic<UInt64>(Double.infinity.bitPattern)

  /// Every call from here on must end within `seconds`, together.
  func arm(seconds: Double) {
    expired.store(false, ordering: .relaxed)
    deadline.store((monotonicSeconds() + seconds).bitPattern, ordering: .relaxed)
  }

  func disarm() {
    deadline.store(Double.infinity.bitPattern, ordering: .relaxed)
  }

  /// Ends the call that waits now and every later one.
  func stop() {
    stopped.store(true, ordering: .relaxed)
  }

  var isStopped: Bool { stopped.load(ordering: .relaxed) }
  var hasExpired: Bool { expired.load(ordering: .relaxed) }

  fileprivate var endsTheCall: Bool {
    if isStopped { return true }
    guard monotonicSeconds() > Double(bitPattern: deadline.load(ordering: .relaxed)) else { return false }
    expired.store(true, ordering: .relaxed)
    return true
  }

  /// The libraries' callback; the interrupt must outlive whatever it is given to.
  var callback: AVIOInterruptCB {
    AVIOInterruptCB(
      callback: { opaque in
        guard let opaque else { return 0 }
        return Unmanaged<Interrupt>.fromOpaque(opaque).takeUnretainedValue().endsTheCall ? 1 : 0
      },
      opaque: Unmanaged.passUnretained(self).toOpaque())
  }
}
