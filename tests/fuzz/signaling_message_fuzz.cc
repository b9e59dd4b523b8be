// signaling::parse_message, and the room server hearing three connections say whatever the input
// says, line by line, and finding what it stored of a room.
#include "beeline/base/protocol_core.h"
#include "beeline/signaling/server.h"

using namespace beeline;

namespace {

struct NoIce final : signaling::IceServers {
  signaling::IceOffer offer(std::string_view, std::string_view) override { return {}; }
};

struct Host {
  std::size_t bytes = 0;
  void transmit(const signaling::OutgoingText& text) { bytes += text.text.size(); }
  void handle_event(const signaling::Server::Event&) {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = as_text(Bytes(data, size));
  NoIce ice;
  NullLog log;
  signaling::Server server({}, Random::from_number(1), ice, log);
  Host host;
  Instant now{std::chrono::seconds(1)};
  for (std::uint64_t id = 1; id <= 3; ++id)
    server.handle_input(signaling::Connected{{id}, "host", "source"}, now);
  for (int step = 0; step < 100 && !rest.empty(); ++step) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::uint8_t first = line.empty() ? 0 : static_cast<std::uint8_t>(line[0]);
    const signaling::ConnectionId from{first % 3U + 1U};
    if (first == 'c') {
      server.handle_input(signaling::ConnectionClosed{from, line.size() % 2 == 0}, now);
    } else if (first == 's') {
      const std::string room = "abcdefghijklmnopqrstuvwxyz";
      server.handle_input(signaling::RoomStateLoaded{room, std::string(line.substr(1))}, now);
    } else if (first == 't') {
      now = now + std::chrono::seconds(line.size());
      server.handle_timeout(now);
    } else {
      if (first >= '0' && first <= '2') line.remove_prefix(1);
      server.handle_input(signaling::TextReceived{from, line}, now);
    }
    drain(server, host, now);
    ensure(server.members() <= 3 && server.rooms() <= server.members(),
           "members have connections or grace");
  }
  return 0;
}
