import KernelInterface

private typealias Sums = Product<FloatArithmetic, BlockedOutput>

/// Whole vectors of one panel's true channels.
@inline(always)
private func panelChannels(_ panel: Int, _ width: Int, of channels: Int) -> Int {
  let left = least(width, channels &- panel &* width)
  return (left &+ FloatVector.count &- 1) / FloatVector.count &* FloatVector.count
}

/// 1×1 convolution straight on the blocked layout: a pixel's 16 channels lie together, so the input needs no packing.
///
/// Chunks of pixels outside, then panels, then tiles: a panel stays in the first-level cache while the chunk passes, and a
/// chunk in the second.
@inline(always)
func convolvePointwise(_ work: PointwiseWork) {
  let finish = Finish(work.epilogue, output: work.output, plane: work.outputPlane)
  let sums = Sums(
    segments: work.runs, segmentCount: work.runCount, depth: work.inputChannels, rowStride: 16, weights: work.weights,
    panelWidth: panelWidth, channels: work.outputChannels, output: finish.blocked)
  // Inputs of half of a 512 KiB share of the second-level cache.
  let chunk = most(1, 65_536 / most(1, work.inputChannels) / tileHeight) &* tileHeight
  var from = work.pixels.lowerBound
  while from < work.pixels.upperBound {
    let count = least(chunk, work.pixels.upperBound &- from)
    for panel in work.panels {
      sums.sweep(panel: panel, a: work.base + (from &* 16), count: count, row: from)
      finish.run(
        channel: panel &* panelWidth, width: panelChannels(panel, panelWidth, of: work.outputChannels), pixel: from,
        count: count)
    }
    from &+= count
  }
}

/// k×k convolution: a band of the input is copied with its padding to scratch, then each row of outputs is a product
/// whose segments are the taps.
@inline(always)
func convolveDense(_ work: DenseWork) {
  let g = work.geometry
  let finish = Finish(work.epilogue, output: work.output, plane: work.outputPlane)
  let blocks = (work.inputChannels &+ 15) / 16
  let width = g.paddedWidth
  let segmentCount = g.kernelHeight &* g.kernelWidth &* blocks
  let segments = UnsafeMutableRawPointer(work.scratch).assumingMemoryBound(to: ChannelRun.self)
  let band = work.scratch + DenseWork.segmentFloats(segmentCount)
  var from = work.rows.lowerBound
  while from < work.rows.upperBound {
    let rows = least(work.bandRows, work.rows.upperBound &- from)
    let plane = g.paddedRows(rows) &* width
    copyPadded(work, from: from, rows: g.paddedRows(rows), band: band, width: width)
    var s = 0
    for ky in 0..<g.kernelHeight {
      for kx in 0..<g.kernelWidth {
        let tap = ky &* g.dilationY &* width &+ kx &* g.dilationX
        for block in 0..<blocks {
          segments[s].offset = (block &* plane &+ tap) &* 16
          segments[s].count = least(16, work.inputChannels &- block &* 16)
          s &+= 1
        }
      }
    }
    let sums = Sums(
      segments: segments, segmentCount: segmentCount, depth: g.kernelHeight &* g.kernelWidth &* work.inputChannels,
      rowStride: 16 &* g.strideX, weights: work.weights, panelWidth: panelWidth, channels: work.outputChannels,
      output: finish.blocked)
    for panel in work.panels {
      for row in 0..<rows {
        let pixel = (from &+ row) &* g.outputWidth
        sums.sweep(panel: panel, a: band + (row &* g.strideY &* width &* 16), count: g.outputWidth, row: pixel)
      }
      finish.run(
        channel: panel &* panelWidth, width: panelChannels(panel, panelWidth, of: work.outputChannels),
        pixel: from &* g.outputWidth, count: rows &* g.outputWidth)
    }
    from &+= rows
  }
}

/// The rows that outputs from row `from` on read, channels in dense blocks, zeros outside the map.
@inline(never)
private func copyPadded(_ work: DenseWork, from: Int, rows: Int, band: UnsafeMutablePointer<Float>, width: Int) {
  let g = work.geometry
  let top = from &* g.strideY &- g.padTop
  // Columns of the band that lie on the map.
  let left = least(g.padLeft, width)
  let right = most(left, least(width, g.padLeft &+ g.inputWidth))
  var channel = 0
  for i in 0..<work.runCount {
    let run = work.runs[i]
    var done = 0
    // A run may lie across two blocks of the band.
    while done < run.count {
      let count = least(run.count &- done, 16 &- (channel & 15))
      let source = work.base + (run.offset &+ done)
      for row in 0..<rows {
        let y = top &+ row
        let target = band + place(channel: channel, pixel: row &* width, plane: rows &* width)
        if y < 0 || y >= g.inputHeight {
          clearPixels(width, target, lanes: count)
        } else {
          clearPixels(left, target, lanes: count)
          let first = y &* g.inputWidth &* 16
          copyPixels(right &- left, from: source + first, 16, to: target + (left &* 16), 16, lanes: count)
          clearPixels(width &- right, target + (right &* 16), lanes: count)
        }
      }
      channel &+= count
      done &+= count
    }
  }
}

/// k×k convolution of plain planes. Neighbouring outputs lie `strideX` floats apart in a padded copy.
@inline(always)
func convolvePlanes(_ work: PlanesWork) {
  let g = work.geometry
  let finish = Finish(work.epilogue, output: work.output, plane: work.outputPlane)
  let width = g.paddedWidth
  // A row of the kernel is one segment, unless its taps lie apart.
  let (pieces, length) = g.dilationX == 1 ? (1, g.kernelWidth) : (g.kernelWidth, 1)
  let segmentCount = work.inputPlanes &* g.kernelHeight &* pieces
  let segments = UnsafeMutableRawPointer(work.scratch).assumingMemoryBound(to: ChannelRun.self)
  let band = work.scratch + DenseWork.segmentFloats(segmentCount)
  var from = work.rows.lowerBound
  while from < work.rows.upperBound {
    let rows = least(work.bandRows, work.rows.upperBound &- from)
    let plane = g.paddedRows(rows) &* width
    copyPadded(work, from: from, rows: g.paddedRows(rows), band: band, width: width)
    var s = 0
    for i in 0..<work.inputPlanes {
      for ky in 0..<g.kernelHeight {
        for piece in 0..<pieces {
          segments[s].offset = i &* plane &+ ky &* g.dilationY &* width &+ piece &* g.dilationX
          segments[s].count = length
          s &+= 1
        }
      }
    }
    let sums = Sums(
      segments: segments, segmentCount: segmentCount, depth: work.inputPlanes &* g.kernelHeight &* g.kernelWidth,
      rowStride: g.strideX, weights: work.weights, panelWidth: firstPanelWidth, channels: work.outputChannels,
      output: finish.blocked)
    for row in 0..<rows {
      let pixel = (from &+ row) &* g.outputWidth
      for panel in work.panels {
        sums.sweep(panel: panel, a: band + (row &* g.strideY &* width), count: g.outputWidth, row: pixel)
        finish.run(
          channel: panel &* firstPanelWidth, width: panelChannels(panel, firstPanelWidth, of: work.outputChannels),
          pixel: pixel,
          count: g.outputWidth)
      }
    }
    from &+= rows
  }
}

@inline(never)
private func copyPadded(_ work: PlanesWork, from: Int, rows: Int, band: UnsafeMutablePointer<Float>, width: Int) {
  let g = work.geometry
  let top = from &* g.strideY &- g.padTop
  let left = least(g.padLeft, width)
  let right = most(left, least(width, g.padLeft &+ g.inputWidth))
  for plane in 0..<work.inputPlanes {
    for row in 0..<rows {
      let y = top &+ row
      let target = band + ((plane &* rows &+ row) &* width)
      if y < 0 || y >= g.inputHeight {
        clearFloats(width, target)
      } else {
        clearFloats(left, target)
        copyFloats(
          right &- left, from: work.input + ((plane &* g.inputHeight &+ y) &* g.inputWidth), to: target + left)
        clearFloats(width &- right, target + right)
      }
    }
  }
}

/// Plain matrix product: one segment, rows as far apart as the caller says.
@inline(always)
func multiplyMatrices(_ work: MatrixWork) {
  let isLinear = work.activation.kind == .linear
  var segment = ChannelRun(offset: 0, count: work.depth)
  withUnsafePointer(to: &segment) { segment in
    let product = Product<FloatArithmetic, RowOutput>(
      segments: segment, segmentCount: 1, depth: work.depth, rowStride: work.aStride, weights: work.weights,
      panelWidth: panelWidth, channels: work.columns,
      output: RowOutput(
        bias: work.bias, linear: isLinear ? work.activation : work.activation.none, columns: work.columns,
        output: work.output, stride: work.outputStride))
    let rows = work.rows
    for panel in work.panels {
      product.sweep(
        panel: panel, a: work.a + (rows.lowerBound &* work.aStride), count: rows.upperBound &- rows.lowerBound,
        row: rows.lowerBound)
      if !isLinear {
        let column = panel &* panelWidth
        let first = work.output + (rows.lowerBound &* work.outputStride &+ column)
        Transformation(
          rows: rows.upperBound &- rows.lowerBound, width: least(panelWidth, work.columns &- column),
          input: UnsafePointer(first), inputStride: work.outputStride, output: first, outputStride: work.outputStride,
          residual: nil, residualStride: 0
        ).run(work.activation)
      }
    }
  }
}
