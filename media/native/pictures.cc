// libyuv on I420 pictures.
#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <libyuv/scale.h>

#include "addon.h"
#include "arguments.h"
#include "picture.h"

namespace zonebridge {
namespace {

void Scale(const Napi::CallbackInfo& info) {
  Arguments arguments(info.Env());
  const int sourceWidth = ReadSide(arguments, info[1], "sourceWidth");
  const int sourceHeight = ReadSide(arguments, info[2], "sourceHeight");
  const Picture source = ReadPicture(arguments, info[0], "source", sourceWidth, sourceHeight);
  const int targetWidth = ReadSide(arguments, info[4], "targetWidth");
  const int targetHeight = ReadSide(arguments, info[5], "targetHeight");
  const Picture target = ReadPicture(arguments, info[3], "target", targetWidth, targetHeight);
  if (!arguments.ok()) return;
  // Box where it shrinks to less than half; libyuv changes to bilinear elsewhere by itself.
  libyuv::I420Scale(source.y, source.strideY, source.u, source.strideU, source.v, source.strideV, source.width,
                    source.height, target.y, target.strideY, target.u, target.strideU, target.v, target.strideV,
                    target.width, target.height, libyuv::kFilterBox);
}

void Copy(const Napi::CallbackInfo& info) {
  Arguments arguments(info.Env());
  const int sourceWidth = ReadSide(arguments, info[1], "sourceWidth");
  const int sourceHeight = ReadSide(arguments, info[2], "sourceHeight");
  const Picture source = ReadPicture(arguments, info[0], "source", sourceWidth, sourceHeight);
  const int targetWidth = ReadSide(arguments, info[6], "targetWidth");
  const int targetHeight = ReadSide(arguments, info[7], "targetHeight");
  const Picture target = ReadPicture(arguments, info[5], "target", targetWidth, targetHeight);
  const int width = arguments.Even(info[10], "width");
  const int height = arguments.Even(info[11], "height");
  const Rectangle from = {arguments.Even(info[3], "sourceX"), arguments.Even(info[4], "sourceY"), width, height};
  const Rectangle to = {arguments.Even(info[8], "targetX"), arguments.Even(info[9], "targetY"), width, height};
  RequireInside(arguments, from, sourceWidth, sourceHeight, "the source");
  RequireInside(arguments, to, targetWidth, targetHeight, "the target");
  if (!arguments.ok() || to.empty()) return;
  const Picture out = Part(target, to);
  const Picture in = Part(source, from);
  libyuv::I420Copy(in.y, in.strideY, in.u, in.strideU, in.v, in.strideV, out.y, out.strideY, out.u, out.strideU, out.v,
                   out.strideV, width, height);
}

void Fill(const Napi::CallbackInfo& info) {
  Arguments arguments(info.Env());
  const int targetWidth = ReadSide(arguments, info[1], "targetWidth");
  const int targetHeight = ReadSide(arguments, info[2], "targetHeight");
  const Picture target = ReadPicture(arguments, info[0], "target", targetWidth, targetHeight);
  const Rectangle part = {arguments.Even(info[3], "x"), arguments.Even(info[4], "y"), arguments.Even(info[5], "width"),
                          arguments.Even(info[6], "height")};
  const auto luma = static_cast<int>(arguments.Integer(info[7], "luma", 0, 255));
  const auto blue = static_cast<int>(arguments.Integer(info[8], "blueDifference", 0, 255));
  const auto red = static_cast<int>(arguments.Integer(info[9], "redDifference", 0, 255));
  RequireInside(arguments, part, targetWidth, targetHeight, "the target");
  if (!arguments.ok() || part.empty()) return;
  libyuv::I420Rect(target.y, target.strideY, target.u, target.strideU, target.v, target.strideV, part.x, part.y,
                   part.width, part.height, luma, blue, red);
}

void Blend(const Napi::CallbackInfo& info) {
  Arguments arguments(info.Env());
  const int width = ReadSide(arguments, info[2], "sourceWidth");
  const int height = ReadSide(arguments, info[3], "sourceHeight");
  const Picture source = ReadPicture(arguments, info[0], "source", width, height);
  const size_t pixels = static_cast<size_t>(width) * static_cast<size_t>(height);
  const auto alpha = arguments.Array<uint8_t>(info[1], "alpha", pixels);
  const int targetWidth = ReadSide(arguments, info[5], "targetWidth");
  const int targetHeight = ReadSide(arguments, info[6], "targetHeight");
  const Picture target = ReadPicture(arguments, info[4], "target", targetWidth, targetHeight);
  const Rectangle to = {arguments.Even(info[7], "x"), arguments.Even(info[8], "y"), width, height};
  RequireInside(arguments, to, targetWidth, targetHeight, "the target");
  if (!arguments.ok()) return;
  const Picture out = Part(target, to);
  libyuv::I420Blend(source.y, source.strideY, source.u, source.strideU, source.v, source.strideV, out.y, out.strideY,
                    out.u, out.strideU, out.v, out.strideV, alpha.data, width, out.y, out.strideY, out.u, out.strideU,
                    out.v, out.strideV, width, height);
}

}  // namespace

void DefinePictures(Napi::Env env, Napi::Object exports) {
  Napi::Object pictures = Napi::Object::New(env);
  pictures.Set("scale", Napi::Function::New<Scale>(env, "scale"));
  pictures.Set("copy", Napi::Function::New<Copy>(env, "copy"));
  pictures.Set("fill", Napi::Function::New<Fill>(env, "fill"));
  pictures.Set("blend", Napi::Function::New<Blend>(env, "blend"));
  exports.Set("pictures", pictures);
}

}  // namespace zonebridge
