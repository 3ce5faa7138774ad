// One line of text with Pango, which shapes every script and finds fonts by fontconfig, drawn by cairo.
#include <pango/pangocairo.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "addon.h"
#include "arguments.h"

namespace zonebridge {
namespace {

constexpr const char* kFamilies = "Noto Sans, DejaVu Sans, sans-serif";
// Longer text is not on one line of any picture, and takes long to shape.
constexpr size_t kMaxTextBytes = 2048;
constexpr int kMaxWidthPx = 8192;
// Stacked marks and fonts of other scripts need more than a line of Latin; nothing sensible needs more than this.
constexpr int kMaxLineHeights = 3;

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

using Surface = std::unique_ptr<cairo_surface_t, Release<cairo_surface_destroy>>;
using Drawing = std::unique_ptr<cairo_t, Release<cairo_destroy>>;
using Layout = std::unique_ptr<PangoLayout, Release<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Release<pango_font_description_free>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Release<cairo_font_options_destroy>>;

struct TextOptions {
  std::string text;
  int sizePx = 0;
  int maxWidthPx = 0;
  bool bold = false;
};

/** Cut to a sensible length; control characters and line ends, which Pango refuses or obeys, become spaces. */
std::string OneLine(const std::string& text) {
  std::string line;
  size_t end = std::min(text.size(), kMaxTextBytes);
  // Not within a character.
  while (end < text.size() && end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) end--;
  for (size_t i = 0; i < end;) {
    const char* const at = text.c_str() + i;
    const gunichar character = g_utf8_get_char(at);
    const GUnicodeType type = g_unichar_type(character);
    const auto bytes = static_cast<size_t>(g_utf8_next_char(at) - at);
    if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
      line += ' ';
    else
      line.append(at, bytes);
    i += bytes;
  }
  return line;
}

int RoundUpToEven(int number) { return (number + 1) & ~1; }

Layout MakeLayout(cairo_t* drawing, const TextOptions& options) {
  Layout layout(pango_cairo_create_layout(drawing));
  const FontOptions rendering(cairo_font_options_create());
  // Not for one display's subpixels.
  cairo_font_options_set_antialias(rendering.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(rendering.get(), CAIRO_HINT_STYLE_SLIGHT);
  pango_cairo_context_set_font_options(pango_layout_get_context(layout.get()), rendering.get());
  const Font font(pango_font_description_new());
  pango_font_description_set_family(font.get(), kFamilies);
  pango_font_description_set_absolute_size(font.get(), static_cast<double>(options.sizePx) * PANGO_SCALE);
  pango_font_description_set_weight(font.get(), options.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_width(layout.get(), options.maxWidthPx * PANGO_SCALE);
  pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  const std::string line = OneLine(options.text);
  pango_layout_set_text(layout.get(), line.c_str(), static_cast<int>(line.size()));
  return layout;
}

/** The mask, or null when there is no memory for it. */
Surface Draw(const TextOptions& options) {
  // Measured on a surface of the kind it is drawn on.
  const Surface ruler(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  const Drawing measuring(cairo_create(ruler.get()));
  const Layout layout = MakeLayout(measuring.get(), options);
  PangoRectangle logical = {};
  pango_layout_get_pixel_extents(layout.get(), nullptr, &logical);
  const int width = std::clamp(RoundUpToEven(logical.width), 2, options.maxWidthPx);
  const int height = std::clamp(RoundUpToEven(logical.height), 2, RoundUpToEven(kMaxLineHeights * options.sizePx));
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, width, height));
  const Drawing drawing(cairo_create(surface.get()));
  // Text from right to left is at the right end of the layout.
  cairo_move_to(drawing.get(), -logical.x, -logical.y);
  pango_cairo_show_layout(drawing.get(), layout.get());
  cairo_surface_flush(surface.get());
  if (cairo_status(drawing.get()) != CAIRO_STATUS_SUCCESS) return nullptr;
  return surface;
}

/** A thread that is being terminated can make no values; then there is nobody who would miss the mask. */
Napi::Value Mask(Napi::Env env, cairo_surface_t* surface) {
  const auto width = static_cast<size_t>(cairo_image_surface_get_width(surface));
  const auto height = static_cast<size_t>(cairo_image_surface_get_height(surface));
  const auto stride = static_cast<size_t>(cairo_image_surface_get_stride(surface));
  const uint8_t* const rows = cairo_image_surface_get_data(surface);
  void* pixels = nullptr;
  napi_value buffer = nullptr;
  napi_value mask = nullptr;
  if (napi_create_arraybuffer(env, width * height, &pixels, &buffer) != napi_ok || pixels == nullptr ||
      napi_create_typedarray(env, napi_uint8_array, width * height, buffer, 0, &mask) != napi_ok)
    return env.Undefined();
  for (size_t y = 0; y < height; y++)
    std::memcpy(static_cast<uint8_t*>(pixels) + y * width, rows + y * stride, width);
  Napi::Object result = Napi::Object::New(env);
  result.Set("width", static_cast<double>(width));
  result.Set("height", static_cast<double>(height));
  result.Set("mask", Napi::Value(env, mask));
  return result;
}

Napi::Value RenderText(const Napi::CallbackInfo& info) {
  Arguments arguments(info.Env());
  const auto option = [&](const char* name) { return arguments.Property(info[1], "options", name); };
  TextOptions options;
  options.text = arguments.Text(info[0], "text");
  options.sizePx = static_cast<int>(arguments.Integer(option("sizePx"), "options.sizePx", 6, 400));
  options.maxWidthPx = arguments.Even(option("maxWidthPx"), "options.maxWidthPx");
  options.bold = arguments.Boolean(option("bold"), "options.bold");
  if (arguments.ok() && (options.maxWidthPx < 2 || options.maxWidthPx > kMaxWidthPx))
    arguments.Fail<Napi::RangeError>("options.maxWidthPx must be from 2 to " + std::to_string(kMaxWidthPx));
  if (!arguments.ok()) return info.Env().Undefined();
  const Surface surface = Draw(options);
  if (!surface) return arguments.Fail<Napi::Error>("the text cannot be drawn");
  return Mask(info.Env(), surface.get());
}

}  // namespace

void DefineText(Napi::Env env, Napi::Object exports) {
  exports.Set("renderText", Napi::Function::New<RenderText>(env, "renderText"));
}

}  // namespace zonebridge
