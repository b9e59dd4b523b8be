#include "apps/beeline/lab/numbered_datagrams.h"

#include <algorithm>
#include <charconv>

namespace beeline::cli {

void NumberedDatagrams::hear(std::string_view text, Instant now) {
  constexpr std::string_view kHead = "number ";
  std::uint64_t number = 0;
  bool is_number = text.starts_with(kHead);
  if (is_number) {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + kHead.size(), end, number);
    is_number = read.ec == std::errc{} && read.ptr == end;
  }
  if (!is_number) {
    ++counts_.other;
    return;
  }
  if (!heard_.insert(number).second) ++counts_.doubled;
  if (!counts_.first_heard) counts_.first_heard = now;
  if (counts_.last_heard)
    counts_.longest_silence = std::max(counts_.longest_silence, now - *counts_.last_heard);
  counts_.last_heard = now;
}

NumberedDatagrams::Counts NumberedDatagrams::counts() const {
  Counts counts = counts_;
  counts.sent = sent_;
  counts.heard = heard_.size();
  if (!heard_.empty()) counts.lost = *heard_.rbegin() - *heard_.begin() + 1 - heard_.size();
  return counts;
}

}  // namespace beeline::cli
