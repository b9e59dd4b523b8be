// signaling::Client behind websocket::Client, hearing a server that says whatever the input says:
// an HTTP answer and frames, or messages line by line.
#include "beeline/base/protocol_core.h"
#include "beeline/signaling/client.h"
#include "beeline/websocket/client.h"

using namespace beeline;

namespace {

struct Membership {
  std::size_t bytes = 0;
  bool wants_link = false;
  void transmit(const std::string& text) { bytes += text.size(); }
  void handle_event(const signaling::ClientEvent& event) {
    if (std::holds_alternative<signaling::OpenLink>(event)) wants_link = true;
  }
};

struct Socket {
  StreamId stream;
  std::vector<std::string> texts;
  void transmit(const HostTransmit&) {}
  void handle_event(websocket::Client::Event event) {
    if (auto* text = std::get_if<websocket::ClientText>(&event)) texts.push_back(text->text);
    if (const auto* request = std::get_if<HostRequest>(&event))
      if (const auto* open = std::get_if<OpenStream>(request)) stream = open->stream;
  }
};

// With a fixed seed the key is always the same, so an input can hold the right answer to it.
std::vector<std::string> through_socket(std::string_view bytes, Instant now) {
  PacketPool packets;
  Socket socket;
  websocket::Client client({.host = "a"}, Random::from_number(1), packets);
  client.open(now);
  drain(client, socket, now);
  client.handle_input(NameResolved{{1}, {IpAddress::loopback(IpFamily::kV4)}}, now);
  drain(client, socket, now);
  client.handle_input(StreamOpened{socket.stream, {}}, now);
  while (!bytes.empty()) {
    const std::size_t piece = std::min<std::size_t>(bytes.size(), 7);
    client.handle_input(StreamBytes{socket.stream, as_bytes(bytes.substr(0, piece))}, now);
    drain(client, socket, now);
    bytes.remove_prefix(piece);
  }
  return std::move(socket.texts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = as_text(Bytes(data, size));
  Instant now{std::chrono::seconds(1)};
  signaling::ClientSettings settings;
  settings.room = "abcdefghijklmnopqrstuvwxyz";
  signaling::Client client(std::move(settings), Random::from_number(1));
  Membership membership;
  client.open(now);
  drain(client, membership, now);
  const auto hear = [&](std::string_view text) {
    if (std::exchange(membership.wants_link, false)) client.handle_input(signaling::LinkUp{}, now);
    client.handle_input(signaling::LinkText{text}, now);
    drain(client, membership, now);
    for (const auto& member : client.members())
      ensure(client.member(member.id) != nullptr, "members are found by their id");
  };
  if (rest.starts_with("HTTP"))
    for (const std::string& text : through_socket(rest, now)) hear(text);
  for (int step = 0; step < 100 && !rest.empty(); ++step) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line == "down") {
      client.handle_input(signaling::LinkDown{"broken"}, now);
    } else if (line == "wait") {
      now = client.next_timeout().value_or(now);
      client.handle_timeout(now);
    } else {
      hear(line);
    }
    drain(client, membership, now);
  }
  return 0;
}
