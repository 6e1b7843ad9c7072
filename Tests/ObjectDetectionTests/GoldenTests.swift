import Formats
import Foundation
import Geometry
import ObjectDetection
import Observation
import Testing
import Video

/// Other people's networks and pictures beside the checkout, where there are any.
private let shared: String? = {
  let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path()
  let path = package + "shared"
  return FileManager.default.fileExists(atPath: path + "/models") ? path : nil
}()

private struct Golden: Decodable {
  struct Picture: Decodable {
    struct Found: Decodable {
      var box: [Double]
      var label: String
      var score: Double
      enum CodingKeys: String, CodingKey {
        case box, score
        case label = "class"
      }
    }
    var file: String
    var width: Int
    var height: Int
    var detections: [String: [Found]]
  }
  var pictures: [Picture]
}

@Suite("Reference networks", .enabled(if: shared != nil))
struct GoldenTests {
  /// FFmpeg's JPEG decoder stands for OpenCV's: scores may differ by 0.1, and what lies so near the threshold may be missing.
  @Test(
    "pictures give the detections of the goldens",
    arguments: ["nanodet-plus-m-416", "picodet-s-416", "yolox-nano-416"])
  func detections(_ name: String) throws {
    let folder = try #require(shared) + "/models/" + name
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(filePath: folder + "/golden/detections.json")))
    let detector = try Detector(ModelPackage(path: folder))
    let session = detector.makeSession()
    for picture in golden.pictures {
      let read = try StillImage.decode(path: #require(shared) + "/dataset/images/val/" + picture.file)
      #expect(read.width == picture.width && read.height == picture.height)
      let found = session.detect(read)
      let expected = try #require(picture.detections["416"]).map {
        Detection(
          label: $0.label, score: $0.score, box: Box(x: $0.box[0], y: $0.box[1], width: $0.box[2], height: $0.box[3]))
      }
      expect(expected, within: found, threshold: detector.document.thresholds.score, "missing in \(picture.file)")
      expect(found, within: expected, threshold: detector.document.thresholds.score, "not expected in \(picture.file)")
    }
  }

  private func expect(
    _ these: [Detection], within others: [Detection], threshold: ClassThreshold, _ what: Comment
  ) {
    for one in these where one.score > threshold[one.label] + 0.1 {
      let met = others.contains {
        $0.label == one.label && abs($0.score - one.score) <= 0.1 && $0.box.iou(one.box) > 0.8
      }
      #expect(met, "\(what): \(one.label) \(one.score)")
    }
  }

  @Test("a network whose file is cut short is refused by its digest, in a sentence")
  func cutShort() throws {
    let folder = try #require(shared) + "/models/nanodet-plus-m-416"
    let copy = FileManager.default.temporaryDirectory.appending(path: "warden-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try FileManager.default.copyItem(atPath: folder + "/model.json", toPath: copy + "/model.json")
    let bytes = try Data(contentsOf: URL(filePath: folder + "/model.onnx"))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: copy + "/model.onnx"))
    #expect {
      try ModelPackage(path: copy)
    } throws: { error in
      "\(error)".contains("is not the file that model.json describes")
    }
  }
}
