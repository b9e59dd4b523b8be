#include "beeline/sdp/attribute/ice.h"

#include <fmt/format.h>

#include <algorithm>

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::size_t kMinUfrag = 4;
constexpr std::size_t kMinPwd = 22;
constexpr std::size_t kMax = 256;

// Of more characters than the RFC's, which clients are known to use: '-', '_', '=', '#'.
template <typename T>
std::expected<T, ValueError> credential(std::string_view text, std::size_t least) {
  text = trim(text);
  if (text.size() < least || text.size() > kMax) return std::unexpected(ValueError::kOutOfRange);
  if (!is_token(text, kMax)) return std::unexpected(ValueError::kMalformed);
  return T{std::string(text)};
}

}  // namespace

//= RFC 8839 §5.4
std::expected<IceUfrag, ValueError> IceUfrag::parse(std::string_view text) {
  return credential<IceUfrag>(text, kMinUfrag);
}

std::expected<IcePwd, ValueError> IcePwd::parse(std::string_view text) {
  return credential<IcePwd>(text, kMinPwd);
}

//= RFC 8839 §5.6
std::expected<IceOptions, ValueError> IceOptions::parse(std::string_view text) {
  IceOptions options;
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    if (options.tokens.size() == kMaxTokens) return std::unexpected(ValueError::kOutOfRange);
    options.tokens.emplace_back(word);
  }
  if (options.tokens.empty()) return std::unexpected(ValueError::kMalformed);
  return options;
}

std::string IceOptions::text() const {
  return fmt::format("{}", fmt::join(tokens, " "));
}

bool IceOptions::has(std::string_view token) const {
  return std::ranges::find(tokens, token) != tokens.end();
}

}  // namespace beeline::sdp
