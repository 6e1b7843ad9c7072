import Evaluation
import Formats
import FoundationEssentials
import Geometry
import Statistics
import Testing

/// Figures of independent scorers, made by `scripts/agreement/make_goldens.py`.
enum Goldens {
  static let root: JSONValue = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = folder.appending(path: "scripts/agreement/goldens.json")
    return try! JSONValue(parsing: [UInt8](Data(contentsOf: file)), file: "goldens.json")
  }()

  static func rows(_ key: String) -> [JSONValue] { root[key].list }
}

extension JSONValue {
  subscript(key: String) -> JSONValue {
    guard case .object(let object) = self else { return .null }
    return object[key] ?? .null
  }

  var list: [JSONValue] {
    guard case .array(let items) = self else { return [] }
    return items
  }

  var number: Double {
    guard case .number(let number) = self else { return .nan }
    return number
  }

  var text: String {
    guard case .string(let text) = self else { return "" }
    return text
  }

  var isTrue: Bool { self == .bool(true) }
}

@Suite("agreement with independent scorers")
struct AgreementTests {
  func near(_ a: Double?, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    guard let a else { return false }
    return abs(a - b) <= tolerance * max(1, abs(b))
  }

  @Test("shares: Wilson and Clopper–Pearson as statsmodels has them")
  func shares() {
    let rows = Goldens.rows("shares")
    #expect(rows.count == 60)
    for row in rows.map({ $0.list.map(\.number) }) {
      let wilson = Intervals.wilson(Int(row[0]), of: Int(row[1]))
      #expect(near(wilson?.low, row[2]) && near(wilson?.high, row[3]), "\(row)")
      let exact = Intervals.clopperPearson(Int(row[0]), of: Int(row[1]))
      #expect(near(exact?.low, row[4]) && near(exact?.high, row[5]), "\(row)")
    }
  }

  @Test("rates: exact Poisson as scipy's χ² has it")
  func poisson() {
    #expect(Goldens.rows("poisson").count == 40)
    for row in Goldens.rows("poisson").map({ $0.list.map(\.number) }) {
      let interval = Intervals.poisson(Int(row[0]), exposure: row[1])
      #expect(near(interval?.low, row[2]) && near(interval?.high, row[3]), "\(row)")
    }
  }

  @Test("pairs: McNemar's exact test as statsmodels has it")
  func pairs() {
    #expect(Goldens.rows("pairs").count == 40)
    for row in Goldens.rows("pairs").map({ $0.list.map(\.number) }) {
      #expect(near(Intervals.mcNemar(gained: Int(row[0]), lost: Int(row[1])), row[2]), "\(row)")
    }
  }

  @Test("isotonic regression as scikit-learn has it")
  func isotonic() {
    #expect(Goldens.rows("isotonic").count == 5)
    for row in Goldens.rows("isotonic") {
      let fitted = ProbabilityFits.isotonic(
        row["values"].list.map(\.number), weights: row["weights"].list.map(\.number))
      #expect(zip(fitted, row["fitted"].list).allSatisfy { near($0, $1.number) })
    }
  }

  @Test("precision and recall, average precision and Brier score as scikit-learn has them")
  func curves() {
    #expect(Goldens.rows("curves").count == 4)
    for row in Goldens.rows("curves") {
      let samples = zip(row["scores"].list, row["truth"].list).map { (score: $0.number, right: $1.isTrue) }
      let curve = PrecisionRecallCurve(samples, positives: samples.count { $0.right })
      #expect(near(curve.averagePrecision, row["averagePrecision"].number))
      #expect(near(ProbabilityFits.brier(samples.map { .init(score: $0.score, right: $0.right) }), row["brier"].number))
      let expected = row["curve"].list.map { $0.list.map(\.number) }
      #expect(curve.points.count == expected.count)
      for (point, values) in zip(curve.points, expected) {
        #expect(near(point.score, values[0]) && near(point.precision, values[1]) && near(point.recall, values[2]))
      }
    }
  }

  @Test("boxes: average precision as pycocotools has it")
  func boxes() throws {
    #expect(Goldens.rows("boxes").count == 4)
    for row in Goldens.rows("boxes") {
      let truth = try COCODocument(json: JSONWriter.line(JSONNode(row["coco"])), file: "coco")
      var pictures = truth.pictures.map {
        BoxBenchmark.Picture(width: $0.width, labelled: $0.labelled, truth: $0.annotations, found: [])
      }
      for result in row["results"].list {
        let box = result["bbox"].list.map(\.number)
        pictures[Int(result["image_id"].number) - 1].found.append(
          .init(
            label: truth.classes[Int(result["category_id"].number) - 1], score: result["score"].number,
            box: Box(x: box[0], y: box[1], width: box[2], height: box[3])))
      }
      for (index, label) in truth.classes.enumerated() {
        let score = BoxBenchmark().score(pictures, .init(label, members: [label]))
        #expect(near(score.averagePrecision, row["ap50"].list[index].number))
        #expect(near(score.averagePrecision5095, row["ap5095"].list[index].number))
      }
    }
  }

  @Test("events: counts and F as sed_eval has them")
  func events() throws {
    #expect(Goldens.rows("events").count == 6)
    for row in Goldens.rows("events") {
      let events = row["reference"].list.enumerated().map { index, entry in
        let due = entry.list[1].number
        return event("E\(index)", EventType(rawValue: entry.list[0].text)!, due: due, end: due)
      }
      let warnings = row["system"].list.enumerated().map { index, entry in
        warning("w\(index)", EventType(rawValue: entry.list[0].text)!, alert: entry.list[1].number)
      }
      let document = try Evaluator.evaluate([clip(rate: 0.1, events, warnings)], options: EvaluationOptions(rounds: 2))
      for type in EventType.allCases {
        let expected = row["classes"][type.rawValue].list.map(\.number)
        let figures = try #require(document.types[type])
        #expect(Double(figures.counts.truePositives) == expected[0])
        #expect(Double(figures.counts.falsePositives) == expected[1])
        #expect(Double(figures.counts.falseNegatives) == expected[2])
        #expect(near(figures.f1, expected[3]))
      }
    }
  }
}
