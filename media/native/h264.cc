// openh264's encoder: H.264 constrained baseline, of which every NAL unit fits a packet (RFC 6184 mode 0).
#include <wels/codec_api.h>

#include <cstring>
#include <memory>

#include "addon.h"
#include "video_encoder.h"

namespace zonebridge {
namespace {

// With slices that fit packets, rate control is coarse: below this it lets a picture grow to five times the mean, for
// detail that nobody sees (42 dB is reached without).
constexpr int kMinQuantizer = 22;
constexpr int64_t kClockTicksPerMs = kVideoClockHz / 1000;

struct DestroyEncoder {
  void operator()(ISVCEncoder* encoder) const {
    encoder->Uninitialize();
    WelsDestroySVCEncoder(encoder);
  }
};

class H264Encoder {
 public:
  static constexpr const char* kName = "H264Encoder";
  static constexpr bool kSlices = true;

  std::string Open(const VideoEncoderSettings& settings) {
    ISVCEncoder* created = nullptr;
    int error = WelsCreateSVCEncoder(&created);
    encoder_.reset(created);
    if (error == cmResultSuccess) {
      int level = WELS_LOG_QUIET;
      encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
      SEncParamExt parameters = {};
      encoder_->GetDefaultParams(&parameters);
      Configure(settings, &parameters);
      error = encoder_->InitializeExt(&parameters);
    }
    if (error == cmResultSuccess) return {};
    Close();
    return "openh264's encoder: error " + std::to_string(error);
  }

  bool open() const { return encoder_ != nullptr; }
  void Close() { encoder_.reset(); }

  void SetBitrate(int bitrate) {
    SBitrateInfo info = {SPATIAL_LAYER_ALL, bitrate};
    encoder_->SetOption(ENCODER_OPTION_BITRATE, &info);
  }

  void SetFrameRate(int frameRate) {
    auto rate = static_cast<float>(frameRate);
    encoder_->SetOption(ENCODER_OPTION_FRAME_RATE, &rate);
  }

  int Encode(const VideoEncoderInput& input, Span<uint8_t> out, bool* keyFrame) {
    if (input.forceKeyFrame) encoder_->ForceIntraFrame(true);
    const SSourcePicture source = Wrap(input);
    SFrameBSInfo frame = {};
    const int error = encoder_->EncodeFrame(&source, &frame);
    if (error != cmResultSuccess) return kDamagedPacket;
    if (frame.eFrameType == videoFrameTypeSkip) return 0;
    *keyFrame = frame.eFrameType == videoFrameTypeIDR;
    return Copy(frame, out);
  }

 private:
  static void Configure(const VideoEncoderSettings& settings, SEncParamExt* parameters) {
    SEncParamExt& all = *parameters;
    all.iUsageType = CAMERA_VIDEO_REAL_TIME;
    all.iPicWidth = settings.width;
    all.iPicHeight = settings.height;
    all.iTargetBitrate = settings.bitrate;
    all.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    all.iRCMode = RC_BITRATE_MODE;
    all.iMinQp = kMinQuantizer;
    all.fMaxFrameRate = static_cast<float>(settings.frameRate);
    all.iComplexityMode = LOW_COMPLEXITY;
    all.iMultipleThreadIdc = 1;
    all.bEnableFrameSkip = false;
    all.uiIntraPeriod = 0;
    all.eSpsPpsIdStrategy = CONSTANT_ID;
    all.iSpatialLayerNum = 1;
    all.iTemporalLayerNum = 1;
    all.iEntropyCodingModeFlag = 0;
    all.bEnableDenoise = false;
    all.bEnableBackgroundDetection = true;
    all.bEnableSceneChangeDetect = false;
    all.bEnableAdaptiveQuant = false;
    all.uiMaxNalSize = static_cast<unsigned>(settings.maxSliceBytes);
    ConfigureLayer(all, &all.sSpatialLayers[0]);
    all.sSpatialLayers[0].sSliceArgument.uiSliceSizeConstraint = all.uiMaxNalSize;
  }

  static void ConfigureLayer(const SEncParamExt& all, SSpatialLayerConfig* layer) {
    layer->uiProfileIdc = PRO_BASELINE;
    layer->uiLevelIdc = LEVEL_UNKNOWN;
    layer->iVideoWidth = all.iPicWidth;
    layer->iVideoHeight = all.iPicHeight;
    layer->fFrameRate = all.fMaxFrameRate;
    layer->iSpatialBitrate = all.iTargetBitrate;
    layer->iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer->sSliceArgument.uiSliceMode = SM_SIZELIMITED_SLICE;
    // As pictures are: without this, decoders take BT.709 for anything of 720 lines.
    layer->bVideoSignalTypePresent = true;
    layer->uiVideoFormat = VF_UNDEF;
    layer->bFullRange = false;
    layer->bColorDescriptionPresent = true;
    layer->uiColorPrimaries = CP_SMPTE170M;
    layer->uiTransferCharacteristics = TRC_SMPTE170M;
    layer->uiColorMatrix = CM_SMPTE170M;
  }

  static SSourcePicture Wrap(const VideoEncoderInput& input) {
    const Picture& picture = input.picture;
    SSourcePicture source = {};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = picture.width;
    source.iPicHeight = picture.height;
    source.pData[0] = picture.y;
    source.pData[1] = picture.u;
    source.pData[2] = picture.v;
    source.iStride[0] = picture.strideY;
    source.iStride[1] = picture.strideU;
    source.iStride[2] = picture.strideV;
    source.uiTimeStamp = input.timestamp / kClockTicksPerMs;
    return source;
  }

  /** All NAL units with their start codes, end to end. */
  static int Copy(const SFrameBSInfo& frame, Span<uint8_t> out) {
    size_t written = 0;
    for (int i = 0; i < frame.iLayerNum; i++) {
      const SLayerBSInfo& layer = frame.sLayerInfo[i];
      size_t bytes = 0;
      for (int nal = 0; nal < layer.iNalCount; nal++) bytes += static_cast<size_t>(layer.pNalLengthInByte[nal]);
      if (bytes > out.length - written) return kOutTooShort;
      std::memcpy(out.data + written, layer.pBsBuf, bytes);
      written += bytes;
    }
    return static_cast<int>(written);
  }

  std::unique_ptr<ISVCEncoder, DestroyEncoder> encoder_;
};

}  // namespace

void DefineH264(Napi::Env env, Napi::Object exports) { VideoEncoderObject<H264Encoder>::Define(env, exports); }

}  // namespace zonebridge
