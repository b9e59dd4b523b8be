#include "beeline/api/ice_servers.h"

#include <charconv>

namespace beeline::api {
namespace {

constexpr Port kPlainPort{3478};
constexpr Port kTlsPort{5349};

std::unexpected<Error> bad(const std::string& url, std::string_view why) {
  return std::unexpected(Error{Reason::kBadIceServer, url + ": " + std::string(why)});
}

// Takes what is before `mark` off the front, or all of it.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::size_t at = rest.find(mark);
  const std::string_view head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return head;
}

std::optional<Port> parse_port(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
  return Port{value};
}

bool parse_host(std::string_view text, Port otherwise, ice::Server& server) {
  server.port = otherwise;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    server.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    has_port = !port.empty();
    if (has_port && !port.starts_with(':')) return false;
    if (has_port) port.remove_prefix(1);
  } else {
    const std::size_t colon = text.find(':');
    server.host = text.substr(0, colon);
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
  }
  if (server.host.empty() || server.host.find('@') != std::string::npos) return false;
  if (!has_port) return true;
  const auto parsed = parse_port(port);
  if (parsed) server.port = *parsed;
  return parsed.has_value();
}

//= RFC 7065 §3.1
Result<ice::Server> parse(const std::string& url, const IceServer& of) {
  std::string_view rest = url;
  const std::string_view scheme = take_until(rest, ':');
  const bool tls = scheme == "turns";
  ice::Server server;
  if (scheme == "turn" || tls) {
    server.kind = ice::ServerKind::kTurn;
    if (of.username.empty() || of.credential.empty())
      return bad(url, "a username and a credential are missing");
    server.username = of.username;
    server.password = of.credential;
  } else if (scheme != "stun") {
    return bad(url, "neither stun:, turn: nor turns:");
  }
  std::string_view query = rest;
  const std::string_view host = take_until(query, '?');
  if (!parse_host(host, tls ? kTlsPort : kPlainPort, server))
    return bad(url, "no host, or no port");
  if (query != "" && (query != "transport=udp" && query != "transport=tcp"))
    return bad(url, "the transport is udp or tcp");
  if (!query.empty() && server.kind == ice::ServerKind::kStun)
    return bad(url, "STUN has no transport to choose");
  if (tls && query == "transport=udp") return bad(url, "TURN over DTLS is not spoken here");
  if (tls)
    server.transport = ice::ServerTransport::kTls;
  else if (query == "transport=tcp")
    server.transport = ice::ServerTransport::kTcp;
  return server;
}

}  // namespace

Result<std::vector<ice::Server>> parse_ice_servers(const std::vector<IceServer>& servers) {
  std::vector<ice::Server> parsed;
  for (const IceServer& server : servers) {
    for (const std::string& url : server.urls) {
      auto one = parse(url, server);
      if (!one) return std::unexpected(one.error());
      parsed.push_back(*std::move(one));
    }
  }
  return parsed;
}

}  // namespace beeline::api
