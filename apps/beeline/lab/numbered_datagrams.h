// What two lab peers say to each other: "number 17". Counts what was heard, lost and doubled, and
// the longest silence.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "beeline/base/instant.h"

namespace beeline::cli {

class NumberedDatagrams {
 public:
  // The next one to send.
  std::string next() { return "number " + std::to_string(sent_++); }
  void hear(std::string_view text, Instant now);

  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t heard = 0;    // different ones
    std::uint64_t lost = 0;     // missing between the first and the last that was heard
    std::uint64_t doubled = 0;  // heard again
    std::uint64_t other = 0;    // no numbers
    std::optional<Instant> first_heard;
    std::optional<Instant> last_heard;
    Duration longest_silence{};  // between two that were heard
  };
  Counts counts() const;

 private:
  std::uint64_t sent_ = 0;
  std::set<std::uint64_t> heard_;
  Counts counts_;
};

}  // namespace beeline::cli
