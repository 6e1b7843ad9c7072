extension Polygon: Codable {
  /// Reads the list of corners and checks it as `init(_:)` does.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let corners = try container.decode([Point].self)
    do {
      try self.init(corners)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(corners)
  }
}
