import KernelInterface

extension FloatVector {
  /// eˣ to a relative 2e-7, with infinity, zero and subnormal results where they belong. NaN stays NaN.
  ///
  /// `x = n · ln 2 + r` with |r| ≤ ln 2 / 2; eʳ by a polynomial of degree 6 (minimax, relative error 2e-9); 2ⁿ in two
  /// factors, since one would leave the exponent's range before the result does.
  @inline(always) var exponential: FloatVector {
    let x = clamped(from: FloatVector(repeating: -105)).clamped(to: FloatVector(repeating: 90))
    // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
    let magic = FloatVector(repeating: 12_582_912)
    let shifted = magic.adding(x, times: FloatVector(repeating: 1.442_695_04))
    let whole = shifted - magic
    let r = x.adding(whole, times: FloatVector(repeating: -0.693_359_375))
      .adding(whole, times: FloatVector(repeating: 2.121_944_4e-4))
    var sum = FloatVector(repeating: 0.001_383_679_4)
    sum = FloatVector(repeating: 0.008_374_857_1).adding(sum, times: r)
    sum = FloatVector(repeating: 0.041_668_228_7).adding(sum, times: r)
    sum = FloatVector(repeating: 0.166_664_197).adding(sum, times: r)
    sum = FloatVector(repeating: 0.499_999_921).adding(sum, times: r)
    sum = FloatVector(repeating: 1).adding(sum, times: r)
    sum = FloatVector(repeating: 1).adding(sum, times: r)
    let n = WordVector(bits: shifted.lanes) - WordVector(bits: magic.lanes)
    let half = n.shiftedRight(1)
    return sum * FloatVector.power(half) * FloatVector.power(n - half)
  }

  /// 2ⁿ for -126…127.
  @inline(always) private static func power(_ n: WordVector) -> FloatVector {
    FloatVector(bits: (n + WordVector(repeating: 127)).shiftedLeft(23).lanes)
  }

  @inline(always) var sigmoid: FloatVector {
    let one = FloatVector(repeating: 1)
    return one / (one + (FloatVector() - self).exponential)
  }

  /// Clamped to 0…1.
  @inline(always) var inUnit: FloatVector { clamped(from: FloatVector()).clamped(to: FloatVector(repeating: 1)) }
}

/// The constants of an `Activation` in registers.
struct FunctionConstants: BitwiseCopyable {
  let alpha: FloatVector
  let beta: FloatVector
  let high: FloatVector

  @inline(always) init(_ activation: Activation) {
    alpha = FloatVector(repeating: activation.alpha)
    beta = FloatVector(repeating: activation.beta)
    high = FloatVector(repeating: activation.high)
  }

  @inline(always) func linear(_ x: FloatVector) -> FloatVector {
    x.clamped(from: beta.adding(x, times: alpha)).clamped(to: high)
  }
}

/// A function of one value, as a type, so that loops are compiled for it.
protocol VectorFunction {
  static func value(_ x: FloatVector, _ constants: FunctionConstants) -> FloatVector
}

enum LinearFunction: VectorFunction {
  @inline(always) static func value(_ x: FloatVector, _ c: FunctionConstants) -> FloatVector { c.linear(x) }
}
enum HardSigmoidFunction: VectorFunction {
  @inline(always) static func value(_ x: FloatVector, _ c: FunctionConstants) -> FloatVector {
    c.beta.adding(x, times: c.alpha).inUnit
  }
}
enum HardSwishFunction: VectorFunction {
  @inline(always) static func value(_ x: FloatVector, _ c: FunctionConstants) -> FloatVector {
    x * c.beta.adding(x, times: c.alpha).inUnit
  }
}
enum SigmoidFunction: VectorFunction {
  @inline(always) static func value(_ x: FloatVector, _ c: FunctionConstants) -> FloatVector { x.sigmoid }
}
enum SiluFunction: VectorFunction {
  @inline(always) static func value(_ x: FloatVector, _ c: FunctionConstants) -> FloatVector {
    let one = FloatVector(repeating: 1)
    return x / (one + (FloatVector() - x).exponential)
  }
}
enum ExponentialFunction: VectorFunction {
  @inline(always) static func value(_ x: FloatVector, _ c: FunctionConstants) -> FloatVector { x.exponential }
}

/// `output = activation(input) + residual` over rows of `width` floats.
struct Transformation {
  let rows: Int
  let width: Int
  let input: UnsafePointer<Float>
  let inputStride: Int
  let output: UnsafeMutablePointer<Float>
  let outputStride: Int
  let residual: UnsafePointer<Float>?
  let residualStride: Int

  @inline(always)
  func run(_ activation: Activation) {
    switch activation.kind {
    case .linear: run(activation, LinearFunction.self)
    case .hardSigmoid: run(activation, HardSigmoidFunction.self)
    case .hardSwish: run(activation, HardSwishFunction.self)
    case .sigmoid: run(activation, SigmoidFunction.self)
    case .silu: run(activation, SiluFunction.self)
    case .exponential: run(activation, ExponentialFunction.self)
    }
  }

  @inline(never)
  private func run<Function: VectorFunction>(_ activation: Activation, _: Function.Type) {
    let constants = FunctionConstants(activation)
    let whole = width / FloatVector.count &* FloatVector.count
    for row in 0..<rows {
      let from = input + (row &* inputStride)
      let to = output + (row &* outputStride)
      if let residual {
        let other = residual + (row &* residualStride)
        var i = 0
        while i < whole {
          (Function.value(FloatVector(from + i), constants) + FloatVector(other + i)).store(to + i)
          i &+= FloatVector.count
        }
        if whole < width {
          let rest = width &- whole
          let value = Function.value(FloatVector(from + whole, count: rest), constants)
          (value + FloatVector(other + whole, count: rest)).store(to + whole, count: rest)
        }
      } else {
        var i = 0
        while i < whole {
          Function.value(FloatVector(from + i), constants).store(to + i)
          i &+= FloatVector.count
        }
        if whole < width {
          let rest = width &- whole
          Function.value(FloatVector(from + whole, count: rest), constants).store(to + whole, count: rest)
        }
      }
    }
  }
}
