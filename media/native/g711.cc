// ITU-T G.711: A-law (PCMA) and mu-law (PCMU), as plain arithmetic. 8 kHz, one byte a sample.
#include <algorithm>
#include <array>

#include "addon.h"
#include "arguments.h"

namespace zonebridge {
namespace {

/** The segment of a magnitude: 0 below `first`, one more for every doubling. */
int Segment(int magnitude, int first) {
  int segment = 0;
  for (int end = first; magnitude >= end; end <<= 1) segment++;
  return segment;
}

/** 13 significant bits; even bits inverted (0x55), the sign bit set for positive values. */
uint8_t EncodeALaw(int sample) {
  const bool positive = sample >= 0;
  const int magnitude = (positive ? sample : ~sample) >> 4;
  const int segment = Segment(magnitude, 16);
  const int code = segment == 0 ? magnitude : segment << 4 | ((magnitude >> (segment - 1)) & 0x0f);
  return static_cast<uint8_t>(code ^ (positive ? 0xd5 : 0x55));
}

int16_t DecodeALaw(uint8_t byte) {
  const int code = byte ^ 0x55;
  const int segment = (code & 0x70) >> 4;
  const int step = (code & 0x0f) << 4 | 8;
  const int magnitude = segment == 0 ? step : (step | 0x100) << (segment - 1);
  return static_cast<int16_t>((code & 0x80) != 0 ? magnitude : -magnitude);
}

constexpr int kMuLawBias = 0x84;
constexpr int kMuLawClip = 32635;

/** 14 significant bits; all bits inverted. */
uint8_t EncodeMuLaw(int sample) {
  const bool positive = sample >= 0;
  const int magnitude = std::min(positive ? sample : ~sample, kMuLawClip) + kMuLawBias;
  const int segment = Segment(magnitude, 0x100);
  return static_cast<uint8_t>(~((positive ? 0 : 0x80) | segment << 4 | ((magnitude >> (segment + 3)) & 0x0f)));
}

int16_t DecodeMuLaw(uint8_t byte) {
  const int code = ~byte & 0xff;
  const int magnitude = (((code & 0x0f) << 3 | kMuLawBias) << ((code & 0x70) >> 4)) - kMuLawBias;
  return static_cast<int16_t>((code & 0x80) != 0 ? -magnitude : magnitude);
}

class G711CodecObject : public Napi::ObjectWrap<G711CodecObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("G711Codec", DefineClass(env, "G711Codec",
                                         {InstanceMethod<&G711CodecObject::Encode>("encode"),
                                          InstanceMethod<&G711CodecObject::Decode>("decode"),
                                          InstanceMethod<&G711CodecObject::Close>("close")}));
  }

  explicit G711CodecObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Arguments arguments(info.Env());
    const std::string law = arguments.Text(info[0], "law");
    if (arguments.ok() && law != "PCMA" && law != "PCMU")
      arguments.Fail<Napi::RangeError>("law must be \"PCMA\" or \"PCMU\"");
    if (!arguments.ok()) return;
    encode_ = law == "PCMA" ? EncodeALaw : EncodeMuLaw;
    const auto decode = law == "PCMA" ? DecodeALaw : DecodeMuLaw;
    for (size_t code = 0; code < samples_.size(); code++) samples_[code] = decode(static_cast<uint8_t>(code));
    open_ = true;
  }

 private:
  Napi::Value Encode(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(open_, "G711Codec");
    const auto pcm = arguments.Array<int16_t>(info[0], "pcm", 1);
    const auto out = arguments.Array<uint8_t>(info[1], "out", pcm.length);
    if (!arguments.ok()) return info.Env().Undefined();
    for (size_t i = 0; i < pcm.length; i++) out.data[i] = encode_(pcm.data[i]);
    return Napi::Number::New(info.Env(), static_cast<double>(pcm.length));
  }

  Napi::Value Decode(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(open_, "G711Codec");
    const auto packet = arguments.Packet(info);
    const auto out = arguments.Array<int16_t>(info[3], "out", 1);
    if (!arguments.ok()) return info.Env().Undefined();
    if (packet.length == 0) return Napi::Number::New(info.Env(), kDamagedPacket);
    if (packet.length > out.length) return Napi::Number::New(info.Env(), kOutTooShort);
    for (size_t i = 0; i < packet.length; i++) out.data[i] = samples_[packet.data[i]];
    return Napi::Number::New(info.Env(), static_cast<double>(packet.length));
  }

  void Close(const Napi::CallbackInfo&) { open_ = false; }

  bool open_ = false;
  uint8_t (*encode_)(int sample) = nullptr;
  std::array<int16_t, 256> samples_{};
};

}  // namespace

void DefineG711(Napi::Env env, Napi::Object exports) { G711CodecObject::Define(env, exports); }

}  // namespace zonebridge
