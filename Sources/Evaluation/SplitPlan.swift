public import Formats

/// Which clips belong to which split, by camera, with every site in one split only.
public struct SplitPlan: Sendable, Hashable {
  private let splitOf: [String: String]
  public let names: Set<String>

  /// - Parameters:
  ///   - suite: the suite's splits by camera.
  ///   - cameras: the suite's cameras with their sites.
  /// - Throws: where a split names a camera that the suite lacks, or a site lies in two splits.
  public init(_ suite: SuiteDocument, cameras: [(id: String, site: String)]) throws(EvaluationError) {
    var sites: [String: Set<String>] = [:]
    for camera in cameras { sites[camera.id, default: []].insert(camera.site) }
    var splitOf: [String: String] = [:]
    var splitOfSite: [String: (split: String, camera: String)] = [:]
    for (split, ids) in suite.splits.sorted(by: { $0.key < $1.key }) {
      for id in ids.sorted() {
        guard let own = sites[id] else {
          throw EvaluationError("suite.json: splits.\(split) names the camera \(id), which no clip of the suite is of")
        }
        splitOf[id] = split
        for site in own.sorted() {
          if let other = splitOfSite[site], other.split != split {
            throw EvaluationError(
              "suite.json: the site \(site) is in two splits: \(other.camera) in \(other.split), \(id) in \(split); a place that was tuned on cannot test"
            )
          }
          splitOfSite[site] = (split, id)
        }
      }
    }
    // Cameras that no split names go with their site.
    for camera in cameras where splitOf[camera.id] == nil {
      splitOf[camera.id] = splitOfSite[camera.site]?.split
    }
    self.splitOf = splitOf
    names = Set(suite.splits.keys)
  }

  /// Nil for a camera in no split.
  public func split(of camera: String) -> String? { splitOf[camera] }
}
