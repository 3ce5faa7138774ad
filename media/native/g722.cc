// G.722 at 64 kbit/s over libavcodec: 16 kHz mono, 160 bytes for 20 ms.
extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <cstring>
#include <memory>

#include "addon.h"
#include "arguments.h"
#include "libavcodec.h"

namespace zonebridge {
namespace {

constexpr int kSampleRateHz = 16000;
// libavcodec takes a shorter frame for the last of a stream, so the length is fixed.
constexpr size_t kFrameSamples = 320;
constexpr size_t kSamplesPerByte = 2;
// No datagram is longer.
constexpr size_t kMaxPacketBytes = 65536;

/** A codec context with one frame and one packet, made once and used for every call. */
struct Codec {
  std::unique_ptr<AVCodecContext, FreeLibav> context;
  std::unique_ptr<AVFrame, FreeLibav> frame{av_frame_alloc()};
  std::unique_ptr<AVPacket, FreeLibav> packet{av_packet_alloc()};

  /** 0 or a negative libavcodec error. */
  int Open(const AVCodec* codec) {
    if (codec == nullptr) return AVERROR_DECODER_NOT_FOUND;
    context.reset(avcodec_alloc_context3(codec));
    if (!context || !frame || !packet) return AVERROR(ENOMEM);
    context->sample_rate = kSampleRateHz;
    context->sample_fmt = AV_SAMPLE_FMT_S16;
    context->frame_size = static_cast<int>(kFrameSamples);
    context->thread_count = 1;
    av_channel_layout_default(&context->ch_layout, 1);
    return avcodec_open2(context.get(), codec, nullptr);
  }

  bool open() const { return context != nullptr; }
  void Close() { context.reset(); }
};

class G722EncoderObject : public Napi::ObjectWrap<G722EncoderObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("G722Encoder", DefineClass(env, "G722Encoder",
                                           {InstanceMethod<&G722EncoderObject::Encode>("encode"),
                                            InstanceMethod<&G722EncoderObject::Close>("close")}));
  }

  explicit G722EncoderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    int error = codec_.Open(avcodec_find_encoder(AV_CODEC_ID_ADPCM_G722));
    if (error >= 0) error = PrepareFrame();
    if (error < 0) ThrowLibavError(info.Env(), "libavcodec's G.722 encoder", error);
  }

 private:
  int PrepareFrame() {
    AVFrame& frame = *codec_.frame;
    frame.nb_samples = static_cast<int>(kFrameSamples);
    frame.format = AV_SAMPLE_FMT_S16;
    frame.sample_rate = kSampleRateHz;
    av_channel_layout_default(&frame.ch_layout, 1);
    return av_frame_get_buffer(&frame, 0);
  }

  Napi::Value Encode(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(codec_.open(), "G722Encoder");
    const auto pcm = arguments.Array<int16_t>(info[0], "pcm", kFrameSamples, kFrameSamples);
    const auto out = arguments.Array<uint8_t>(info[1], "out", kFrameSamples / kSamplesPerByte);
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), Run(pcm, out));
  }

  int Run(Span<int16_t> pcm, Span<uint8_t> out) {
    std::memcpy(codec_.frame->data[0], pcm.data, pcm.length * sizeof(int16_t));
    int result = avcodec_send_frame(codec_.context.get(), codec_.frame.get());
    if (result >= 0) result = avcodec_receive_packet(codec_.context.get(), codec_.packet.get());
    if (result < 0) return result;
    const size_t size = std::min(static_cast<size_t>(codec_.packet->size), out.length);
    std::memcpy(out.data, codec_.packet->data, size);
    av_packet_unref(codec_.packet.get());
    return static_cast<int>(size);
  }

  void Close(const Napi::CallbackInfo&) { codec_.Close(); }

  Codec codec_;
};

class G722DecoderObject : public Napi::ObjectWrap<G722DecoderObject> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("G722Decoder", DefineClass(env, "G722Decoder",
                                           {InstanceMethod<&G722DecoderObject::Decode>("decode"),
                                            InstanceMethod<&G722DecoderObject::Close>("close")}));
  }

  explicit G722DecoderObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    int error = codec_.Open(avcodec_find_decoder(AV_CODEC_ID_ADPCM_G722));
    // libavcodec reads past a packet's end, into the zeroed padding that av_new_packet adds.
    if (error >= 0) error = av_new_packet(codec_.packet.get(), static_cast<int>(kMaxPacketBytes));
    if (error < 0) ThrowLibavError(info.Env(), "libavcodec's G.722 decoder", error);
  }

 private:
  Napi::Value Decode(const Napi::CallbackInfo& info) {
    Arguments arguments(info.Env());
    arguments.IsOpen(codec_.open(), "G722Decoder");
    const auto packet = arguments.Packet(info);
    const auto out = arguments.Array<int16_t>(info[3], "out", 1);
    if (!arguments.ok()) return info.Env().Undefined();
    return Napi::Number::New(info.Env(), Run(packet, out));
  }

  int Run(Span<const uint8_t> bytes, Span<int16_t> out) {
    if (bytes.length == 0 || bytes.length > kMaxPacketBytes) return kDamagedPacket;
    if (bytes.length * kSamplesPerByte > out.length) return kOutTooShort;
    AVPacket& packet = *codec_.packet;
    std::memcpy(packet.data, bytes.data, bytes.length);
    std::memset(packet.data + bytes.length, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    packet.size = static_cast<int>(bytes.length);
    int result = avcodec_send_packet(codec_.context.get(), &packet);
    if (result >= 0) result = avcodec_receive_frame(codec_.context.get(), codec_.frame.get());
    if (result < 0) return result;
    const size_t samples = std::min(static_cast<size_t>(codec_.frame->nb_samples), out.length);
    std::memcpy(out.data, codec_.frame->data[0], samples * sizeof(int16_t));
    av_frame_unref(codec_.frame.get());
    return static_cast<int>(samples);
  }

  void Close(const Napi::CallbackInfo&) { codec_.Close(); }

  Codec codec_;
};

}  // namespace

void DefineG722(Napi::Env env, Napi::Object exports) {
  G722EncoderObject::Define(env, exports);
  G722DecoderObject::Define(env, exports);
}

}  // namespace zonebridge
