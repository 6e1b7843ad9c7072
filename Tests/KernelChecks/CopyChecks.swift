import KernelInterface

/// Random views through one copying kernel, whole and in parts; `layout` gives the output's floats and stride.
private func checkCopy(
  _ kernels: any KernelSet.Type, seed: UInt64,
  layout: (_ channels: Int, _ pixels: Int) -> (count: Int, stride: Int),
  _ copy: (any KernelSet.Type, CopyWork) -> Void
) -> Float {
  var random = Seeded(seed)
  var worst: Float = 0
  for channels in awkwardChannels {
    for arrangement in RandomView.Arrangement.allCases {
      let pixels = [1, 2, 3, 7, 15, 70][random.integer(0...5)]
      let view = RandomView(channels: channels, pixels: pixels, arrangement, &random)
      let (count, stride) = layout(channels, pixels)
      func run(_ set: any KernelSet.Type, _ cuts: [Range<Int>]) -> Memory {
        let output = Memory(count)
        for pixels in cuts {
          copy(
            set,
            CopyWork(
              pixels: pixels, base: view.memory.constant, runs: view.runs, runCount: view.runs.count,
              output: output.start, outputStride: stride))
        }
        return output
      }
      let expected = run(ReferenceKernels.self, [0..<pixels])
      for found in [run(kernels, [0..<pixels]), run(kernels, parts(0..<pixels, &random))] {
        guard found.guardsAreWhole else { return .infinity }
        // What the reference left alone is no channel of the view; kernels may not write there either.
        worst = Swift.max(worst, difference(found.values, expected.values))
      }
    }
  }
  return worst
}

func checkGather(_ kernels: any KernelSet.Type) -> Float {
  checkCopy(kernels, seed: 12) {
    (blockedCount(channels: $0, pixels: $1), $1)
  } _: {
    $0.gather($1)
  }
}

func checkPlanesFromBlocked(_ kernels: any KernelSet.Type) -> Float {
  checkCopy(kernels, seed: 13) {
    ($0 * ($1 + 3), $1 + 3)
  } _: {
    $0.planesFromBlocked($1)
  }
}

func checkRowsFromBlocked(_ kernels: any KernelSet.Type) -> Float {
  checkCopy(kernels, seed: 14) {
    ($1 * ($0 + 5), $0 + 5)
  } _: {
    $0.rowsFromBlocked($1)
  }
}

func checkBlockedFromPlanes(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(15)
  var worst: Float = 0
  for channels in awkwardChannels {
    for pixels in [1, 3, 7, 70] {
      let stride = pixels + 2
      let input = Memory(random.values(channels * stride))
      func run(_ set: any KernelSet.Type, _ cuts: [Range<Int>]) -> BlockedResult {
        let result = BlockedResult(channels: (channels + 15) / 16 * 16, plane: pixels)
        for pixels in cuts {
          set.blockedFromPlanes(
            channels: channels, pixels: pixels, input: input.constant, planeStride: stride,
            output: result.memory.start, outputPlane: result.plane)
        }
        return result
      }
      let expected = run(ReferenceKernels.self, [0..<pixels])
      for found in [run(kernels, [0..<pixels]), run(kernels, parts(0..<pixels, &random))] {
        guard found.memory.guardsAreWhole else { return .infinity }
        worst = Swift.max(worst, difference(found.values, expected.values))
      }
    }
  }
  return worst
}

func checkPictureRow(_ kernels: any KernelSet.Type) -> Float {
  var random = Seeded(16)
  var worst: Float = 0
  for count in [16, 17, 31, 32, 40, 100] {
    for isNear in [true, false] {
      let width = isNear ? 64 : 1000
      let rows = (0..<6).map { _ in (0..<width).map { _ in UInt8.random(in: 0...255, using: &random) } }
      let tables = (0..<2).map { _ in RandomPicks(count: count, width: width, isNear: isNear, &random) }
      let colours: [Float] = (0..<18).map { _ in Float.random(in: -1...1, using: &random) }
      let weights = (0..<3).map { _ in Float.random(in: 0...1, using: &random) }
      func run(_ set: any KernelSet.Type) -> [Float]? {
        let planes = (0..<3).map { _ in Memory(count) }
        func source(_ i: Int) -> PictureRow.Source {
          PictureRow.Source(
            above: rows[2 * i].withUnsafeBufferPointer { $0.baseAddress! },
            below: rows[2 * i + 1].withUnsafeBufferPointer { $0.baseAddress! },
            weightAbove: (1 - weights[i]) / 16384, weightBelow: weights[i] / 16384)
        }
        colours.withUnsafeBufferPointer { colours in
          tables[0].withTable { luma in
            tables[1].withTable { chroma in
              set.pictureRow(
                PictureRow(
                  count: count, y: source(0), u: source(1), v: source(2), luma: luma, chroma: chroma,
                  colours: colours.baseAddress!, planes: (planes[0].start, planes[1].start, planes[2].start)))
            }
          }
        }
        withExtendedLifetime(rows) {}
        return planes.allSatisfy(\.guardsAreWhole) ? planes.flatMap(\.values) : nil
      }
      guard let found = run(kernels), let expected = run(ReferenceKernels.self) else { return .infinity }
      worst = Swift.max(worst, difference(found, expected))
    }
  }
  return worst
}

/// A table for `pictureRow` with random offsets.
private struct RandomPicks {
  var offsets: [Int32] = []
  var weights: [Int16] = []
  var starts: [Int32]?
  var shuffle: [UInt8]?

  init(count: Int, width: Int, isNear: Bool, _ random: inout Seeded) {
    let places = (0..<count).map { i in
      isNear ? Int32(i * (width - 2) / count) : Int32(random.integer(0...width - 2))
    }
    let seconds = (0..<count).map { _ in Int16(random.integer(0...16384)) }
    var (starts, shuffle): ([Int32], [UInt8]) = ([], [])
    for vector in 0..<(count + 15) / 16 {
      let first = Swift.min(vector * 16, count - 16)
      for i in first..<first + 16 {
        offsets.append(places[i])
        weights += [16384 - seconds[i], seconds[i]]
        if (i - first) % 4 == 0 { starts.append(Swift.min(places[i], Int32(width - 16))) }
        let tap = UInt8(truncatingIfNeeded: places[i] - starts[starts.count - 1])
        shuffle += [tap, 0x80, tap &+ 1, 0x80]
      }
    }
    if isNear { (self.starts, self.shuffle) = (starts, shuffle) }
  }

  func withTable(_ body: (PickTable) -> Void) {
    offsets.withUnsafeBufferPointer { offsets in
      weights.withUnsafeBufferPointer { weights in
        (starts ?? []).withUnsafeBufferPointer { near in
          (shuffle ?? []).withUnsafeBufferPointer { indices in
            body(
              PickTable(
                offsets: offsets.baseAddress!, weights: weights.baseAddress!,
                starts: starts == nil ? nil : near.baseAddress, shuffle: shuffle == nil ? nil : indices.baseAddress))
          }
        }
      }
    }
  }
}
