import Glibc
import KernelInterface

func checkPool(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(6)
  var worst: Float = 0
  for (height, width) in maps {
    for var g in geometries(height, width) {
      // Rounded up, as some models' pooling is.
      if random.integer(0...2) == 0 {
        g.outputHeight += 1
        g.outputWidth += 1
      }
      for pooling in [Pooling.maximum, .average, .averageWithPadding] {
        let channels = awkwardChannels[random.integer(0...8)]
        let view = RandomView(channels: channels, pixels: g.inputPixels, .aligned, &random)
        let blocks = 0..<(channels + 15) / 16
        func run(_ set: any KernelSet.Type, _ cuts: [(Range<Int>, Range<Int>)]) -> BlockedResult? {
          let result = BlockedResult(channels: channels, plane: g.outputPixels)
          for (rows, blocks) in cuts {
            set.pool(
              PoolWork(
                pooling: pooling, geometry: g, rows: rows, blocks: blocks, channels: channels,
                base: view.memory.constant, blockOffsets: view.blockOffsets, output: result.memory.start,
                outputPlane: g.outputPixels))
            let pixels = rows.lowerBound * g.outputWidth..<rows.upperBound * g.outputWidth
            if cuts.count == 1, !result.isUntouched(outside: pixels, blocks: blocks) { return nil }
          }
          return result
        }
        let (rowParts, blockParts) = (parts(0..<g.outputHeight, &random), parts(blocks, &random))
        worst = Swift.max(
          worst,
          compare(
            whole: run(kernels, [(0..<g.outputHeight, blocks)]),
            inParts: run(kernels, rowParts.flatMap { rows in blockParts.map { (rows, $0) } }),
            onePart: run(kernels, [(rowParts[0], blockParts[0])]),
            reference: run(ReferenceKernels.self, [(0..<g.outputHeight, blocks)])))
      }
    }
  }
  return worst
}

func checkGlobalPool(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(7)
  var worst: Float = 0
  for pixels in [1, 2, 3, 5, 49, 169, 1000] {
    for pooling in [Pooling.average, .maximum] {
      let channels = awkwardChannels[random.integer(0...10)]
      let view = RandomView(channels: channels, pixels: pixels, .aligned, &random)
      func run(_ set: any KernelSet.Type) -> [Float] {
        let output = Memory(view.runs.count * 16)
        for blocks in parts(0..<view.runs.count, &random) {
          set.globalPool(
            pooling, pixels: pixels, blocks: blocks, base: view.memory.constant, blockOffsets: view.blockOffsets,
            output: output.start)
        }
        return output.guardsAreWhole ? Array(output.values[0..<channels]) : [.nan]
      }
      let (found, expected) = (run(kernels), run(ReferenceKernels.self))
      guard found.count == expected.count else { return .infinity }
      worst = Swift.max(worst, difference(found, expected))
    }
  }
  return worst
}

func checkResize(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(8)
  var worst: Float = 0
  for (from, to) in [((1, 1), (3, 5)), ((13, 13), (26, 26)), ((5, 3), (2, 9)), ((7, 20), (20, 7))] {
    for isLinear in [true, false] {
      let channels = awkwardChannels[random.integer(0...8)]
      let view = RandomView(channels: channels, pixels: from.0 * from.1, .aligned, &random)
      func axis(_ from: Int, _ to: Int) -> (first: [Int32], second: [Int32], weight: [Float]) {
        let first = (0..<to).map { _ in Int32(random.integer(0...from - 1)) }
        let second = first.map { Swift.min($0 + 1, Int32(from - 1)) }
        return (first, second, (0..<to).map { _ in Float.random(in: 0...1, using: &random) })
      }
      let (vertical, horizontal) = (axis(from.0, to.0), axis(from.1, to.1))
      let blocks = 0..<view.runs.count
      func run(_ set: any KernelSet.Type, _ cuts: [(Range<Int>, Range<Int>)]) -> BlockedResult? {
        let result = BlockedResult(channels: channels, plane: to.0 * to.1)
        vertical.first.withUnsafeBufferPointer { v0 in
          vertical.second.withUnsafeBufferPointer { v1 in
            vertical.weight.withUnsafeBufferPointer { vw in
              horizontal.first.withUnsafeBufferPointer { h0 in
                horizontal.second.withUnsafeBufferPointer { h1 in
                  horizontal.weight.withUnsafeBufferPointer { hw in
                    for (rows, blocks) in cuts {
                      set.resize(
                        ResizeWork(
                          isLinear: isLinear, inputWidth: from.1, outputWidth: to.1,
                          vertical: AxisTable(
                            first: v0.baseAddress!, second: v1.baseAddress!, weight: vw.baseAddress!),
                          horizontal: AxisTable(
                            first: h0.baseAddress!, second: h1.baseAddress!, weight: hw.baseAddress!),
                          rows: rows, blocks: blocks, channels: channels, base: view.memory.constant,
                          blockOffsets: view.blockOffsets, output: result.memory.start, outputPlane: to.0 * to.1))
                    }
                  }
                }
              }
            }
          }
        }
        let pixels = cuts[0].0.lowerBound * to.1..<cuts[0].0.upperBound * to.1
        if cuts.count == 1, !result.isUntouched(outside: pixels, blocks: cuts[0].1) { return nil }
        return result
      }
      let (rowParts, blockParts) = (parts(0..<to.0, &random), parts(blocks, &random))
      worst = Swift.max(
        worst,
        compare(
          whole: run(kernels, [(0..<to.0, blocks)]),
          inParts: run(kernels, rowParts.flatMap { rows in blockParts.map { (rows, $0) } }),
          onePart: run(kernels, [(rowParts[0], blockParts[0])]),
          reference: run(ReferenceKernels.self, [(0..<to.0, blocks)])))
    }
  }
  return worst
}

func checkBinary(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(9)
  var worst: Float = 0
  let operations: [BinaryOperation] = [
    .add, .subtract, .multiply, .divide, .maximum, .minimum, .subtractFrom, .divideInto,
  ]
  for operation in operations {
    for second in [SecondOperand.equal, .perChannel, .scalar] {
      for count in second == .perChannel ? [16, 48, 160] : [1, 3, 8, 15, 16, 17, 100] {
        func away(_ count: Int) -> Memory {
          // Not near zero, where quotients amplify rounding.
          Memory(
            (0..<count).map { _ in Float.random(in: 0.5...2, using: &random) * (Bool.random(using: &random) ? 1 : -1) })
        }
        let (a, b) = (away(count), away(second == .equal ? count : second == .perChannel ? 16 : 1))
        let activation = activations[random.integer(0...activations.count - 1)]
        func run(_ set: any KernelSet.Type, inPlace: Bool) -> [Float]? {
          let output = inPlace ? Memory(a.values) : Memory(count)
          set.binary(
            operation, count: count, inPlace ? output.constant : a.constant, b.constant, second,
            activation: activation, output: output.start)
          return output.guardsAreWhole ? output.values : nil
        }
        guard let found = run(kernels, inPlace: false), let inPlace = run(kernels, inPlace: true),
          let expected = run(ReferenceKernels.self, inPlace: false), found == inPlace
        else { return .infinity }
        worst = Swift.max(worst, difference(found, expected))
      }
    }
  }
  return worst
}

func checkActivate(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(10)
  var worst: Float = 0
  for activation in activations + [.exponential, .clip(-.infinity, 1), .clip(-2, .infinity)] {
    for count in [1, 2, 7, 8, 9, 31, 64, 1000] {
      let input = Memory((0..<count).map { _ in Float.random(in: -8...8, using: &random) })
      input.start[0] = .nan
      func run(_ set: any KernelSet.Type, inPlace: Bool) -> [Float]? {
        let output = inPlace ? Memory(input.values) : Memory(count)
        set.activate(
          activation, count: count, input: inPlace ? output.constant : input.constant, output: output.start)
        return output.guardsAreWhole ? output.values : nil
      }
      guard let found = run(kernels, inPlace: false), let inPlace = run(kernels, inPlace: true),
        let expected = run(ReferenceKernels.self, inPlace: false), found[0].isNaN, inPlace[0].isNaN
      else { return .infinity }
      worst = Swift.max(worst, difference(found, expected), difference(inPlace, expected))
    }
  }
  return worst
}

/// The relative error over the whole range of normal results; at the ends, infinity and zero.
func checkExponential(_ kernels: any KernelSet.Type) -> Float {
  let count = 200_001
  let input = Memory((0..<count).map { -87.3 + Float($0) * (176 / Float(count)) })
  let output = Memory(count)
  kernels.activate(.exponential, count: count, input: input.constant, output: output.start)
  var worst: Float = 0
  for i in 0..<count {
    let expected = exp(Double(input.start[i]))
    if expected > Double(Float.greatestFiniteMagnitude) {
      guard output.start[i] == .infinity || output.start[i] > 3.402e38 else { return .infinity }
    } else {
      worst = Swift.max(worst, Float(abs(Double(output.start[i]) - expected) / expected))
    }
  }
  let ends = Memory([.infinity, -.infinity, 1e30, -1e30, 89, -110, 0, .nan])
  kernels.activate(.exponential, count: 8, input: ends.constant, output: ends.start)
  let found = ends.values
  guard found[0] == .infinity, found[1] == 0, found[2] == .infinity, found[3] == 0, found[4] == .infinity,
    found[5] == 0, found[6] == 1, found[7].isNaN
  else { return .infinity }
  return worst
}

func checkSoftmax(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(11)
  var worst: Float = 0
  for count in [1, 2, 7, 8, 16, 17, 80, 100] {
    let (rows, stride) = (3, count + random.integer(0...2))
    let input = Memory((0..<rows * stride).map { _ in Float.random(in: -20...20, using: &random) })
    func run(_ set: any KernelSet.Type, _ input: Memory, into output: Memory) -> [Float]? {
      for rows in [0..<1, 1..<rows] {
        set.softmax(
          rows: rows, count: count, input: input.constant, inputStride: stride, output: output.start,
          outputStride: stride)
      }
      guard output.guardsAreWhole else { return nil }
      return output.values.enumerated().filter { $0.offset % stride < count }.map(\.element)
    }
    let copy = Memory(input.values)
    guard let found = run(kernels, input, into: Memory(rows * stride)), let inPlace = run(kernels, copy, into: copy),
      let expected = run(ReferenceKernels.self, input, into: Memory(rows * stride)), found == inPlace
    else { return .infinity }
    worst = Swift.max(worst, difference(found, expected))
  }
  return worst
}
