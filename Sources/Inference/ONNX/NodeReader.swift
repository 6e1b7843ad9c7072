import FoundationEssentials

/// What a node's loader knows about one input.
struct InputInfo {
  let value: ValueID
  let type: TensorType
  /// The contents, where they are known at load time.
  let constant: Tensor?

  var shape: [Int] { type.shape }
  var rank: Int { type.shape.count }
  var element: ElementType { type.element }
}

/// Typed access to one node's attributes and inputs. Attributes that no loader asked for are errors, so that nothing is
/// ignored silently.
final class NodeReader {
  let name: String
  let operatorType: String
  let operatorSet: Int
  let inputs: [InputInfo?]
  let outputCount: Int
  private let attributes: [String: Onnx_AttributeProto]
  private var asked: Set<String> = []
  private let initializers: InitializerReader

  init(
    _ proto: Onnx_NodeProto, name: String, operatorSet: Int, inputs: [InputInfo?],
    initializers: InitializerReader
  ) throws(NetworkError) {
    self.name = name
    operatorType = proto.opType
    self.operatorSet = operatorSet
    self.inputs = inputs
    outputCount = proto.output.count
    self.initializers = initializers
    var attributes: [String: Onnx_AttributeProto] = [:]
    for attribute in proto.attribute {
      guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
        throw .invalid(node: name, operatorType: proto.opType, reason: "attribute '\(attribute.name)' is given twice")
      }
    }
    self.attributes = attributes
  }

  // MARK: Errors

  func invalid(_ reason: String) -> NetworkError { .invalid(node: name, operatorType: operatorType, reason: reason) }

  func unsupported(_ reason: String) -> NetworkError {
    .unsupported(node: name, operatorType: operatorType, reason: reason)
  }

  /// Throws for an attribute that nobody asked for.
  func finish() throws(NetworkError) {
    for attribute in attributes.keys.sorted() where !asked.contains(attribute) {
      throw unsupported("attribute '\(attribute)'")
    }
  }

  // MARK: Attributes

  private func attribute(_ name: String, _ type: Onnx_AttributeProto.AttributeType) throws(NetworkError)
    -> Onnx_AttributeProto?
  {
    asked.insert(name)
    guard let attribute = attributes[name] else { return nil }
    guard attribute.refAttrName.isEmpty else {
      throw unsupported("attribute '\(name)' refers to a function's attribute")
    }
    guard attribute.type == type || attribute.type == .undefined else {
      throw invalid("attribute '\(name)' has the wrong type")
    }
    return attribute
  }

  func has(_ name: String) -> Bool { attributes[name] != nil }

  /// An integer, which must lie within `range`.
  func int(_ name: String, _ fallback: Int, in range: ClosedRange<Int> = Int.min...Int.max) throws(NetworkError) -> Int
  {
    guard let attribute = try attribute(name, .int) else { return fallback }
    guard range.contains(Int(attribute.i)) else {
      throw invalid("attribute '\(name)' is \(attribute.i), outside \(range.lowerBound)…\(range.upperBound)")
    }
    return Int(attribute.i)
  }

  func ints(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(NetworkError) -> [Int]? {
    guard let attribute = try attribute(name, .ints) else { return nil }
    var values: [Int] = []
    for value in attribute.ints {
      guard range.contains(Int(value)) else {
        throw invalid("attribute '\(name)' holds \(value), outside \(range.lowerBound)…\(range.upperBound)")
      }
      values.append(Int(value))
    }
    return values
  }

  func flag(_ name: String, _ fallback: Bool) throws(NetworkError) -> Bool {
    try int(name, fallback ? 1 : 0, in: 0...1) == 1
  }

  func float(_ name: String, _ fallback: Float) throws(NetworkError) -> Float {
    guard let attribute = try attribute(name, .float) else { return fallback }
    guard !attribute.f.isNaN else { throw invalid("attribute '\(name)' is not a number") }
    return attribute.f
  }

  func floats(_ name: String) throws(NetworkError) -> [Float]? { try attribute(name, .floats)?.floats }

  func string(_ name: String, _ fallback: String) throws(NetworkError) -> String {
    guard let attribute = try attribute(name, .string) else { return fallback }
    return String(decoding: attribute.s, as: UTF8.self)
  }

  func tensor(_ name: String) throws(NetworkError) -> Tensor? {
    guard let attribute = try attribute(name, .tensor) else { return nil }
    return try initializers.read(attribute.t, named: "of node \(self.name)")
  }

  // MARK: Inputs

  func optional(_ index: Int) -> InputInfo? { index < inputs.count ? inputs[index] : nil }

  func input(_ index: Int) throws(NetworkError) -> InputInfo {
    guard let input = optional(index) else { throw invalid("input \(index) is missing") }
    return input
  }

  /// The input, which must be of one of these types.
  func input(_ index: Int, of types: Set<ElementType>) throws(NetworkError) -> InputInfo {
    let input = try input(index)
    guard types.contains(input.element) else {
      throw unsupported("input \(index) of element type \(input.element.rawValue)")
    }
    return input
  }

  /// A float tensor.
  func floatInput(_ index: Int) throws(NetworkError) -> InputInfo { try input(index, of: [.float32]) }

  /// An optional input whose contents must be known when the model is loaded.
  func constant(_ index: Int) throws(NetworkError) -> Tensor? {
    guard let input = optional(index) else { return nil }
    guard let constant = input.constant else {
      throw unsupported("input \(index) must be known when the model is loaded")
    }
    return constant
  }

  /// As `constant`, as integers of at most one dimension.
  func constantInts(_ index: Int) throws(NetworkError) -> [Int]? {
    guard let constant = try constant(index) else { return nil }
    guard constant.shape.count <= 1, let ints = constant.ints else {
      throw invalid("input \(index) must be a vector of integers")
    }
    guard ints.count <= 1 << 20 else { throw invalid("input \(index) is too long") }
    return ints
  }

  /// As `constant`, as floats.
  func constantFloats(_ index: Int) throws(NetworkError) -> [Float]? {
    guard let constant = try constant(index) else { return nil }
    guard let floats = constant.floats else { throw unsupported("input \(index) must be float32") }
    return floats
  }

  /// An axis counted from either end, as an index into `rank` axes.
  func axis(_ axis: Int, rank: Int) throws(NetworkError) -> Int {
    guard axis >= -rank, axis < rank else { throw invalid("axis \(axis) does not exist in \(rank) dimensions") }
    return axis < 0 ? axis + rank : axis
  }

  /// Distinct axes counted from either end.
  func axes(_ axes: [Int], rank: Int) throws(NetworkError) -> [Int] {
    var result: [Int] = []
    for axis in axes {
      let index = try self.axis(axis, rank: rank)
      guard !result.contains(index) else { throw invalid("axis \(axis) is named twice") }
      result.append(index)
    }
    return result
  }

  /// A type that this node makes, small enough to be computed.
  func type(_ element: ElementType, _ shape: [Int]) throws(NetworkError) -> TensorType {
    guard let type = TensorType(element, shape) else {
      throw invalid("the result's shape \(shape) is negative or too large")
    }
    let limit = initializers.budget.limit
    guard type.bytes <= limit else {
      throw .tooLarge(what: "the result of node \(name) (\(operatorType))", bytes: type.bytes, limit: limit)
    }
    return type
  }

  /// Reserves memory for a table of this many words that the operation keeps.
  func takeTable(_ count: Int) throws(NetworkError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Int>.stride)
    try initializers.budget.take(overflow ? Int.max : bytes, for: "tables of node \(name) (\(operatorType))")
  }
}
