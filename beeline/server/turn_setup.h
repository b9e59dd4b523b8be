// From the configuration to a running TURN server: its settings, its ports, what the start says
// about it, and its metrics.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "beeline/server/addresses.h"
#include "beeline/server/config.h"
#include "beeline/server/metrics.h"
#include "beeline/server/turn_host.h"

namespace beeline::server {

turn::Settings turn_settings(const Config& config, const Addresses& addresses,
                             const std::string& secret);

// Opens every listener; where the kernel chose a port it stands in `config` afterwards. Else says
// what failed and what to try.
std::optional<std::string> open_turn_ports(TurnHost& host, Config& config,
                                           const Addresses& addresses);

// One line per way to reach the server and per relayed address.
std::vector<std::string> turn_facts(const Config& config, const Addresses& addresses);

void add_turn_metrics(MetricsText& metrics, const TurnHost& host);

}  // namespace beeline::server
