import CFFmpeg
import Glibc

/// Writes clips of original packets as MP4, without encoding anew.
///
/// A clip begins at a keyframe, has its index in front, and appears under its name only when it is whole.
public enum ClipWriter {
  /// A clip that was written.
  public struct Clip: Sendable, Hashable {
    /// Time of its first picture, in seconds on the media clock: what to add to a player's time.
    public let start: Double
    /// Seconds from there to the end of its last picture.
    public let duration: Double
    public let pictures: Int
    public let byteCount: Int
  }

  /// Bytes of packets after which a clip ends, whatever was asked for.
  public static let maximumBytes = 512 << 20

  /// Writes packets (`VideoSource.recentPackets`) on a thread of its own.
  ///
  /// What stands before the first keyframe is left out, and the clip ends where the codec changes. `origin` is the media
  /// clock's 0 on the packets' clock (`SamplingStatistics.origin`).
  public static func write(_ packets: [Packet], to path: String, origin: Double = 0) async throws(VideoError) -> Clip {
    try await onThread(path, interrupt: Interrupt()) { () throws(VideoError) in
      try mux(packets, to: path, origin: origin)
    }
  }

  /// Reads a recording again and writes what is shown from `start` up to `end`, in seconds on the media clock, beginning
  /// at the keyframe at or before `start`.
  public static func cut(
    _ recording: SourceAddress, from start: Double, to end: Double, into path: String, origin: Double = 0,
    limits: Limits = Limits()
  ) async throws(VideoError) -> Clip {
    let interrupt = Interrupt()
    return try await onThread(path, interrupt: interrupt) { () throws(VideoError) in
      let demuxer = try Demuxer(recording, limits: limits, interrupt: interrupt)
      let packets = try collect(demuxer, from: start + origin, to: end + origin)
      return try mux(packets, to: path, origin: origin)
    }
  }

  /// A recording's packets from the keyframe shown at or before `start` up to what is shown at `end`, on the packets' clock.
  static func collect(_ demuxer: Demuxer, from start: Double, to end: Double) throws(VideoError) -> [Packet] {
    var packets: [Packet] = []
    var bytes = 0
    var packet = try demuxer.next()
    // Decoding runs ahead of showing; a second is more than any reordering.
    if start > 2, demuxer.seek(to: start - 1) { packet = try demuxer.next() }
    while let current = packet {
      let shown = current.time ?? current.decodingTime
      if current.isKeyframe, shown <= start || packets.isEmpty {
        packets.removeAll(keepingCapacity: true)
        bytes = 0
      }
      if current.decodingTime >= end, shown >= end, !packets.isEmpty { break }
      packets.append(current)
      bytes += current.byteCount
      guard bytes < maximumBytes else { break }
      packet = try demuxer.next()
    }
    return packets
  }

  private static func mux(_ all: [Packet], to path: String, origin: Double) throws(VideoError) -> Clip {
    _ = FFmpeg.prepared
    guard let first = all.first(where: { $0.isKeyframe }) else { throw VideoError(.nothingToWrite, source: path) }
    let parameters = first.parameters
    let firstShown = first.time ?? first.decodingTime
    let packets = all.drop { $0 !== first }.prefix { $0.parameters === parameters }
      // Pictures shown before the first keyframe refer to what is not there.
      .filter { ($0.time ?? $0.decodingTime) >= firstShown }
    let times = Timestamps(packets)

    let temporary = "\(path).\(getpid()).part"
    var context: UnsafeMutablePointer<AVFormatContext>?
    var isWhole = false
    defer {
      avformat_free_context(context)
      if !isWhole { unlink(temporary) }
    }
    func check(_ code: Int32) throws(VideoError) {
      if code < 0 { throw VideoError(.writeFailed(FFmpeg.words(code)), source: path) }
    }
    try check(avformat_alloc_output_context2(&context, nil, "mp4", "file:" + temporary))
    guard let context, let stream = avformat_new_stream(context, nil) else {
      throw VideoError(.writeFailed("no memory"), source: path)
    }
    let codec = parameters.raw.pointee.codec_id
    guard avformat_query_codec(context.pointee.oformat, codec, 0) == 1 else {
      throw VideoError(.writeFailed("an MP4 holds no \(FFmpeg.name(of: codec))"), source: path)
    }
    try check(avcodec_parameters_copy(stream.pointee.codecpar, parameters.raw))
    stream.pointee.codecpar.pointee.codec_tag = codec == AV_CODEC_ID_HEVC ? fourCC("hvc1") : 0
    stream.pointee.time_base = parameters.timeBase
    stream.pointee.sample_aspect_ratio = parameters.sampleAspectRatio
    if parameters.orientation != .upright,
      let matrix = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 36)
    {
      for (index, value) in parameters.orientation.matrix.enumerated() {
        UnsafeMutableRawPointer(matrix).storeBytes(of: value, toByteOffset: 4 * index, as: Int32.self)
      }
    }
    try addHeaders(to: stream.pointee.codecpar, from: first, path)

    try check(avio_open(&context.pointee.pb, "file:" + temporary, AVIO_FLAG_WRITE))
    var isOpen = true
    defer { if isOpen { avio_closep(&context.pointee.pb) } }
    var options: OpaquePointer?
    av_dict_set(&options, "movflags", "+faststart", 0)
    defer { av_dict_free(&options) }
    try check(avformat_write_header(context, &options))
    guard let scratch = av_packet_alloc() else { throw VideoError(.writeFailed("no memory"), source: path) }
    var owned: UnsafeMutablePointer<AVPacket>? = scratch
    defer { av_packet_free(&owned) }
    for (index, packet) in packets.enumerated() {
      try check(av_packet_ref(scratch, packet.raw))
      scratch.pointee.stream_index = 0
      scratch.pointee.pts = times.presentation[index]
      scratch.pointee.dts = times.decoding[index]
      scratch.pointee.pos = -1
      av_packet_rescale_ts(scratch, parameters.timeBase, stream.pointee.time_base)
      let code = av_write_frame(context, scratch)
      av_packet_unref(scratch)
      try check(code)
    }
    try check(av_write_trailer(context))
    isOpen = false
    try check(avio_closep(&context.pointee.pb))
    let size = try publish(temporary, as: path)
    isWhole = true
    return Clip(
      start: firstShown - origin, duration: parameters.seconds(times.span), pictures: packets.count, byteCount: size)
  }

  /// Brings the file to the disk and gives it its name; its size.
  static func publish(_ temporary: String, as path: String) throws(VideoError) -> Int {
    func fail() -> VideoError { VideoError(.writeFailed(String(cString: strerror(errno))), source: path) }
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fail() }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw fail() }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard rename(temporary, path) == 0 else { throw fail() }
    return size
  }

  /// Parameter sets for the container's head, taken from the keyframe where the stream did not announce them.
  private static func addHeaders(
    to parameters: UnsafeMutablePointer<AVCodecParameters>, from keyframe: Packet, _ path: String
  ) throws(VideoError) {
    let codec = parameters.pointee.codec_id
    guard parameters.pointee.extradata_size == 0, codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC else { return }
    var filter: UnsafeMutablePointer<AVBSFContext>?
    defer { av_bsf_free(&filter) }
    guard let kind = av_bsf_get_by_name("extract_extradata"), av_bsf_alloc(kind, &filter) >= 0, let filter,
      avcodec_parameters_copy(filter.pointee.par_in, parameters) >= 0, av_bsf_init(filter) >= 0,
      let packet = av_packet_clone(keyframe.raw)
    else { throw VideoError(.writeFailed("the stream's parameter sets are unknown"), source: path) }
    var owned: UnsafeMutablePointer<AVPacket>? = packet
    defer { av_packet_free(&owned) }
    guard av_bsf_send_packet(filter, packet) >= 0, av_bsf_receive_packet(filter, packet) >= 0 else { return }
    var size = 0
    guard let data = av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &size), size > 0,
      let copy = av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE))
    else { return }
    memcpy(copy, data, size)
    parameters.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
    parameters.pointee.extradata_size = Int32(size)
  }

  private static func fourCC(_ text: String) -> UInt32 {
    text.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Timestamps as a container wants them: decoding times that rise and pass no presentation time.
  package struct Timestamps {
    package private(set) var presentation: [Int64] = []
    package private(set) var decoding: [Int64] = []
    /// Ticks from the first picture shown to the end of the last.
    package private(set) var span: Int64 = 0

    init(_ packets: [Packet]) {
      self.init(
        packets.map {
          (FFmpeg.timestamp($0.raw.pointee.pts), FFmpeg.timestamp($0.raw.pointee.dts), $0.raw.pointee.duration)
        })
    }

    package init(_ stamps: [(presentation: Int64?, decoding: Int64?, duration: Int64)]) {
      var next: Int64 = 0
      for stamp in stamps {
        let time = stamp.presentation ?? stamp.decoding ?? next
        presentation.append(time)
        next = time + max(stamp.duration, 1)
      }
      span =
        zip(presentation, stamps).map { $0 + max($1.duration, 1) }.max().map { $0 - (presentation.min() ?? 0) } ?? 0
      let stated = stamps.compactMap { $0.decoding }
      let rises = stated.count == stamps.count && zip(stated, stated.dropFirst()).allSatisfy { $0 < $1 }
      if rises, zip(stated, presentation).allSatisfy({ $0 <= $1 }) {
        decoding = stated
      } else {
        // The presentation times in order, moved ahead of the latest picture: as a decoder with just enough delay.
        var sorted = presentation.sorted()
        for index in sorted.indices.dropFirst() where sorted[index] <= sorted[index - 1] {
          sorted[index] = sorted[index - 1] + 1
        }
        let delay = zip(sorted, presentation).map { $0 - $1 }.max() ?? 0
        decoding = sorted.map { $0 - max(delay, 0) }
      }
      let start = decoding.first ?? 0
      decoding = decoding.map { $0 - start }
      presentation = presentation.map { $0 - start }
    }
  }
}
