#include "beeline/signaling/resume_token.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "beeline/base/encoding.h"

namespace beeline::signaling {
namespace {

constexpr std::size_t kMacBytes = 16;

std::string mac_of(const crypto::Sha256& key, std::string_view room, std::string_view fields) {
  // A room id has a fixed length, so that no two pairs of room and fields read the same.
  const crypto::Sha256 whole = crypto::hmac_sha256(key, {as_bytes(room), as_bytes(fields)});
  return to_base64url(Bytes(whole).first(kMacBytes));
}

template <typename T>
bool read_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string ResumeToken::sign(const crypto::Sha256& key, std::string_view room) const {
  const std::string fields =
      fmt::format("{}.{}.{}.{}", member, epoch, issued.since_epoch.count(), serial);
  return fmt::format("{}.{}", fields, mac_of(key, room, fields));
}

std::optional<ResumeToken> ResumeToken::check(const crypto::Sha256& key, std::string_view room,
                                              std::string_view text) {
  const std::size_t end = text.rfind('.');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(0, end);
  const std::string expected = mac_of(key, room, rest);
  if (!crypto::equal_in_constant_time(as_bytes(expected), as_bytes(text.substr(end + 1))))
    return std::nullopt;
  std::array<std::string_view, 4> fields;
  for (std::string_view& field : fields) {
    const std::size_t dot = rest.find('.');
    field = rest.substr(0, dot);
    rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  }
  ResumeToken token{std::string(fields[0]), std::string(fields[1]), {}, 0};
  std::int64_t issued = 0;
  if (!read_number(fields[2], issued) || !read_number(fields[3], token.serial)) return std::nullopt;
  token.issued.since_epoch = std::chrono::seconds(issued);
  return token;
}

}  // namespace beeline::signaling
