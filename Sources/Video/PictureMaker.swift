import CFFmpeg

/// Turns decoded frames into pictures: as they stand where that is possible, through libswscale and a turn where not.
///
/// One for each thread; it keeps the converter for frames like the last one.
final class PictureMaker {
  private var scaler: OpaquePointer?

  deinit { sws_freeContext(scaler) }

  /// A picture of `frame`, whose ownership stays with the caller.
  func picture(
    _ frame: UnsafeMutablePointer<AVFrame>, time: Double, orientation: Orientation, codec: AVCodecID,
    sampleAspectRatio: Double, source: String
  ) throws(VideoError) -> Picture {
    let format = AVPixelFormat(frame.pointee.format)
    guard let descriptor = av_pix_fmt_desc_get(format)?.pointee, frame.pointee.width > 0, frame.pointee.height > 0
    else { throw VideoError(.conversionFailed("unknown pixel format"), source: source) }
    let isFullRange = PixelFormats.isFullRange(frame.pointee, descriptor, codec: codec)
    let matrix = PixelFormats.matrix(frame.pointee, descriptor)
    let siting = PixelFormats.siting(frame.pointee, isFullRange: isFullRange, swapsSides: orientation.swapsSides)

    var subsampling = PixelFormats.asIs(format)
    if frame.pointee.linesize.0 < 0 || frame.pointee.linesize.1 < 0
      || frame.pointee.linesize.1 != frame.pointee.linesize.2
    {
      subsampling = nil
    }
    // A quarter turn would make 4:4:0 of 4:2:2.
    if orientation.swapsSides, subsampling == .yuv422 { subsampling = nil }

    let upright: Frame
    let kept: ChromaSubsampling
    if let subsampling {
      kept = subsampling
      guard let reference = av_frame_clone(frame) else { throw outOfMemory(source) }
      upright = Frame(adopting: reference)
    } else {
      let nearest = PixelFormats.nearest(descriptor)
      kept = orientation.swapsSides && nearest == .yuv422 ? .yuv444 : nearest
      upright = try converted(
        frame, to: PixelFormats.planar(kept), width: Int(frame.pointee.width), height: Int(frame.pointee.height),
        from: (matrix, isFullRange), into: (matrix, isFullRange), source: source)
    }
    let turned = orientation == .upright ? upright : try turn(upright, kept, orientation, source: source)
    return Picture(
      frame: turned, time: time, subsampling: kept, matrix: matrix, isFullRange: isFullRange, siting: siting,
      sampleAspectRatio: orientation.swapsSides ? 1 / sampleAspectRatio : sampleAspectRatio)
  }

  typealias Colour = (matrix: ColourMatrix, isFullRange: Bool)

  /// A converted and scaled copy with buffers of its own.
  func converted(
    _ frame: UnsafeMutablePointer<AVFrame>, to format: AVPixelFormat, width: Int, height: Int, from: Colour,
    into: Colour, source: String
  ) throws(VideoError) -> Frame {
    guard let result = Frame.allocate(width: width, height: height, format: format) else { throw outOfMemory(source) }
    let stored = frame.pointee
    let shrinks = width < Int(stored.width) || height < Int(stored.height)
    let flags = (shrinks ? SWS_AREA : SWS_BICUBIC) | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT
    scaler = sws_getCachedContext(
      scaler, stored.width, stored.height, AVPixelFormat(stored.format), Int32(width), Int32(height), format, flags,
      nil, nil, nil)
    guard scaler != nil else {
      throw VideoError(
        .conversionFailed("libswscale does not read \(name(of: AVPixelFormat(stored.format)))"), source: source)
    }
    // Fails where neither side is YUV of a known range; then there is nothing to set.
    _ = sws_setColorspaceDetails(
      scaler, PixelFormats.coefficients(from.matrix), from.isFullRange ? 1 : 0,
      PixelFormats.coefficients(into.matrix), into.isFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
    let rows = sws_scale(
      scaler, planePointers(frame), lineSizes(frame), 0, stored.height, mutablePlanePointers(result.raw),
      lineSizes(result.raw))
    guard rows == Int32(height) else {
      throw VideoError(.conversionFailed("libswscale gave \(rows) of \(height) rows"), source: source)
    }
    return result
  }

  private func turn(
    _ frame: Frame, _ subsampling: ChromaSubsampling, _ orientation: Orientation, source: String
  ) throws(VideoError) -> Frame {
    let stored = frame.raw.pointee
    let (width, height) = (Int(stored.width), Int(stored.height))
    let (shownWidth, shownHeight) = orientation.swapsSides ? (height, width) : (width, height)
    guard
      let result = Frame.allocate(
        width: shownWidth, height: shownHeight, format: PixelFormats.planar(subsampling))
    else { throw outOfMemory(source) }
    let target = result.raw.pointee
    let (chromaWidth, chromaHeight) = (subsampling.width(width), subsampling.height(height))
    turnPlane(
      stored.data.0!, Int(stored.linesize.0), width: width, height: height, orientation, into: target.data.0!,
      Int(target.linesize.0))
    turnPlane(
      stored.data.1!, Int(stored.linesize.1), width: chromaWidth, height: chromaHeight, orientation,
      into: target.data.1!, Int(target.linesize.1))
    turnPlane(
      stored.data.2!, Int(stored.linesize.2), width: chromaWidth, height: chromaHeight, orientation,
      into: target.data.2!, Int(target.linesize.2))
    return result
  }

  private func name(of format: AVPixelFormat) -> String {
    av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "this pixel format"
  }

  private func outOfMemory(_ source: String) -> VideoError {
    VideoError(.conversionFailed("no memory"), source: source)
  }
}

// The first elements of the C arrays `data` and `linesize`, which Swift imports as tuples.
private func planePointers(_ frame: UnsafePointer<AVFrame>) -> UnsafePointer<UnsafePointer<UInt8>?> {
  UnsafeRawPointer(frame).assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
}

private func mutablePlanePointers(_ frame: UnsafePointer<AVFrame>) -> UnsafePointer<UnsafeMutablePointer<UInt8>?> {
  UnsafeRawPointer(frame).assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
}

private func lineSizes(_ frame: UnsafePointer<AVFrame>) -> UnsafePointer<Int32> {
  (UnsafeRawPointer(frame) + MemoryLayout<AVFrame>.offset(of: \AVFrame.linesize)!).assumingMemoryBound(to: Int32.self)
}
