import Dispatch
import Glibc
import Synchronization

/// Ctrl-C and a polite kill, turned into one call, so that what there is can be written.
final class Interruption: Sendable {
  private let happened = Atomic<Bool>(false)
  // Dispatch's sources are safe to hold from any thread.
  nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

  /// Calls `stop` at the first signal; a second one ends the program at once.
  init(_ stop: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "interruption")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: queue)
    }
    for source in sources {
      source.setEventHandler { [weak self] in
        guard let self else { return }
        if self.happened.exchange(true, ordering: .relaxed) { _exit(130) }
        stop()
      }
      source.activate()
    }
  }

  var hasHappened: Bool { happened.load(ordering: .relaxed) }
}
