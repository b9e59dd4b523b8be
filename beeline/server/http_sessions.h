// Who speaks on an event stream: its client's messages come in requests of their own, which show
// the session's token and a number, so that one that is repeated has no effect (section 7 of the
// protocol).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "beeline/base/random.h"
#include "beeline/net/http.h"

namespace beeline::server {

class HttpSessions {
 public:
  struct Session {
    net::ChannelId channel;
    std::string secret;
    std::uint64_t seen = 0;  // the number of the last request that had an effect
  };

  explicit HttpSessions(const Random& random) : random_(random.fork("http sessions")) {}

  // The token of a new session: "<channel>.<secret>".
  std::string open(net::ChannelId channel);
  void close(net::ChannelId channel) { sessions_.erase(channel.value); }
  // Null where the token is nobody's; the time it takes tells nothing about secrets. Valid until
  // that session is closed.
  Session* find(std::string_view token);

 private:
  Random random_;
  std::unordered_map<std::uint64_t, Session> sessions_;
};

}  // namespace beeline::server
