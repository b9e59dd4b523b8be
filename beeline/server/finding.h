// One line of a report, for people and for programs. The server's start-up table is made of the
// same lines.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace beeline::server {

// ● works, ◐ works but somebody should know, ✕ does not work.
enum class Health { kGood, kWarning, kBad };

struct Finding {
  Health health = Health::kGood;
  std::string what;    // at most 14 characters: the first column
  std::string text;    // one sentence or fact
  std::string remedy;  // a command or a flag; empty where nothing is to be done
};

// Lines of a table, each ending in '\n'; `colour` where a terminal wants it.
std::string as_text(const Finding& finding, bool colour);
// One JSON object without a newline: {"check","state","text","try"}.
std::string as_json(const Finding& finding);

Health worst(std::span<const Finding> findings);

}  // namespace beeline::server
