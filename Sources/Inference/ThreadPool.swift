import CProcessor
import Glibc
import Synchronization

/// Threads that run one task in parts; the caller takes part.
///
/// Parts are claimed from one counter, so the caller never waits for a thread that has not begun: where another program holds
/// the second core, the caller does all parts itself. A thread without work spins for some 40 µs, then sleeps. One caller at a
/// time.
package final class ThreadPool: Sendable {
  /// Called with a part's index, the thread's (0 is the caller) and the caller's context.
  package typealias Work =
    @Sendable @convention(c) (_ part: Int, _ thread: Int, _ context: UnsafeMutableRawPointer?) -> Void

  /// Spins before a thread without work sleeps.
  private static let patience = 1000

  /// The number of the task (32 bits), its parts (16), the next part (16): one word, so that a thread that comes late cannot take
  /// one task's part for another's.
  private let claim = Atomic<UInt64>(0)
  private let done = Atomic<Int>(0)
  private let asleep = Atomic<Int>(0)
  private let ended = Atomic<Bool>(false)
  // As integers: an atomic pointer is not `Sendable`.
  private let work = Atomic<UInt>(0)
  private let context = Atomic<UInt>(0)
  // C handles that live as long as the pool; only pthread functions touch them.
  nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  nonisolated(unsafe) private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let running = Atomic<Int>(0)

  /// `threads` counts the caller. Where the system gives fewer threads, fewer do the work.
  package init(threads: Int) {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(wake, nil)
    for index in 1..<max(1, threads) {
      let start = Unmanaged.passRetained(Start(pool: self, thread: index))
      var thread = pthread_t()
      let failed = pthread_create(
        &thread, nil,
        { argument in
          let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
          start.pool.serve(start.thread)
          start.pool.running.subtract(1, ordering: .releasing)
          return nil
        }, start.toOpaque())
      if failed == 0 {
        running.add(1, ordering: .relaxed)
        pthread_detach(thread)
      } else {
        start.release()
      }
    }
  }

  private final class Start: Sendable {
    let pool: ThreadPool
    let thread: Int

    init(pool: ThreadPool, thread: Int) {
      self.pool = pool
      self.thread = thread
    }
  }

  deinit {
    pthread_cond_destroy(wake)
    pthread_mutex_destroy(mutex)
    wake.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` for each of at most 4096 parts and returns when all are done.
  package func run(parts count: Int, _ body: Work, _ argument: UnsafeMutableRawPointer?) {
    work.store(unsafeBitCast(body, to: UInt.self), ordering: .relaxed)
    context.store(UInt(bitPattern: argument), ordering: .relaxed)
    done.store(0, ordering: .relaxed)
    let task = (claim.load(ordering: .relaxed) >> 32 + 1) << 32 | UInt64(count) << 16
    // Sequentially consistent with a thread's `asleep`: either it sees the task, or we see it asleep.
    claim.store(task, ordering: .sequentiallyConsistent)
    if asleep.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    takePart(0)
    wait { done.load(ordering: .acquiring) >= count }
  }

  /// Ends the threads and waits for them; no task may run.
  package func end() {
    ended.store(true, ordering: .sequentiallyConsistent)
    wakeAll()
    wait { running.load(ordering: .acquiring) == 0 }
  }

  private func wait(until condition: () -> Bool) {
    var spins = 0
    while !condition() {
      spins += 1
      if spins < 10_000 { spin_hint() } else { sched_yield() }
    }
  }

  private func wakeAll() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(mutex)
  }

  /// Claims and runs parts until none is left. What a claimed part reads is stable: its caller waits for it.
  private func takePart(_ thread: Int) {
    while true {
      let claimed = claim.add(1, ordering: .acquiringAndReleasing).oldValue
      let part = Int(claimed & 0xFFFF)
      guard part < Int(claimed >> 16 & 0xFFFF) else { return }
      let body = unsafeBitCast(work.load(ordering: .relaxed), to: Work.self)
      body(part, thread, UnsafeMutableRawPointer(bitPattern: context.load(ordering: .relaxed)))
      done.add(1, ordering: .releasing)
    }
  }

  private func serve(_ thread: Int) {
    var seen: UInt64 = 0
    var spins = 0
    while !ended.load(ordering: .relaxed) {
      let task = claim.load(ordering: .acquiring) >> 32
      if task != seen {
        seen = task
        takePart(thread)
        spins = 0
      } else if spins < Self.patience {
        spins += 1
        spin_hint()
      } else {
        pthread_mutex_lock(mutex)
        asleep.add(1, ordering: .sequentiallyConsistent)
        while claim.load(ordering: .sequentiallyConsistent) >> 32 == seen && !ended.load(ordering: .relaxed) {
          pthread_cond_wait(wake, mutex)
        }
        asleep.subtract(1, ordering: .relaxed)
        pthread_mutex_unlock(mutex)
      }
    }
  }
}
