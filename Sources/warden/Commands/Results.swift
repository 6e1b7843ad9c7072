import Pipeline

extension ResultOptions {
  /// The folder for the results, if one is wanted; asked for before the work begins, so that a wrong one costs no time.
  func folder() throws -> OutputFolder? {
    guard let output else { return nil }
    do throws(OutputError) { return try OutputFolder(output) } catch { throw Failure(error) }
  }

  /// Writes the document where `--json` says, or else the table to standard output.
  func show(_ document: [UInt8], table: () -> String) throws {
    guard let json else {
      if !quiet { Terminal.output(table()) }
      return
    }
    if json == "-" {
      Terminal.output(String(decoding: document, as: UTF8.self))
      return
    }
    do throws(OutputError) { try OutputFolder.write(document, to: json) } catch { throw Failure(error) }
    if !quiet { Terminal.output(table()) }
  }
}

extension Failure {
  init(_ error: OutputError) { self = error.isInputFault ? .input(error.description) : .outside(error.description) }
}
