// libvpx's VP8 encoder (RFC 6386), set for conversation: no look-ahead, constant bitrate, one thread.
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include <algorithm>
#include <cstring>

#include "addon.h"
#include "video_encoder.h"

namespace zonebridge {
namespace {

constexpr int kBitsPerKilobit = 1000;
constexpr unsigned kMinQuantizer = 4;
constexpr unsigned kMaxQuantizer = 56;
constexpr unsigned kUndershootPercent = 100;
constexpr unsigned kOvershootPercent = 15;
// Of the decoder that rate control imagines, in milliseconds.
constexpr unsigned kBufferMs = 1000;
constexpr unsigned kInitialBufferMs = 500;
constexpr unsigned kOptimalBufferMs = 600;
// Of a mean frame: a key frame may be that large, 23 packets at 1.5 Mbit/s.
constexpr int kMaxKeyFramePercent = 450;
// Negative: a fixed speed. Positive ones adapt to the clock, and cost up to twice as much for 0.1 dB.
constexpr int kCpuUsed = -8;
constexpr int kLargeCpuUsed = -10;
constexpr int kLargePixels = 640 * 360;
// Squared error of a macroblock (two steps a pixel) below which its residue is not coded: a camera's noise. A third of
// the CPU at 720p, and the bits serve better elsewhere.
constexpr unsigned kStaticThreshold = 1000;

class Vp8Encoder {
 public:
  static constexpr const char* kName = "Vp8Encoder";
  static constexpr bool kSlices = false;

  Vp8Encoder() = default;
  ~Vp8Encoder() { Close(); }
  Vp8Encoder(const Vp8Encoder&) = delete;
  Vp8Encoder& operator=(const Vp8Encoder&) = delete;

  std::string Open(const VideoEncoderSettings& settings) {
    vpx_codec_iface_t* const interface = vpx_codec_vp8_cx();
    vpx_codec_err_t error = vpx_codec_enc_config_default(interface, &config_, 0);
    if (error == VPX_CODEC_OK) {
      Configure(settings);
      error = vpx_codec_enc_init(&codec_, interface, &config_, 0);
    }
    open_ = error == VPX_CODEC_OK;
    if (open_) error = Control(settings);
    if (error == VPX_CODEC_OK) return {};
    Close();
    return std::string("libvpx's VP8 encoder: ") + vpx_codec_err_to_string(error);
  }

  bool open() const { return open_; }

  void Close() {
    if (open_) vpx_codec_destroy(&codec_);
    open_ = false;
  }

  void SetBitrate(int bitrate) {
    config_.rc_target_bitrate = Kilobits(bitrate);
    vpx_codec_enc_config_set(&codec_, &config_);
  }

  void SetFrameRate(int frameRate) { duration_ = kVideoClockHz / frameRate; }

  int Encode(const VideoEncoderInput& input, Span<uint8_t> out, bool* keyFrame) {
    vpx_image_t image;
    Wrap(input.picture, &image);
    // libvpx spends all the bits of a pause on the picture after it.
    const int64_t passed = input.timestamp - timestamp_;
    timestamp_ = input.timestamp;
    time_ += std::min(passed, duration_);
    const vpx_enc_frame_flags_t flags = input.forceKeyFrame ? VPX_EFLAG_FORCE_KF : 0;
    const auto duration = static_cast<unsigned long>(duration_);
    if (vpx_codec_encode(&codec_, &image, time_, duration, flags, VPX_DL_REALTIME) != VPX_CODEC_OK)
      return kDamagedPacket;
    vpx_codec_iter_t iterator = nullptr;
    while (const vpx_codec_cx_pkt_t* packet = vpx_codec_get_cx_data(&codec_, &iterator)) {
      if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
      if (packet->data.frame.sz > out.length) return kOutTooShort;
      std::memcpy(out.data, packet->data.frame.buf, packet->data.frame.sz);
      *keyFrame = (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
      return static_cast<int>(packet->data.frame.sz);
    }
    return 0;
  }

 private:
  static unsigned Kilobits(int bitrate) { return static_cast<unsigned>(bitrate / kBitsPerKilobit); }

  void Configure(const VideoEncoderSettings& settings) {
    config_.g_w = static_cast<unsigned>(settings.width);
    config_.g_h = static_cast<unsigned>(settings.height);
    config_.g_timebase = {1, static_cast<int>(kVideoClockHz)};
    config_.g_threads = 1;
    config_.g_lag_in_frames = 0;
    config_.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
    config_.kf_mode = VPX_KF_DISABLED;
    config_.rc_end_usage = VPX_CBR;
    config_.rc_target_bitrate = Kilobits(settings.bitrate);
    config_.rc_min_quantizer = kMinQuantizer;
    config_.rc_max_quantizer = kMaxQuantizer;
    config_.rc_undershoot_pct = kUndershootPercent;
    config_.rc_overshoot_pct = kOvershootPercent;
    config_.rc_buf_sz = kBufferMs;
    config_.rc_buf_initial_sz = kInitialBufferMs;
    config_.rc_buf_optimal_sz = kOptimalBufferMs;
    config_.rc_dropframe_thresh = 0;
    config_.rc_resize_allowed = 0;
    SetFrameRate(settings.frameRate);
  }

  vpx_codec_err_t Control(const VideoEncoderSettings& settings) {
    const bool large = settings.width * settings.height > kLargePixels;
    vpx_codec_err_t error = vpx_codec_control(&codec_, VP8E_SET_CPUUSED, large ? kLargeCpuUsed : kCpuUsed);
    if (error == VPX_CODEC_OK) error = vpx_codec_control(&codec_, VP8E_SET_STATIC_THRESHOLD, kStaticThreshold);
    if (error == VPX_CODEC_OK) error = vpx_codec_control(&codec_, VP8E_SET_NOISE_SENSITIVITY, 0);
    if (error == VPX_CODEC_OK)
      error = vpx_codec_control(&codec_, VP8E_SET_TOKEN_PARTITIONS, VP8_ONE_TOKENPARTITION);
    if (error == VPX_CODEC_OK)
      error = vpx_codec_control(&codec_, VP8E_SET_MAX_INTRA_BITRATE_PCT, kMaxKeyFramePercent);
    return error;
  }

  static void Wrap(const Picture& picture, vpx_image_t* image) {
    vpx_img_wrap(image, VPX_IMG_FMT_I420, static_cast<unsigned>(picture.width), static_cast<unsigned>(picture.height),
                 1, picture.y);
    image->planes[VPX_PLANE_Y] = picture.y;
    image->planes[VPX_PLANE_U] = picture.u;
    image->planes[VPX_PLANE_V] = picture.v;
    image->stride[VPX_PLANE_Y] = picture.strideY;
    image->stride[VPX_PLANE_U] = picture.strideU;
    image->stride[VPX_PLANE_V] = picture.strideV;
  }

  bool open_ = false;
  vpx_codec_ctx_t codec_ = {};
  vpx_codec_enc_cfg_t config_ = {};
  /** Of a frame, on the clock of timestamps. */
  int64_t duration_ = 0;
  /** Of the last picture, as it came and as libvpx was told. */
  int64_t timestamp_ = 0;
  int64_t time_ = 0;
};

}  // namespace

void DefineVp8(Napi::Env env, Napi::Object exports) { VideoEncoderObject<Vp8Encoder>::Define(env, exports); }

}  // namespace zonebridge
