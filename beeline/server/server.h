// The whole server: everything `beeline serve` starts, on one loop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/server/config.h"

namespace beeline::server {

// Reads the configuration again; none, after having said why, where it is not usable.
using ReadConfig = std::function<std::optional<Config>()>;

// Runs until SIGINT or SIGTERM; a second one cuts the draining short. SIGHUP calls `reread` and
// takes over what can be: no connection and no allocation ends for it. Returns a sentence for
// people where it could not start; none after an orderly end.
std::optional<std::string> serve(const Config& config, const ReadConfig& reread,
                                 std::string_view version);

}  // namespace beeline::server
