// A TAP device in a network namespace: Ethernet frames of that network, read and written here.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "beeline/net/socket_address.h"

namespace beeline::cli {

// "NAMESPACE/DEVICE"; a namespace has a name (ip netns) or is a path, and is empty for this one.
struct TapPlace {
  std::string network;
  std::string device;

  // None where it is not of that form, or no device can be called that.
  static std::optional<TapPlace> parse(std::string_view text);
  std::string to_string() const { return network + "/" + device; }
};

// Opens or makes the device, and sets it up (link state) so that frames flow; a device made here
// goes with the descriptor. Reads and writes do not block. The error is a sentence for people.
std::expected<net::FileDescriptor, std::string> open_tap(const TapPlace& place);

}  // namespace beeline::cli
