import CProcessor
public import KernelInterface
import Kernels
import KernelsAVX2
import KernelsAVX512

/// A kernel set by name.
public struct Level: Sendable, CustomStringConvertible {
  public let name: String
  public let kernels: any KernelSet.Type
  /// Floating-point operations a cycle on an AMD Zen 3 core (a multiply-add is two).
  public let floatPeak: Double

  public var description: String { name }

  /// Those which this processor can run, best last.
  public static let usable: [Level] = {
    let level = processor_level()
    var all = [Level(name: "baseline", kernels: Kernels.LocalKernels.self, floatPeak: 16)]
    if level >= 3 { all.append(Level(name: "avx2", kernels: KernelsAVX2.LocalKernels.self, floatPeak: 32)) }
    if level >= 4 { all.append(Level(name: "avx512", kernels: KernelsAVX512.LocalKernels.self, floatPeak: 32)) }
    return all
  }()

  /// Those which this processor cannot run.
  public static let missing: [String] = {
    let names = usable.map(\.name)
    return ["baseline", "avx2", "avx512"].filter { !names.contains($0) }
  }()
}
