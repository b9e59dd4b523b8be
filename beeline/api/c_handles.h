// What the opaque handles of beeline/beeline.h are. Nothing thrown here reaches C.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "beeline/api/peer_connection.h"
#include "beeline/beeline.h"

struct beeline_loop {
  boost::asio::io_context io{1};
};

struct beeline_connection {
  beeline::PeerConnection connection;
  std::string returned;  // the last text that C was given
  std::string detail;
};

struct beeline_channel {
  beeline::DataChannel channel;
  std::string returned;
};

namespace beeline::api {

// `failed` where `call` throws.
template <typename Result, typename Call>
Result fenced_from_c(Result failed, Call&& call) noexcept {
  try {
    return call();
  } catch (...) {
    return failed;
  }
}

// A structure of C as far as its caller knows it; the rest is zero.
template <typename Structure>
Structure known_part(const Structure* given) {
  Structure known{};
  if (given != nullptr) std::memcpy(&known, given, std::min(given->size, sizeof known));
  return known;
}

inline std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace beeline::api
