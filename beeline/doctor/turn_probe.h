// A TURN client that does just enough to show that a relay relays: STUN Binding, Allocate with a
// credential, CreatePermission, Send and Data, over any carrier. Blocks.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "beeline/base/packet.h"
#include "beeline/base/random.h"
#include "beeline/doctor/connection.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/message.h"
#include "beeline/turn/stream_framer.h"

namespace beeline::doctor {

class TurnProbe {
 public:
  TurnProbe(std::unique_ptr<Connection> connection, Random random);

  // How the server sees us. Errors here and below are sentences for people.
  std::expected<TransportAddress, std::string> bind();
  // The relayed address of a fresh allocation.
  std::expected<TransportAddress, std::string> allocate(const std::string& username,
                                                        const std::string& password);
  std::expected<void, std::string> permit(const TransportAddress& peer);
  bool send(const TransportAddress& peer, std::string_view text);
  // The data of the next Data indication; empty where none came in time.
  std::string receive(Connection::Milliseconds wait);

 private:
  using Answer = std::expected<std::string, std::string>;
  // Sends a request, over UDP more than once, and returns the bytes of its answer.
  template <typename Fill>
  Answer request(stun::Method method, Fill fill);
  // The next STUN message or ChannelData; empty where none came in time.
  std::string next_message(Connection::Milliseconds wait);

  std::unique_ptr<Connection> connection_;
  Random random_;
  PacketPool packets_;
  turn::StreamFramer framer_{packets_};
  std::string unread_;
  std::string username_;
  std::string realm_;
  std::string nonce_;
  stun::LongTermKey key_;
};

}  // namespace beeline::doctor
