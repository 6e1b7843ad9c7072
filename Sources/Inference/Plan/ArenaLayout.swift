/// Places buffers that live at different times over one another.
package struct ArenaLayout {
  /// A buffer: its size, and the first and last step that touch it.
  package struct Request {
    package var bytes: Int
    package var lifetime: ClosedRange<Int>

    package init(bytes: Int, lifetime: ClosedRange<Int>) {
      self.bytes = bytes
      self.lifetime = lifetime
    }
  }

  /// Bytes from the arena's base, multiples of 64, in the order of the requests.
  package private(set) var offsets: [Int]
  package private(set) var bytes = 0

  /// Beyond this many buffers the search would take too long, and each gets memory of its own.
  private static let searchLimit = 5000

  /// Large buffers first, each at the lowest offset that is free throughout its life. Nil where the sum overflows.
  package init?(_ requests: [Request]) {
    offsets = [Int](repeating: 0, count: requests.count)
    let sizes = requests.map { ($0.bytes + 63) & ~63 }
    guard requests.count <= Self.searchLimit else {
      for (index, size) in sizes.enumerated() {
        offsets[index] = bytes
        let (sum, overflow) = bytes.addingReportingOverflow(size)
        guard !overflow else { return nil }
        bytes = sum
      }
      return
    }
    var placed: [Int] = []
    let order = requests.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
    for index in order {
      let overlapping = placed.filter { requests[$0].lifetime.overlaps(requests[index].lifetime) }
        .sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for other in overlapping {
        if offset + sizes[index] <= offsets[other] { break }
        offset = max(offset, offsets[other] + sizes[other])
      }
      offsets[index] = offset
      let (end, overflow) = offset.addingReportingOverflow(sizes[index])
      guard !overflow else { return nil }
      bytes = max(bytes, end)
      placed.append(index)
    }
  }
}
