import Foundation
import Testing

/// The whole program on the shipped samples: rendered, so a figure here is a figure about a simulation.
@Suite("The samples, end to end")
struct SampleTests {
  /// What `samples/floor.json` keeps: the least that must be found and the most that may be wrong.
  struct Floor: Decodable {
    struct Counts: Decodable {
      var events: Int
      var found: Int
      var right: Int
      var warnings: Int
    }

    var model: String
    var types: [String: Counts]
  }

  struct Evaluation: Decodable {
    struct Counts: Decodable {
      var references: Int
      var truePositives: Int
      var falsePositives: Int
    }

    var clips: Int
    var types: [String: Counts]
  }

  static let floor: Floor? = {
    let file = URL(filePath: CommandLineRun.package + "samples/floor.json")
    return (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(Floor.self, from: $0) }
  }()

  /// The package that the floor was measured with: shipped, or beside the checkout.
  static let model: String? = {
    guard let name = floor?.model else { return nil }
    let places = [CommandLineRun.package + "Models/", (CommandLineRun.shared ?? "") + "/models/"]
    return places.map { $0 + name }.first { FileManager.default.fileExists(atPath: $0 + "/model.json") }
  }()

  @Test("no fewer events are found and no more warnings are wrong than the floor beside the samples says")
  func floor() throws {
    let floor = try #require(Self.floor, "samples/floor.json is missing or no floor")
    guard let model = Self.model else { return }
    let folder = try CommandLineRun.scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try CommandLineRun.warden(
      ["evaluate", CommandLineRun.package + "samples", "--model", model, "--output", folder + "/report"],
      environment: ["XDG_CACHE_HOME": folder + "/cache"])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let evaluation = try JSONDecoder().decode(
      Evaluation.self, from: Data(contentsOf: URL(filePath: folder + "/report/evaluation.json")))
    #expect(evaluation.clips == 9)
    for (type, least) in floor.types {
      let counts = try #require(evaluation.types[type], "no figure of \(type)")
      #expect(counts.references == least.events, "\(type)")
      #expect(counts.truePositives >= least.found, "\(type): fewer found")
      #expect(counts.falsePositives <= least.warnings - least.right, "\(type): more wrong")
    }
  }
}
