import CFFmpeg

/// Finds the order in which pictures are shown, for streams that state no presentation times: by H.264's and H.265's
/// picture order count, else by which pictures are B pictures.
final class DisplayOrder {
  private var parser: UnsafeMutablePointer<AVCodecParserContext>?
  private var context: UnsafeMutablePointer<AVCodecContext>?
  private let hasOrderCount: Bool

  init(_ parameters: CodecParameters) {
    let codec = parameters.raw.pointee.codec_id
    hasOrderCount = codec == AV_CODEC_ID_H264 || codec == AV_CODEC_ID_HEVC
    parser = av_parser_init(Int32(codec.rawValue))
    parser?.pointee.flags |= PARSER_FLAG_COMPLETE_FRAMES
    context = avcodec_alloc_context3(nil)
    if let context { avcodec_parameters_to_context(context, parameters.raw) }
  }

  deinit {
    av_parser_close(parser)
    avcodec_free_context(&context)
  }

  /// The place of each packet in the order of showing; `packets` reach in decoding order from a keyframe up to the next.
  func places(_ packets: [UnsafeMutablePointer<AVPacket>]) -> [Int] {
    guard let parser, let context else { return Array(packets.indices) }
    var shown: [Int] = []
    if hasOrderCount {
      let counts = packets.map { packet -> Int in
        parse(packet, parser, context)
        return Int(parser.pointee.output_picture_number)
      }
      shown = packets.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
    } else {
      // A picture that others refer to is shown behind the B pictures that follow it.
      var held: Int?
      for (index, packet) in packets.enumerated() {
        parse(packet, parser, context)
        if parser.pointee.pict_type == Int32(AV_PICTURE_TYPE_B.rawValue) {
          shown.append(index)
        } else {
          if let held { shown.append(held) }
          held = index
        }
      }
      if let held { shown.append(held) }
    }
    var places = [Int](repeating: 0, count: packets.count)
    for (place, index) in shown.enumerated() { places[index] = place }
    return places
  }

  private func parse(
    _ packet: UnsafeMutablePointer<AVPacket>, _ parser: UnsafeMutablePointer<AVCodecParserContext>,
    _ context: UnsafeMutablePointer<AVCodecContext>
  ) {
    var (data, size): (UnsafeMutablePointer<UInt8>?, Int32) = (nil, 0)
    av_parser_parse2(
      parser, context, &data, &size, packet.pointee.data, packet.pointee.size, warden_nopts, warden_nopts, 0)
  }
}
