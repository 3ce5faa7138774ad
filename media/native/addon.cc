#include "addon.h"

static Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  zonebridge::DefineOpus(env, exports);
  zonebridge::DefineG722(env, exports);
  zonebridge::DefineG711(env, exports);
  zonebridge::DefineVideoDecoder(env, exports);
  zonebridge::DefineVp8(env, exports);
  zonebridge::DefineH264(env, exports);
  zonebridge::DefineJpeg(env, exports);
  zonebridge::DefinePictures(env, exports);
  zonebridge::DefineText(env, exports);
  zonebridge::DefineUdp(env, exports);
  zonebridge::DefineRelay(env, exports);
  return exports;
}

NODE_API_MODULE(zonebridge, Initialize)
