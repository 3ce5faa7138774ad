#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/frame.h>
}

#include <napi.h>

#include <string>

namespace zonebridge {

struct FreeLibav {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};

inline void ThrowLibavError(Napi::Env env, const char* what, int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_make_error_string(text, sizeof(text), error);
  Napi::Error::New(env, std::string(what) + ": " + text).ThrowAsJavaScriptException();
}

}  // namespace zonebridge
