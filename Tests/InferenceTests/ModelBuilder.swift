/// Protocol buffers' wire format, as far as ONNX models need it.
struct Wire {
  private(set) var bytes: [UInt8] = []

  private mutating func variable(_ value: UInt64) {
    var value = value
    while value > 127 {
      bytes.append(UInt8(value & 127) | 128)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  mutating func add(_ field: Int, _ value: Int) {
    variable(UInt64(field) << 3)
    variable(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Float) {
    variable(UInt64(field) << 3 | 5)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
    }
  }

  mutating func add(_ field: Int, _ value: [UInt8]) {
    variable(UInt64(field) << 3 | 2)
    variable(UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }
  mutating func add(_ field: Int, _ value: Wire) { add(field, value.bytes) }
}

/// Writes small ONNX models, sound ones and others.
struct ModelBuilder {
  enum Attribute {
    case int(String, Int)
    case ints(String, [Int])
    case float(String, Float)
    case string(String, String)
  }

  private var graph = Wire()
  var operatorSet = 13
  private var count = 0

  mutating func freshName() -> String {
    count += 1
    return "v\(count)"
  }

  private func valueInfo(_ name: String, _ shape: [Int]?, element: Int) -> Wire {
    var tensor = Wire()
    tensor.add(1, element)
    if let shape {
      var sides = Wire()
      for side in shape {
        var dimension = Wire()
        if side == Int.max { dimension.add(2, "open") } else { dimension.add(1, side) }
        sides.add(1, dimension)
      }
      tensor.add(2, sides)
    }
    var type = Wire()
    type.add(1, tensor)
    var info = Wire()
    info.add(1, name)
    info.add(2, type)
    return info
  }

  /// A side of `Int.max` is left open.
  mutating func input(_ name: String, _ shape: [Int]?, element: Int = 1) {
    graph.add(11, valueInfo(name, shape, element: element))
  }

  mutating func output(_ name: String) { graph.add(12, valueInfo(name, nil, element: 1)) }

  /// An initialiser of floats, of raw bytes.
  @discardableResult
  mutating func constant(_ values: [Float], _ shape: [Int], name: String? = nil) -> String {
    let raw = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
    }
    return tensor(element: 1, shape: shape, raw: raw, name: name)
  }

  @discardableResult
  mutating func constant(ints values: [Int], name: String? = nil) -> String {
    let raw = values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    return tensor(element: 7, shape: [values.count], raw: raw, name: name)
  }

  @discardableResult
  mutating func tensor(
    element: Int, shape: [Int], raw: [UInt8]?, name: String? = nil, external: [(String, String)] = []
  ) -> String {
    let name = name ?? freshName()
    var tensor = Wire()
    for side in shape { tensor.add(1, side) }
    tensor.add(2, element)
    tensor.add(8, name)
    if let raw { tensor.add(9, raw) }
    for (key, value) in external {
      var entry = Wire()
      entry.add(1, key)
      entry.add(2, value)
      tensor.add(13, entry)
    }
    if !external.isEmpty { tensor.add(14, 1) }
    graph.add(5, tensor)
    return name
  }

  @discardableResult
  mutating func node(
    _ operatorType: String, _ inputs: [String], outputs: [String]? = nil, name: String? = nil,
    _ attributes: [Attribute] = []
  ) -> String {
    let outputs = outputs ?? [freshName()]
    var node = Wire()
    for input in inputs { node.add(1, input) }
    for output in outputs { node.add(2, output) }
    node.add(3, name ?? outputs[0])
    node.add(4, operatorType)
    for attribute in attributes {
      var wire = Wire()
      switch attribute {
      case .int(let name, let value):
        wire.add(1, name)
        wire.add(3, value)
        wire.add(20, 2)
      case .ints(let name, let values):
        wire.add(1, name)
        for value in values { wire.add(8, value) }
        wire.add(20, 7)
      case .float(let name, let value):
        wire.add(1, name)
        wire.add(2, value)
        wire.add(20, 1)
      case .string(let name, let value):
        wire.add(1, name)
        wire.add(4, value)
        wire.add(20, 3)
      }
      node.add(5, wire)
    }
    graph.add(1, node)
    return outputs[0]
  }

  /// The serialised model.
  func model() -> [UInt8] {
    var operators = Wire()
    operators.add(1, "")
    operators.add(2, operatorSet)
    var model = Wire()
    model.add(1, 8)
    model.add(7, graph)
    model.add(8, operators)
    return model.bytes
  }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func floats(_ count: Int, _ scale: Float = 1) -> [Float] {
    (0..<count).map { _ in Float.random(in: -scale...scale, using: &self) }
  }
}
