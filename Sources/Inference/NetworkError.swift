/// Why a network cannot be loaded. Every description is one sentence that says what to change.
public enum NetworkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file cannot be read, or is no regular file.
  case unreadable(path: String, reason: String)
  /// The bytes are not a whole ONNX model.
  case malformed(reason: String)
  /// A node uses an operator, an attribute or an element type that this engine lacks.
  case unsupported(node: String, operatorType: String, reason: String)
  /// A node contradicts its inputs or the operator's definition.
  case invalid(node: String, operatorType: String, reason: String)
  /// An initialiser's data is missing, short or out of reach.
  case weights(tensor: String, reason: String)
  /// A graph input's shape is unknown or does not fit.
  case input(name: String, reason: String)
  /// Loading or running would need more memory than the configuration allows.
  case tooLarge(what: String, bytes: Int, limit: Int)
  /// The configuration asks for something that this machine lacks.
  case configuration(reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "The model \(path) cannot be read: \(reason)."
    case .malformed(let reason): "The model is not a valid ONNX file: \(reason)."
    case .unsupported(let node, let type, let reason):
      "The model's node \(node) (\(type)) needs what this engine lacks: \(reason)."
    case .invalid(let node, let type, let reason): "The model's node \(node) (\(type)) is invalid: \(reason)."
    case .weights(let tensor, let reason): "The model's weights \(tensor) cannot be used: \(reason)."
    case .input(let name, let reason): "The model's input \(name) cannot be prepared: \(reason)."
    case .tooLarge(let what, let bytes, let limit):
      "The model needs \(bytes) bytes for \(what), and \(limit) are allowed; raise the memory limit or use a smaller input."
    case .configuration(let reason): "The network cannot be set up: \(reason)."
    }
  }
}
