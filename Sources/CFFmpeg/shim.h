// FFmpeg's headers, and the macros that Swift does not import as functions or constants.
#ifndef WARDEN_CFFMPEG_H
#define WARDEN_CFFMPEG_H

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswscale/swscale.h>

static inline int warden_averror(int code) { return AVERROR(code); }
static const int warden_averror_eof = AVERROR_EOF;
static const int warden_averror_invalid_data = AVERROR_INVALIDDATA;
static const int warden_averror_exit = AVERROR_EXIT;
static const int warden_averror_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
static const int warden_averror_forbidden = AVERROR_HTTP_FORBIDDEN;
static const int warden_averror_not_found = AVERROR_HTTP_NOT_FOUND;
static const int warden_averror_bad_request = AVERROR_HTTP_BAD_REQUEST;
static const int warden_averror_other_4xx = AVERROR_HTTP_OTHER_4XX;
static const int warden_averror_server_error = AVERROR_HTTP_SERVER_ERROR;
static const int warden_averror_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
static const int warden_averror_demuxer_not_found = AVERROR_DEMUXER_NOT_FOUND;
static const int warden_averror_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int64_t warden_nopts = AV_NOPTS_VALUE;

static const int warden_error_detection_explode = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
static const int warden_codec_flag_qscale = AV_CODEC_FLAG_QSCALE;
static const int warden_qp_to_lambda = FF_QP2LAMBDA;
static const int warden_codec_flag_global_header = AV_CODEC_FLAG_GLOBAL_HEADER;
static const int warden_disposition_attached_picture = AV_DISPOSITION_ATTACHED_PIC;
static const int warden_format_without_timestamps = AVFMT_NOTIMESTAMPS;
static const int warden_format_with_discontinuities = AVFMT_TS_DISCONT;
static const int warden_format_flag_discard_corrupt = AVFMT_FLAG_DISCARD_CORRUPT;
static const int warden_seek_backward = AVSEEK_FLAG_BACKWARD;

static void warden_discard_log_line(void *context, int level, const char *format, va_list arguments) {
  (void)context; (void)level; (void)format; (void)arguments;
}

/// Sends FFmpeg's own messages nowhere: they may hold an address with its password, and they belong to no camera.
static inline void warden_silence_log(void) { av_log_set_callback(warden_discard_log_line); }

#endif
