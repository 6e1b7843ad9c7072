import Geometry

/// What a reading gathers beside the values: the file's name and remarks about unknown keys.
final class ReadingContext {
  let file: String
  private(set) var warnings: [String] = []
  private var left = 0
  private static let mostWarnings = 20

  init(file: String) { self.file = file }

  func warn(_ path: String, _ remark: String) {
    if warnings.count < Self.mostWarnings {
      warnings.append(path.isEmpty ? "\(file): \(remark)" : "\(file): \(path) \(remark)")
    } else {
      left += 1
      let last = "\(file): and \(left) more remarks"
      if left == 1 { warnings.append(last) } else { warnings[Self.mostWarnings] = last }
    }
  }
}

/// Where a container lies in its document. Paths become text only when something is wrong.
final class DocumentPath {
  enum Step {
    case root
    case key(String)
    case index(Int)
  }

  private let parent: DocumentPath?
  private let step: Step

  init(parent: DocumentPath? = nil, step: Step = .root) {
    self.parent = parent
    self.step = step
  }

  var text: String {
    let before = parent?.text ?? ""
    switch step {
    case .root: return before
    case .key(let key): return before.isEmpty ? key : "\(before).\(key)"
    case .index(let index): return "\(before)[\(index)]"
    }
  }
}

/// One value of a document with its place; each accessor checks the type and says what was expected.
struct ValueReader {
  let value: JSONValue
  let context: ReadingContext
  private let parent: DocumentPath?
  private let step: DocumentPath.Step

  init(_ value: JSONValue, context: ReadingContext, parent: DocumentPath? = nil, step: DocumentPath.Step = .root) {
    self.value = value
    self.context = context
    self.parent = parent
    self.step = step
  }

  var path: String { DocumentPath(parent: parent, step: step).text }

  func fail(_ problem: String) -> FormatError { FormatError(file: context.file, path: path, problem: problem) }

  func expected(_ what: String) -> FormatError { fail("must be \(what), found \(value.summary)") }

  func warn(_ remark: String) { context.warn(path, remark) }

  var isNull: Bool { value == .null }

  func bool() throws(FormatError) -> Bool {
    guard case .bool(let flag) = value else { throw expected("true or false") }
    return flag
  }

  /// Any text.
  func string() throws(FormatError) -> String {
    guard case .string(let text) = value else { throw expected("a text") }
    return text
  }

  /// A text that people read: at most 2,000 characters, no control characters but line feed and tab.
  func prose() throws(FormatError) -> String {
    let text = try string()
    guard text.unicodeScalars.count <= 2000 else { throw fail("must have at most 2000 characters") }
    let forbidden = text.unicodeScalars.contains { Self.isControl($0) && $0 != "\n" && $0 != "\t" }
    guard !forbidden else { throw fail("must not hold control characters") }
    return text
  }

  /// A name: 1 to 200 characters, no control characters.
  func name() throws(FormatError) -> String {
    let text = try string()
    guard !text.isEmpty, text.unicodeScalars.count <= 200, !text.unicodeScalars.contains(where: Self.isControl) else {
      throw expected("a text of 1 to 200 characters without control characters")
    }
    return text
  }

  /// A name that may become part of a file's name: also without slashes, and not beginning with a dot.
  func identifier() throws(FormatError) -> String {
    let text = try name()
    guard !text.contains("/"), !text.contains("\\"), !text.hasPrefix(".") else {
      throw expected("an id without slashes that does not begin with a dot")
    }
    return text
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // C0, DEL and C1; marks that turn the direction of writing.
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  func number(_ range: ClosedRange<Double>, _ what: String = "a number") throws(FormatError) -> Double {
    guard case .number(let number) = value, range.contains(number) else {
      let (low, high) = (JSONWriter.shortest(range.lowerBound), JSONWriter.shortest(range.upperBound))
      throw expected("\(what) from \(low) to \(high)")
    }
    return number
  }

  func integer(_ range: ClosedRange<Int>, _ what: String = "a whole number") throws(FormatError) -> Int {
    guard case .number(let number) = value, let whole = Int(exactly: number), range.contains(whole) else {
      throw expected("\(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    return whole
  }

  /// One of a closed list of words.
  func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) throws(FormatError) -> Choice
  where Choice.RawValue == String {
    guard case .string(let text) = value, let choice = Choice(rawValue: text) else {
      throw expected("one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  func array<Element>(
    _ what: String = "a list", count: ClosedRange<Int> = 0...Int.max,
    _ element: (ValueReader) throws(FormatError) -> Element
  ) throws(FormatError) -> [Element] {
    guard case .array(let items) = value, items.count >= count.lowerBound else { throw expected(what) }
    guard items.count <= count.upperBound else {
      throw fail("must be \(what), at most \(count.upperBound) entries, found \(items.count)")
    }
    let path = DocumentPath(parent: parent, step: step)
    var result: [Element] = []
    result.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      result.append(try element(ValueReader(item, context: context, parent: path, step: .index(index))))
    }
    return result
  }

  /// An object; keys that `read` did not ask for become remarks.
  func object<Result>(
    _ what: String = "an object", _ read: (ObjectReader) throws(FormatError) -> Result
  ) throws(FormatError) -> Result {
    guard case .object(let object) = value else { throw expected(what) }
    let reader = ObjectReader(object, context: context, path: DocumentPath(parent: parent, step: step))
    let result = try read(reader)
    reader.remarkUnknownKeys()
    return result
  }

  /// An object used as a dictionary.
  func dictionary<Value>(
    _ what: String = "an object", _ read: (String, ValueReader) throws(FormatError) -> Value
  ) throws(FormatError) -> [String: Value] {
    guard case .object(let object) = value else { throw expected(what) }
    let path = DocumentPath(parent: parent, step: step)
    var result: [String: Value] = [:]
    for member in object.members {
      result[member.key] = try read(
        member.key, ValueReader(member.value, context: context, parent: path, step: .key(member.key)))
    }
    return result
  }
}

/// An object's members; remembers which keys were asked for.
final class ObjectReader {
  private let object: JSONObject
  private let path: DocumentPath
  private var asked: Set<String> = []
  let context: ReadingContext

  init(_ object: JSONObject, context: ReadingContext, path: DocumentPath) {
    self.object = object
    self.context = context
    self.path = path
  }

  func fail(_ problem: String) -> FormatError { FormatError(file: context.file, path: path.text, problem: problem) }

  /// A member that must be there; `what` says what it should be.
  func required(_ key: String, _ what: String) throws(FormatError) -> ValueReader {
    guard let reader = optional(key) else {
      let place = DocumentPath(parent: path, step: .key(key)).text
      throw FormatError(file: context.file, path: place, problem: "is missing: expected \(what)")
    }
    return reader
  }

  /// A member that may be absent.
  func optional(_ key: String) -> ValueReader? {
    asked.insert(key)
    guard let value = object[key] else { return nil }
    return ValueReader(value, context: context, parent: path, step: .key(key))
  }

  /// A member that may be absent or null.
  func nullable(_ key: String) -> ValueReader? {
    optional(key).flatMap { $0.isNull ? nil : $0 }
  }

  /// Checks `schema`.
  func schema(_ schema: String) throws(FormatError) {
    let reader = try required("schema", "\"\(schema)\"")
    guard reader.value == .string(schema) else { throw reader.expected("\"\(schema)\"") }
  }

  func remarkUnknownKeys() {
    for member in object.members where !asked.contains(member.key) {
      context.warn(DocumentPath(parent: path, step: .key(member.key)).text, "is not a known key and is left aside")
    }
  }
}

extension ValueReader {
  /// `[x, y, width, height]` within the picture; a thousandth beyond its edges is forgiven.
  func box(allowEmpty: Bool = false) throws(FormatError) -> Box {
    let what = "a box [x, y, width, height] of four numbers"
    let sides = try array(what, count: 4...4) { item throws(FormatError) in try item.number(-1e6...1e6) }
    let box = Box(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
    guard box.width > 0 && box.height > 0 || allowEmpty && box.width >= 0 && box.height >= 0 else {
      throw fail("must have a width and a height above 0")
    }
    guard box.x >= -0.001, box.y >= -0.001, box.maxX <= 1.001, box.maxY <= 1.001 else {
      throw fail("must lie within the picture (fractions from 0 to 1)")
    }
    return box
  }

  /// At least three corners within the picture, edges that do not cross.
  func polygon() throws(FormatError) -> Polygon {
    let corners = try array("a list of at least three [x, y] corners", count: 3...1000) { corner throws(FormatError) in
      let pair = try corner.array("a corner [x, y]", count: 2...2) { coordinate throws(FormatError) in
        try coordinate.number(0...1, "a fraction of the picture")
      }
      return Point(x: pair[0], y: pair[1])
    }
    do {
      return try Polygon(corners)
    } catch {
      throw fail("is no polygon: \(error)")
    }
  }
}

extension FormatError {
  /// Refuses a second entry with the same id.
  static func checkDistinct(_ ids: [String], file: String, list: String, key: String = "id") throws(FormatError) {
    var first: [String: Int] = [:]
    for (index, id) in ids.enumerated() {
      if let earlier = first[id] {
        throw FormatError(
          file: file, path: "\(list)[\(index)].\(key)",
          problem: "repeats \(JSONValue.string(id).summary) of \(list)[\(earlier)]; each must be there once")
      }
      first[id] = index
    }
  }
}

/// A document of its own: reads from and writes to JSON bytes.
public protocol Document: Sendable {
  /// `warden.NAME/1`.
  static var schema: String { get }
  /// Remarks made while reading, each a sentence for standard error: unknown keys, doubtful values.
  var warnings: [String] { get }
  /// Reads and checks a document; `file` is its name for errors.
  init(json bytes: [UInt8], file: String) throws(FormatError)
  /// The document's bytes: the same value gives the same bytes, ending with a line feed.
  func json() -> [UInt8]
}

extension JSONNode {
  static func box(_ box: Box) -> JSONNode {
    .array([.fraction(box.x), .fraction(box.y), .fraction(box.width), .fraction(box.height)])
  }

  static func polygon(_ polygon: Polygon) -> JSONNode {
    .array(polygon.corners.map { .array([.fraction($0.x), .fraction($0.y)]) })
  }

  /// An object of the members that have a value.
  static func members(_ members: [String: JSONNode?]) -> JSONNode {
    .object(members.compactMapValues { $0 })
  }
}
