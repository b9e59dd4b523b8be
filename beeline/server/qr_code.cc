#include "beeline/server/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace beeline::server {
namespace {
struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};
constexpr int kQuietZone =
    2;  // ISO/IEC 18004 asks for four; two scan well and leave room on an 80-column screen
}  // namespace

std::string qr_code(std::string_view text, bool colour) {
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_L));
  if (!code) return {};
  const auto dark = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= code->width || y >= code->width) return false;
    return (code->data[y * code->width + x] & 1) != 0;
  };
  std::string out;
  for (int y = -kQuietZone; y < code->width + kQuietZone; y += 2) {
    if (colour) out += "\x1b[30;107m";  // black on bright white, whatever the terminal's theme
    for (int x = -kQuietZone; x < code->width + kQuietZone; ++x) {
      const bool top = dark(x, y);
      const bool bottom = dark(x, y + 1);
      // Without colour a terminal is taken to be light on dark, so the light modules are the ones
      // drawn.
      const int drawn =
          colour ? (top ? 1 : 0) + (bottom ? 2 : 0) : (top ? 0 : 1) + (bottom ? 0 : 2);
      static constexpr const char* kCells[] = {" ", "▀", "▄", "█"};
      out += kCells[drawn];
    }
    out += colour ? "\x1b[0m\n" : "\n";
  }
  return out;
}

}  // namespace beeline::server
