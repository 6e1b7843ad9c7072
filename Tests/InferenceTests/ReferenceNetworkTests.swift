import Foundation
import Inference
import Testing

private struct Golden: Decodable {
  struct Size: Decodable {
    let width: Int
    let height: Int
    let outputShape: [Int]
    let min: Float
    let max: Float
    let mean: Double
    let columnMean: [Double]
    let samples: [[Double]]
    let inputSum: Double
  }

  let sizes: [Size]
}

@Suite("Reference networks agree with ONNX Runtime", .enabled(if: hasReferenceModels))
struct ReferenceNetworkTests {
  static let cases = ["nanodet-plus-m-416", "picodet-s-416", "yolox-nano-416"].flatMap { name in
    InstructionSet.usable.map { (name, $0.name) }
  }

  @Test("at 416 every sample is within 1e-4 of the golden tensor, on every usable level", arguments: cases)
  func samples(name: String, level: String) throws {
    let folder = referenceModels + "/" + name
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(filePath: folder + "/golden/tensor.json")))
    let size = try #require(golden.sizes.first { $0.width == 416 })
    let set = try #require(InstructionSet.usable.first { $0.name == level })
    let network = try Network(contentsOf: folder + "/model.onnx", configuration: .init(instructionSet: set))
    let executor = network.makeExecutor()
    executor.fillPattern(normalised: name != "yolox-nano-416")
    executor.withInput(0) { span in
      var sum = 0.0
      for i in span.indices { sum += Double(span[i]) }
      #expect(abs(sum - size.inputSum) < 1)
    }
    executor.run()
    #expect(network.outputs[0].shape == size.outputShape)
    let output = executor.output()
    let columns = size.outputShape[2]
    for sample in size.samples {
      let value = output[Int(sample[0]) * columns + Int(sample[1])]
      #expect(abs(value - Float(sample[2])) < 1e-4, "cell \(sample[0]), column \(sample[1])")
    }
    #expect(abs(output.min()! - size.min) < 1e-4)
    #expect(abs(output.max()! - size.max) < 1e-4)
    for column in 0..<columns {
      let values = stride(from: column, to: output.count, by: columns).map { Double(output[$0]) }
      #expect(abs(values.reduce(0, +) / Double(values.count) - size.columnMean[column]) < 1e-4)
    }
  }

  @Test("the plan of a ShuffleNet detector moves no channels but for residuals and one downsampling")
  func plan() throws {
    let network = try Network(contentsOf: referenceModels + "/nanodet-plus-m-416/model.onnx")
    #expect(network.multiplyAdds == 762_090_840)
    #expect(network.reorderCount <= 5)
    let plan = network.describe()
    #expect(!plan.contains("ChannelShuffle"))
    #expect(!plan.contains("Slice"))
    #expect(!plan.contains("Concat"))
  }
}
