// Everything an owner can set, with its default; the names are those of the flags and of the
// configuration file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/log.h"

namespace beeline::server {

struct Prefix {
  IpAddress ip;
  unsigned bits = 0;
  // "192.168.1.0/24"; a bare address is a prefix of its full length.
  static std::optional<Prefix> parse(std::string_view text);
  bool operator==(const Prefix&) const = default;
  std::string to_string() const;
};

struct PortRange {
  Port first{49152};
  Port last{65535};
  static std::optional<PortRange> parse(std::string_view text);  // "49152-65535"
  bool operator==(const PortRange&) const = default;
};

struct Config {
  std::vector<IpAddress> listen;  // empty: every address of the machine, both families
  Port port{8443};        // web app, signaling: HTTPS, and plain HTTP for this machine itself
  Port turn_port{3478};   // STUN and TURN over UDP and TCP
  Port turns_port{5349};  // the same inside TLS
  // Further addresses of this machine, at most one per family: with each and a second port the
  // server answers tests of NATs (RFC 5780); none: it does not.
  std::vector<IpAddress> nat_test_addresses;
  Port nat_test_port{3479};
  bool turn = true;
  bool web = true;  // web app and signaling; at least one of both runs
  std::string realm = "beeline";
  std::string turn_secret;         // of ephemeral credentials; empty: one of the data directory's
  std::vector<Prefix> peers_only;  // where not empty, the relay reaches these and nothing else
  bool lab_limits = false;         // benchmarks and labs: no limit bites; printed at the start
  PortRange relay_ports;
  std::vector<IpAddress>
      public_ips;    // what the outside sees, at most one per family; empty: the machine's own
  std::string name;  // a DNS name people use for this server
  std::filesystem::path certificate;
  std::filesystem::path private_key;
  std::filesystem::path data_dir;
  std::vector<Prefix> allow_peers;          // relay to these although they are special-purpose
  std::vector<std::string> allow_origins;   // other web origins that may use the signaling
  std::optional<TransportAddress> metrics;  // Prometheus text; loopback unless asked otherwise
  LogLevel log_level = LogLevel::kInfo;
  bool json = false;  // one JSON object per line instead of the start-up picture and plain logs
  // Tests and labs shorten this; printed at the start where it is not the default.
  int grace_seconds = 15;
  int drain_seconds = 0;  // how long relayed calls may go on after the server was told to end
};

// The names of settings that differ and that a running server cannot take over. It can: cert, key,
// allow-origin, log-level, drain.
std::vector<std::string_view> needs_restart(const Config& running, const Config& wanted);

// Where state is kept unless said otherwise: STATE_DIRECTORY (systemd), else
// XDG_STATE_HOME/beeline, else
// ~/.local/state/beeline.
std::filesystem::path default_data_dir();

}  // namespace beeline::server
