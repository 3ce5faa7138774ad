#pragma once

#include <napi.h>

#include <cstring>
#include <string>

namespace zonebridge {

/** Throws an Error with the system's `code`, as node's own have. */
inline void ThrowSystemError(Napi::Env env, const std::string& what, int number) {
  Napi::Error error = Napi::Error::New(env, what + ": " + std::strerror(number));
  const char* name = strerrorname_np(number);
  error.Set("code", Napi::String::New(env, name == nullptr ? "EUNKNOWN" : name));
  error.ThrowAsJavaScriptException();
}

}  // namespace zonebridge
