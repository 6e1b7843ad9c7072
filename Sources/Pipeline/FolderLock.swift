import Glibc

/// Keeps a folder of results to one process: released when it goes, or when the process ends, however it ends.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  /// - Throws: where another process holds the folder, or nothing can be written there.
  public init(_ folder: OutputFolder) throws(OutputError) {
    let path = folder.path + "/.lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .cannotWrite(path, reason: String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .cannotWrite(folder.path, reason: "another warden is writing there")
    }
  }

  deinit { close(descriptor) }
}
