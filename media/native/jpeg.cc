// JPEG over libavcodec. JFIF is BT.601 like our pictures, but full range.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "addon.h"
#include "arguments.h"
#include "libavcodec.h"
#include "picture.h"

namespace zonebridge {
namespace {

using RangeTable = std::array<uint8_t, 256>;

/** From `origin` + 0..`span` to 0..255, around `center` (of both). */
RangeTable FullRange(int origin, int span, int center) {
  RangeTable table{};
  for (int i = 0; i < 256; i++) {
    const double full = (i - origin) * 255.0 / span + center;
    table[static_cast<size_t>(i)] = static_cast<uint8_t>(std::clamp(full + 0.5, 0.0, 255.0));
  }
  return table;
}

/** libavcodec's quantizer (2 is best, its matrix as it is at 8) for a quality as libjpeg counts. */
int Quantizer(int quality) {
  const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::clamp((percent * 8 + 50) / 100, 2, 31);
}

void Convert(const uint8_t* from, uint8_t* to, int stride, int width, int height, const RangeTable& table) {
  for (int row = 0; row < height; row++, from += width, to += stride)
    std::transform(from, from + width, to, [&table](uint8_t sample) { return table[sample]; });
}

class JpegEncoderObject : public Napi::ObjectWrap<JpegEncoderObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("JpegEncoder", DefineClass(env, "JpegEncoder",
                                           {InstanceMethod<&JpegEncoderObject::Encode>("encode"),
                                            InstanceMethod<&JpegEncoderObject::Close>("close")}));
  }

  explicit JpegEncoderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const auto option = [&](const char* name) { return arguments.Property(info[0], "options", name); };
    width_ = ReadSide(arguments, option("width"), "options.width");
    height_ = ReadSide(arguments, option("height"), "options.height");
    const auto quality = static_cast<int>(arguments.Integer(option("quality"), "options.quality", 1, 100));
    if (!arguments.ok()) return;
    const int error = Open(Quantizer(quality) * FF_QP2LAMBDA);
    if (error >= 0) return;
    context_.reset();
    ThrowLibavError(info.Env(), "libavcodec's JPEG encoder", error);
  }

 private:
  int Open(int quality) {
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    if (codec == nullptr) return AVERROR_ENCODER_NOT_FOUND;
    context_.reset(avcodec_alloc_context3(codec));
    if (!context_ || !frame_ || !packet_) return AVERROR(ENOMEM);
    context_->width = width_;
    context_->height = height_;
    context_->pix_fmt = AV_PIX_FMT_YUVJ420P;
    context_->color_range = AVCOL_RANGE_JPEG;
    context_->time_base = {1, 1};
    context_->sample_aspect_ratio = {1, 1};
    context_->thread_count = 1;
    context_->global_quality = quality;
    // BITEXACT: no comment with the library's version in every file.
    context_->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    const int error = avcodec_open2(context_.get(), codec, nullptr);
    if (error < 0) return error;
    frame_->width = width_;
    frame_->height = height_;
    frame_->format = AV_PIX_FMT_YUVJ420P;
    frame_->quality = quality;
    return av_frame_get_buffer(frame_.get(), 0);
  }

  Napi::Value Encode(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(context_ != nullptr, "JpegEncoder");
    const Picture picture = ReadPicture(arguments, info[0], "picture", width_, height_);
    const auto out = arguments.Array<uint8_t>(info[1], "out", 1);
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), Run(picture, out));
  }

  int Run(const Picture& picture, Span<uint8_t> out) {
    int result = av_frame_make_writable(frame_.get());
    if (result < 0) return result;
    AVFrame& frame = *frame_;
    Convert(picture.y, frame.data[0], frame.linesize[0], width_, height_, luma_);
    Convert(picture.u, frame.data[1], frame.linesize[1], width_ / 2, height_ / 2, chroma_);
    Convert(picture.v, frame.data[2], frame.linesize[2], width_ / 2, height_ / 2, chroma_);
    frame.pts = pictures_++;
    result = avcodec_send_frame(context_.get(), &frame);
    if (result >= 0) result = avcodec_receive_packet(context_.get(), packet_.get());
    if (result < 0) return result;
    const auto size = static_cast<size_t>(packet_->size);
    if (size <= out.length) std::memcpy(out.data, packet_->data, size);
    av_packet_unref(packet_.get());
    return size <= out.length ? static_cast<int>(size) : kOutTooShort;
  }

  void Close(const Napi::CallbackInfo&) {
    context_.reset();
    frame_.reset();
    packet_.reset();
  }

  const RangeTable luma_ = FullRange(16, 219, 0);
  const RangeTable chroma_ = FullRange(128, 224, 128);
  int width_ = 0;
  int height_ = 0;
  int64_t pictures_ = 0;
  std::unique_ptr<AVCodecContext, FreeLibav> context_;
  std::unique_ptr<AVFrame, FreeLibav> frame_{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreeLibav> packet_{av_packet_alloc()};
};

}  // namespace

void DefineJpeg(Napi::Env env, Napi::Object exports) { JpegEncoderObject::Define(env, exports); }

}  // namespace zonebridge
