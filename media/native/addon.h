#pragma once

#include <napi.h>

// One library a file; each adds its classes to the module's exports. Nothing is kept outside the objects, so the addon
// can be loaded by any number of worker threads.
namespace zonebridge {

void DefineOpus(Napi::Env env, Napi::Object exports);
void DefineG722(Napi::Env env, Napi::Object exports);
void DefineG711(Napi::Env env, Napi::Object exports);
void DefineVideoDecoder(Napi::Env env, Napi::Object exports);
void DefineVp8(Napi::Env env, Napi::Object exports);
void DefineH264(Napi::Env env, Napi::Object exports);
void DefineJpeg(Napi::Env env, Napi::Object exports);
void DefinePictures(Napi::Env env, Napi::Object exports);
void DefineText(Napi::Env env, Napi::Object exports);
void DefineUdp(Napi::Env env, Napi::Object exports);
void DefineRelay(Napi::Env env, Napi::Object exports);

// What decode() returns for a packet that cannot be decoded, the same for all codecs (libopus's own numbers); video
// encoders say kOutTooShort too.
constexpr int kOutTooShort = -2;
constexpr int kDamagedPacket = -4;

}  // namespace zonebridge
