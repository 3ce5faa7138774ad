#include "addon.h"

static Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  zonebridge::DefineOpus(env, exports);
  zonebridge::DefineG722(env, exports);
  zonebridge::DefineG711(env, exports);
  zonebridge::DefineUdp(env, exports);
  zonebridge::DefineRelay(env, exports);
  return exports;
}

NODE_API_MODULE(zonebridge, Initialize)
