// FFmpeg's headers, and the macros that Swift does not import as functions or constants.
#ifndef WARDEN_CFFMPEG_H
#define WARDEN_CFFMPEG_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static inline int warden_averror(int code) { return AVERROR(code); }
static const int warden_averror_eof = AVERROR_EOF;
static const int64_t warden_nopts = AV_NOPTS_VALUE;

#endif
