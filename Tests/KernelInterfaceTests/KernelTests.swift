import KernelChecks
import KernelInterface
import Testing

@Suite("Kernels of every level that this processor has")
struct KernelTests {
  @Test(
    "a kernel gives what its reference gives, for whole and parts, and writes nowhere else",
    arguments: Level.usable, KernelCheck.all)
  func agreesWithReference(level: Level, check: KernelCheck) {
    let found = check.run(level.kernels)
    #expect(found <= check.tolerance, "\(level.name) \(check.name): \(found) of \(check.tolerance)")
  }

  @Test(
    "a check sees a kernel that is wrong, and one that writes where it must not", arguments: ["gather", "pointwise"])
  func checksAreAwake(name: String) throws {
    let check = try #require(KernelCheck.named(name))
    #expect(check.run(ReferenceKernels.self) == 0)
    #expect(check.run(WrongKernels.self) > check.tolerance)
    #expect(check.run(GreedyKernels.self) == .infinity)
  }

  @Test("panels are whole vectors")
  func widths() {
    for level in Level.usable {
      #expect(level.kernels.panelWidth % level.kernels.vectorWidth == 0)
      #expect(level.kernels.tileRows > 0)
    }
  }
}

/// The references with one value a little off.
private enum WrongKernels: KernelSet, ReferenceForwarding {
  static func pointwise(_ work: PointwiseWork) {
    ReferenceKernels.pointwise(work)
    let channel = work.panels.lowerBound
    work.output[blockedOffset(channel: channel, pixel: work.pixels.lowerBound, plane: work.outputPlane)] += 0.001
  }

  static func gather(_ work: CopyWork) {
    ReferenceKernels.gather(work)
    work.output[work.pixels.lowerBound * 16] += 0.001
  }
}

/// The references that write one float before their output.
private enum GreedyKernels: KernelSet, ReferenceForwarding {
  static func pointwise(_ work: PointwiseWork) {
    ReferenceKernels.pointwise(work)
    work.output[-1] = 0
  }

  static func gather(_ work: CopyWork) {
    ReferenceKernels.gather(work)
    work.output[-1] = 0
  }
}

private protocol ReferenceForwarding {}

extension ReferenceForwarding {
  static var vectorWidth: Int { 1 }
  static var panelWidth: Int { 1 }
  static var tileRows: Int { 1 }
  static func dense(_ work: DenseWork) {}
  static func planesConvolution(_ work: PlanesWork) {}
  static func depthwise(_ work: DepthwiseWork) {}
  static func pool(_ work: PoolWork) {}
  static func globalPool(
    _ pooling: Pooling, pixels: Int, blocks: Range<Int>, base: UnsafePointer<Float>, blockOffsets: UnsafePointer<Int>,
    output: UnsafeMutablePointer<Float>
  ) {}
  static func resize(_ work: ResizeWork) {}
  static func binary(
    _ operation: BinaryOperation, count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    _ second: SecondOperand, activation: Activation, output: UnsafeMutablePointer<Float>
  ) {}
  static func activate(
    _ activation: Activation, count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {}
  static func planesFromBlocked(_ work: CopyWork) {}
  static func rowsFromBlocked(_ work: CopyWork) {}
  static func blockedFromPlanes(
    channels: Int, pixels: Range<Int>, input: UnsafePointer<Float>, planeStride: Int,
    output: UnsafeMutablePointer<Float>, outputPlane: Int
  ) {}
  static func softmax(
    rows: Range<Int>, count: Int, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>,
    outputStride: Int
  ) {}
  static func multiply(_ work: MatrixWork) {}
  static func pictureRow(_ row: PictureRow) {}
}
