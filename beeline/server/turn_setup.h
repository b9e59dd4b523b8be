// From the configuration to a running TURN server: its settings, its ports, what the start says
// about it, and its metrics.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "beeline/server/addresses.h"
#include "beeline/server/config.h"
#include "beeline/server/metrics.h"
#include "beeline/server/turn_host.h"

namespace beeline::server {

// The secret of ephemeral credentials where its owner gives one: the content of `file`, else the
// environment variable BEELINE_TURN_SECRET, else an empty text. The error is a sentence for people.
std::expected<std::string, std::string> given_turn_secret(const std::filesystem::path& file);

turn::Settings turn_settings(const Config& config, const Addresses& addresses,
                             const std::string& secret);

TurnStreams::Limits turn_stream_limits(const Config& config);

// Opens every listener; where the kernel chose a port it stands in `config` afterwards. Else says
// what failed and what to try.
std::optional<std::string> open_turn_ports(TurnHost& host, Config& config,
                                           const Addresses& addresses);

// Where --nat-test-address says so: opens what is missing of two addresses with two ports each, and
// lets the server answer from all of them. After open_turn_ports(); errors as there.
std::optional<std::string> open_nat_test_ports(TurnHost& host, Config& config,
                                               const Addresses& addresses);

// One line per way to reach the server and per relayed address.
std::vector<std::string> turn_facts(const Config& config, const Addresses& addresses);

void add_turn_metrics(MetricsText& metrics, const TurnHost& host);

}  // namespace beeline::server
