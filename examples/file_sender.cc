// Sends a file to another peer and holds no more of it in memory than the high-water mark.
#include <boost/asio.hpp>
#include <fstream>

#include "beeline/api/peer_connection.h"

boost::asio::awaitable<void> send(beeline::DataChannel channel, const char* name) {
  std::ifstream file(name, std::ios::binary);
  std::string piece(65536, ' ');
  co_await channel.opened();
  while (file.read(piece.data(), 65536), file.gcount() > 0)  // goes on below the high-water mark:
    co_await channel.send(std::vector<std::uint8_t>(piece.data(), piece.data() + file.gcount()));
  channel.close();
  co_await channel.closed();  // all of it is there
}

boost::asio::awaitable<void> receive(beeline::PeerConnection& peer, const char* name) {
  std::ofstream file(name, std::ios::binary);
  const auto channel = co_await peer.accept_data_channel();
  for (;;) {  // whoever takes messages slowly holds the sender back
    const auto [end, message] = co_await channel.receive(as_tuple(boost::asio::use_awaitable));
    if (end) co_return peer.close();
    file << message.text();
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  boost::asio::io_context io;
  beeline::PeerConnection from(io, {.loopback = true}), to(io, {.loopback = true});
  to.on_ice_candidate([&](const auto& candidate) { from.add_ice_candidate(candidate).value(); });
  co_spawn(io, send(from.create_data_channel("file").value(), argv[1]), boost::asio::detached);
  co_spawn(io, receive(to, argv[2]), boost::asio::detached);
  to.set_remote_description(from.set_local_description().value()).value();
  from.set_remote_description(to.set_local_description().value()).value();
  io.run();
}
