// How often each source (an address, or a block of them) may do something, counted for those alone
// that did it lately.
#pragma once

#include <string>

#include "beeline/base/deadline_queue.h"
#include "beeline/base/rate.h"

namespace beeline::signaling {

class SourceRates {
 public:
  SourceRates(Rate rate, std::size_t max_sources) : rate_(rate), max_sources_(max_sources) {}

  // False where the source has used up its rate, or where so many others are being counted that a
  // new one cannot be.
  bool allows(const std::string& source, Instant now) {
    while (used_until_.pop_due(now)) continue;
    const auto used = used_until_.at(source);
    return used ? rate_.allows(*used, now) : used_until_.size() < max_sources_;
  }
  void use(const std::string& source, Instant now) {
    used_until_.set(source, rate_.use(used_until_.at(source).value_or(now), now));
  }

 private:
  Rate rate_;
  std::size_t max_sources_;
  DeadlineQueue<std::string> used_until_;
};

}  // namespace beeline::signaling
