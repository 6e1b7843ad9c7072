/// Channels that lie side by side in one block of a blocked tensor.
///
/// A blocked tensor (NCHW16c, batch 1) is `[slot / 16][y · width + x][slot % 16]` on a 64-byte boundary: a pixel has 16
/// floats in each block, pixels are 16 floats apart, and a *plane* is the number of pixels from one block to the next.
/// A *view* is a list of runs in the order of its logical channels; its buffers have the same height and width, so one
/// pixel offset fits all. Slots that no run names hold anything.
public struct ChannelRun: Sendable, Hashable, BitwiseCopyable {
  /// Floats from the base pointer to the run's first channel at pixel 0.
  public var offset: Int
  /// Channels, 1…16, all within one block.
  public var count: Int

  public init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }

  /// The runs of a tensor of its own: whole blocks, the last may be partial.
  ///
  /// - Parameters:
  ///   - offset: Floats from the base to block 0, pixel 0.
  ///   - plane: Pixels from one block to the next.
  public static func dense(channels: Int, offset: Int, plane: Int) -> [ChannelRun] {
    stride(from: 0, to: channels, by: 16).map {
      ChannelRun(offset: offset + $0 * plane, count: Swift.min(16, channels - $0))
    }
  }
}

/// Where a channel of a pixel lies in a blocked tensor, in floats; `plane` is the pixels from one block to the next.
public func blockedOffset(channel: Int, pixel: Int, plane: Int) -> Int {
  (channel / 16 * plane + pixel) * 16 + channel % 16
}

/// Floats in a blocked tensor: whole blocks.
public func blockedCount(channels: Int, pixels: Int) -> Int { (channels + 15) / 16 * 16 * pixels }
