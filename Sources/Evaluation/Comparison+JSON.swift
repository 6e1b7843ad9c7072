import Formats

extension Comparison {
  /// The comparison as a document `warden.comparison/1`.
  public func json() -> [UInt8] {
    func figure(_ figure: Figure?) -> JSONNode {
      guard let figure else { return .null }
      return .object([
        "value": .score(figure.value), "low": .score(figure.low), "high": .score(figure.high),
        "method": .string(figure.method),
      ])
    }
    func changes(_ list: [Change]) -> JSONNode {
      .array(
        list.map { change in
          var members: [String: JSONNode] = [
            "clip": .string(change.clip), "type": .string(change.type.rawValue),
            "reference": .string(change.reference), "seconds": .seconds(change.seconds),
          ]
          members["note"] = change.note.map(JSONNode.string)
          return .object(members)
        })
    }
    return JSONWriter.document(
      .object([
        "schema": .string("warden.comparison/1"),
        "types": .object(
          Dictionary(
            uniqueKeysWithValues: types.map { type, one in
              (
                type.rawValue,
                .object([
                  "both": .integer(one.both), "lost": .integer(one.lost), "gained": .integer(one.gained),
                  "neither": .integer(one.neither), "mcNemarP": .decimal(one.recallP, 6),
                  "precisionDifference": figure(one.precisionDifference),
                  "recallDifference": figure(one.recallDifference),
                ])
              )
            })),
        "gained": changes(gained), "lost": changes(lost),
        "falsePositives": .array(
          falsePositives.map {
            .object(["clip": .string($0.clip), "before": .integer($0.before), "after": .integer($0.after)])
          }),
      ]))
  }
}
