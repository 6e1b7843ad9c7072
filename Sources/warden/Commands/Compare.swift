import ArgumentParser
import Evaluation
import Formats
import Foundation
import Pipeline

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what one evaluation found that another did not.",
    discussion: """
      DIR_A and DIR_B are folders that `warden evaluate` wrote, of the same clips, references and preset. Differences are B \
      less A, with 95 % intervals by resampling clips; McNemar's exact test weighs gained against lost events.

      EXAMPLE
        warden compare report-old report-new
        warden compare report-old report-new --json comparison.json
      """)

  @Argument(help: ArgumentHelp("The evaluation to compare with.", valueName: "DIR_A"))
  var before: String

  @Argument(help: ArgumentHelp("The evaluation to judge.", valueName: "DIR_B"))
  var after: String

  @Option(help: ArgumentHelp("Write the document to FILE; - writes it to standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Errors alone.")
  var quiet = false

  func run() throws {
    do {
      let comparison = try Comparison(document(before), document(after))
      let bytes = comparison.json()
      if let json, json != "-" {
        try OutputFolder.write(bytes, to: json)
      } else if json == "-" {
        Terminal.output(String(decoding: bytes, as: UTF8.self))
        return
      }
      if !quiet { Terminal.output(EvaluationTables.comparison(comparison)) }
    } catch { throw Failure(evaluating: error) }
  }

  private func document(_ folder: String) throws -> EvaluationDocument {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    let file = exists && !isFolder.boolValue ? folder : folder + "/evaluation.json"
    return try EvaluationDocument(json: readFile(file), file: file)
  }
}
