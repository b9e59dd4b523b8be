// The whole server: everything `beeline serve` starts, on one loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "beeline/server/config.h"

namespace beeline::server {

// Runs until SIGINT or SIGTERM. Returns a sentence for people where it could not start; none after
// an orderly end.
std::optional<std::string> serve(const Config& config, std::string_view version);

}  // namespace beeline::server
