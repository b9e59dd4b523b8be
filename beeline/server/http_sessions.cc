#include "beeline/server/http_sessions.h"

#include <fmt/format.h>

#include <charconv>

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"

namespace beeline::server {
namespace {

constexpr std::size_t kSecretLength = 32;  // of 32 letters: 160 bits

}  // namespace

std::string HttpSessions::open(net::ChannelId channel) {
  Session session{channel, random_.text(kSecretLength, kBase32Alphabet), 0};
  std::string token = fmt::format("{}.{}", channel.value, session.secret);
  sessions_.insert_or_assign(channel.value, std::move(session));
  return token;
}

HttpSessions::Session* HttpSessions::find(std::string_view token) {
  std::uint64_t channel = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), channel);
  if (error != std::errc{} || end == token.data() + token.size() || *end != '.') return nullptr;
  const auto it = sessions_.find(channel);
  if (it == sessions_.end()) return nullptr;
  token.remove_prefix(static_cast<std::size_t>(end - token.data()) + 1);
  const bool right = crypto::equal_in_constant_time(as_bytes(token), as_bytes(it->second.secret));
  return right ? &it->second : nullptr;
}

}  // namespace beeline::server
