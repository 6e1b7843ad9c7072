import CFFmpeg
import Dispatch
import Glibc

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

/// Runs work that blocks on a thread of its own and waits for it; a cancelled task leaves at once with `.stopped`, and the
/// work is interrupted.
func onThread<R: Sendable>(
  _ source: String, interrupt: Interrupt, _ work: @escaping @Sendable () throws(VideoError) -> R
) async throws(VideoError) -> R {
  let hand = HandOff<R>(.everything(capacity: 1))
  startThread {
    do throws(VideoError) {
      _ = hand.send(try work())
    } catch {
      hand.finish(error)
    }
  }
  do throws(VideoError) {
    guard let result = try await hand.next() else { throw VideoError(.stopped, source: source) }
    return result
  } catch {
    interrupt.stop()
    throw error
  }
}
