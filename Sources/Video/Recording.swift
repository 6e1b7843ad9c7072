import Glibc

/// A recorded file before any library has seen it: whether it can be read, and whether its outer structure is whole.
package enum Recording {
  /// The absolute path of a readable, regular, non-empty file.
  static func checked(_ path: String) throws(VideoError) -> (path: String, size: Int) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      switch errno {
      case EACCES: throw VideoError(.noPermission, source: path)
      case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP: throw VideoError(.notFound, source: path)
      default: throw VideoError(.readFailed(String(cString: strerror(errno))), source: path)
      }
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw VideoError(.notAFile, source: path) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let kind: VideoError.Kind =
        errno == EACCES || errno == EPERM ? .noPermission : .readFailed(String(cString: strerror(errno)))
      throw VideoError(kind, source: path)
    }
    close(descriptor)
    guard status.st_size > 0 else { throw VideoError(.empty, source: path) }
    guard let resolved = realpath(path, nil) else {
      throw VideoError(.readFailed(String(cString: strerror(errno))), source: path)
    }
    defer { free(resolved) }
    return (String(cString: resolved), Int(status.st_size))
  }

  /// Whether a length written in the file reaches beyond its end: boxes of MP4, chunks of RIFF (AVI), the segment of
  /// Matroska, packets of an MPEG transport stream. False for other formats and where nothing is written.
  package static func breaksOff(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let head = bytes(descriptor, at: 0, count: 64)
    if head.count >= 12, head[0...3].elementsEqual("RIFF".utf8) { return riffBreaksOff(descriptor, size) }
    if head.count >= 8, isBoxType(head[4...7]) { return boxesBreakOff(descriptor, size) }
    if head.count >= 12, head[0...3].elementsEqual([0x1a, 0x45, 0xdf, 0xa3]) {
      return segmentBreaksOff(descriptor, size)
    }
    for packet in [188, 192, 204] {
      let first = packet == 192 ? 4 : 0
      let sync = (0..<5).allSatisfy { bytes(descriptor, at: first + $0 * packet, count: 1) == [0x47] }
      if sync { return size % packet != 0 }
    }
    return false
  }

  private static func isBoxType(_ type: ArraySlice<UInt8>) -> Bool {
    ["ftyp", "moov", "mdat", "free", "skip", "wide", "styp"].contains { type.elementsEqual($0.utf8) }
  }

  private static func boxesBreakOff(_ descriptor: Int32, _ size: Int) -> Bool {
    var offset = 0
    // A recording has a handful of boxes, a fragmented one two for each fragment.
    for _ in 0..<1_000_000 where offset < size {
      let header = bytes(descriptor, at: offset, count: 16)
      guard header.count >= 8 else { return true }
      var length = Int(bigEndian(header[0..<4]))
      if length == 0 { return false }
      if length == 1 {
        guard header.count == 16 else { return true }
        length = Int(clamping: bigEndian(header[8..<16]))
      }
      guard length >= 8, length <= size - offset else { return length >= 8 }
      offset += length
    }
    return false
  }

  private static func riffBreaksOff(_ descriptor: Int32, _ size: Int) -> Bool {
    var offset = 0
    while offset < size {
      let header = bytes(descriptor, at: offset, count: 8)
      guard header.count == 8, header[0..<4].elementsEqual("RIFF".utf8) else { return false }
      let length = Int(bigEndian(ArraySlice(header[4..<8].reversed())))
      // A recorder that was cut off leaves 0 or all ones.
      if length == 0 || length == 0xffff_ffff { return true }
      guard length <= size - offset - 8 else { return true }
      offset += 8 + length + length % 2
    }
    return false
  }

  private static func segmentBreaksOff(_ descriptor: Int32, _ size: Int) -> Bool {
    guard let (header, headerLength) = variableInteger(descriptor, at: 4) else { return false }
    let segment = 4 + headerLength + header
    guard bytes(descriptor, at: segment, count: 4) == [0x18, 0x53, 0x80, 0x67],
      let (length, lengthLength) = variableInteger(descriptor, at: segment + 4)
    else { return false }
    return length > size - segment - 4 - lengthLength
  }

  /// An EBML length and how many bytes it takes; nil for "unknown".
  private static func variableInteger(_ descriptor: Int32, at offset: Int) -> (value: Int, count: Int)? {
    let read = bytes(descriptor, at: offset, count: 8)
    guard let first = read.first, first != 0 else { return nil }
    let count = first.leadingZeroBitCount + 1
    guard read.count >= count, count <= 8 else { return nil }
    var value = UInt64(first) & (0xff >> UInt64(count))
    for byte in read[1..<max(count, 1)] { value = value << 8 | UInt64(byte) }
    if value == (UInt64(1) << (7 * UInt64(count))) - 1 { return nil }
    return value < UInt64(Int.max / 2) ? (Int(value), count) : nil
  }

  private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
