public import Geometry

/// Boxes in pictures as COCO's JSON has them; of other keys it takes no notice. Boxes are in pixels.
public struct COCODocument: Sendable, Hashable {
  public struct Annotation: Sendable, Hashable {
    public var label: String
    public var box: Box
    /// A region that absorbs detections: neither found nor missed.
    public var isCrowd: Bool
    /// Drawn by a person rather than by a network (`origin` absent or `human`).
    public var isHuman: Bool

    public init(label: String, box: Box, isCrowd: Bool = false, isHuman: Bool = true) {
      self.label = label
      self.box = box
      self.isCrowd = isCrowd
      self.isHuman = isHuman
    }
  }

  public struct Picture: Sendable, Hashable {
    public var file: String
    public var width: Int
    public var height: Int
    /// The classes that are labelled in it without exception; nil means all.
    public var labelled: Set<String>?
    public var annotations: [Annotation]

    public init(file: String, width: Int, height: Int, labelled: Set<String>? = nil, annotations: [Annotation] = []) {
      self.file = file
      self.width = width
      self.height = height
      self.labelled = labelled
      self.annotations = annotations
    }
  }

  /// A data set has a hundred thousand pictures.
  static let mostValues = 8_000_000

  /// By their ids.
  public var classes: [String]
  /// In the document's order.
  public var pictures: [Picture]

  public init(classes: [String], pictures: [Picture]) {
    self.classes = classes
    self.pictures = pictures
  }

  public init(json bytes: [UInt8], file: String) throws(FormatError) {
    let context = ReadingContext(file: file)
    let value = try JSONValue(parsing: bytes, file: file, mostValues: Self.mostValues)
    let root = ValueReader(value, context: context)
    let ids = Int.min / 2...Int.max / 2
    self = try root.object("a COCO document") { source throws(FormatError) in
      var names: [Int: String] = [:]
      _ = try source.required("categories", "a list of categories").array("a list of categories") {
        category throws(FormatError) in
        try category.object("{id, name}") { entry throws(FormatError) in
          let id = try entry.required("id", "a whole number")
          let name = try entry.required("name", "a text").name()
          if names.updateValue(name, forKey: try id.integer(ids)) != nil { throw id.fail("is there twice") }
        }
      }
      var index: [Int: Int] = [:]
      var pictures: [Picture] = []
      _ = try source.required("images", "a list of pictures").array("a list of pictures") { image throws(FormatError) in
        try image.object("{id, file_name, width, height}") { entry throws(FormatError) in
          let id = try entry.required("id", "a whole number")
          if index.updateValue(pictures.count, forKey: try id.integer(ids)) != nil { throw id.fail("is there twice") }
          var picture = Picture(
            file: try entry.required("file_name", "a text").prose(),
            width: try entry.required("width", "pixels").integer(1...1_000_000),
            height: try entry.required("height", "pixels").integer(1...1_000_000))
          if let list = entry.optional("labelled_classes") {
            picture.labelled = Set(
              try list.array("a list of class names") { name throws(FormatError) in try name.name() })
          }
          pictures.append(picture)
        }
      }
      _ = try source.required("annotations", "a list of boxes").array("a list of boxes") {
        annotation throws(FormatError) in
        try annotation.object("{image_id, category_id, bbox}") { entry throws(FormatError) in
          let image = try entry.required("image_id", "a picture's id")
          guard let place = index[try image.integer(ids)] else { throw image.expected("the id of a picture") }
          let category = try entry.required("category_id", "a category's id")
          guard let label = names[try category.integer(ids)] else { throw category.expected("the id of a category") }
          let sides = try entry.required("bbox", "[x, y, width, height] in pixels").array(
            "[x, y, width, height] in pixels", count: 4...4
          ) { side throws(FormatError) in try side.number(-1e7...1e7) }
          var isCrowd = false
          if let flag = entry.optional("iscrowd") {
            switch flag.value {
            case .number(0), .bool(false): isCrowd = false
            case .number(1), .bool(true): isCrowd = true
            default: throw flag.expected("0 or 1")
            }
          }
          let isHuman =
            try entry.nullable("origin").map { origin throws(FormatError) in try origin.string() == "human" } ?? true
          pictures[place].annotations.append(
            Annotation(
              label: label, box: Box(x: sides[0], y: sides[1], width: max(sides[2], 0), height: max(sides[3], 0)),
              isCrowd: isCrowd, isHuman: isHuman))
        }
      }
      return COCODocument(classes: names.sorted { $0.key < $1.key }.map(\.value), pictures: pictures)
    }
  }
}
