#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "arguments.h"

namespace zonebridge {

/** I420 planes of somebody else's memory. Chroma has half the width and height, rounded up. */
struct Picture {
  uint8_t* y = nullptr;
  uint8_t* u = nullptr;
  uint8_t* v = nullptr;
  int strideY = 0;
  int strideU = 0;
  int strideV = 0;
  int width = 0;
  int height = 0;
};

/** Even numbers, all of them. */
struct Rectangle {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  bool empty() const { return width == 0 || height == 0; }
};

/** Of any picture that JavaScript holds: 8K and some more. */
constexpr int64_t kMaxPictureSide = 8192;

inline size_t PictureBytes(int width, int height) {
  return static_cast<size_t>(width) * static_cast<size_t>(height) / 2 * 3;
}

/** Planes one after the other without padding; width and height are even. */
inline Picture PictureAt(uint8_t* data, int width, int height) {
  const size_t luma = static_cast<size_t>(width) * static_cast<size_t>(height);
  return {data, data + luma, data + luma + luma / 4, width, width / 2, width / 2, width, height};
}

/** The part of a picture that begins at `x`, `y`. */
inline Picture Part(const Picture& picture, const Rectangle& part) {
  const auto at = [&part](uint8_t* plane, int stride, int shift) {
    return plane + static_cast<ptrdiff_t>(part.y >> shift) * stride + (part.x >> shift);
  };
  return {at(picture.y, picture.strideY, 0),
          at(picture.u, picture.strideU, 1),
          at(picture.v, picture.strideV, 1),
          picture.strideY,
          picture.strideU,
          picture.strideV,
          part.width,
          part.height};
}

/** A width or height. */
inline int ReadSide(Arguments& arguments, const Napi::Value& value, const char* name) {
  const int64_t side = arguments.Integer(value, name, 2, kMaxPictureSide);
  if (arguments.ok() && side % 2 != 0) arguments.Fail<Napi::RangeError>(std::string(name) + " must be even");
  return static_cast<int>(side);
}

inline Picture ReadPicture(Arguments& arguments, const Napi::Value& value, const char* name, int width, int height) {
  const auto bytes = arguments.Array<uint8_t>(value, name, PictureBytes(width, height));
  return arguments.ok() ? PictureAt(bytes.data, width, height) : Picture();
}

/** Fails when the rectangle reaches over a picture of that size. */
inline void RequireInside(Arguments& arguments, const Rectangle& part, int width, int height, const char* name) {
  if (!arguments.ok()) return;
  const bool inside = part.x >= 0 && part.y >= 0 && part.width >= 0 && part.height >= 0 &&
                      part.x <= width - part.width && part.y <= height - part.height;
  if (!inside) arguments.Fail<Napi::RangeError>(std::string("the rectangle reaches over ") + name);
}

}  // namespace zonebridge
