import KernelInterface

/// Bias, residual and a linear activation into a blocked tensor of floats.
struct BlockedOutput: TileOutput {
  let bias: UnsafePointer<Float>
  /// The activation if it is linear, else none.
  let linear: Activation
  let residual: UnsafePointer<Float>?
  let residualPlane: Int
  let output: UnsafeMutablePointer<Float>
  let plane: Int

  struct Column: TileColumn {
    let bias: UnsafePointer<Float>
    let linear: Activation
    let residual: UnsafePointer<Float>?
    let first: UnsafeMutablePointer<Float>

    var initial: FloatVector { @inline(always) get { FloatVector(bias) } }
    var adds: Bool { @inline(always) get { residual != nil } }

    @inline(always)
    func added(_ sum: FloatVector, row: Int) -> FloatVector {
      guard let residual else { return sum }
      return sum + FloatVector(residual + (row &* 16))
    }

    @inline(always)
    func store(_ sum: FloatVector, row: Int) { FunctionConstants(linear).linear(sum).store(first + (row &* 16)) }
  }

  @inline(always)
  func column(channel: Int, row: Int) -> Column {
    var other: UnsafePointer<Float>?
    if let residual { other = residual + place(channel: channel, pixel: row, plane: residualPlane) }
    return Column(
      bias: bias + channel, linear: linear, residual: other,
      first: output + place(channel: channel, pixel: row, plane: plane))
  }
}

/// Bias and a linear activation into rows of floats.
struct RowOutput: TileOutput {
  let bias: UnsafePointer<Float>
  let linear: Activation
  let columns: Int
  let output: UnsafeMutablePointer<Float>
  let stride: Int

  struct Column: TileColumn {
    let bias: UnsafePointer<Float>
    let linear: Activation
    let first: UnsafeMutablePointer<Float>
    let stride: Int
    /// Columns of this vector that exist.
    let count: Int

    var initial: FloatVector { @inline(always) get { FloatVector(bias) } }
    var adds: Bool { @inline(always) get { false } }
    @inline(always) func added(_ sum: FloatVector, row: Int) -> FloatVector { sum }

    @inline(always)
    func store(_ sum: FloatVector, row: Int) {
      let value = FunctionConstants(linear).linear(sum)
      let target = first + (row &* stride)
      if count >= FloatVector.count { value.store(target) } else { storePart(value, target, count) }
    }
  }

  @inline(always)
  func column(channel: Int, row: Int) -> Column {
    Column(
      bias: bias + channel, linear: linear, first: output + (row &* stride &+ channel), stride: stride,
      count: columns &- channel)
  }
}

/// Not inlined: a tile would hold it once for each row.
@inline(never)
private func storePart(_ value: FloatVector, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
  value.store(target, count: count)
}

/// A convolution's epilogue, cut in what the tile does (bias, an earlier residual, linear functions) and what a second pass
/// does while the outputs are in the cache (exponentials, a later residual).
struct Finish {
  let epilogue: Epilogue
  let output: UnsafeMutablePointer<Float>
  let plane: Int

  @inline(always)
  init(_ epilogue: Epilogue, output: UnsafeMutablePointer<Float>, plane: Int) {
    self.epilogue = epilogue
    self.output = output
    self.plane = plane
  }

  private var isLinear: Bool { @inline(always) get { epilogue.activation.kind == .linear } }
  /// The part of the activation that the tile applies, and the rest.
  var linear: Activation {
    @inline(always) get { isLinear ? epilogue.activation : epilogue.activation.none }
  }
  /// The residual that the tile adds.
  var earlyResidual: UnsafePointer<Float>? {
    @inline(always) get { epilogue.addsAfterActivation ? nil : epilogue.residual }
  }

  var blocked: BlockedOutput {
    @inline(always) get {
      BlockedOutput(
        bias: epilogue.bias, linear: linear, residual: earlyResidual, residualPlane: epilogue.residualPlane,
        output: output, plane: plane)
    }
  }

  /// The second pass over `count` pixels of channels `channel ..< channel + width` (whole vectors).
  @inline(always)
  func run(channel: Int, width: Int, pixel: Int, count: Int) {
    let late = epilogue.addsAfterActivation ? epilogue.residual : nil
    if isLinear && late == nil { return }
    let rest = isLinear ? epilogue.activation.none : epilogue.activation
    var from = channel
    while from < channel &+ width {
      let part = least(channel &+ width &- from, 16 &- (from & 15))
      let first = output + place(channel: from, pixel: pixel, plane: plane)
      var other: UnsafePointer<Float>?
      if let late { other = late + place(channel: from, pixel: pixel, plane: epilogue.residualPlane) }
      // Whole blocks lie side by side.
      let joined = part == 16
      Transformation(
        rows: joined ? 1 : count, width: joined ? count &* 16 : part, input: UnsafePointer(first), inputStride: 16,
        output: first, outputStride: 16, residual: other, residualStride: 16
      ).run(rest)
      from &+= part
    }
  }
}

extension Activation {
  /// Field by field: the public initialisers live in a module that is compiled for any processor, and would be a call.
  var none: Activation {
    @inline(always) get {
      var result = self
      result.kind = .linear
      result.alpha = 1
      result.beta = 0
      result.high = .infinity
      return result
    }
  }
}
