import Glibc

/// Memory and threads for running a network.
///
/// One user at a time: an executor is not to be shared between threads. Inputs keep their contents from run to run, so a part
/// that never changes is written once; outputs hold until the next run. Steps that run on kernels allocate nothing;
/// operators that run in their readable form may.
public final class Executor {
  public let network: Network
  private let memory: Memory
  private let scratch: Memory
  private let steps: [any BoundStep]
  /// Parts of each step; 1 for those that the caller does alone.
  private let parts: [Int]
  private let arena: Arena
  private let pool: ThreadPool?
  private let scratchStride: Int

  init(_ network: Network) {
    self.network = network
    let plan = network.plan
    let threads = network.configuration.threads
    scratchStride = (plan.scratchBytes + 63) & ~63
    memory = Memory(byteCount: plan.arenaBytes)
    scratch = Memory(byteCount: scratchStride * threads)
    let arena = Arena(base: memory.base, offsets: plan.offsets)
    self.arena = arena
    steps = plan.entries.map { $0.step.bind(arena) }
    // More parts than threads, so that a thread that comes late takes fewer.
    parts = plan.entries.map { threads == 1 ? 1 : min($0.step.parts, 3 * threads) }
    pool = threads == 1 ? nil : ThreadPool(threads: threads)
  }

  deinit { pool?.end() }

  /// Runs the network on what the inputs hold.
  public func run() {
    for index in steps.indices { run(index) }
  }

  private func run(_ index: Int) {
    let step = steps[index]
    guard let pool, parts[index] > 1 else { return step.run(0, of: 1, scratch: scratch.base) }
    var task = Task(step: step, parts: parts[index], scratch: scratch.base, scratchStride: scratchStride)
    withUnsafeMutablePointer(to: &task) { task in
      pool.run(
        parts: parts[index],
        { part, thread, context in
          let task = context!.assumingMemoryBound(to: Task.self)
          task.pointee.step.run(
            part, of: task.pointee.parts, scratch: task.pointee.scratch + thread * task.pointee.scratchStride)
        }, task)
    }
  }

  /// What the threads of the pool see of a step.
  private struct Task {
    let step: any BoundStep
    let parts: Int
    let scratch: UnsafeMutableRawPointer
    let scratchStride: Int
  }

  /// Gives access to an input's elements, row by row.
  ///
  /// - Precondition: The input exists and is of `float32`.
  public func withInput<R>(_ index: Int, _ body: (inout MutableSpan<Float>) throws -> R) rethrows -> R {
    let description = network.inputs[index]
    precondition(description.elementType == .float32, "the input \(description.name) is not of float32")
    let start = arena.pointer(network.plan.inputs[index]).assumingMemoryBound(to: Float.self)
    let buffer = UnsafeMutableBufferPointer(start: start, count: description.count)
    var span = buffer.mutableSpan
    return try body(&span)
  }

  /// Gives access to an output's elements, row by row.
  ///
  /// - Precondition: The output exists and is of `float32`.
  public func withOutput<R>(_ index: Int, _ body: (Span<Float>) throws -> R) rethrows -> R {
    let description = network.outputs[index]
    precondition(description.elementType == .float32, "the output \(description.name) is not of float32")
    let view = arena.view(network.plan.outputs[index], network.plan.outputTypes[index])
    return try body(UnsafeBufferPointer(start: view[Float.self], count: description.count).span)
  }

  /// As `withInput`, for any element type.
  package func withInputBytes(_ index: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
    let description = network.inputs[index]
    body(
      UnsafeMutableRawBufferPointer(
        start: arena.pointer(network.plan.inputs[index]), count: description.count * description.elementType.size))
  }

  /// As `withOutput`, for any element type.
  package func withOutputBytes(_ index: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    let description = network.outputs[index]
    let view = arena.view(network.plan.outputs[index], network.plan.outputTypes[index])
    body(UnsafeRawBufferPointer(start: view.base, count: description.count * description.elementType.size))
  }

  /// Runs the network and measures each step: the shortest of `runs` runs, in microseconds.
  public func profile(runs: Int) -> [StepProfile] {
    var shortest = [Double](repeating: .infinity, count: steps.count)
    for _ in 0..<max(1, runs) {
      for index in steps.indices {
        let start = now()
        run(index)
        shortest[index] = min(shortest[index], now() - start)
      }
    }
    return zip(network.plan.entries, shortest).map { entry, time in
      StepProfile(
        name: entry.name, operatorType: entry.operatorType, shape: entry.shape, microseconds: time * 1e6,
        multiplyAdds: entry.multiplyAdds, bytes: entry.bytes, note: entry.note)
    }
  }
}

/// What one step of a network costs.
public struct StepProfile: Sendable {
  public let name: String
  /// In ONNX's terms; what was fused into it stands in `note`.
  public let operatorType: String
  /// Of the result.
  public let shape: [Int]
  public let microseconds: Double
  public let multiplyAdds: Int
  /// Read and written, weights included.
  public let bytes: Int
  /// Layout, and what was fused.
  public let note: String
}

/// Seconds on a clock that only runs forward.
private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
