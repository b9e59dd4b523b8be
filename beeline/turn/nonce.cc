#include "beeline/turn/nonce.h"

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"
#include "beeline/stun/credentials.h"

namespace beeline::turn {
namespace {

constexpr std::size_t kMacSize = 8;  // a guess is one in 2^64 and worth one challenge
constexpr std::size_t kTextSize = stun::kNonceCookieSize + (4 + kMacSize) / 3 * 4;

std::uint32_t second_of(Instant now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.since_start).count());
}

}  // namespace

NonceMinter::NonceMinter(Random random, Duration lifetime) : lifetime_(lifetime) {
  random.fill(key_);
}

std::string NonceMinter::make_at(const TransportAddress& client, std::uint32_t second) const {
  std::array<std::uint8_t, 4 + kMacSize> content{};
  ByteWriter writer(content);
  writer.u32(second);
  std::array<std::uint8_t, 2> port{};
  ByteWriter(port).u16(client.port.value);
  const auto mac = crypto::hmac_sha256(key_, {Bytes(content).first(4), client.ip.bytes(), port});
  writer.append(Bytes(mac).first(kMacSize));
  return stun::nonce_cookie({.password_algorithms = true}) + to_base64(content);
}

std::string NonceMinter::make(const TransportAddress& client, Instant now) const {
  return make_at(client, second_of(now));
}

bool NonceMinter::is_fresh(std::string_view nonce, const TransportAddress& client,
                           Instant now) const {
  if (nonce.size() != kTextSize) return false;
  const auto content = from_base64(nonce.substr(stun::kNonceCookieSize));
  if (!content || content->size() != 4 + kMacSize) return false;
  const std::uint32_t second = ByteReader(*content).u32();
  if (!crypto::equal_in_constant_time(as_bytes(make_at(client, second)), as_bytes(nonce)))
    return false;
  return std::chrono::seconds(second_of(now) - second) <= lifetime_;
}

}  // namespace beeline::turn
