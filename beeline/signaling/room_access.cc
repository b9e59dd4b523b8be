#include "beeline/signaling/room_access.h"

#include <algorithm>
#include <boost/json.hpp>

#include "beeline/base/encoding.h"
#include "beeline/signaling/message.h"

namespace beeline::signaling {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kMaxIds = 256;  // in a list of members
constexpr std::size_t kMaxIdBytes = 64;
constexpr auto kDay = std::chrono::days(1);

json::value as_hex(const std::optional<crypto::Sha256>& digest) {
  return digest ? json::value(to_hex(*digest)) : json::value();
}

// False where the member is neither null nor a digest.
bool read_digest(const json::object& object, std::string_view key,
                 std::optional<crypto::Sha256>& digest) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return false;
  if (value->is_null()) return true;
  if (!value->is_string()) return false;
  const auto& text = value->get_string();
  const auto bytes = from_hex({text.data(), text.size()});
  if (!bytes || bytes->size() != sizeof(crypto::Sha256)) return false;
  std::ranges::copy(*bytes, digest.emplace().begin());
  return true;
}

bool read_flag(const json::object& object, std::string_view key, bool& flag) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_bool()) return false;
  flag = value->get_bool();
  return true;
}

bool read_seconds(const json::object& object, std::string_view key, std::chrono::seconds& span) {
  const json::value* value = object.if_contains(key);
  // A hundred thousand years are enough, and no sum of two such spans overflows.
  constexpr std::int64_t kMost = std::int64_t{1} << 41;
  if (value == nullptr || !value->is_int64()) return false;
  span = std::chrono::seconds(value->get_int64());
  return span.count() >= 0 && span.count() <= kMost;
}

bool read_ids(const json::object& object, std::string_view key, std::vector<std::string>& ids) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array() || value->get_array().size() > kMaxIds) return false;
  for (const json::value& id : value->get_array()) {
    if (!id.is_string() || id.get_string().size() > kMaxIdBytes) return false;
    ids.emplace_back(id.get_string().data(), id.get_string().size());
  }
  return true;
}

}  // namespace

void RoomAccess::age_by_a_day() {
  empty_for += kDay;
  // The tokens that a removal has to outlive are void by now.
  removed.clear();
  if (empty_for < kRoomForgottenAfter) return;
  locked = false;
  password.reset();
  host_key.reset();
}

void RoomAccess::remove(std::string_view member) {
  if (removed.size() < kMaxIds) removed.emplace_back(member);
}

bool RoomAccess::may_return(std::string_view member) const {
  const auto contains = [&](const std::vector<std::string>& ids) {
    return std::ranges::find(ids, member) != ids.end();
  };
  // Where so many were removed that not all are known, only those return of whom it is known that
  // they were not.
  if (locked || password || removed.size() >= kMaxIds) return contains(expected);
  return !contains(removed);
}

bool RoomAccess::is_host_key(std::string_view room, std::string_view key) const {
  if (host_key) return crypto::equal_in_constant_time(digest_of(key), *host_key);
  return room_of_host_key(key) == room;
}

bool RoomAccess::is_password(std::string_view proof) const {
  return password && crypto::equal_in_constant_time(digest_of(proof), *password);
}

std::string room_of_host_key(std::string_view key) {
  return to_base32(crypto::sha256({as_bytes("beeline room "), as_bytes(key)}))
      .substr(0, kRoomIdLength);
}

crypto::Sha256 digest_of(std::string_view secret) {
  return crypto::sha256({as_bytes(secret)});
}

std::string write_room_access(const RoomAccess& access, const std::vector<std::string>& members,
                              WallTime saved) {
  json::array ids;
  for (const auto* list : {&members, &access.expected})
    for (const std::string& id : *list)
      if (ids.size() < kMaxIds) ids.emplace_back(id);
  json::array removed(access.removed.begin(), access.removed.end());
  return json::serialize(json::object{{"format", kFormat},
                                      {"locked", access.locked},
                                      {"password", as_hex(access.password)},
                                      {"host_key", as_hex(access.host_key)},
                                      {"members", std::move(ids)},
                                      {"removed", std::move(removed)},
                                      {"empty_s", access.empty_for.count()},
                                      {"saved_s", saved.since_epoch.count()}});
}

std::optional<RoomAccess> read_room_access(std::string_view text, WallTime now) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  const json::value* format = object.if_contains("format");
  if (format == nullptr || !format->is_int64() || format->get_int64() != kFormat)
    return std::nullopt;
  RoomAccess access;
  std::chrono::seconds saved{0};
  if (!read_flag(object, "locked", access.locked) ||
      !read_digest(object, "password", access.password) ||
      !read_digest(object, "host_key", access.host_key) ||
      !read_ids(object, "members", access.expected) ||
      !read_ids(object, "removed", access.removed) ||
      !read_seconds(object, "empty_s", access.empty_for) || !read_seconds(object, "saved_s", saved))
    return std::nullopt;
  const std::chrono::seconds since = now.since_epoch - saved;
  access.empty_for += std::clamp<std::chrono::seconds>(since, std::chrono::seconds(0), kDay);
  return access;
}

}  // namespace beeline::signaling
