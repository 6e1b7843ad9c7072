import Dispatch
public import ObjectDetection
public import Observation
import Synchronization
public import Video

/// One detector for all live cameras.
///
/// Who asks first is served first, and a camera asks for one picture at a time: cameras take turns, and none waits for more than
/// one picture of each other. What a camera shows meanwhile waits in its source's slot, where a newer picture takes an older
/// one's place. Safe to use from any task; the network runs on threads of its own.
public final class SharedDetector: Sendable {
  public let detector: Detector

  private struct State {
    var idle: [DetectorWorker]
    var waiting: [CheckedContinuation<DetectorWorker, Never>] = []
  }

  private let state: Mutex<State>

  /// - Parameter workers: pictures that are looked at side by side, each on the detector's number of threads.
  public init(_ detector: Detector, workers: Int = 1) {
    self.detector = detector
    state = Mutex(State(idle: (0..<max(1, workers)).map { _ in DetectorWorker(detector) }))
  }

  /// Cameras that wait for their turn.
  public var waiting: Int { state.withLock { $0.waiting.count } }

  /// What the network sees in a picture, from `thresholds.low` up.
  public func detect(_ picture: Picture) async -> [Detection] {
    let worker = await withCheckedContinuation { continuation in
      let free = state.withLock { state in
        let worker = state.idle.popLast()
        if worker == nil { state.waiting.append(continuation) }
        return worker
      }
      if let free { continuation.resume(returning: free) }
    }
    let found = await worker.detect(picture)
    let next = state.withLock { state -> CheckedContinuation<DetectorWorker, Never>? in
      if state.waiting.isEmpty {
        state.idle.append(worker)
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume(returning: worker)
    return found
  }
}

/// A session of the detector on a queue of its own, so that long computing holds up no other task.
private actor DetectorWorker {
  private let queue = QueueExecutor()
  private let session: DetectorSession

  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  init(_ detector: Detector) { session = detector.makeSession() }

  func detect(_ picture: Picture) -> [Detection] { session.detect(picture, floor: .low) }
}

private final class QueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "detector")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
