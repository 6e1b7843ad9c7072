import Foundation
import Inference
import Testing

/// Damaged files load or fail; they never trap and never take memory without bound.
@Suite("Damaged models")
struct HostileModelTests {
  private static let limit = 64 << 20

  /// Loads the bytes and, if that works and the work is small, runs them.
  private func exercise(_ bytes: [UInt8]) {
    guard let network = try? Network(onnx: bytes, configuration: .init(memoryLimit: Self.limit)) else { return }
    #expect(network.arenaBytes <= Self.limit)
    if network.multiplyAdds < 100_000_000 { network.makeExecutor().run() }
  }

  private static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: goldenPath(name + ".onnx"))))
  }

  @Test("cut at every fiftieth of its length", arguments: GeneratedNetworkTests.names)
  func truncations(name: String) throws {
    let bytes = try Self.bytes(name)
    for part in 0..<50 {
      let cut = Array(bytes[..<(bytes.count * part / 50)])
      #expect(throws: NetworkError.self) { try Network(onnx: cut, configuration: .init(memoryLimit: Self.limit)) }
    }
  }

  @Test("with bytes changed anywhere, and where the structure is dense", arguments: GeneratedNetworkTests.names)
  func flips(name: String) throws {
    let bytes = try Self.bytes(name)
    var random = SeededGenerator(seed: 20_261_125)
    // Most bytes are weights; the nodes lie before them.
    let structure = try #require(bytes.firstRange(of: Array("c_1".utf8))).lowerBound..<min(bytes.count, 40_000)
    for round in 0..<400 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at =
          round % 4 == 0 ? Int.random(in: 0..<bytes.count, using: &random) : Int.random(in: structure, using: &random)
        damaged[at] = UInt8.random(in: 0...255, using: &random)
      }
      exercise(damaged)
    }
  }

  @Test("with parts missing, doubled or in the wrong place")
  func splices() throws {
    let bytes = try Self.bytes("yolov8-like")
    var random = SeededGenerator(seed: 5)
    for _ in 0..<100 {
      let a = Int.random(in: 0..<40_000, using: &random)
      let length = Int.random(in: 1..<400, using: &random)
      let b = Int.random(in: 0..<40_000, using: &random)
      exercise(Array(bytes[..<a] + bytes[(a + length)...]))
      exercise(Array(bytes[..<a] + bytes[b..<b + length] + bytes[a...]))
    }
  }

  @Test("that are noise")
  func noise() {
    var random = SeededGenerator(seed: 9)
    for _ in 0..<300 {
      exercise((0..<Int.random(in: 1..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  @Test("a small file of countless empty nodes is refused before it is unfolded")
  func manyMessages() {
    var graph: [UInt8] = []
    for _ in 0..<2_000_000 { graph += [0x0A, 0x00] }
    var model = Wire()
    model.add(7, graph)
    #expect(throws: NetworkError.self) { try Network(onnx: model.bytes) }
  }

  @Test("many views of many channels are refused before they take much memory")
  func manyViews() {
    let channels = 1 << 14
    var builder = ModelBuilder()
    builder.input("x", [1, channels, 1, 1])
    builder.constant(ints: [1, 2, channels / 2, 1, 1], name: "split")
    builder.constant(ints: [1, channels, 1, 1], name: "join")
    builder.constant([Float](repeating: 1, count: channels * 9), [channels, 1, 3, 3], name: "w")
    var value = builder.node("Conv", ["x", "w"], [.int("group", channels), .ints("pads", [1, 1, 1, 1])])
    for _ in 0..<2000 {
      let turned = builder.node(
        "Transpose", [builder.node("Reshape", [value, "split"])], [.ints("perm", [0, 2, 1, 3, 4])])
      value = builder.node("Reshape", [turned, "join"])
    }
    builder.output(value)
    do {
      _ = try Network(onnx: builder.model(), configuration: .init(memoryLimit: Self.limit))
    } catch {
      guard case .tooLarge = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test("small models with random shapes and attributes")
  func randomAttributes() throws {
    var random = SeededGenerator(seed: 31)
    let sizes = [-1, 0, 1, 2, 3, 4, 7, 16, 255, 1 << 20, 1 << 31, 1 << 33, Int.max, Int.min]
    func pick() -> Int { sizes[Int.random(in: 0..<sizes.count, using: &random)] }
    func small() -> Int { Int.random(in: 0..<6, using: &random) }
    let names = [
      "axis", "pads", "strides", "dilations", "group", "kernel_shape", "perm", "ceil_mode", "keepdims", "axes", "to",
    ]
    let operators = [
      "Conv", "MaxPool", "AveragePool", "Concat", "Split", "Slice", "Reshape", "Transpose", "Flatten", "Squeeze",
      "Unsqueeze",
      "Add", "Mul", "Div", "Pow", "Pad", "ReduceMean", "ReduceMax", "Cast", "Gather", "Expand", "Tile", "Resize",
      "Softmax",
      "MatMul", "Gemm", "GlobalAveragePool", "Clip", "Range", "ConstantOfShape", "Shape", "BatchNormalization", "Where",
      "Mod",
    ]
    for _ in 0..<4000 {
      var builder = ModelBuilder()
      builder.operatorSet = [9, 11, 13, 18, 21].randomElement(using: &random)!
      let rank = small()
      builder.input("x", (0..<rank).map { _ in Int.random(in: 0..<8, using: &random) })
      var inputs = ["x"]
      for _ in 0..<Int.random(in: 0..<4, using: &random) {
        switch small() {
        case 0, 1, 2:
          inputs.append(
            builder.constant(ints: (0..<small()).map { _ in Bool.random(using: &random) ? pick() : small() }))
        case 3: inputs.append("")
        default:
          let shape = (0..<small()).map { _ in Int.random(in: 0..<4, using: &random) }
          inputs.append(builder.constant(random.floats(shape.reduce(1, *), 3), shape))
        }
      }
      let attributes = (0..<Int.random(in: 0..<3, using: &random)).map { _ -> ModelBuilder.Attribute in
        let name = names.randomElement(using: &random)!
        return Bool.random(using: &random)
          ? .int(name, Bool.random(using: &random) ? pick() : small())
          : .ints(name, (0..<small()).map { _ in Bool.random(using: &random) ? pick() : small() })
      }
      let y = builder.node(operators.randomElement(using: &random)!, inputs, attributes)
      builder.output(y)
      exercise(builder.model())
    }
  }
}
