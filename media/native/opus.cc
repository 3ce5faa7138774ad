// libopus: RFC 6716 with in-band FEC (LBRR), concealment and DTX. Mono.
#include <opus/opus.h>

#include <algorithm>
#include <memory>

#include "addon.h"
#include "arguments.h"

namespace zonebridge {
namespace {

constexpr int kChannels = 1;
// The longest packet is 120 ms (RFC 6716 section 3.2.5).
constexpr size_t kMaxPacketMs = 120;
constexpr size_t kMaxPacketBytes = 1275 * 48 + 100;

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* state) const {
    destroy(state);
  }
};

/** 2.5, 5, 10, 20, 40, 60, 80, 100 or 120 ms. */
bool IsFrameLength(size_t samples, size_t sampleRateHz) {
  const size_t shortest = sampleRateHz / 400;
  if (samples % shortest != 0) return false;
  const size_t count = samples / shortest;
  return count == 1 || count == 2 || count == 4 || (count % 8 == 0 && count <= 48);
}

class OpusEncoderObject : public Napi::ObjectWrap<OpusEncoderObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("OpusEncoder",
                DefineClass(env, "OpusEncoder",
                            {InstanceMethod<&OpusEncoderObject::Encode>("encode"),
                             InstanceMethod<&OpusEncoderObject::SetBitrate>("setBitrate"),
                             InstanceMethod<&OpusEncoderObject::SetForwardErrorCorrection>("setForwardErrorCorrection"),
                             InstanceMethod<&OpusEncoderObject::SetDtx>("setDtx"),
                             InstanceMethod<&OpusEncoderObject::Reset>("reset"),
                             InstanceMethod<&OpusEncoderObject::Close>("close")}));
  }

  explicit OpusEncoderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const auto option = [&](const char* name) { return arguments.Property(info[0], "options", name); };
    const auto rate = arguments.Integer(option("sampleRateHz"), "options.sampleRateHz", kSampleRateHz, kSampleRateHz);
    const auto bitrate = arguments.Integer(option("bitrate"), "options.bitrate", kMinBitrate, kMaxBitrate);
    const auto complexity = arguments.Integer(option("complexity"), "options.complexity", 0, 10);
    const std::string name = arguments.Text(option("application"), "options.application");
    if (arguments.ok() && name != "audio" && name != "voip")
      arguments.Fail<Napi::RangeError>("options.application must be \"audio\" or \"voip\"");
    if (!arguments.ok()) return;
    int error = OPUS_OK;
    const int application = name == "audio" ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP;
    state_.reset(opus_encoder_create(static_cast<opus_int32>(rate), kChannels, application, &error));
    if (error == OPUS_OK) error = Set(OPUS_SET_BITRATE(static_cast<opus_int32>(bitrate)));
    if (error == OPUS_OK) error = Set(OPUS_SET_COMPLEXITY(static_cast<opus_int32>(complexity)));
    if (error != OPUS_OK) Napi::Error::New(info.Env(), opus_strerror(error)).ThrowAsJavaScriptException();
  }

 private:
  static constexpr int64_t kSampleRateHz = 48000;
  static constexpr int64_t kMinBitrate = 6000;
  static constexpr int64_t kMaxBitrate = 256000;

  template <typename... Request>
  int Set(Request... request) {
    return opus_encoder_ctl(state_.get(), request...);
  }

  Arguments Begin(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(state_ != nullptr, "OpusEncoder");
    return arguments;
  }

  Napi::Value Encode(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const auto pcm = arguments.Array<int16_t>(info[0], "pcm", 0);
    const auto out = arguments.Array<uint8_t>(info[1], "out", 1);
    if (arguments.ok() && !IsFrameLength(pcm.length, kSampleRateHz))
      arguments.Fail<Napi::RangeError>("pcm must have 120, 240, 480, 960, 1920, 2880, 3840, 4800 or 5760 elements");
    if (!arguments.ok()) return info.Env().Undefined();
    const auto room = static_cast<opus_int32>(std::min(out.length, kMaxPacketBytes));
    const int written = opus_encode(state_.get(), pcm.data, static_cast<int>(pcm.length), out.data, room);
    return Napi::Number::New(info.Env(), written);
  }

  void SetBitrate(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const auto bitrate = arguments.Integer(info[0], "bitsPerSecond", kMinBitrate, kMaxBitrate);
    if (arguments.ok()) Set(OPUS_SET_BITRATE(static_cast<opus_int32>(bitrate)));
  }

  void SetForwardErrorCorrection(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const bool enabled = arguments.Boolean(info[0], "enabled");
    const auto lossPercent = arguments.Integer(info[1], "lossPercent", 0, 100);
    if (!arguments.ok()) return;
    Set(OPUS_SET_INBAND_FEC(enabled ? 1 : 0));
    Set(OPUS_SET_PACKET_LOSS_PERC(static_cast<opus_int32>(lossPercent)));
  }

  void SetDtx(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const bool enabled = arguments.Boolean(info[0], "enabled");
    if (arguments.ok()) Set(OPUS_SET_DTX(enabled ? 1 : 0));
  }

  void Reset(const Napi::CallbackInfo& info) {
    if (Begin(info).ok()) Set(OPUS_RESET_STATE);
  }

  void Close(const Napi::CallbackInfo&) { state_.reset(); }

  std::unique_ptr<OpusEncoder, Destroy<opus_encoder_destroy>> state_;
};

class OpusDecoderObject : public Napi::ObjectWrap<OpusDecoderObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("OpusDecoder",
                DefineClass(env, "OpusDecoder",
                            {InstanceMethod<&OpusDecoderObject::Decode>("decode"),
                             InstanceMethod<&OpusDecoderObject::DecodeForwardErrorCorrection>(
                                 "decodeForwardErrorCorrection"),
                             InstanceMethod<&OpusDecoderObject::Conceal>("conceal"),
                             InstanceMethod<&OpusDecoderObject::Reset>("reset"),
                             InstanceMethod<&OpusDecoderObject::Close>("close")}));
  }

  explicit OpusDecoderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const auto rate = arguments.Integer(arguments.Property(info[0], "options", "sampleRateHz"),
                                        "options.sampleRateHz", 8000, 48000);
    if (arguments.ok() && rate != 8000 && rate != 16000 && rate != 48000)
      arguments.Fail<Napi::RangeError>("options.sampleRateHz must be 8000, 16000 or 48000");
    if (!arguments.ok()) return;
    sampleRateHz_ = static_cast<size_t>(rate);
    int error = OPUS_OK;
    state_.reset(opus_decoder_create(static_cast<opus_int32>(rate), kChannels, &error));
    if (error != OPUS_OK) Napi::Error::New(info.Env(), opus_strerror(error)).ThrowAsJavaScriptException();
  }

 private:
  Arguments Begin(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(state_ != nullptr, "OpusDecoder");
    return arguments;
  }

  size_t MaxSamples() const { return sampleRateHz_ * kMaxPacketMs / 1000; }

  /** Concealment and FEC fill `out` whole, in steps of 2.5 ms. */
  Span<int16_t> LostFrame(Arguments& arguments, const Napi::Value& value) {
    const size_t step = sampleRateHz_ / 400;
    const auto out = arguments.Array<int16_t>(value, "out", step, MaxSamples());
    if (arguments.ok() && out.length % step != 0)
      arguments.Fail<Napi::RangeError>("out must have a multiple of " + std::to_string(step) + " elements");
    return out;
  }

  Napi::Value Run(const Napi::CallbackInfo& info, Span<const uint8_t> packet, Span<int16_t> out, bool fec) {
    const int samples = opus_decode(state_.get(), packet.data, static_cast<opus_int32>(packet.length), out.data,
                                    static_cast<int>(std::min(out.length, MaxSamples())), fec ? 1 : 0);
    return Napi::Number::New(info.Env(), samples);
  }

  Napi::Value Decode(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const auto packet = arguments.Packet(info);
    const auto out = arguments.Array<int16_t>(info[3], "out", 1);
    if (!arguments.ok()) return info.Env().Undefined();
    // libopus would take an empty packet as a request to conceal.
    if (packet.length == 0 || packet.length > kMaxPacketBytes) return Napi::Number::New(info.Env(), kDamagedPacket);
    return Run(info, packet, out, false);
  }

  Napi::Value DecodeForwardErrorCorrection(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const auto packet = arguments.Packet(info);
    const auto out = LostFrame(arguments, info[3]);
    if (!arguments.ok()) return info.Env().Undefined();
    if (packet.length == 0 || packet.length > kMaxPacketBytes) return Napi::Number::New(info.Env(), kDamagedPacket);
    return Run(info, packet, out, true);
  }

  Napi::Value Conceal(const Napi::CallbackInfo& info) {
    Arguments arguments = Begin(info);
    const auto out = LostFrame(arguments, info[0]);
    if (!arguments.ok()) return info.Env().Undefined();
    return Run(info, {}, out, false);
  }

  void Reset(const Napi::CallbackInfo& info) {
    if (Begin(info).ok()) opus_decoder_ctl(state_.get(), OPUS_RESET_STATE);
  }

  void Close(const Napi::CallbackInfo&) { state_.reset(); }

  size_t sampleRateHz_ = 0;
  std::unique_ptr<OpusDecoder, Destroy<opus_decoder_destroy>> state_;
};

}  // namespace

void DefineOpus(Napi::Env env, Napi::Object exports) {
  OpusEncoderObject::Define(env, exports);
  OpusDecoderObject::Define(env, exports);
}

}  // namespace zonebridge
