/// A name in a camera's zone that is neither a group nor a class of the model.
public struct UnknownClassName: Error, Sendable, Hashable, CustomStringConvertible {
  public let name: String
  public let model: String

  public var description: String {
    "the model \(model) has no group and no class named \(JSONValue.string(name).summary)"
  }
}

/// The groups of classes that rules go by, and the classes that a model knows.
public struct ClassGroups: Sendable, Hashable, Codable {
  /// Groups that every package may be asked for; one that it lacks is empty.
  public static let wellKnown: Set<String> = [
    "vehicle", "two-wheeler", "three-wheeler", "stall-like", "person", "bin", "bin-overflow", "litter",
  ]

  /// The model's name, for errors.
  public var model: String
  public var classes: [String]
  public var groups: [String: [String]]

  public init(model: String, classes: [String], groups: [String: [String]]) {
    self.model = model
    self.classes = classes
    self.groups = groups
  }

  /// The class names that a name stands for: a group first, then a class.
  public func labels(_ name: String) throws(UnknownClassName) -> Set<String> {
    if let group = groups[name] { return Set(group) }
    if classes.contains(name) { return [name] }
    if Self.wellKnown.contains(name) { return [] }
    throw UnknownClassName(name: name, model: model)
  }

  /// The class names that several names stand for together.
  public func labels(_ names: [String]) throws(UnknownClassName) -> Set<String> {
    var labels: Set<String> = []
    for name in names { labels.formUnion(try self.labels(name)) }
    return labels
  }

  /// The group of a class for association, so that a car that turns into a truck stays one thing: the first of vehicles,
  /// two-wheelers, three-wheelers, stalls, bins and litter that has it, else the class itself.
  public func association(of label: String) -> String {
    for group in ["vehicle", "two-wheeler", "three-wheeler", "person", "bin", "litter", "stall-like"]
    where groups[group]?.contains(label) == true {
      return group
    }
    return label
  }
}

extension CameraDocument {
  /// Checks that every name in the zones' `classes` is a group or a class of the model.
  ///
  /// - Parameter file: the camera document's name, for the error.
  public func checkClasses(against groups: ClassGroups, file: String) throws(FormatError) {
    for (zone, entry) in zones.enumerated() {
      for (index, name) in (entry.classes ?? []).enumerated() {
        do {
          _ = try groups.labels(name)
        } catch {
          throw FormatError(file: file, path: "zones[\(zone)].classes[\(index)]", problem: "is unknown: \(error)")
        }
      }
    }
  }
}
