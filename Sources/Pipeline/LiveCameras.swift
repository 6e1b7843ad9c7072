import Synchronization

/// All cameras under watch, each in a task of its own: none waits for another.
///
/// Cameras come, change and go while the others run.
public actor LiveCameras {
  private struct Entry {
    var camera: LiveCamera
    /// Changes when the camera has to be started anew.
    var mark: Int
    var task: Task<Void, Never>
  }

  private var entries: [String: Entry] = [:]
  private var isOver = false

  public init() {}

  /// Puts a camera under watch, in place of one with this id and another mark.
  public func watch(_ id: String, mark: Int, _ make: () -> LiveCamera) async {
    while let old = entries[id] {
      guard old.mark != mark else { return }
      entries[id] = nil
      old.task.cancel()
      // The old rules save their state before the new ones read it.
      await old.task.value
    }
    guard !isOver else { return }
    let camera = make()
    entries[id] = Entry(camera: camera, mark: mark, task: Task { await camera.run() })
  }

  /// Ends the watch of the cameras that are not among these.
  public func keepOnly(_ ids: Set<String>) async {
    for (id, entry) in entries where !ids.contains(id) {
      entries[id] = nil
      entry.task.cancel()
      await entry.task.value
    }
  }

  public subscript(id: String) -> LiveCamera? { entries[id]?.camera }

  public var all: [String: LiveCamera] { entries.mapValues(\.camera) }

  /// Ends all; returns when each has saved its state.
  public func stop() async {
    isOver = true
    let tasks = entries.values.map(\.task)
    entries = [:]
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
  }
}
