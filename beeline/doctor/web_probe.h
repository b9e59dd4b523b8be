// What a browser does first: HTTPS, then a WebSocket, then hello in a room of its own. Blocks.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "beeline/base/random.h"
#include "beeline/doctor/connection.h"
#include "beeline/signaling/message.h"

namespace beeline::doctor {

// What a member is told that joins a fresh room.
struct Welcomed {
  std::vector<signaling::IceServer> ice;
  std::int64_t server_time_ms = 0;
  Connection::Milliseconds took{0};
};

// Joins over `connection`, which is open to the web port; `host` is the Host header. What the
// member is given is worth something until it leaves. The error is a sentence for people.
std::expected<Welcomed, std::string> join_alone(Connection& connection, const std::string& host,
                                                Random random);
void leave(Connection& connection, Random random);

}  // namespace beeline::doctor
