/// Index of a buffer in a plan.
typealias BufferID = Int

/// Where a plain tensor lies: in the arena or in a constant.
enum Place: Sendable {
  case buffer(BufferID, byteOffset: Int)
  case constant(Tensor)
}

/// What a bound step finds in memory.
struct Arena {
  let base: UnsafeMutableRawPointer
  /// For each buffer, bytes from the base.
  let offsets: [Int]

  func pointer(_ buffer: BufferID, byteOffset: Int = 0) -> UnsafeMutableRawPointer {
    base + (offsets[buffer] + byteOffset)
  }

  func view(_ place: Place, _ type: TensorType) -> TensorView {
    switch place {
    case .buffer(let buffer, let byteOffset):
      TensorView(type: type.element, shape: type.shape, base: pointer(buffer, byteOffset: byteOffset))
    case .constant(let tensor): tensor.view
    }
  }
}

/// One step of a plan, apart from any memory.
protocol Step: Sendable {
  /// Bytes of scratch that each thread needs.
  var scratchBytes: Int { get }
  /// Into how many parts the step may usefully be cut; at least 1.
  var parts: Int { get }
  /// Ties the step to an arena. The step outlives what it makes.
  func bind(_ arena: Arena) -> any BoundStep
}

extension Step {
  var scratchBytes: Int { 0 }
  var parts: Int { 1 }
}

/// A step that knows its addresses.
protocol BoundStep {
  /// Does the given one of so many parts. Parts may run at the same time, in any order; what they compute does not depend on
  /// their number.
  func run(_ part: Int, of parts: Int, scratch: UnsafeMutableRawPointer)
}

/// A network as a list of steps over one arena.
struct Plan: Sendable, CustomStringConvertible {
  struct Entry: Sendable {
    let step: any Step
    let name: String
    let operatorType: String
    /// Of the result, as ONNX has it.
    let shape: [Int]
    let multiplyAdds: Int
    /// Read and written, weights included.
    let bytes: Int
    /// For people: layout and what was fused.
    let note: String
  }

  var entries: [Entry]
  /// For each buffer, bytes from the arena's base.
  var offsets: [Int]
  var arenaBytes: Int
  var scratchBytes: Int
  var inputs: [BufferID]
  var outputs: [Place]
  var outputTypes: [TensorType]
  var parameterCount: Int

  var multiplyAdds: Int { entries.reduce(0) { $0.addingReportingOverflow($1.multiplyAdds).partialValue } }

  var description: String {
    let rows = entries.enumerated().map { index, entry in
      [
        "\(index)", entry.operatorType, "\(entry.shape)", entry.multiplyAdds == 0 ? "" : "\(entry.multiplyAdds)",
        entry.note, entry.name,
      ]
    }
    let head = ["step", "operator", "shape", "multiply-adds", "how", "name"]
    let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
    return ([head] + rows).map { row in
      zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
        .joined(separator: "  ").trimmingSuffix(" ")
    }.joined(separator: "\n") + "\n"
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self[...]
    while text.last == character { text.removeLast() }
    return String(text)
  }
}
