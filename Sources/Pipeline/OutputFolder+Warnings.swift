public import Formats

extension OutputFolder {
  /// Writes `warnings.json`. On a full disk evidence of this run makes room for it, clips before stills and the last first: a
  /// picture may be lost, a warning not.
  ///
  /// - Parameter document: what it names of the evidence that had to go is taken out.
  /// - Returns: a sentence for each file that had to go.
  public func write(_ document: inout WarningsDocument) throws(OutputError) -> [String] {
    var lost: [String] = []
    while true {
      do throws(OutputError) {
        try write(document.json(), to: "warnings.json")
        return lost
      } catch {
        guard error.isFull, let (index, name) = spareEvidence(of: document) else { throw error }
        remove(name)
        if document.raised[index].evidence?.clip == name {
          document.raised[index].evidence?.clip = nil
        } else {
          document.raised[index].evidence?.stills.removeAll { $0 == name }
        }
        lost.append("\(document.raised[index].id): \(name) had to make room for warnings.json on the full disk")
      }
    }
  }

  private func spareEvidence(of document: WarningsDocument) -> (warning: Int, name: String)? {
    for (index, warning) in document.raised.enumerated().reversed() {
      if let clip = warning.evidence?.clip { return (index, clip) }
    }
    for (index, warning) in document.raised.enumerated().reversed() {
      if let still = warning.evidence?.stills.last { return (index, still) }
    }
    return nil
  }
}
