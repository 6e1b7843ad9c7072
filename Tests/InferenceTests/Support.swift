import FoundationEssentials
import Inference

/// A file beside the tests.
func goldenPath(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/" + name).path
}

/// The folder of reference networks beside the checkout, where there is one.
let referenceModels = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "../../../shared/models").standardizedFileURL.path
let hasReferenceModels = FileManager.default.fileExists(atPath: referenceModels + "/nanodet-plus-m-416/model.onnx")

/// The tests' synthetic picture: exact in float32.
func pattern(channel c: Int, row y: Int, column x: Int, normalised: Bool = true) -> Float {
  let (a, b) = ((x * (c + 3) + y * 5) % 61, (y * (c + 2) + x) % 37)
  return normalised ? Float(a - 30) / 16 + Float(b - 18) / 16 : Float(a * 2 + b * 3)
}

extension Executor {
  func fillPattern(normalised: Bool = true) {
    let shape = network.inputs[0].shape
    withInput(0) { span in
      for c in 0..<shape[1] {
        for y in 0..<shape[2] {
          for x in 0..<shape[3] {
            span[(c * shape[2] + y) * shape[3] + x] = pattern(channel: c, row: y, column: x, normalised: normalised)
          }
        }
      }
    }
  }

  func output(_ index: Int = 0) -> [Float] {
    withOutput(index) { span in span.indices.map { span[$0] } }
  }
}

/// The largest difference, in parts of the reference's range; infinite where one is not a number and the other is.
func relativeDifference(_ values: [Float], _ reference: [Float]) -> Float {
  guard values.count == reference.count, !values.isEmpty else { return .infinity }
  var worst: Float = 0
  for (a, b) in zip(values, reference) where a != b {
    if a.isNaN != b.isNaN { return .infinity }
    if !a.isNaN { worst = max(worst, abs(a - b)) }
  }
  let range = reference.max()! - reference.min()!
  return worst / max(range, 1e-3)
}
