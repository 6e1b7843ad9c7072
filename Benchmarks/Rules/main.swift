import Formats
import Foundation
import ObjectDetection
import Observation
import Pipeline
import Rules
import Video

// rules-benchmark CLIP CAMERA MODEL [WIDTH HEIGHT] [PICTURES]
//
// What rules, tracking and background cost beside the detector, in processor time of this thread: for each picture in turn the
// detector, the thumbnail, and a step of the rules. The first five pictures do not count.

func processorMilliseconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
  return Double(now.tv_sec) * 1000 + Double(now.tv_nsec) * 1e-6
}

func fail(_ sentence: String) -> Never {
  FileHandle.standardError.write(Data((sentence + "\n").utf8))
  exit(2)
}

let arguments = CommandLine.arguments
guard arguments.count >= 4 else { fail("usage: rules-benchmark CLIP CAMERA MODEL [WIDTH HEIGHT] [PICTURES]") }
let width = arguments.count > 5 ? Int(arguments[4]) ?? 1920 : 1920
let height = arguments.count > 5 ? Int(arguments[5]) ?? 1080 : 1080
let limit = arguments.count > 6 ? Int(arguments[6]) ?? 200 : 200

do {
  let camera = try CameraDocument(json: Array(readFile(arguments[2])), file: arguments[2])
  let detector = try Detector(ModelPackage(path: arguments[3]))
  let session = detector.makeSession()
  var rules = try SceneRules(camera: camera, model: RuleModel(detector.document))
  let source = try await VideoSource.open(arguments[1])
  var times: [(detector: Double, thumbnail: Double, rules: Double)] = []
  for try await picture in source.pictures(rate: camera.sampleRate) {
    guard times.count < limit else { break }
    let scaled = try picture.scaled(width: width, height: height)
    let start = processorMilliseconds()
    let detections = session.detect(scaled, floor: .low)
    let detected = processorMilliseconds()
    let thumbnail = Thumbnail(scaled)
    let reduced = processorMilliseconds()
    _ = rules.step(Observation(time: picture.time, detections: detections, thumbnail: thumbnail))
    times.append((detected - start, reduced - detected, processorMilliseconds() - reduced))
  }
  let counted = Array(times.dropFirst(5))
  guard !counted.isEmpty else { fail("the clip is too short: more than five pictures are needed") }
  func row(_ name: String, _ values: [Double], _ whole: Double) -> String {
    let sorted = values.sorted()
    let mean = values.reduce(0, +) / Double(values.count)
    let columns = [sorted[sorted.count / 2], sorted[sorted.count * 9 / 10], mean].map { String(format: "%8.3f", $0) }
    let share = whole > 0 ? String(format: "%6.1f %%", mean / whole * 100) : ""
    return name.padding(toLength: 12, withPad: " ", startingAt: 0) + columns.joined() + "  " + share
  }
  let network = counted.map(\.detector)
  let mean = network.reduce(0, +) / Double(network.count)
  print("\(detector.document.name), \(width) × \(height), \(counted.count) pictures; milliseconds of processor time")
  print("                 p50     p90    mean   of the detector's mean")
  print(row("detector", network, 0))
  print(row("thumbnail", counted.map(\.thumbnail), mean))
  print(row("rules", counted.map(\.rules), mean))
  print(row("both", counted.map { $0.thumbnail + $0.rules }, mean))
} catch { fail("\(error)") }
