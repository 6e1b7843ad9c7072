import KernelInterface

/// An operation of two values, as a type, so that loops are compiled for it.
private protocol VectorOperation {
  static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector
}

private enum Addition: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { a + b }
}
private enum Subtraction: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { a - b }
}
private enum Multiplication: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { a * b }
}
private enum Division: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { a / b }
}
private enum Maximum: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { a.clamped(from: b) }
}
private enum Minimum: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { a.clamped(to: b) }
}
private enum SubtractionFrom: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { b - a }
}
private enum DivisionInto: VectorOperation {
  @inline(always) static func value(_ a: FloatVector, _ b: FloatVector) -> FloatVector { b / a }
}

@inline(always)
func combine(
  _ operation: BinaryOperation, count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ second: SecondOperand, activation: Activation, output: UnsafeMutablePointer<Float>
) {
  let isLinear = activation.kind == .linear
  let linear = isLinear ? activation : activation.none
  switch operation {
  case .add: combine(Addition.self, count, a, b, second, linear, output)
  case .subtract: combine(Subtraction.self, count, a, b, second, linear, output)
  case .multiply: combine(Multiplication.self, count, a, b, second, linear, output)
  case .divide: combine(Division.self, count, a, b, second, linear, output)
  case .maximum: combine(Maximum.self, count, a, b, second, linear, output)
  case .minimum: combine(Minimum.self, count, a, b, second, linear, output)
  case .subtractFrom: combine(SubtractionFrom.self, count, a, b, second, linear, output)
  case .divideInto: combine(DivisionInto.self, count, a, b, second, linear, output)
  }
  if !isLinear { apply(activation, count: count, input: UnsafePointer(output), output: output) }
}

@inline(never)
private func combine<Operation: VectorOperation>(
  _: Operation.Type, _ count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ second: SecondOperand,
  _ linear: Activation, _ output: UnsafeMutablePointer<Float>
) {
  let constants = FunctionConstants(linear)
  let whole = count / FloatVector.count &* FloatVector.count
  var i = 0
  switch second {
  case .equal:
    while i < whole {
      constants.linear(Operation.value(FloatVector(a + i), FloatVector(b + i))).store(output + i)
      i &+= FloatVector.count
    }
  case .perChannel:
    while i < whole {
      constants.linear(Operation.value(FloatVector(a + i), FloatVector(b + (i & 15)))).store(output + i)
      i &+= FloatVector.count
    }
  case .scalar:
    let same = FloatVector(repeating: b[0])
    while i < whole {
      constants.linear(Operation.value(FloatVector(a + i), same)).store(output + i)
      i &+= FloatVector.count
    }
  }
  if i < count {
    let rest = count &- i
    let other =
      second == .scalar
      ? FloatVector(repeating: b[0]) : FloatVector(second == .equal ? b + i : b + (i & 15), count: rest)
    let value = Operation.value(FloatVector(a + i, count: rest), other)
    constants.linear(value).store(output + i, count: rest)
  }
}

@inline(always)
func apply(
  _ activation: Activation, count: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
) {
  Transformation(
    rows: 1, width: count, input: input, inputStride: 0, output: output, outputStride: 0, residual: nil,
    residualStride: 0
  ).run(activation)
}

@inline(never)
func normaliseRows(
  rows: Range<Int>, count: Int, input: UnsafePointer<Float>, inputStride: Int, output: UnsafeMutablePointer<Float>,
  outputStride: Int
) {
  let whole = count / FloatVector.count &* FloatVector.count
  let rest = count &- whole
  for row in rows {
    let from = input + (row &* inputStride)
    let to = output + (row &* outputStride)
    var most = FloatVector(repeating: -Float.infinity)
    var i = 0
    while i < whole {
      most = most.clamped(from: FloatVector(from + i))
      i &+= FloatVector.count
    }
    if rest > 0 { most = most.clamped(from: FloatVector(from + whole, count: rest, fill: -Float.infinity)) }
    let largest = FloatVector(repeating: most.largest)
    var sum = FloatVector()
    i = 0
    while i < whole {
      let power = (FloatVector(from + i) - largest).exponential
      power.store(to + i)
      sum = sum + power
      i &+= FloatVector.count
    }
    if rest > 0 {
      let power = (FloatVector(from + whole, count: rest, fill: -Float.infinity) - largest).exponential
      power.store(to + whole, count: rest)
      sum = sum + power
    }
    let factor = FloatVector(repeating: 1 / sum.total)
    i = 0
    while i < whole {
      (FloatVector(to + i) * factor).store(to + i)
      i &+= FloatVector.count
    }
    if rest > 0 { (FloatVector(to + whole, count: rest) * factor).store(to + whole, count: rest) }
  }
}
