import CFFmpeg

extension Picture {
  /// A copy of another size: averaged where it shrinks, bicubic where it grows.
  public func scaled(width: Int, height: Int) throws(VideoError) -> Picture {
    _ = FFmpeg.prepared
    let frame = try PictureMaker().converted(
      self.frame.raw, to: PixelFormats.planar(subsampling), width: width, height: height, from: (matrix, isFullRange),
      into: (matrix, isFullRange), source: "picture")
    return Picture(
      frame: frame, time: time, subsampling: subsampling, matrix: matrix, isFullRange: isFullRange, siting: siting,
      sampleAspectRatio: sampleAspectRatio * (Double(self.width) / Double(width))
        / (Double(self.height) / Double(height)))
  }

  /// Three planes of `width × height`, full range, each sample the mean of the area that it covers.
  ///
  /// Luma 0…255, colour differences around 128, row by row; in the picture's own matrix.
  public func reduced(width: Int, height: Int) -> (luma: [UInt8], blueDifference: [UInt8], redDifference: [UInt8]) {
    precondition(width > 0 && height > 0, "a thumbnail has at least one pixel")
    return withPlanes { luma, lumaStride, blue, red, chromaStride in
      let lumaTable = rangeTable(zero: isFullRange ? 0 : 16, span: isFullRange ? 255 : 219, target: 0, targetSpan: 255)
      let chromaTable =
        isFullRange ? nil : rangeTable(zero: 128, span: 224, target: 128, targetSpan: 255)
      return (
        averaged(
          luma, stride: lumaStride, from: (self.width, self.height), to: (width, height),
          table: isFullRange ? nil : lumaTable),
        averaged(
          blue, stride: chromaStride, from: (chromaWidth, chromaHeight), to: (width, height), table: chromaTable),
        averaged(red, stride: chromaStride, from: (chromaWidth, chromaHeight), to: (width, height), table: chromaTable)
      )
    }
  }
}

private func rangeTable(zero: Int, span: Int, target: Int, targetSpan: Int) -> [UInt8] {
  (0...255).map { value in
    let scaled = Double((value - zero) * targetSpan) / Double(span) + Double(target)
    return UInt8(min(max(scaled.rounded(), 0), 255))
  }
}

/// Area averaging with weights of 1/256 of a sample: a target covers source samples wholly or in part.
private func averaged(
  _ plane: Span<UInt8>, stride: Int, from: (width: Int, height: Int), to: (width: Int, height: Int), table: [UInt8]?
) -> [UInt8] {
  let columns = coverage(from.width, to.width)
  let rows = coverage(from.height, to.height)
  var result = [UInt8](repeating: 0, count: to.width * to.height)
  // Rows are added up first, whole vectors at a time; at most 2^15 source rows fall on one target row.
  var sums = [UInt32](repeating: 0, count: from.width)
  plane.withUnsafeBufferPointer { plane in
    for y in 0..<to.height {
      let row = rows[y]
      sums.withUnsafeMutableBufferPointer { sums in
        sums.update(repeating: 0)
        for sourceRow in row.first...row.last {
          let weight = UInt32(row.weight(sourceRow))
          let line = UnsafeBufferPointer(rebasing: plane[sourceRow * stride..<sourceRow * stride + from.width])
          for x in 0..<from.width { sums[x] &+= UInt32(line[x]) &* weight }
        }
        for x in 0..<to.width {
          let column = columns[x]
          var sum = UInt64(sums[column.first]) * column.firstWeight
          if column.last > column.first {
            var inner: UInt64 = 0
            for index in column.first + 1..<column.last { inner &+= UInt64(sums[index]) }
            sum += inner * 256 + UInt64(sums[column.last]) * column.lastWeight
          }
          let total = column.total * row.total
          let value = UInt8((sum + total / 2) / total)
          result[y * to.width + x] = table.map { $0[Int(value)] } ?? value
        }
      }
    }
  }
  return result
}

/// Which source samples a target sample covers, and by how much, in 1/256.
private struct Coverage {
  let first: Int
  let last: Int
  let firstWeight: UInt64
  let lastWeight: UInt64

  func weight(_ index: Int) -> UInt64 {
    index == first ? firstWeight : index == last ? lastWeight : 256
  }

  var total: UInt64 {
    last == first ? firstWeight : firstWeight + lastWeight + UInt64(last - first - 1) * 256
  }
}

private func coverage(_ source: Int, _ target: Int) -> [Coverage] {
  (0..<target).map { index in
    let start = index * source * 256 / target
    let end = max((index + 1) * source * 256 / target, start + 1)
    let first = min(start / 256, source - 1)
    let last = min((end - 1) / 256, source - 1)
    if first == last {
      return Coverage(first: first, last: last, firstWeight: UInt64(max(1, end - start)), lastWeight: 0)
    }
    return Coverage(
      first: first, last: last, firstWeight: UInt64(256 - start % 256), lastWeight: UInt64((end - 1) % 256 + 1))
  }
}
