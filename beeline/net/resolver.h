// Names to addresses, through the system's resolver. Blocks: for start-up and for the command line,
// never on the loop.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "beeline/base/address.h"

namespace beeline::net {

// The addresses of a DNS name, or the address itself; IPv4 first, each once. The error is the
// system's sentence.
std::expected<std::vector<IpAddress>, std::string> resolve(const std::string& name);

}  // namespace beeline::net
