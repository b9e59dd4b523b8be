// A server as people name it on the command line: "stun.example.org", "192.0.2.1:3478",
// "[::1]:3478".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "beeline/base/address.h"

namespace beeline::cli {

struct HostPort {
  std::string host;  // without brackets
  Port port;
};

// None where it is neither; where no port is said it is `otherwise`, and without that a port must
// be said.
std::optional<HostPort> parse_host_port(std::string_view text,
                                        std::optional<Port> otherwise = std::nullopt);

}  // namespace beeline::cli
