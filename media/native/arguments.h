#pragma once

#include <napi.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace zonebridge {

template <typename T>
struct Span {
  T* data = nullptr;
  size_t length = 0;
};

template <typename T>
struct ElementType;
template <>
struct ElementType<uint8_t> {
  static constexpr napi_typedarray_type kType = napi_uint8_array;
  static constexpr const char* kName = "a Uint8Array";
};
template <>
struct ElementType<int16_t> {
  static constexpr napi_typedarray_type kType = napi_int16_array;
  static constexpr const char* kName = "an Int16Array";
};
template <>
struct ElementType<int32_t> {
  static constexpr napi_typedarray_type kType = napi_int32_array;
  static constexpr const char* kName = "an Int32Array";
};
template <>
struct ElementType<double> {
  static constexpr napi_typedarray_type kType = napi_float64_array;
  static constexpr const char* kName = "a Float64Array";
};

constexpr size_t kAnyLength = std::numeric_limits<size_t>::max();

/**
 * Turns JavaScript values into C++ ones. After the first fault a TypeError or RangeError that names the argument is
 * pending, ok() is false, and everything read later is empty: read all, then ask ok() once.
 *
 * Only Property() can run JavaScript (a getter), which may close objects and detach buffers. So read all properties
 * first, and take spans and look at native state afterwards.
 */
class Arguments {
 public:
  explicit Arguments(Napi::Env env) : env_(env) {}

  bool ok() const { return ok_; }

  void IsOpen(bool open, const char* className) {
    if (ok_ && !open) Fail<Napi::TypeError>(std::string(className) + " is closed");
  }

  Napi::Value Property(const Napi::Value& object, const char* objectName, const char* name) {
    if (!ok_) return env_.Undefined();
    if (!object.IsObject()) return Fail<Napi::TypeError>(std::string(objectName) + " must be an object");
    napi_value value = nullptr;
    if (napi_get_named_property(env_, object, name, &value) == napi_ok) return Napi::Value(env_, value);
    // The getter's own exception stays.
    if (!env_.IsExceptionPending()) Fail<Napi::TypeError>(std::string(objectName) + "." + name + " cannot be read");
    ok_ = false;
    return env_.Undefined();
  }

  int64_t Integer(const Napi::Value& value, const char* name, int64_t min, int64_t max) {
    if (!ok_) return 0;
    if (!value.IsNumber()) return Fail<Napi::TypeError>(std::string(name) + " must be a number"), 0;
    const double number = value.As<Napi::Number>().DoubleValue();
    // Also refuses NaN.
    if (!(number >= static_cast<double>(min) && number <= static_cast<double>(max)) ||
        number != std::floor(number)) {
      Fail<Napi::RangeError>(std::string(name) + " must be an integer from " + std::to_string(min) + " to " +
                             std::to_string(max));
      return 0;
    }
    return static_cast<int64_t>(number);
  }

  /** Any number that is not too large, rounded down to an even one. */
  int Even(const Napi::Value& value, const char* name) {
    if (!ok_) return 0;
    if (!value.IsNumber()) return Fail<Napi::TypeError>(std::string(name) + " must be a number"), 0;
    const double number = 2 * std::floor(value.As<Napi::Number>().DoubleValue() / 2);
    // Also refuses NaN.
    if (!(std::abs(number) <= kMaxEven)) {
      Fail<Napi::RangeError>(std::string(name) + " must be from " + std::to_string(-kMaxEven) + " to " +
                             std::to_string(kMaxEven));
      return 0;
    }
    return static_cast<int>(number);
  }

  bool Boolean(const Napi::Value& value, const char* name) {
    if (!ok_) return false;
    if (!value.IsBoolean()) return Fail<Napi::TypeError>(std::string(name) + " must be a boolean"), false;
    return value.As<Napi::Boolean>().Value();
  }

  std::string Text(const Napi::Value& value, const char* name) {
    if (!ok_) return {};
    if (!value.IsString()) return Fail<Napi::TypeError>(std::string(name) + " must be a string"), std::string();
    return value.As<Napi::String>().Utf8Value();
  }

  /** A typed array, on shared memory too. A detached one has length 0. */
  template <typename T>
  Span<T> Array(const Napi::Value& value, const char* name, size_t minLength, size_t maxLength = kAnyLength) {
    if (!ok_) return {};
    napi_typedarray_type type = napi_int8_array;
    size_t length = 0;
    void* data = nullptr;
    if (!value.IsTypedArray() ||
        napi_get_typedarray_info(env_, value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
        type != ElementType<T>::kType) {
      Fail<Napi::TypeError>(std::string(name) + " must be " + ElementType<T>::kName);
      return {};
    }
    if (data == nullptr) length = 0;
    if (length < minLength || length > maxLength) {
      const std::string most = maxLength == kAnyLength ? "" : " and at most " + std::to_string(maxLength);
      Fail<Napi::RangeError>(std::string(name) + " must have at least " + std::to_string(minLength) + most +
                             " elements, but has " + std::to_string(length));
      return {};
    }
    return {static_cast<T*>(data), length};
  }

  /** decode()'s first three arguments: the part of `packet` that holds the packet. */
  Span<const uint8_t> Packet(const Napi::CallbackInfo& info) {
    const Span<uint8_t> whole = Array<uint8_t>(info[0], "packet", 0);
    const auto size = static_cast<int64_t>(whole.length);
    const int64_t offset = Integer(info[1], "offset", 0, size);
    const int64_t length = Integer(info[2], "length", 0, size - offset);
    if (!ok_) return {};
    return {whole.data + offset, static_cast<size_t>(length)};
  }

  template <typename E>
  Napi::Value Fail(const std::string& message) {
    if (ok_) E::New(env_, message).ThrowAsJavaScriptException();
    ok_ = false;
    return env_.Undefined();
  }

 private:
  // Sums of a few never overflow.
  static constexpr int kMaxEven = 1 << 20;

  Napi::Env env_;
  bool ok_ = true;
};

}  // namespace zonebridge
