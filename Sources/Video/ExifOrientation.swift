/// Finds the orientation that a picture file's EXIF block states (tag 0x0112 of the first directory; JEITA CP-3451).
enum ExifOrientation {
  /// From a whole JPEG, PNG or WebP file; upright where nothing is stated or the block is damaged.
  static func read(_ file: [UInt8]) -> Orientation {
    let block: ArraySlice<UInt8>? =
      if file.starts(with: [0xff, 0xd8]) {
        jpegBlock(file)
      } else if file.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
        pngBlock(file)
      } else if file.count >= 12, file[0..<4].elementsEqual("RIFF".utf8), file[8..<12].elementsEqual("WEBP".utf8) {
        webpBlock(file)
      } else {
        nil
      }
    return block.flatMap(orientation) ?? .upright
  }

  private static func jpegBlock(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var offset = 2
    while offset + 4 <= file.count, file[offset] == 0xff {
      let marker = file[offset + 1]
      if marker == 0xff {
        offset += 1
        continue
      }
      // Start of scan: what follows is the picture.
      if marker == 0xda || marker == 0xd9 { return nil }
      let length = Int(file[offset + 2]) << 8 | Int(file[offset + 3])
      guard length >= 2, offset + 2 + length <= file.count else { return nil }
      let segment = file[(offset + 4)..<(offset + 2 + length)]
      if marker == 0xe1, segment.starts(with: Array("Exif".utf8) + [0, 0]) { return segment.dropFirst(6) }
      offset += 2 + length
    }
    return nil
  }

  private static func pngBlock(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var offset = 8
    while offset + 12 <= file.count {
      let length = Int(number(file[offset..<(offset + 4)], isLittleEndian: false))
      guard length <= file.count - offset - 12 else { return nil }
      if file[(offset + 4)..<(offset + 8)].elementsEqual("eXIf".utf8) {
        return file[(offset + 8)..<(offset + 8 + length)]
      }
      offset += 12 + length
    }
    return nil
  }

  private static func webpBlock(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var offset = 12
    while offset + 8 <= file.count {
      let length = Int(number(file[(offset + 4)..<(offset + 8)], isLittleEndian: true))
      guard length <= file.count - offset - 8 else { return nil }
      if file[offset..<(offset + 4)].elementsEqual("EXIF".utf8) {
        let block = file[(offset + 8)..<(offset + 8 + length)]
        return block.starts(with: Array("Exif".utf8) + [0, 0]) ? block.dropFirst(6) : block
      }
      offset += 8 + length + length % 2
    }
    return nil
  }

  private static func orientation(_ tiff: ArraySlice<UInt8>) -> Orientation? {
    let block = Array(tiff)
    guard block.count >= 8 else { return nil }
    let isLittleEndian: Bool
    switch (block[0], block[1]) {
    case (0x49, 0x49): isLittleEndian = true
    case (0x4d, 0x4d): isLittleEndian = false
    default: return nil
    }
    let directory = Int(number(block[4..<8], isLittleEndian: isLittleEndian))
    guard directory >= 8, directory <= block.count - 2 else { return nil }
    let entries = Int(number(block[directory..<(directory + 2)], isLittleEndian: isLittleEndian))
    for entry in 0..<entries {
      let offset = directory + 2 + 12 * entry
      guard offset + 12 <= block.count else { return nil }
      guard number(block[offset..<(offset + 2)], isLittleEndian: isLittleEndian) == 0x0112 else { continue }
      return Orientation(rawValue: Int(number(block[(offset + 8)..<(offset + 10)], isLittleEndian: isLittleEndian)))
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>, isLittleEndian: Bool) -> UInt32 {
    var value: UInt32 = 0
    if isLittleEndian {
      for byte in bytes.reversed() { value = value << 8 | UInt32(byte) }
    } else {
      for byte in bytes { value = value << 8 | UInt32(byte) }
    }
    return value
  }
}
