import FoundationEssentials
import Glibc

/// Turns the model's tensors into constants. Sizes are checked against the bytes at hand before anything is allocated.
final class InitializerReader {
  let folder: String?
  let budget: MemoryBudget

  init(folder: String?, budget: MemoryBudget) {
    self.folder = folder
    self.budget = budget
  }

  func read(_ proto: Onnx_TensorProto, named name: String? = nil) throws(NetworkError) -> Tensor {
    let name = name ?? (proto.name.isEmpty ? "(unnamed)" : proto.name)
    guard let element = ElementType(proto.dataType) else {
      throw .weights(tensor: name, reason: "its element type \(proto.dataType) is not supported")
    }
    var shape: [Int] = []
    for side in proto.dims { shape.append(Int(side)) }
    guard let type = TensorType(element, shape) else {
      throw .weights(tensor: name, reason: "its shape \(shape) is negative or too large")
    }
    guard !proto.hasSegment else { throw .weights(tensor: name, reason: "segmented tensors are not supported") }
    if proto.dataLocation == .external { return try external(proto, type, name) }
    if proto.hasRawData {
      guard proto.rawData.count == type.bytes else {
        throw .weights(
          tensor: name, reason: "shape \(shape) needs \(type.bytes) bytes and the file holds \(proto.rawData.count)")
      }
      try budget.take(type.bytes, for: "weights up to \(name)")
      return Tensor(type) { view in
        proto.rawData.withUnsafeBytes { if let start = $0.baseAddress { memcpy(view.base, start, $0.count) } }
      }
    }
    return try typed(proto, type, name)
  }

  /// Values in the field of their type, each wider than need be.
  private func typed(
    _ proto: Onnx_TensorProto, _ type: TensorType, _ name: String
  ) throws(NetworkError) -> Tensor {
    let available =
      switch type.element {
      case .float32: proto.floatData.count
      case .float64: proto.doubleData.count
      case .int64: proto.int64Data.count
      case .uint32, .uint64: proto.uint64Data.count
      case .int8, .int16, .int32, .uint8, .uint16, .bool, .float16, .bfloat16: proto.int32Data.count
      }
    guard available == type.count else {
      throw .weights(
        tensor: name, reason: "shape \(type.shape) needs \(type.count) values and the file holds \(available)")
    }
    try budget.take(type.bytes, for: "weights up to \(name)")
    return Tensor(type) { view in
      switch type.element {
      case .float32: for (i, x) in proto.floatData.enumerated() { view[Float.self][i] = x }
      case .float64: for (i, x) in proto.doubleData.enumerated() { view[Double.self][i] = x }
      case .int64: for (i, x) in proto.int64Data.enumerated() { view[Int64.self][i] = x }
      case .uint64: for (i, x) in proto.uint64Data.enumerated() { view[UInt64.self][i] = x }
      case .uint32: for (i, x) in proto.uint64Data.enumerated() { view[UInt32.self][i] = UInt32(truncatingIfNeeded: x) }
      case .int32: for (i, x) in proto.int32Data.enumerated() { view[Int32.self][i] = x }
      case .int8, .uint8, .bool:
        for (i, x) in proto.int32Data.enumerated() { view[UInt8.self][i] = UInt8(truncatingIfNeeded: x) }
      case .int16, .uint16, .float16, .bfloat16:
        for (i, x) in proto.int32Data.enumerated() { view[UInt16.self][i] = UInt16(truncatingIfNeeded: x) }
      }
    }
  }

  /// Values in a file of the model's folder.
  private func external(
    _ proto: Onnx_TensorProto, _ type: TensorType, _ name: String
  ) throws(NetworkError) -> Tensor {
    guard let folder else {
      throw .weights(
        tensor: name, reason: "they are in a file of their own, and the model was not loaded from a folder")
    }
    var entries: [String: String] = [:]
    for entry in proto.externalData { entries[entry.key] = entry.value }
    let location = entries["location"] ?? ""
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !parts.contains(".."), !parts.contains(""), !location.utf8.contains(0) else {
      throw .weights(tensor: name, reason: "their file '\(location)' is not within the model's folder")
    }
    guard let offset = Int(entries["offset"] ?? "0"), let length = Int(entries["length"] ?? String(type.bytes)),
      offset >= 0, length == type.bytes
    else {
      throw .weights(tensor: name, reason: "shape \(type.shape) does not match the length that is stated for them")
    }
    let path = folder + "/" + location
    // A link could lead out of the folder, so both ends are compared after links are followed.
    guard let real = realPath(path) else {
      throw .weights(tensor: name, reason: "their file \(path) is missing")
    }
    guard let root = realPath(folder), real.hasPrefix(root.hasSuffix("/") ? root : root + "/") else {
      throw .weights(tensor: name, reason: "their file '\(location)' is not within the model's folder")
    }
    let size = try regularFileSize(real)
    guard size >= offset, size - offset >= length else {
      throw .weights(
        tensor: name,
        reason:
          "their file \(path) has \(size) bytes and they need \(length) from byte \(offset) on, so it is cut short")
    }
    try budget.take(type.bytes, for: "weights up to \(name)")
    guard let file = fopen(real, "rb") else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    let memory = Memory(byteCount: type.bytes)
    guard fseek(file, offset, SEEK_SET) == 0, fread(memory.base, 1, length, file) == length else {
      throw .weights(tensor: name, reason: "their file \(path) ended early")
    }
    return Tensor(type, memory: memory)
  }
}

/// The path without links and dots; nil where there is no such file.
private func realPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

extension ElementType {
  /// From the number that ONNX gives it; nil for those that the engine lacks.
  init?(_ number: Int32) {
    switch Onnx_TensorProto.DataType(rawValue: Int(number)) {
    case .float: self = .float32
    case .double: self = .float64
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    case .int16: self = .int16
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    case .uint16: self = .uint16
    case .uint32: self = .uint32
    case .uint64: self = .uint64
    case .bool: self = .bool
    default: return nil
    }
  }
}
