import ArgumentParser
import Evidence
import Formats
import Geometry
import ObjectDetection
import Observation
import Pipeline
import Video

struct Detect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Finds objects in pictures.",
    discussion: """
      PATH is a picture or a folder of pictures (.jpg, .png, .webp, .bmp, .gif).

      EXAMPLE
        warden detect street.jpg --output found
        warden detect pictures/ --score 0.01 --json detections.json
      """)

  @Argument(help: ArgumentHelp("Pictures, or folders of pictures.", valueName: "PATH"))
  var paths: [String]

  @Option(help: ArgumentHelp("Least score, 0 to 1; the package's threshold where it is not given.", valueName: "S"))
  var score: Double?

  @OptionGroup var model: ModelOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if let score, !(0...1).contains(score) { throw ValidationError("--score takes a number from 0 to 1") }
  }

  func run() throws {
    let files: [PictureFile]
    do throws(InputError) { files = try pictureFiles(paths) } catch { throw Failure.input(error.description) }
    let folder = try result.folder()
    let detector = try model.detector()
    let session = detector.makeSession()
    let floor = score.map { ScoreFloor.value($0) } ?? .score

    let terminal = result.terminal
    var bar = ProgressBar("pictures", on: terminal)
    var table = Table(["picture", "size", "class", "score", "x", "y", "width", "height"], right: [3, 4, 5, 6, 7])
    var records: [PictureRecord] = []
    var unreadable = 0
    var names: Set<String> = []
    for (index, file) in files.enumerated() {
      let picture: Picture
      do throws(VideoError) {
        picture = try StillImage.decode(path: file.path)
      } catch {
        unreadable += 1
        terminal.note(error.description)
        records.append(PictureRecord(file: file.name, outcome: .unreadable(error.description)))
        continue
      }
      let detections = session.detect(picture, floor: floor)
      records.append(PictureRecord(file: file.name, picture: picture, detections: detections))
      for detection in detections {
        table.add(
          [file.name, "\(picture.width)×\(picture.height)", detection.label, decimal(detection.score, 4)]
            + [detection.box.x, detection.box.y, detection.box.width, detection.box.height].map { decimal($0, 4) })
      }
      if let folder {
        var canvas = Canvas(picture)
        canvas.draw(detections)
        let name = annotatedName(file.name, taken: &names)
        let jpeg: [UInt8]
        do throws(VideoError) {
          jpeg = try StillImage.jpeg(canvas.picture)
        } catch { throw Failure.outside(error.description) }
        do throws(OutputError) { try folder.write(jpeg, to: name) } catch { throw Failure(error) }
      }
      bar.update(done: index + 1, share: Double(index + 1) / Double(files.count))
    }
    bar.end()
    let document = DetectionsDocument(model: detector.document.reference, pictures: records)
    if let folder {
      do throws(OutputError) { try folder.write(document.json(), to: "detections.json") } catch { throw Failure(error) }
    }
    try result.show(document.json()) { table.text }
    if let folder {
      terminal.note("\(files.count - unreadable) pictures with their detections drawn are in \(folder.path)")
    }
    if unreadable > 0 {
      throw Failure.input("\(unreadable) of \(files.count) pictures could not be read")
    }
  }

  /// The picture's own name as a JPEG; two of one name get a number.
  private func annotatedName(_ name: String, taken: inout Set<String>) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    let stem = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
    var candidate = stem + ".jpg"
    var number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(stem)-\(number).jpg"
      number += 1
    }
    return candidate
  }
}

extension PictureRecord {
  init(file: String, picture: Picture, detections: [Detection]) {
    self.init(
      file: file,
      outcome: .read(
        width: picture.width, height: picture.height,
        detections: detections.map { DetectionRecord(label: $0.label, score: $0.score, box: $0.box) }))
  }
}
