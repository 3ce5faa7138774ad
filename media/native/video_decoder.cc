// VP8 and H.264 over libavcodec. Its own VP8 decoder, not libvpx's: that one takes 850 MiB for a forged frame header.
// And not openh264's: that one refuses everything after damage until the next IDR.
#include <libyuv/rotate.h>
#include <libyuv/scale.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "addon.h"
#include "arguments.h"
#include "libavcodec.h"
#include "picture.h"

namespace zonebridge {
namespace {

// Twice what a raw picture of 1080p has.
constexpr size_t kMaxFrameBytes = size_t{6} << 20;

class Decoder {
 public:
  /** 0 or a negative libavcodec error. */
  int Open(const AVCodec* codec, int64_t maxPixels) {
    if (codec == nullptr) return AVERROR_DECODER_NOT_FOUND;
    av_frame_unref(picture_.get());
    behind_ = false;
    context_.reset(avcodec_alloc_context3(codec));
    if (!context_ || !picture_ || !decoded_ || !packet_) return Fail(AVERROR(ENOMEM));
    context_->thread_count = 1;
    context_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    context_->max_pixels = maxPixels;
    return Fail(avcodec_open2(context_.get(), codec, nullptr));
  }

  bool open() const { return context_ != nullptr; }

  void Close() {
    context_.reset();
    picture_.reset();
    decoded_.reset();
    packet_.reset();
    scratch_ = {};
  }

  /** The next to be opened is of the same kind. */
  int Reset() { return Open(context_->codec, context_->max_pixels); }

  /** 1: a new picture; 0: none; negative: damaged. */
  int Decode(Span<const uint8_t> frame) {
    if (frame.length == 0 || frame.length > kMaxFrameBytes) return kDamagedPacket;
    if (!Fill(frame)) return kDamagedPacket;
    if (behind_ && HasIdr(frame)) CatchUp();
    const int sent = avcodec_send_packet(context_.get(), packet_.get());
    int result = sent < 0 ? kDamagedPacket : 0;
    int received = 0;
    while ((received = avcodec_receive_frame(context_.get(), decoded_.get())) >= 0) {
      behind_ = decoded_->pts != packet_->pts;
      result = Keep() ? 1 : kDamagedPacket;
    }
    return received == AVERROR(EAGAIN) || result > 0 ? result : kDamagedPacket;
  }

  bool hasPicture() const { return picture_->buf[0] != nullptr; }
  const AVFrame& picture() const { return *picture_; }

  /** `source` in pixels of the turned picture; both rectangles are even, and the target is inside the canvas. */
  void Draw(const Picture& target, const Rectangle& source, int rotation) {
    AVFrame& frame = *picture_;
    const Picture whole = {frame.data[0],     frame.data[1],     frame.data[2], frame.linesize[0],
                           frame.linesize[1], frame.linesize[2], frame.width,   frame.height};
    const Picture part = Part(whole, Cut(Unturn(source, rotation)));
    if (rotation == 0) return Scale(part, target);
    const bool sideways = rotation % 180 != 0;
    const int width = sideways ? target.height : target.width;
    const int height = sideways ? target.width : target.height;
    // Scaled first: there is less to turn then, since pictures are larger than tiles.
    scratch_.resize(std::max(scratch_.size(), PictureBytes(width, height)));
    const Picture scaled = PictureAt(scratch_.data(), width, height);
    Scale(part, scaled);
    Turn(scaled, target, rotation);
  }

 private:
  int Fail(int error) {
    if (error < 0) context_.reset();
    return error;
  }

  /** Puts the frame into a packet with the zeros behind it that libavcodec reads. */
  bool Fill(Span<const uint8_t> frame) {
    AVPacket& packet = *packet_;
    if (frame.length > room_ || av_buffer_is_writable(packet.buf) == 0) {
      room_ = 0;
      av_packet_unref(&packet);
      const size_t room = std::min(kMaxFrameBytes, frame.length * 2);
      if (av_new_packet(&packet, static_cast<int>(room)) < 0) return false;
      room_ = room;
    }
    std::memcpy(packet.data, frame.data, frame.length);
    std::memset(packet.data + frame.length, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    packet.size = static_cast<int>(frame.length);
    packet.pts = frames_++;
    return true;
  }

  /** Whether an access unit has an IDR slice, behind start codes of three bytes. */
  static bool HasIdr(Span<const uint8_t> unit) {
    for (size_t i = 0; i + 3 < unit.length; i++) {
      const uint8_t* const at = unit.data + i;
      if (at[0] == 0 && at[1] == 0 && at[2] == 1 && (at[3] & 0x1f) == 5) return true;
    }
    return false;
  }

  /**
   * libavcodec holds pictures back to order them when a stream asks for it, or once looks like it, and keeps to that.
   * Our streams are not reordered, so what asked was most likely damage.
   */
  void CatchUp() {
    avcodec_flush_buffers(context_.get());
    context_->has_b_frames = 0;
    behind_ = false;
  }

  /** Takes the decoded picture, unless it is of a kind that nobody negotiated. */
  bool Keep() {
    AVFrame& frame = *decoded_;
    const bool negotiated = frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P;
    const bool kept = negotiated && frame.width > 0 && frame.height > 0;
    if (kept) {
      av_frame_unref(picture_.get());
      av_frame_move_ref(picture_.get(), &frame);
    }
    av_frame_unref(&frame);
    return kept;
  }

  /** Where a part of the turned picture is in the picture as it was decoded. */
  Rectangle Unturn(const Rectangle& part, int rotation) const {
    const int width = picture_->width;
    const int height = picture_->height;
    switch (rotation) {
      case 90:
        return {part.y, height - part.x - part.width, part.height, part.width};
      case 180:
        return {width - part.x - part.width, height - part.y - part.height, part.width, part.height};
      case 270:
        return {width - part.y - part.height, part.x, part.height, part.width};
      default:
        return part;
    }
  }

  /** Inside the picture, at an even place, and not empty. */
  Rectangle Cut(const Rectangle& part) const {
    const auto cut = [](int* start, int* length, int limit) {
      const int end = std::min(*start + std::max(*length, 2), limit);
      *start = std::clamp(*start, 0, limit - 1) & ~1;
      *length = std::max(end - *start, 1);
    };
    Rectangle inside = part;
    cut(&inside.x, &inside.width, picture_->width);
    cut(&inside.y, &inside.height, picture_->height);
    return inside;
  }

  static void Scale(const Picture& from, const Picture& to) {
    // Box where it shrinks to less than half; libyuv changes to bilinear elsewhere by itself.
    libyuv::I420Scale(from.y, from.strideY, from.u, from.strideU, from.v, from.strideV, from.width, from.height, to.y,
                      to.strideY, to.u, to.strideU, to.v, to.strideV, to.width, to.height, libyuv::kFilterBox);
  }

  static void Turn(const Picture& from, const Picture& to, int rotation) {
    libyuv::I420Rotate(from.y, from.strideY, from.u, from.strideU, from.v, from.strideV, to.y, to.strideY, to.u,
                       to.strideU, to.v, to.strideV, from.width, from.height,
                       static_cast<libyuv::RotationMode>(rotation));
  }

  std::unique_ptr<AVCodecContext, FreeLibav> context_;
  std::unique_ptr<AVFrame, FreeLibav> picture_{av_frame_alloc()};
  std::unique_ptr<AVFrame, FreeLibav> decoded_{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreeLibav> packet_{av_packet_alloc()};
  /** Bytes of the packet, padding not counted. */
  size_t room_ = 0;
  /** Packets so far: each has its number as time stamp. */
  int64_t frames_ = 0;
  /** The last picture was not the one of the last frame. */
  bool behind_ = false;
  std::vector<uint8_t> scratch_;
};

class VideoDecoderObject : public Napi::ObjectWrap<VideoDecoderObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("VideoDecoder", DefineClass(env, "VideoDecoder",
                                            {InstanceMethod<&VideoDecoderObject::Decode>("decode"),
                                             InstanceAccessor<&VideoDecoderObject::Width>("width"),
                                             InstanceAccessor<&VideoDecoderObject::Height>("height"),
                                             InstanceAccessor<&VideoDecoderObject::KeyFrame>("keyFrame"),
                                             InstanceMethod<&VideoDecoderObject::Draw>("draw"),
                                             InstanceMethod<&VideoDecoderObject::Reset>("reset"),
                                             InstanceMethod<&VideoDecoderObject::Close>("close")}));
  }

  explicit VideoDecoderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const auto option = [&](const char* name) { return arguments.Property(info[0], "options", name); };
    const std::string name = arguments.Text(option("codec"), "options.codec");
    if (arguments.ok() && name != "VP8" && name != "H264")
      arguments.Fail<Napi::RangeError>("options.codec must be \"VP8\" or \"H264\"");
    const auto maxPixels = arguments.Integer(option("maxPixels"), "options.maxPixels", 1, kMaxPixels);
    if (!arguments.ok()) return;
    const AVCodec* codec = avcodec_find_decoder_by_name(name == "VP8" ? "vp8" : "h264");
    const int error = decoder_.Open(codec, maxPixels);
    if (error < 0) ThrowLibavError(info.Env(), "libavcodec's video decoder", error);
  }

 private:
  static constexpr int64_t kMaxPixels = kMaxPictureSide * kMaxPictureSide;

  Arguments Begin(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(decoder_.open(), "VideoDecoder");
    return arguments;
  }

  Napi::Value Decode(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const auto frame = arguments.Packet(info);
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), decoder_.Decode(frame));
  }

  Napi::Value Width(const Napi::CallbackInfo& info) {
    if (!Begin(info).ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), decoder_.picture().width);
  }

  Napi::Value Height(const Napi::CallbackInfo& info) {
    if (!Begin(info).ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), decoder_.picture().height);
  }

  Napi::Value KeyFrame(const Napi::CallbackInfo& info) {
    if (!Begin(info).ok()) return info.Env().Undefined();
    return Napi::Boolean::New(info.Env(), decoder_.hasPicture() && decoder_.picture().key_frame != 0);
  }

  Napi::Value Draw(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const int width = ReadSide(arguments, info[1], "canvasWidth");
    const int height = ReadSide(arguments, info[2], "canvasHeight");
    const Picture canvas = ReadPicture(arguments, info[0], "canvas", width, height);
    const Rectangle source = {arguments.Even(info[3], "sourceX"), arguments.Even(info[4], "sourceY"),
                              arguments.Even(info[5], "sourceWidth"), arguments.Even(info[6], "sourceHeight")};
    const Rectangle target = {arguments.Even(info[7], "targetX"), arguments.Even(info[8], "targetY"),
                              arguments.Even(info[9], "targetWidth"), arguments.Even(info[10], "targetHeight")};
    const auto rotation = static_cast<int>(arguments.Integer(info[11], "rotation", 0, 270));
    if (arguments.ok() && rotation % 90 != 0)
      arguments.Fail<Napi::RangeError>("rotation must be 0, 90, 180 or 270");
    RequireInside(arguments, target, width, height, "the canvas");
    if (!arguments.ok()) return info.Env().Undefined();
    if (!decoder_.hasPicture()) return Napi::Boolean::New(info.Env(), false);
    if (!target.empty()) decoder_.Draw(Part(canvas, target), source, rotation);
    return Napi::Boolean::New(info.Env(), true);
  }

  void Reset(const Napi::CallbackInfo& info) {
    if (!Begin(info).ok()) return;
    const int error = decoder_.Reset();
    if (error < 0) ThrowLibavError(info.Env(), "libavcodec's video decoder", error);
  }

  void Close(const Napi::CallbackInfo&) { decoder_.Close(); }

  Decoder decoder_;
};

}  // namespace

void DefineVideoDecoder(Napi::Env env, Napi::Object exports) {
  // Far ends must not be able to fill our log.
  av_log_set_level(AV_LOG_QUIET);
  VideoDecoderObject::Define(env, exports);
}

}  // namespace zonebridge
