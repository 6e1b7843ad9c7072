import Foundation
import Inference
import Testing

/// Networks of `scripts/onnx/make_networks`, with what ONNX Runtime computed from them.
@Suite("Generated networks agree with ONNX Runtime")
struct GeneratedNetworkTests {
  static let names = ["efficientnet-lite-like", "yolov8-like"]
  static let cases = names.flatMap { name in InstructionSet.usable.map { (name, $0.name) } }

  static func golden(_ name: String) throws -> [Float] {
    let data = try Data(contentsOf: URL(filePath: goldenPath(name + ".f32")))
    return data.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
      }
    }
  }

  @Test("within 1e-4 of the output's range on every usable level, and as its readable self", arguments: cases)
  func agrees(name: String, level: String) throws {
    let set = try #require(InstructionSet.usable.first { $0.name == level })
    for isReference in [false, true] {
      var configuration = Network.Configuration(instructionSet: set)
      configuration.isReference = isReference
      let executor = try Network(contentsOf: goldenPath(name + ".onnx"), configuration: configuration).makeExecutor()
      executor.fillPattern()
      executor.run()
      #expect(relativeDifference(executor.output(), try Self.golden(name)) < 1e-4)
    }
  }

  @Test("any number of threads gives the same bits, again and again", arguments: names)
  func threads(name: String) throws {
    var first: [UInt32]?
    for threads in [1, 2, 3, 8] {
      let network = try Network(contentsOf: goldenPath(name + ".onnx"), configuration: .init(threads: threads))
      let executor = network.makeExecutor()
      executor.fillPattern()
      for _ in 0..<10 {
        executor.run()
        let bits = executor.output().map(\.bitPattern)
        if let first { #expect(bits == first) } else { first = bits }
      }
    }
  }

  @Test("two executors of one network do not disturb each other")
  func executors() throws {
    let network = try Network(contentsOf: goldenPath("yolov8-like.onnx"))
    let (a, b) = (network.makeExecutor(), network.makeExecutor())
    a.fillPattern()
    a.run()
    b.run()
    #expect(relativeDifference(a.output(), try Self.golden("yolov8-like")) < 1e-4)
    #expect(a.output() != b.output())
  }

  @Test("a profile has a line for each step of the plan, with its work")
  func profile() throws {
    let network = try Network(contentsOf: goldenPath("efficientnet-lite-like.onnx"))
    let steps = network.makeExecutor().profile(runs: 2)
    #expect(network.describe().split(separator: "\n").count == steps.count + 1)
    #expect(steps.reduce(0) { $0 + $1.multiplyAdds } == network.multiplyAdds)
    #expect(steps.allSatisfy { $0.microseconds > 0 && $0.bytes > 0 })
    // Normalisations and activations are in the convolutions.
    #expect(!steps.contains { $0.operatorType == "BatchNormalization" || $0.operatorType == "Clip" })
  }
}
