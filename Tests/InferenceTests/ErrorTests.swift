import Foundation
import Inference
import Testing

/// What goes wrong when a model is loaded, said in a sentence.
@Suite("Models that cannot be loaded say why")
struct ErrorTests {
  private func failure(_ bytes: [UInt8], _ configuration: Network.Configuration = .init()) -> NetworkError? {
    do throws(NetworkError) {
      _ = try Network(onnx: bytes, configuration: configuration)
      return nil
    } catch {
      return error
    }
  }

  private func single(
    _ operatorType: String, shape: [Int] = [1, 4, 6, 6], inputs: [String] = [],
    _ attributes: [ModelBuilder.Attribute] = [],
    prepare: (inout ModelBuilder) -> Void = { _ in }
  ) -> [UInt8] {
    var builder = ModelBuilder()
    builder.input("x", shape)
    prepare(&builder)
    builder.node(operatorType, ["x"] + inputs, outputs: ["y"], name: "the-node", attributes)
    builder.output("y")
    return builder.model()
  }

  @Test("an unknown operator is named with its node")
  func unknownOperator() throws {
    let error = try #require(failure(single("FancyOp")))
    #expect(error.description.contains("the-node"))
    #expect(error.description.contains("FancyOp"))
  }

  @Test("an attribute that nobody reads is named")
  func unknownAttribute() throws {
    let error = try #require(failure(single("Relu", [.int("sparkle", 1)])))
    #expect(error == .unsupported(node: "the-node", operatorType: "Relu", reason: "attribute 'sparkle'"))
  }

  @Test("a missing file, a folder and a text are refused")
  func files() throws {
    #expect(throws: NetworkError.self) { try Network(contentsOf: "/nowhere/model.onnx") }
    #expect(throws: NetworkError.self) { try Network(contentsOf: "/tmp") }
    #expect(throws: NetworkError.self) { try Network(contentsOf: "/dev/zero") }
    #expect(throws: NetworkError.self) { try Network(contentsOf: #filePath) }
    #expect(failure([]) == .malformed(reason: "it is empty"))
  }

  @Test("an open side asks for its shape, and takes it")
  func openSides() throws {
    let model = single("Relu", shape: [Int.max, 4, 6, 6])
    let error = try #require(failure(model))
    #expect(error.description.contains("inputShapes"))
    let network = try Network(onnx: model, configuration: .init(inputShapes: ["x": [1, 4, 6, 6]]))
    #expect(network.outputs[0].shape == [1, 4, 6, 6])
    let closed = single("Relu")
    #expect(failure(closed, .init(inputShapes: ["z": [1]])) == .input(name: "z", reason: "the model has no such input"))
  }

  @Test("weights that are cut short, huge or negative are refused before memory is taken")
  func weights() throws {
    func model(_ shape: [Int], _ bytes: Int) -> [UInt8] {
      single("Add", inputs: ["w"]) {
        $0.tensor(element: 1, shape: shape, raw: [UInt8](repeating: 0, count: bytes), name: "w")
      }
    }
    #expect(failure(model([1], 4)) == nil)
    for (shape, bytes) in [([2], 4), ([-1], 4), ([Int.max], 4), ([1 << 31, 1 << 31], 4), ([1 << 20, 1 << 20], 4)] {
      guard case .weights(let name, _)? = failure(model(shape, bytes)) else {
        if case .tooLarge? = failure(model(shape, bytes)) { continue }
        Issue.record("shape \(shape) is taken")
        continue
      }
      #expect(name == "w")
    }
  }

  @Test("results beyond the memory limit are refused")
  func memory() throws {
    let model = single("ConstantOfShape") { $0.constant(ints: [1]) }
    #expect(failure(model) != nil)
    var builder = ModelBuilder()
    builder.constant(ints: [1 << 20, 1 << 18], name: "s")
    builder.output(builder.node("ConstantOfShape", ["s"]))
    guard case .tooLarge? = failure(builder.model()) else {
      Issue.record("a tensor of 2³⁸ floats is taken")
      return
    }
    let small = Network.Configuration(memoryLimit: 1 << 16)
    guard case .tooLarge? = failure(single("Relu", shape: [1, 64, 100, 100]), small) else {
      if case .input? = failure(single("Relu", shape: [1, 64, 100, 100]), small) { return }
      Issue.record("the limit is ignored")
      return
    }
  }

  @Test("external data stays in the model's folder and must be whole")
  func externalData() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "inference-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func load(_ location: String, offset: String = "0", length: String = "16") throws(NetworkError) -> Network {
      let model = single("Add", shape: [4], inputs: ["w"]) {
        $0.tensor(
          element: 1, shape: [4], raw: nil, name: "w",
          external: [("location", location), ("offset", offset), ("length", length)])
      }
      return try Network(onnx: model, weightsFolder: folder.path)
    }
    let values: [Float] = [1, 2, 3, 4]
    let data = values.withUnsafeBytes { Data($0) }
    try data.write(to: folder.appending(path: "weights.bin"))
    try data.prefix(12).write(to: folder.appending(path: "short.bin"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.appending(path: "link.bin").path, withDestinationPath: "/etc/passwd")
    let executor = try load("weights.bin").makeExecutor()
    executor.run()
    #expect(executor.output() == values)
    #expect(throws: NetworkError.self) { try load("../weights.bin") }
    #expect(throws: NetworkError.self) { try load("/etc/passwd") }
    #expect(throws: NetworkError.self) { try load("link.bin") }
    #expect(throws: NetworkError.self) { try load("weights.bin", offset: "4") }
    #expect(throws: NetworkError.self) { try load("weights.bin", offset: "9223372036854775807") }
    #expect(throws: NetworkError.self) { try load("weights.bin", length: "12") }
    #expect(throws: NetworkError.self) { try load("absent.bin") }
    do {
      _ = try load("short.bin")
      Issue.record("a short file is taken")
    } catch {
      #expect(error.description.contains("cut short"))
    }
    let model = single("Add", shape: [4], inputs: ["w"]) {
      $0.tensor(element: 1, shape: [4], raw: nil, name: "w", external: [("location", "weights.bin")])
    }
    #expect(failure(model) != nil, "without a folder there is nowhere to look")
  }

  @Test("cycles, values made twice, missing values and outputs are refused")
  func graphs() throws {
    var builder = ModelBuilder()
    builder.input("x", [4])
    builder.node("Add", ["x", "b"], outputs: ["a"])
    builder.node("Relu", ["a"], outputs: ["b"])
    builder.output("b")
    #expect(try #require(failure(builder.model())).description.contains("cycle"))

    builder = ModelBuilder()
    builder.input("x", [4])
    builder.node("Add", ["x", "nobody"], outputs: ["a"])
    builder.output("a")
    #expect(try #require(failure(builder.model())).description.contains("nobody"))

    builder = ModelBuilder()
    builder.input("x", [4])
    builder.node("Relu", ["x"], outputs: ["a"])
    builder.node("Relu", ["x"], outputs: ["a"])
    builder.output("a")
    #expect(failure(builder.model()) != nil)

    builder = ModelBuilder()
    builder.input("x", [4])
    builder.output("absent")
    #expect(failure(builder.model()) != nil)
  }

  @Test("nodes may come in any order")
  func order() throws {
    var builder = ModelBuilder()
    builder.input("x", [1, 1, 2, 2])
    builder.node("Neg", ["a"], outputs: ["b"])
    builder.node("Relu", ["x"], outputs: ["a"])
    builder.output("b")
    let executor = try Network(onnx: builder.model()).makeExecutor()
    executor.withInput(0) { span in for i in span.indices { span[i] = Float(i) - 1 } }
    executor.run()
    #expect(executor.output() == [0, 0, -1, -2])
  }

  @Test("absurd attributes are errors, each of them")
  func absurdAttributes() {
    let weights: (inout ModelBuilder) -> Void = {
      $0.constant([Float](repeating: 1, count: 36), [1, 4, 3, 3], name: "w")
    }
    let huge = Int.max
    for attribute: ModelBuilder.Attribute in [
      .ints("pads", [huge, 0, 0, 0]), .ints("pads", [-1, 0, 0, 0]), .ints("pads", [1]), .ints("strides", [0, 1]),
      .ints("strides", [huge, huge]), .ints("dilations", [huge, 1]), .ints("dilations", [-1, 1]), .int("group", 0),
      .int("group", -1), .int("group", 3), .ints("kernel_shape", [0, 0]), .ints("kernel_shape", [huge, huge]),
      .string("auto_pad", "SOMEHOW"), .float("strides", 1),
    ] {
      #expect(failure(single("Conv", inputs: ["w"], [attribute], prepare: weights)) != nil, "\(attribute)")
    }
    for (kind, attributes) in [
      ("MaxPool", [ModelBuilder.Attribute.ints("kernel_shape", [huge, huge])]), ("MaxPool", []),
      ("MaxPool", [.ints("kernel_shape", [9, 9])]), ("Concat", [.int("axis", 9)]), ("Softmax", [.int("axis", -huge)]),
      ("Transpose", [.ints("perm", [0, 0, 1, 2])]), ("Transpose", [.ints("perm", [0, 1])]), ("Cast", [.int("to", 99)]),
      ("Flatten", [.int("axis", huge)]), ("LeakyRelu", [.float("alpha", .nan)]),
      ("DepthToSpace", [.int("blocksize", huge)]), ("SpaceToDepth", [.int("blocksize", 0)]),
    ] {
      #expect(failure(single(kind, attributes)) != nil, "\(kind) \(attributes)")
    }
    for (kind, values) in [
      ("Reshape", [-1, -1]), ("Reshape", [huge, huge]), ("Reshape", [0, 0, 0, 0, 0]), ("Reshape", [-2, 72]),
      ("Expand", [huge, 1, 1, 1, 1]), ("Tile", [huge, 1, 1, 1]), ("Tile", [-1, 1, 1, 1]),
      ("Pad", [huge, 0, 0, 0, 0, 0, 0, 0]),
      ("Pad", [1]), ("Pad", [-9, 0, 0, 0, 0, 0, 0, 0]), ("Squeeze", [1]), ("Unsqueeze", [huge]), ("Gather", [4]),
      ("ReduceSum", [huge]),
    ] {
      #expect(failure(single(kind, inputs: ["c"]) { $0.constant(ints: values, name: "c") }) != nil, "\(kind) \(values)")
    }
    for scale: Float in [0, -1, .nan, .infinity, 1e30] {
      #expect(failure(single("Resize", inputs: ["", "s"]) { $0.constant([1, 1, scale, 1], [4], name: "s") }) != nil)
    }
  }

  @Test("extreme slices are what numpy makes of them")
  func slices() throws {
    for (start, end, step, wanted) in [
      (Int.min, Int.max, 1, [0, 1, 2, 3, 4] as [Float]), (Int.max, Int.min, -1, [4, 3, 2, 1, 0]),
      (0, Int.max, Int.max, [0]), (-1, Int.min, Int.min + 1, [4]), (-2, Int.max, 1, [3, 4]), (3, -4, -2, [3]),
    ] {
      let model = single("Slice", shape: [5], inputs: ["s", "e", "a", "p"]) {
        $0.constant(ints: [start], name: "s")
        $0.constant(ints: [end], name: "e")
        $0.constant(ints: [0], name: "a")
        $0.constant(ints: [step], name: "p")
      }
      let executor = try Network(onnx: model).makeExecutor()
      executor.withInput(0) { span in for i in span.indices { span[i] = Float(i) } }
      executor.run()
      #expect(executor.output() == wanted)
    }
  }

  @Test("threads beyond reason are refused")
  func configuration() {
    #expect(failure(single("Relu"), .init(threads: 0)) != nil)
    #expect(failure(single("Relu"), .init(threads: 100_000)) != nil)
    #expect(failure(single("Relu"), .init(memoryLimit: 0)) != nil)
  }
}
