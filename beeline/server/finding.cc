#include "beeline/server/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace beeline::server {
namespace {

struct Mark {
  std::string_view sign;
  std::string_view colour;
  std::string_view name;
};
constexpr Mark kMarks[] = {
    {"●", "\x1b[32m", "good"}, {"◐", "\x1b[33m", "warning"}, {"✕", "\x1b[31m", "bad"}};

const Mark& mark_of(Health health) {
  return kMarks[static_cast<std::size_t>(health)];
}

}  // namespace

std::string as_text(const Finding& finding, bool colour) {
  const Mark& mark = mark_of(finding.health);
  const std::string sign =
      colour ? fmt::format("{}{}\x1b[0m", mark.colour, mark.sign) : std::string(mark.sign);
  std::string line = fmt::format("  {} {:<13} {}\n", sign, finding.what, finding.text);
  if (!finding.remedy.empty()) line += fmt::format("    {:<13} try: {}\n", "", finding.remedy);
  return line;
}

std::string as_json(const Finding& finding) {
  boost::json::object object;
  object["check"] = finding.what;
  object["state"] = boost::json::string_view(mark_of(finding.health).name.data(),
                                             mark_of(finding.health).name.size());
  object["text"] = finding.text;
  if (!finding.remedy.empty()) object["try"] = finding.remedy;
  return boost::json::serialize(object);
}

Health worst(std::span<const Finding> findings) {
  Health result = Health::kGood;
  for (const Finding& finding : findings) result = std::max(result, finding.health);
  return result;
}

}  // namespace beeline::server
