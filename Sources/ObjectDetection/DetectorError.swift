public import Formats
public import Inference

/// Why a model package cannot be used.
public enum DetectorError: Error, Sendable, CustomStringConvertible {
  case missing(String)
  case unreadable(String)
  case noModelShipped
  case document(FormatError)
  case wrongDigest(file: String, expected: String, found: String)
  case network(file: String, NetworkError)
  case inputShape(file: String, expected: [Int], found: [Int])
  case unknownInput(file: String, name: String, have: [String])
  case unknownOutput(file: String, name: String, have: [String])
  case outputShape(head: String, expected: [Int], found: [Int])

  public var description: String {
    switch self {
    case .missing(let path): "\(path) is no model package: it needs model.json and the network that it names"
    case .unreadable(let path): "\(path) cannot be read"
    case .noModelShipped: "no model is shipped with this build: name one with --model DIR or in WARDEN_MODELS"
    case .document(let error): error.description
    case .wrongDigest(let file, let expected, let found):
      "\(file) is not the file that model.json describes: its SHA-256 is \(found.prefix(16))…, not \(expected.prefix(16))…; copy the package again"
    case .network(let file, let error): "\(file): \(error)"
    case .inputShape(let file, let expected, let found):
      "\(file): the network takes \(shape(found)), but model.json describes \(shape(expected))"
    case .unknownInput(let file, let name, let have):
      "\(file): the network has no input \(name); it has \(have.joined(separator: ", "))"
    case .unknownOutput(let file, let name, let have):
      "\(file): the network has no output \(name); it has \(have.joined(separator: ", "))"
    case .outputShape(let head, let expected, let found):
      "a \(head) head with these classes and strides gives \(shape(expected)), but the network gives \(shape(found))"
    }
  }
}

private func shape(_ sides: [Int]) -> String { "[" + sides.map(String.init).joined(separator: ", ") + "]" }
