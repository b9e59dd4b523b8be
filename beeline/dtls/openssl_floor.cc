#include "beeline/dtls/openssl_floor.h"

#include <openssl/crypto.h>

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace beeline::dtls {
namespace {

using std::chrono::sys_days;

constexpr unsigned kFloorPatch = 22;
constexpr sys_days kRepaired{std::chrono::year(2026) / 10 / 21};

// The next word; `text` goes on behind it.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

int number(std::string_view word) {
  int value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

}  // namespace

sys_days parse_built_on(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (take_word(text) != "built" || take_word(text) != "on:") return {};
  take_word(text);  // day of the week
  const std::string_view month_name = take_word(text);
  const int day = number(take_word(text));
  take_word(text);  // time
  const int year = number(take_word(text));
  for (unsigned month = 1; month <= kMonths.size(); ++month) {
    const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (kMonths.at(month - 1) == month_name && date.ok() && year > 1970) return date;
  }
  return {};
}

OpensslSafety judge(const OpensslBuild& build) {
  const std::string name = fmt::format("OpenSSL {}.{}.{}", build.major, build.minor, build.patch);
  if (build.major != 3 || build.minor != 0)
    return {OpensslVerdict::kUnknown,
            name +
                " is not of the branch 3.0, whose repaired versions are known; make sure that "
                "CVE-2026-75806 is repaired in it"};
  if (build.patch > kFloorPatch || (build.patch == kFloorPatch && build.built >= kRepaired))
    return {OpensslVerdict::kSafe, name + " has the repair of CVE-2026-75806"};
  return {OpensslVerdict::kTooOld,
          name +
              " lacks the repair of CVE-2026-75806: one forged datagram ends a call; install "
              "libssl3 3.0.22-1~deb12u2 or later"};
}

OpensslSafety openssl_is_safe() {
  return judge({OPENSSL_version_major(), OPENSSL_version_minor(), OPENSSL_version_patch(),
                parse_built_on(OpenSSL_version(OPENSSL_BUILT_ON))});
}

}  // namespace beeline::dtls
