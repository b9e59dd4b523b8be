// One line that somebody types, below what scrolls by: keys in, a line out, and what of it to show.
// No terminal in here. Editing is at the end of the line; keys that move are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace beeline::cli {

class LineEditor {
 public:
  // Takes what the terminal sent; returns the lines that were ended by it.
  std::vector<std::string> type(std::string_view bytes);
  // Ctrl-D on an empty line.
  bool ended() const { return ended_; }
  const std::string& line() const { return line_; }
  // As much of the end of the line as fits into so many cells.
  std::string_view visible(std::size_t cells) const;

 private:
  void take(char c, std::vector<std::string>& lines);
  void erase_character();
  void erase_word();

  enum class State { kText, kEscape, kSequence };
  std::string line_;
  State state_ = State::kText;
  bool ended_ = false;
};

// How many cells of a terminal a text takes; it has no control characters.
std::size_t cells_of(std::string_view text);

}  // namespace beeline::cli
