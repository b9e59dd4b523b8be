#include "tests/scenarios/ledger.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace beeline::scenarios {

// Letters, so that it is text too; the first say which message it is.
std::vector<std::uint8_t> Ledger::pattern(const Stream& stream, std::size_t number,
                                          std::size_t bytes) {
  std::vector<std::uint8_t> made(bytes);
  std::size_t state = number;
  for (std::size_t i = 0; i < bytes; ++i) {
    if (i == 4) state = number * 7 + stream.channel * 3 + (stream.by_answerer ? 11 : 0);
    made[i] = static_cast<std::uint8_t>('a' + state % 26);
    state = i < 4 ? state / 26 : state + 1 + i / 26;
  }
  return made;
}

std::string Ledger::words(const Stream& stream) {
  return "channel " + std::to_string(stream.channel) +
         (stream.by_answerer ? ", answerer to offerer" : ", offerer to answerer");
}

std::vector<std::uint8_t> Ledger::next(const Stream& stream, std::size_t bytes) const {
  return pattern(stream, said_on(stream), bytes);
}

void Ledger::said(const Stream& stream, std::size_t bytes, bool text, bool must_arrive) {
  said_[stream].all.push_back({.bytes = bytes, .text = text, .must_arrive = must_arrive});
}

// Short messages are like each other; one that has not been heard and may come next is meant then.
void Ledger::heard(const Stream& stream, bool text, const std::vector<std::uint8_t>& bytes) {
  Messages& messages = said_[stream];
  const auto is_it = [&](std::size_t number) {
    const Said& said = messages.all[number];
    return said.bytes == bytes.size() && said.text == text &&
           pattern(stream, number, said.bytes) == bytes;
  };
  const auto size = messages.all.size();
  std::optional<std::size_t> known;
  for (std::size_t i = messages.ordered ? messages.next : 0; i < size; ++i) {
    if (!is_it(i)) continue;
    if (messages.all[i].heard) {
      known = i;
      continue;
    }
    messages.all[i].heard = true;
    messages.next = i + 1;
    return;
  }
  for (std::size_t i = 0; i < size && !known; ++i)
    if (is_it(i)) known = i;
  const std::string where = words(stream) + ", " + std::to_string(bytes.size()) + " bytes";
  if (!known) return violated_("nothing_is_changed", where);
  violated_(messages.all[*known].heard ? "nothing_comes_twice" : "order_is_kept", where);
}

void Ledger::excuse(const Stream& stream) {
  for (Said& one : said_[stream].all) one.must_arrive = false;
}

std::size_t Ledger::missing() const {
  std::size_t count = 0;
  for (const auto& [stream, messages] : said_)
    count += static_cast<std::size_t>(std::ranges::count_if(
        messages.all, [](const Said& one) { return one.must_arrive && !one.heard; }));
  return count;
}

void Ledger::expect_all() const {
  for (const auto& [stream, messages] : said_)
    for (std::size_t i = 0; i < messages.all.size(); ++i)
      if (messages.all[i].must_arrive && !messages.all[i].heard)
        return violated_("all_arrives", words(stream) + ", message " + std::to_string(i) + " of " +
                                            std::to_string(messages.all.size()));
}

std::size_t Ledger::heard_since(const Stream& stream, std::size_t first) const {
  const auto found = said_.find(stream);
  if (found == said_.end()) return 0;
  const auto& all = found->second.all;
  return static_cast<std::size_t>(
      std::count_if(all.begin() + static_cast<std::ptrdiff_t>(std::min(first, all.size())),
                    all.end(), [](const Said& one) { return one.heard; }));
}

std::size_t Ledger::said_on(const Stream& stream) const {
  const auto found = said_.find(stream);
  return found == said_.end() ? 0 : found->second.all.size();
}

}  // namespace beeline::scenarios
