#include "apps/beeline/room/screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace beeline::cli {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

std::size_t columns() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

Screen::Screen(bool colour) : colour_(colour) {
  restore_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (!restore_) return;
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

Screen::~Screen() {
  fmt::print("{}", kEraseLine);
  std::fflush(stdout);
  if (restore_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

void Screen::print(std::string_view text) {
  fmt::print("{}{}\n{}", kEraseLine, text, prompt_);
  std::fflush(stdout);
}

std::string Screen::toned(std::string_view text, Tone tone) const {
  if (!colour_ || tone == Tone::kPlain) return std::string(text);
  // Bold, faint, amber, green, red.
  constexpr std::array<std::string_view, 6> kCodes = {"0", "1", "2", "33", "32", "31"};
  const std::string_view code = kCodes[static_cast<std::size_t>(tone)];
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void Screen::show(const LineEditor& editor) {
  constexpr std::size_t kBefore = 2, kCursor = 1;
  const std::size_t width = columns();
  const std::size_t room = width > kBefore + kCursor ? width - kBefore - kCursor : 1;
  prompt_ = fmt::format("{} {}", toned("›", Tone::kQuiet), editor.visible(room));
  fmt::print("{}{}", kEraseLine, prompt_);
  std::fflush(stdout);
}

}  // namespace beeline::cli
