#include "apps/beeline/room/room_address.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/beeline/host_port.h"
#include "beeline/base/encoding.h"

namespace beeline::cli {
namespace {

constexpr std::string_view kTry =
    "try: beeline chat https://meet.example/#ROOM (the link that the browser shows)";

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool is_room(std::string_view text) {
  return text.size() == signaling::kRoomIdLength &&
         text.find_first_not_of(kBase32Alphabet) == std::string_view::npos;
}

// Of "#ROOM", "#live/ROOM" and "#messages/ROOM", without the "#". Case does not matter: people
// type these.
std::optional<std::string> room_of_fragment(std::string_view fragment) {
  std::string lower = in_lower_case(fragment);
  for (const std::string_view kind : {"live/", "messages/", "meeting/"})
    if (lower.starts_with(kind)) lower.erase(0, kind.size());
  return is_room(lower) ? std::optional(lower) : std::nullopt;
}

std::optional<RoomAddress> parse_server(std::string_view url) {
  RoomAddress address;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const std::string name = in_lower_case(url.substr(0, scheme));
    if (name != "https" && name != "http") return std::nullopt;
    address.secure = name == "https";
    url.remove_prefix(scheme + 3);
  }
  const std::size_t slash = std::min(url.find('/'), url.size());
  const auto place =
      parse_host_port(url.substr(0, slash), Port{address.secure ? uint16_t{443} : uint16_t{80}});
  if (!place) return std::nullopt;
  address.host = place->host;
  address.port = place->port;
  const std::string_view path = url.substr(slash);
  if (!path.empty()) address.folder = path.substr(0, path.rfind('/') + 1);
  return address;
}

}  // namespace

std::string RoomAddress::link() const {
  const bool usual = port.value == (secure ? 443 : 80);
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return fmt::format("{}://{}{}{}#{}", secure ? "https" : "http", name,
                     usual ? "" : fmt::format(":{}", port.value), folder, room);
}

bool RoomAddress::is_this_machine() const {
  const auto ip = IpAddress::parse(host);
  return host == "localhost" || host.ends_with(".localhost") || (ip && ip->is_loopback());
}

std::expected<RoomAddress, std::string> parse_room(std::string_view room, std::string_view server,
                                                   std::string_view new_room) {
  const bool is_link = room.find("://") != std::string_view::npos;
  if (room.empty() && server.empty())
    return std::unexpected(fmt::format("no room was given\n{}", kTry));
  if (!is_link && server.empty())
    return std::unexpected(fmt::format(
        "\"{}\" does not say which server\n{}, or --server https://meet.example", room, kTry));
  const std::size_t hash = std::min(room.find('#'), room.size());
  auto address = parse_server(is_link ? room.substr(0, hash) : server);
  if (!address)
    return std::unexpected(
        fmt::format("\"{}\" is no address of a server\n{}", is_link ? room : server, kTry));
  if (room.empty()) {
    address->room = new_room;
    return *address;
  }
  const auto id = room_of_fragment(is_link ? room.substr(std::min(hash + 1, room.size())) : room);
  if (!id)
    return std::unexpected(fmt::format(
        "\"{}\" names no room: what stands behind the # is 26 letters of a-z and 2-7\n{}", room,
        kTry));
  address->room = *id;
  return *address;
}

std::optional<ice::Server> parse_ice_url(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string scheme = in_lower_case(url.substr(0, colon));
  std::string_view rest = url.substr(colon + 1);
  std::string transport = scheme == "turns" ? "tcp" : "udp";
  if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
    constexpr std::string_view kTransport = "transport=";
    if (!rest.substr(query + 1).starts_with(kTransport)) return std::nullopt;
    transport = in_lower_case(rest.substr(query + 1 + kTransport.size()));
    rest = rest.substr(0, query);
  }
  ice::Server server;
  if (scheme == "turn" || scheme == "turns")
    server.kind = ice::ServerKind::kTurn;
  else if (scheme != "stun")
    return std::nullopt;
  const bool tls = scheme == "turns";
  if (transport != "udp" && transport != "tcp") return std::nullopt;
  if (tls && transport == "udp") return std::nullopt;  // TURN over DTLS
  if (transport == "tcp")
    server.transport = tls ? ice::ServerTransport::kTls : ice::ServerTransport::kTcp;
  const auto place = parse_host_port(rest, Port{tls ? uint16_t{5349} : uint16_t{3478}});
  if (!place) return std::nullopt;
  server.host = place->host;
  server.port = place->port;
  return server;
}

std::vector<ice::Server> ice_servers(const signaling::IceOffer& offer) {
  std::vector<ice::Server> servers;
  for (const signaling::IceServer& one : offer.servers)
    for (const std::string& url : one.urls)
      if (auto server = parse_ice_url(url)) {
        server->username = one.username;
        server->password = one.credential;
        servers.push_back(std::move(*server));
      }
  return servers;
}

}  // namespace beeline::cli
