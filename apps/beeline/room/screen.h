// A terminal on which lines scroll by above one line that is being typed.
#pragma once

#include <termios.h>

#include <string>
#include <string_view>

#include "apps/beeline/room/line_editor.h"

namespace beeline::cli {

// How a line is shown, where colours are wanted.
enum class Tone { kPlain, kName, kQuiet, kWarning, kGood, kBad };

class Screen {
 public:
  // Takes the terminal's own line editing away until it dies. `colour`: NO_COLOR is not set.
  explicit Screen(bool colour);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen();

  // `text` may have several lines; without control characters otherwise.
  void print(std::string_view text);
  std::string toned(std::string_view text, Tone tone) const;
  // The line that is being typed, as it is now.
  void show(const LineEditor& editor);

 private:
  std::string prompt_;
  bool colour_;
  bool restore_ = false;
  termios before_{};
};

}  // namespace beeline::cli
