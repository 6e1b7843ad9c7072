import KernelInterface

@inline(always)
func clearFloats(_ count: Int, _ target: UnsafeMutablePointer<Float>) {
  var i = 0
  while i &+ FloatVector.count <= count {
    FloatVector().store(target + i)
    i &+= FloatVector.count
  }
  while i < count {
    target[i] = 0
    i &+= 1
  }
}

@inline(always)
func copyFloats(_ count: Int, from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
  var i = 0
  while i &+ FloatVector.count <= count {
    FloatVector(source + i).store(target + i)
    i &+= FloatVector.count
  }
  while i < count {
    target[i] = source[i]
    i &+= 1
  }
}

/// Zeros in `lanes` floats of each of `count` pixels, 16 floats apart.
@inline(always)
func clearPixels(_ count: Int, _ target: UnsafeMutablePointer<Float>, lanes: Int) {
  if lanes == 16 { return clearFloats(count &* 16, target) }
  for i in 0..<count { clearFloats(lanes, target + (i &* 16)) }
}

/// `lanes` floats of each of `count` pixels, which are `sourceStride` and `targetStride` floats apart.
@inline(never)
func copyPixels(
  _ count: Int, from source: UnsafePointer<Float>, _ sourceStride: Int, to target: UnsafeMutablePointer<Float>,
  _ targetStride: Int, lanes: Int
) {
  if lanes == 16 && sourceStride == 16 && targetStride == 16 {
    copyFloats(count &* 16, from: source, to: target)
  } else if lanes == 16 {
    for i in 0..<count { copyFloats(16, from: source + (i &* sourceStride), to: target + (i &* targetStride)) }
  } else if lanes >= 4 {
    // The last four lanes begin early, so no lane is copied alone.
    for i in 0..<count {
      let (from, to) = (source + (i &* sourceStride), target + (i &* targetStride))
      var lane = 0
      while lane &+ 4 < lanes {
        copyFour(from + lane, to + lane)
        lane &+= 4
      }
      copyFour(from + (lanes &- 4), to + (lanes &- 4))
    }
  } else {
    for lane in 0..<lanes {
      for i in 0..<count { target[i &* targetStride &+ lane] = source[i &* sourceStride &+ lane] }
    }
  }
}

@inline(always)
private func copyFour(_ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
  let four = UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self)
  UnsafeMutableRawPointer(target).storeBytes(of: four, as: SIMD4<Float>.self)
}

@inline(always)
func gatherRuns(_ work: CopyWork) {
  let (first, count) = (work.pixels.lowerBound, work.pixels.upperBound &- work.pixels.lowerBound)
  var channel = 0
  for i in 0..<work.runCount {
    let run = work.runs[i]
    var done = 0
    while done < run.count {
      let lanes = least(run.count &- done, 16 &- (channel & 15))
      copyPixels(
        count, from: work.base + (run.offset &+ done &+ first &* 16), 16,
        to: work.output + place(channel: channel, pixel: first, plane: work.outputStride), 16, lanes: lanes)
      channel &+= lanes
      done &+= lanes
    }
  }
}

@inline(always)
func writeRows(_ work: CopyWork) {
  // Pixels in short pieces, so that a row of the output is still in the cache when the next run comes.
  var first = work.pixels.lowerBound
  while first < work.pixels.upperBound {
    let count = least(64, work.pixels.upperBound &- first)
    var channel = 0
    for i in 0..<work.runCount {
      let run = work.runs[i]
      copyPixels(
        count, from: work.base + (run.offset &+ first &* 16), 16,
        to: work.output + (first &* work.outputStride &+ channel), work.outputStride, lanes: run.count)
      channel &+= run.count
    }
    first &+= count
  }
}

@inline(always)
func writePlanes(_ work: CopyWork) {
  var channel = 0
  for i in 0..<work.runCount {
    let run = work.runs[i]
    var lane = 0
    while lane < run.count {
      let (source, target) = (work.base + (run.offset &+ lane), work.output + (channel &* work.outputStride))
      if lane &+ 4 <= run.count {
        transposeFour(work.pixels, source, target, plane: work.outputStride)
        lane &+= 4
        channel &+= 4
      } else {
        for pixel in work.pixels { target[pixel] = source[pixel &* 16] }
        lane &+= 1
        channel &+= 1
      }
    }
  }
}

/// Four lanes of each pixel to four planes.
@inline(never)
private func transposeFour(
  _ pixels: Range<Int>, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, plane: Int
) {
  var pixel = pixels.lowerBound
  while pixel &+ 4 <= pixels.upperBound {
    let from = source + (pixel &* 16)
    let rows = transposed(loadFour(from), loadFour(from + 16), loadFour(from + 32), loadFour(from + 48))
    storeFour(rows.0, target + pixel)
    storeFour(rows.1, target + (plane &+ pixel))
    storeFour(rows.2, target + (2 &* plane &+ pixel))
    storeFour(rows.3, target + (3 &* plane &+ pixel))
    pixel &+= 4
  }
  while pixel < pixels.upperBound {
    for lane in 0..<4 { target[lane &* plane &+ pixel] = source[pixel &* 16 &+ lane] }
    pixel &+= 1
  }
}

@inline(always)
func readPlanes(
  channels: Int, pixels: Range<Int>, input: UnsafePointer<Float>, planeStride: Int,
  output: UnsafeMutablePointer<Float>, outputPlane: Int
) {
  var channel = 0
  while channel < channels {
    let (source, target) = (
      input + (channel &* planeStride), output + place(channel: channel, pixel: 0, plane: outputPlane)
    )
    if channel &+ 4 <= channels {
      gatherFour(pixels, source, planeStride, target)
      channel &+= 4
    } else {
      for pixel in pixels { target[pixel &* 16] = source[pixel] }
      channel &+= 1
    }
  }
  if channels & 15 != 0 {
    let target = output + place(channel: channels, pixel: 0, plane: outputPlane)
    clearPixels(
      pixels.upperBound &- pixels.lowerBound, target + (pixels.lowerBound &* 16), lanes: 16 &- (channels & 15))
  }
}

/// Four planes to four lanes of each pixel.
@inline(never)
private func gatherFour(
  _ pixels: Range<Int>, _ source: UnsafePointer<Float>, _ plane: Int, _ target: UnsafeMutablePointer<Float>
) {
  var pixel = pixels.lowerBound
  while pixel &+ 4 <= pixels.upperBound {
    let from = source + pixel
    let rows = transposed(
      loadFour(from), loadFour(from + plane), loadFour(from + (2 &* plane)), loadFour(from + (3 &* plane)))
    let to = target + (pixel &* 16)
    storeFour(rows.0, to)
    storeFour(rows.1, to + 16)
    storeFour(rows.2, to + 32)
    storeFour(rows.3, to + 48)
    pixel &+= 4
  }
  while pixel < pixels.upperBound {
    for lane in 0..<4 { target[pixel &* 16 &+ lane] = source[lane &* plane &+ pixel] }
    pixel &+= 1
  }
}

private typealias Four = SIMD4<Float>

@inline(always)
private func loadFour(_ p: UnsafePointer<Float>) -> Four { UnsafeRawPointer(p).loadUnaligned(as: Four.self) }

@inline(always)
private func storeFour(_ four: Four, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: four, as: Four.self)
}

/// LLVM makes shuffles of it.
@inline(always)
private func transposed(_ a: Four, _ b: Four, _ c: Four, _ d: Four) -> (Four, Four, Four, Four) {
  (
    Four(a[0], b[0], c[0], d[0]), Four(a[1], b[1], c[1], d[1]), Four(a[2], b[2], c[2], d[2]),
    Four(a[3], b[3], c[3], d[3])
  )
}
