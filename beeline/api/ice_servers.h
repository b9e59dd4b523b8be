// URLs of ICE servers (RFC 7064, RFC 7065) as what the ICE agent is told.
#pragma once

#include <vector>

#include "beeline/api/configuration.h"
#include "beeline/api/error.h"
#include "beeline/ice/settings.h"

namespace beeline::api {

Result<std::vector<ice::Server>> parse_ice_servers(const std::vector<IceServer>& servers);

}  // namespace beeline::api
