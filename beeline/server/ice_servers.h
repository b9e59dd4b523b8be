// The STUN and TURN servers a member is told, with TURN credentials that are its own and expire.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/instant.h"
#include "beeline/signaling/server.h"

namespace beeline::server {

// Where a server takes TURN clients.
struct TurnPorts {
  Port turn;                  // UDP and TCP
  Port turns;                 // TLS
  std::optional<Port> https;  // TLS as well, shared with the web server
};

// RFC 7064 and RFC 7065 URIs. TURN best first: what costs least, then what passes most firewalls.
std::string stun_uri(std::string_view host, const TurnPorts& ports);
std::vector<std::string> turn_uris(std::string_view host, const TurnPorts& ports);

class OwnIceServers final : public signaling::IceServers {
 public:
  struct Settings {
    std::string secret;  // shared with the TURN server
    TurnPorts ports;
    // What clients are told who call this server by a name for "this machine"; empty: that name.
    std::string address_for_local_clients;
    bool available = true;  // false: no server of ours is running, and members are told none
  };

  explicit OwnIceServers(Settings settings) : settings_(std::move(settings)) {}

  // Unix time, said by the host at the start and now and then.
  void set_wall_time(WallTime at) { wall_time_ = at; }

  signaling::IceOffer offer(std::string_view member, std::string_view host) override;

 private:
  Settings settings_;
  WallTime wall_time_;
};

}  // namespace beeline::server
