#include "apps/beeline/room/line_editor.h"

#include <cstdint>

namespace beeline::cli {
namespace {

constexpr std::size_t kLongestLine = 16'384;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The first character of `text`, which is not empty, taken off.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  std::size_t size = 1;
  while (size < text.size() && size < 4 && is_continuation(text[size])) ++size;
  char32_t value = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i)
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  text.remove_prefix(size);
  return value;
}

// What East Asian terminals draw two cells wide, and what is drawn on top of the one before.
std::size_t cells_of(char32_t c) {
  if ((c >= 0x0300 && c <= 0x036F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0x200D) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                    (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
                    (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

std::size_t cells_of(std::string_view text) {
  std::size_t cells = 0;
  while (!text.empty()) cells += cells_of(take_character(text));
  return cells;
}

std::vector<std::string> LineEditor::type(std::string_view bytes) {
  std::vector<std::string> lines;
  for (const char c : bytes) take(c, lines);
  return lines;
}

void LineEditor::take(char c, std::vector<std::string>& lines) {
  const auto byte = static_cast<unsigned char>(c);
  if (state_ == State::kEscape) {
    state_ = c == '[' || c == 'O' ? State::kSequence : State::kText;
    return;
  }
  if (state_ == State::kSequence) {
    if (byte >= 0x40 && byte <= 0x7E) state_ = State::kText;
    return;
  }
  constexpr char kEnd = 4, kEscape = 27, kEraseLine = 21, kEraseWord = 23, kDelete = 127;
  if (c == kEscape) {
    state_ = State::kEscape;
  } else if (c == '\r' || c == '\n') {
    lines.push_back(std::move(line_));
    line_.clear();
  } else if (c == kDelete || c == '\b') {
    erase_character();
  } else if (c == kEraseLine) {
    line_.clear();
  } else if (c == kEraseWord) {
    erase_word();
  } else if (c == kEnd) {
    ended_ = ended_ || line_.empty();
  } else if (byte >= 0x20 && line_.size() < kLongestLine) {
    line_ += c;
  } else if (c == '\t') {
    line_ += ' ';
  }
}

void LineEditor::erase_character() {
  while (!line_.empty() && is_continuation(line_.back())) line_.pop_back();
  if (!line_.empty()) line_.pop_back();
}

void LineEditor::erase_word() {
  while (!line_.empty() && line_.back() == ' ') line_.pop_back();
  while (!line_.empty() && line_.back() != ' ') erase_character();
}

std::string_view LineEditor::visible(std::size_t cells) const {
  std::string_view text = line_;
  std::size_t wanted = cells_of(text);
  while (wanted > cells) wanted -= cells_of(take_character(text));
  return text;
}

}  // namespace beeline::cli
