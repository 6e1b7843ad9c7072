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
  /// `WARDEN_INSTRUCTION_SET` in the environment caps it at the level that it names.
  public static let usable: [InstructionSet] = {
    var sets = [InstructionSet(name: "baseline", kernels: Kernels.LocalKernels.self, floatOperationsPerCycle: 16)]
    if hasAVX2 {
      sets.append(InstructionSet(name: "avx2", kernels: KernelsAVX2.LocalKernels.self, floatOperationsPerCycle: 32))
    }
    if hasAVX2, hasAVX512 {
      sets.append(InstructionSet(name: "avx512", kernels: KernelsAVX512.LocalKernels.self, floatOperationsPerCycle: 32))
    }
    guard let cap = getenv("WARDEN_INSTRUCTION_SET").map({ String(cString: $0) }),
      let index = sets.firstIndex(where: { $0.name == cap })
    else { return sets }
    return Array(sets[...index])
  }()

  /// The fastest of `usable`.
  public static var best: InstructionSet { usable[usable.count - 1] }

  private static let hasOSXSAVE = cpuid_leaf(1, 0).ecx >> 27 & 1 == 1

  /// AVX2, FMA, BMI and the rest of x86-64-v3, with registers that the operating system saves.
  private static let hasAVX2: Bool = {
    guard hasOSXSAVE, enabled_register_state() & 0b110 == 0b110 else { return false }
    let (one, seven, extended) = (cpuid_leaf(1, 0), cpuid_leaf(7, 0), cpuid_leaf(0x8000_0001, 0))
    // FMA 12, SSE4.1 19, SSE4.2 20, MOVBE 22, POPCNT 23, AVX 28, F16C 29; BMI1 3, AVX2 5, BMI2 8; LZCNT 5.
    return one.ecx & 0x30D8_1000 == 0x30D8_1000 && seven.ebx & 0x128 == 0x128 && extended.ecx & 0x20 == 0x20
  }()

  /// F, DQ, CD, BW and VL, with registers that the operating system saves.
  private static let hasAVX512: Bool = {
    guard hasOSXSAVE, enabled_register_state() & 0b1110_0110 == 0b1110_0110 else { return false }
    return cpuid_leaf(7, 0).ebx & 0xD003_0000 == 0xD003_0000
  }()
}
