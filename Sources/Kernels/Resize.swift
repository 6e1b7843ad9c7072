import KernelInterface

@inline(never)
func resample(_ work: ResizeWork) {
  for block in work.blocks {
    let channels = least(16, work.channels &- block &* 16)
    let input = work.base + work.blockOffsets[block]
    for row in work.rows {
      let output = work.output + ((block &* work.outputPlane &+ row &* work.outputWidth) &* 16)
      let above = input + (Int(work.vertical.first[row]) &* work.inputWidth &* 16)
      if work.isLinear {
        let below = input + (Int(work.vertical.second[row]) &* work.inputWidth &* 16)
        let weight = work.vertical.weight[row]
        var lane = 0
        while lane < channels {
          linearRow(work, above + lane, below + lane, weight, output + lane)
          lane &+= FloatVector.count
        }
      } else {
        for x in 0..<work.outputWidth {
          copyFloats(16, from: above + (Int(work.horizontal.first[x]) &* 16), to: output + (x &* 16))
        }
      }
    }
  }
}

@inline(always)
private func linearRow(
  _ work: ResizeWork, _ above: UnsafePointer<Float>, _ below: UnsafePointer<Float>, _ weight: Float,
  _ output: UnsafeMutablePointer<Float>
) {
  let (table, down) = (work.horizontal, FloatVector(repeating: weight))
  for x in 0..<work.outputWidth {
    let (left, right) = (Int(table.first[x]) &* 16, Int(table.second[x]) &* 16)
    let across = FloatVector(repeating: table.weight[x])
    let upper = between(FloatVector(above + left), FloatVector(above + right), across)
    let lower = between(FloatVector(below + left), FloatVector(below + right), across)
    between(upper, lower, down).store(output + (x &* 16))
  }
}

@inline(always)
private func between(_ a: FloatVector, _ b: FloatVector, _ weight: FloatVector) -> FloatVector {
  a.adding(b - a, times: weight)
}
