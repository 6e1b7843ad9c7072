import CProcessor
import Glibc
public import KernelInterface
import Kernels
import KernelsAVX2
import KernelsAVX512

/// A level of vector instructions, and the kernels that are compiled for it.
public struct InstructionSet: Sendable, CustomStringConvertible {
  /// `baseline` (SSE2), `avx2` (with FMA) or `avx512` (F, BW, DQ, VL).
  public let name: String
  public let kernels: any KernelSet.Type
  /// Single-precision operations that current server cores do in a cycle, a multiply-add counted as two.
  public let floatOperationsPerCycle: Int

  public var description: String { name }

  /// What the processor and the operating system support, slowest first.
  ///
  /// `WARDEN_INSTRUCTION_SET` in the environment caps it at the level that it names;
  /// another value does nothing.
  public static let usable: [InstructionSet] = {
    let level = processor_level()
    var sets = [InstructionSet(name: "baseline", kernels: Kernels.LocalKernels.self, floatOperationsPerCycle: 16)]
    if level >= 3 {
      sets.append(InstructionSet(name: "avx2", kernels: KernelsAVX2.LocalKernels.self, floatOperationsPerCycle: 32))
    }
    if level >= 4 {
      sets.append(InstructionSet(name: "avx512", kernels: KernelsAVX512.LocalKernels.self, floatOperationsPerCycle: 32))
    }
    guard let cap = getenv("WARDEN_INSTRUCTION_SET").map({ String(cString: $0) }),
      let index = sets.firstIndex(where: { $0.name == cap })
    else { return sets }
    return Array(sets[...index])
  }()

  /// The fastest of `usable`.
  public static var best: InstructionSet { usable[usable.count - 1] }
}
