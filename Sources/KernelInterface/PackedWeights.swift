/// Floats on a 64-byte boundary, written while they are made and never again.
public final class AlignedFloats: Sendable {
  // Nobody writes after init, so sharing is safe.
  private nonisolated(unsafe) let start: UnsafeMutablePointer<Float>
  public let count: Int

  /// Zeros, then whatever `fill` writes.
  public init(count: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Void = { _ in }) {
    let capacity = Swift.max(count, 16)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity * 4, alignment: 64)
    start = memory.initializeMemory(as: Float.self, repeating: 0, count: capacity)
    self.count = count
    fill(UnsafeMutableBufferPointer(start: start, count: count))
  }

  /// A copy.
  public convenience init(_ values: [Float]) {
    self.init(count: values.count) { target in
      for i in values.indices { target[i] = values[i] }
    }
  }

  deinit { start.deallocate() }

  /// Valid as long as this object lives.
  public var pointer: UnsafePointer<Float> { UnsafePointer(start) }
}

/// The right operand of a product, in panels for one kernel set: `[panel][depth][panelWidth]`.
///
/// The last panel is only as many vectors wide as its columns need. Columns that do not exist hold zeros.
public struct PackedWeights: Sendable {
  public let depth: Int
  public let columns: Int
  public let panelWidth: Int
  public let values: AlignedFloats

  public var panelCount: Int { (columns + panelWidth - 1) / panelWidth }
  public var pointer: UnsafePointer<Float> { values.pointer }

  /// Packs `element(depth index, column)`.
  public init(
    depth: Int, columns: Int, for kernels: any KernelSet.Type, _ element: (_ depth: Int, _ column: Int) -> Float
  ) {
    self.init(depth, columns, vector: kernels.vectorWidth, panel: kernels.panelWidth, element)
  }

  private init(
    _ depth: Int, _ columns: Int, vector: Int, panel: Int, _ element: (_ depth: Int, _ column: Int) -> Float
  ) {
    self.depth = depth
    self.columns = columns
    panelWidth = panel
    let padded = (columns + vector - 1) / vector * vector
    values = AlignedFloats(count: padded * depth) { target in
      for start in stride(from: 0, to: columns, by: panel) {
        let width = Swift.min(panel, padded - start)
        for k in 0..<depth {
          for n in 0..<Swift.min(width, columns - start) {
            target[start * depth + k * width + n] = element(k, start + n)
          }
        }
      }
    }
  }

  /// The weights of a 1×1 or k×k convolution on views (`pointwise`, `dense`), from ONNX's order
  /// `[outputs][inputs][kernelHeight][kernelWidth]`.
  public init(
    convolution weights: [Float], outputs: Int, inputs: Int, kernelHeight: Int, kernelWidth: Int,
    for kernels: any KernelSet.Type
  ) {
    let taps = kernelHeight * kernelWidth
    precondition(weights.count == outputs * inputs * taps, "the weights do not have the convolution's shape")
    self.init(depth: taps * inputs, columns: outputs, for: kernels) { k, n in
      weights[(n * inputs + k % inputs) * taps + k / inputs]
    }
  }

  /// The weights of a convolution on plain planes (`planesConvolution`), from ONNX's order.
  public init(
    planes weights: [Float], outputs: Int, inputs: Int, kernelHeight: Int, kernelWidth: Int,
    for kernels: any KernelSet.Type
  ) {
    let depth = inputs * kernelHeight * kernelWidth
    precondition(weights.count == outputs * depth, "the weights do not have the convolution's shape")
    self.init(depth, outputs, vector: kernels.vectorWidth, panel: kernels.planesPanelWidth) { k, n in
      weights[n * depth + k]
    }
  }

  /// A bias (zeros where `values` is nil) padded to whole panels.
  public static func paddedBias(_ values: [Float]?, columns: Int, for kernels: any KernelSet.Type) -> AlignedFloats {
    precondition(values == nil || values?.count == columns, "a bias has one value for each column")
    let width = Swift.max(kernels.panelWidth, kernels.planesPanelWidth, 16)
    return AlignedFloats(count: (columns + width - 1) / width * width) { target in
      for i in 0..<columns { target[i] = values?[i] ?? 0 }
    }
  }
}

/// Depthwise weights `[block][ky][kx][16]` from ONNX's order `[channels][1][kernelHeight][kernelWidth]`. The same for
/// every kernel set. The bias is `PackedWeights.paddedBias`.
public func packDepthwise(_ weights: [Float], channels: Int, kernelHeight: Int, kernelWidth: Int) -> AlignedFloats {
  let taps = kernelHeight * kernelWidth
  precondition(weights.count == channels * taps, "the weights do not have the convolution's shape")
  return AlignedFloats(count: blockedCount(channels: channels, pixels: taps)) { target in
    for channel in 0..<channels {
      for tap in 0..<taps {
        target[blockedOffset(channel: channel, pixel: tap, plane: taps)] = weights[channel * taps + tap]
      }
    }
  }
}
