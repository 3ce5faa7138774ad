#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

#include "arguments.h"
#include "picture.h"

namespace zonebridge {

struct VideoEncoderSettings {
  int width = 0;
  int height = 0;
  /** Bits per second. */
  int bitrate = 0;
  int frameRate = 0;
  /** 0 where slices may have any size. */
  int maxSliceBytes = 0;
};

/** What an encoder is asked to make of a picture. */
struct VideoEncoderInput {
  Picture picture;
  /** On a 90 kHz clock; grows. */
  int64_t timestamp = 0;
  bool forceKeyFrame = false;
};

constexpr int64_t kVideoClockHz = 90000;

/**
 * The JavaScript side of a library's encoder. `Encoder` has kName, kSlices (it takes maxSliceBytes), and
 * - std::string Open(const VideoEncoderSettings&): empty, or what is wrong;
 * - bool open(), Close(), SetBitrate(int), SetFrameRate(int);
 * - int Encode(const VideoEncoderInput&, Span<uint8_t> out, bool* keyFrame): bytes, 0 for a dropped frame, or negative.
 */
template <typename Encoder>
class VideoEncoderObject : public Napi::ObjectWrap<VideoEncoderObject<Encoder>> {
  using Self = VideoEncoderObject<Encoder>;
  using Base = Napi::ObjectWrap<Self>;

 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set(Encoder::kName,
                Base::DefineClass(env, Encoder::kName,
                                  {Base::template InstanceMethod<&Self::Encode>("encode"),
                                   Base::template InstanceAccessor<&Self::KeyFrame>("keyFrame"),
                                   Base::template InstanceMethod<&Self::SetBitrate>("setBitrate"),
                                   Base::template InstanceMethod<&Self::SetFrameRate>("setFrameRate"),
                                   Base::template InstanceMethod<&Self::Close>("close")}));
  }

  explicit VideoEncoderObject(const Napi::CallbackInfo& info) : Base(info) {
    Arguments arguments(info.Env());
    const auto option = [&](const char* name) { return arguments.Property(info[0], "options", name); };
    settings_.width = Side(arguments, option("width"), "options.width");
    settings_.height = Side(arguments, option("height"), "options.height");
    settings_.bitrate = Bitrate(arguments, option("bitrate"), "options.bitrate");
    settings_.frameRate = FrameRate(arguments, option("frameRate"), "options.frameRate");
    if constexpr (Encoder::kSlices) {
      const auto bytes = arguments.Integer(option("maxSliceBytes"), "options.maxSliceBytes", 200, 65535);
      settings_.maxSliceBytes = static_cast<int>(bytes);
    }
    if (!arguments.ok()) return;
    const std::string problem = encoder_.Open(settings_);
    if (!problem.empty()) Napi::Error::New(info.Env(), problem).ThrowAsJavaScriptException();
  }

 private:
  static int Side(Arguments& arguments, const Napi::Value& value, const char* name) {
    const int64_t side = arguments.Integer(value, name, 16, 4096);
    if (arguments.ok() && side % 2 != 0) arguments.Fail<Napi::RangeError>(std::string(name) + " must be even");
    return static_cast<int>(side);
  }

  static int Bitrate(Arguments& arguments, const Napi::Value& value, const char* name) {
    return static_cast<int>(arguments.Integer(value, name, 10'000, 50'000'000));
  }

  static int FrameRate(Arguments& arguments, const Napi::Value& value, const char* name) {
    return static_cast<int>(arguments.Integer(value, name, 1, 60));
  }

  Arguments Begin(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(encoder_.open(), Encoder::kName);
    return arguments;
  }

  Napi::Value Encode(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    VideoEncoderInput input;
    input.picture = ReadPicture(arguments, info[0], "picture", settings_.width, settings_.height);
    input.timestamp = arguments.Integer(info[1], "timestamp", timestamp_ + 1, kMaxTimestamp);
    input.forceKeyFrame = arguments.Boolean(info[2], "forceKeyFrame") || keyFrameLost_;
    const auto out = arguments.Array<uint8_t>(info[3], "out", 1);
    if (!arguments.ok()) return info.Env().Undefined();
    timestamp_ = input.timestamp;
    bool keyFrame = false;
    const int written = encoder_.Encode(input, out, &keyFrame);
    if (written > 0) keyFrame_ = keyFrame;
    // What was encoded and did not get out is missing in the stream.
    keyFrameLost_ = written < 0 || (written == 0 && input.forceKeyFrame);
    return Napi::Number::New(info.Env(), written);
  }

  Napi::Value KeyFrame(const Napi::CallbackInfo& info) {
    if (!Begin(info).ok()) return info.Env().Undefined();
    return Napi::Boolean::New(info.Env(), keyFrame_);
  }

  void SetBitrate(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const int bitrate = Bitrate(arguments, info[0], "bitsPerSecond");
    if (arguments.ok()) encoder_.SetBitrate(bitrate);
  }

  void SetFrameRate(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const int frameRate = FrameRate(arguments, info[0], "framesPerSecond");
    if (arguments.ok()) encoder_.SetFrameRate(frameRate);
  }

  void Close(const Napi::CallbackInfo&) { encoder_.Close(); }

  // Number.MAX_SAFE_INTEGER.
  static constexpr int64_t kMaxTimestamp = (int64_t{1} << 53) - 1;

  VideoEncoderSettings settings_;
  Encoder encoder_;
  int64_t timestamp_ = -1;
  bool keyFrame_ = false;
  bool keyFrameLost_ = false;
};

}  // namespace zonebridge
