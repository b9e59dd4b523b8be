#include "beeline/sdp/attribute/setup.h"

#include <array>

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::array<std::string_view, 4> kRoles{"actpass", "active", "passive", "holdconn"};
constexpr std::size_t kMinTlsId = 20;
constexpr std::size_t kMaxTlsId = 255;

}  // namespace

//= RFC 4145 §4
std::expected<Setup, ValueError> Setup::parse(std::string_view text) {
  for (std::size_t i = 0; i < kRoles.size(); ++i)
    if (equal_ignoring_case(trim(text), kRoles[i])) return Setup{static_cast<Role>(i)};
  return std::unexpected(ValueError::kMalformed);
}

std::string Setup::text() const {
  return std::string(kRoles[static_cast<std::size_t>(role)]);
}

//= RFC 8842 §4
std::expected<TlsId, ValueError> TlsId::parse(std::string_view text) {
  text = trim(text);
  if (text.size() < kMinTlsId || text.size() > kMaxTlsId)
    return std::unexpected(ValueError::kOutOfRange);
  if (!is_token(text, kMaxTlsId)) return std::unexpected(ValueError::kMalformed);
  return TlsId{std::string(text)};
}

}  // namespace beeline::sdp
