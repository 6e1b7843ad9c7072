import CFFmpeg
import Glibc

/// Pixels of one row: black in everything that leaves the pipeline.
public struct PixelRun: Sendable, Hashable {
  public let row: Int
  public let columns: Range<Int>

  public init(row: Int, columns: Range<Int>) {
    self.row = row
    self.columns = columns
  }
}

/// Writes clips whose pictures are encoded anew: what a browser plays, with parts of it black.
///
/// H.264 by libx264 (constant quality, 4:2:0, at most `maximumWidth` columns) in MP4 with its index in front; the same packets
/// give the same bytes. A clip appears under its name only when it is whole.
public enum ClipEncoder {
  /// Wider pictures are scaled down.
  public static let maximumWidth = 1920
  /// libx264's constant rate factor.
  static let quality = "23"
  /// Ticks a second.
  private static let timeBase = AVRational(num: 1, den: 90_000)

  /// The runs of pixels to blacken in pictures of a width and a height, as displayed upright; none where nothing is to hide.
  public typealias Mask = @Sendable (_ width: Int, _ height: Int) -> [PixelRun]

  /// Encodes packets (`VideoSource.recentPackets`) on a thread of its own; `origin` as in `ClipWriter.write`.
  public static func write(
    _ packets: [Packet], to path: String, origin: Double = 0, mask: @escaping Mask = { _, _ in [] }
  ) async throws(VideoError) -> ClipWriter.Clip {
    try await onThread(path, interrupt: Interrupt()) { () throws(VideoError) in
      try encode(packets, to: path, origin: origin, mask: mask)
    }
  }

  /// Reads a recording again and encodes what is shown from `start` up to `end`, in seconds on the media clock.
  public static func cut(
    _ recording: SourceAddress, from start: Double, to end: Double, into path: String, origin: Double = 0,
    limits: Limits = Limits(), mask: @escaping Mask = { _, _ in [] }
  ) async throws(VideoError) -> ClipWriter.Clip {
    let interrupt = Interrupt()
    return try await onThread(path, interrupt: interrupt) { () throws(VideoError) in
      let demuxer = try Demuxer(recording, limits: limits, interrupt: interrupt)
      let packets = try ClipWriter.collect(demuxer, from: start + origin, to: end + origin)
      return try encode(packets, to: path, origin: origin, mask: mask)
    }
  }

  private static func encode(
    _ all: [Packet], to path: String, origin: Double, mask: Mask
  ) throws(VideoError) -> ClipWriter.Clip {
    _ = FFmpeg.prepared
    guard let first = all.first(where: { $0.isKeyframe }) else { throw VideoError(.nothingToWrite, source: path) }
    let packets = all.drop { $0 !== first }.prefix { $0.parameters === first.parameters }
    // So high a rate takes every picture.
    let sampler = FrameSampler(rate: 1000, source: path)
    let writer = try EncodedFile(path, timeBase: timeBase)
    var lastDuration = 0.0
    do throws(VideoError) {
      for packet in packets {
        lastDuration = packet.duration
        for picture in try sampler.push(packet) { try writer.add(picture, mask: mask) }
      }
      for picture in try sampler.finish(isTruncated: false) { try writer.add(picture, mask: mask) }
      let size = try writer.finish(lastDuration: lastDuration)
      return ClipWriter.Clip(
        start: (first.time ?? first.decodingTime) - origin, duration: writer.lastTime + lastDuration,
        pictures: writer.pictures, byteCount: size)
    } catch {
      writer.discard()
      throw error
    }
  }
}

/// An MP4 file that is being encoded. Belongs to one thread.
private final class EncodedFile {
  private(set) var pictures = 0
  private(set) var lastTime = 0.0
  private let path: String
  private let temporary: String
  private let timeBase: AVRational
  private let maker = PictureMaker()
  private var format: UnsafeMutablePointer<AVFormatContext>?
  private var encoder: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var isOpen = false
  private var runs: (width: Int, height: Int, runs: [PixelRun]) = (0, 0, [])
  private var lastTick: Int64 = -1

  init(_ path: String, timeBase: AVRational) throws(VideoError) {
    self.path = path
    self.timeBase = timeBase
    temporary = "\(path).\(getpid()).part"
    packet = av_packet_alloc()
    try check(avformat_alloc_output_context2(&format, nil, "mp4", "file:" + temporary))
  }

  deinit {
    discard()
    av_packet_free(&packet)
    avcodec_free_context(&encoder)
    avformat_free_context(format)
  }

  private func check(_ code: Int32) throws(VideoError) {
    if code < 0 { throw VideoError(.writeFailed(FFmpeg.words(code)), source: path) }
  }

  func add(_ picture: Picture, mask: ClipEncoder.Mask) throws(VideoError) {
    if runs.width != picture.width || runs.height != picture.height {
      runs = (picture.width, picture.height, mask(picture.width, picture.height))
    }
    var shown = picture
    if !runs.runs.isEmpty {
      var planes = picture.planes
      planes.blacken(runs.runs)
      shown = Picture(planes, time: picture.time, sampleAspectRatio: picture.sampleAspectRatio)
    }
    if encoder == nil { try open(shown) }
    guard let encoder else { return }
    let frame = try maker.converted(
      shown.frame.raw, to: AV_PIX_FMT_YUV420P, width: Int(encoder.pointee.width), height: Int(encoder.pointee.height),
      from: (shown.matrix, shown.isFullRange), into: (shown.matrix, false), source: path)
    let tick = Int64((picture.time * Double(timeBase.den)).rounded())
    guard tick > lastTick else { return }
    frame.raw.pointee.pts = tick
    lastTick = tick
    lastTime = picture.time
    pictures += 1
    try check(avcodec_send_frame(encoder, frame.raw))
    try drain()
  }

  private func open(_ picture: Picture) throws(VideoError) {
    guard let codec = avcodec_find_encoder_by_name("libx264"), let context = avcodec_alloc_context3(codec), let format,
      let stream = avformat_new_stream(format, nil)
    else { throw VideoError(.writeFailed("this FFmpeg lacks libx264"), source: path) }
    encoder = context
    let scale = min(1, Double(ClipEncoder.maximumWidth) / Double(picture.width))
    // 4:2:0 wants even sides.
    context.pointee.width = Int32(max(2, Int((Double(picture.width) * scale).rounded()) & ~1))
    context.pointee.height = Int32(max(2, Int((Double(picture.height) * scale).rounded()) & ~1))
    context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    context.pointee.time_base = timeBase
    context.pointee.framerate = AVRational(num: 25, den: 1)
    context.pointee.sample_aspect_ratio = av_d2q(picture.sampleAspectRatio, 1000)
    context.pointee.gop_size = 50
    context.pointee.max_b_frames = 0
    context.pointee.thread_count = 1
    context.pointee.color_range = AVCOL_RANGE_MPEG
    context.pointee.colorspace = picture.matrix == .bt601 ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_BT709
    context.pointee.flags |= warden_codec_flag_global_header
    var options: OpaquePointer?
    defer { av_dict_free(&options) }
    av_dict_set(&options, "preset", "veryfast", 0)
    av_dict_set(&options, "crf", ClipEncoder.quality, 0)
    try check(avcodec_open2(context, codec, &options))
    stream.pointee.time_base = timeBase
    stream.pointee.sample_aspect_ratio = context.pointee.sample_aspect_ratio
    try check(avcodec_parameters_from_context(stream.pointee.codecpar, context))
    try check(avio_open(&format.pointee.pb, "file:" + temporary, AVIO_FLAG_WRITE))
    isOpen = true
    var movie: OpaquePointer?
    defer { av_dict_free(&movie) }
    av_dict_set(&movie, "movflags", "+faststart", 0)
    try check(avformat_write_header(format, &movie))
  }

  private func drain(lastDuration: Int64? = nil) throws(VideoError) {
    guard let encoder, let packet, let format else { return }
    while true {
      let code = avcodec_receive_packet(encoder, packet)
      if code == warden_averror(EAGAIN) || code == warden_averror_eof { return }
      try check(code)
      packet.pointee.stream_index = 0
      if let lastDuration, packet.pointee.pts == lastTick { packet.pointee.duration = lastDuration }
      av_packet_rescale_ts(packet, timeBase, format.pointee.streams[0]!.pointee.time_base)
      let written = av_write_frame(format, packet)
      av_packet_unref(packet)
      try check(written)
    }
  }

  /// Brings the file to the disk and gives it its name; its size.
  func finish(lastDuration: Double) throws(VideoError) -> Int {
    guard let encoder, let format else { throw VideoError(.nothingToWrite, source: path) }
    try check(avcodec_send_frame(encoder, nil))
    try drain(lastDuration: Int64(lastDuration * Double(timeBase.den)))
    try check(av_write_trailer(format))
    isOpen = false
    try check(avio_closep(&format.pointee.pb))
    return try ClipWriter.publish(temporary, as: path)
  }

  /// Leaves nothing of an unfinished file; the finished one has another name by now.
  func discard() {
    if isOpen, let format { avio_closep(&format.pointee.pb) }
    isOpen = false
    unlink(temporary)
  }
}

extension PicturePlanes {
  /// Makes pixels black; a colour sample goes with the first of its pixels.
  public mutating func blacken(_ runs: [PixelRun]) {
    let (stepX, stepY) = (subsampling == .yuv444 ? 1 : 2, subsampling == .yuv420 ? 2 : 1)
    let black: UInt8 = isFullRange ? 0 : 16
    for run in runs where run.row >= 0 && run.row < height {
      let columns = run.columns.clamped(to: 0..<width)
      guard !columns.isEmpty else { continue }
      for column in columns { luma[run.row * width + column] = black }
      let row = run.row / stepY * chromaWidth
      for column in (columns.lowerBound / stepX)...((columns.upperBound - 1) / stepX) {
        blueDifference[row + column] = 128
        redDifference[row + column] = 128
      }
    }
  }
}
