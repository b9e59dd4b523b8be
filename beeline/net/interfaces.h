// The machine's own addresses, as the kernel lists them now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "beeline/base/address.h"

namespace beeline::net {

struct InterfaceAddress {
  std::string interface;
  IpAddress ip;
  unsigned prefix_bits = 0;
};

// Addresses of interfaces that are up, link-local ones left out; loopback last.
std::vector<InterfaceAddress> interface_addresses();

// The address from which packets to the outside leave, by asking the kernel's routing table
// (nothing is sent); none where there is no route.
std::optional<IpAddress> primary_address(IpFamily family);

}  // namespace beeline::net
