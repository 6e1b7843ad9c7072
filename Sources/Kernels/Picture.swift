import KernelInterface

// From decoded pictures to normalised planes in one pass: for each vector of outputs the bytes are picked, blended across
// and down, turned into colours and stored. Nothing is written in between.

@inline(never)
func convert(_ row: PictureRow) {
  var entry = 0
  while entry < row.count {
    // Vectors of 16 outputs, of which the last begins early.
    let first = least(entry, row.count &- 16)
    var part = 0
    while part < 16 {
      let y = sample(row.y, row.luma, entry &+ part)
      let u = sample(row.u, row.chroma, entry &+ part)
      let v = sample(row.v, row.chroma, entry &+ part)
      let x = first &+ part
      colour(row.colours, y, u, v).store(row.planes.0 + x)
      colour(row.colours + 6, y, u, v).store(row.planes.1 + x)
      colour(row.colours + 12, y, u, v).store(row.planes.2 + x)
      part &+= FloatVector.count
    }
    entry &+= 16
  }
}

@inline(always)
private func sample(_ source: PictureRow.Source, _ table: PickTable, _ entry: Int) -> FloatVector {
  let above = WordVector(picking: table, from: source.above, entry: entry).asFloats
  let below = WordVector(picking: table, from: source.below, entry: entry).asFloats
  let (a, b) = (FloatVector(repeating: source.weightAbove), FloatVector(repeating: source.weightBelow))
  return FloatVector().adding(above, times: a).adding(below, times: b)
}

@inline(always)
private func colour(
  _ factors: UnsafePointer<Float>, _ y: FloatVector, _ u: FloatVector, _ v: FloatVector
) -> FloatVector {
  let constant = FloatVector(repeating: factors[3])
  let level = constant.adding(y, times: FloatVector(repeating: factors[0]))
    .adding(u, times: FloatVector(repeating: factors[1])).adding(v, times: FloatVector(repeating: factors[2]))
    .clamped(from: FloatVector()).clamped(to: FloatVector(repeating: 255))
  return FloatVector(repeating: factors[5]).adding(level, times: FloatVector(repeating: factors[4]))
}
