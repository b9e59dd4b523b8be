// Signaling by copy and paste, also with a browser: prints an offer and reads an answer, which ends
// with an empty line; with any argument the other way round.
#include <boost/asio.hpp>
#include <iostream>

#include "beeline/api/peer_connection.h"

beeline::SessionDescription paste(beeline::SdpType type) {
  beeline::SessionDescription pasted{type};
  for (std::string line; std::getline(std::cin, line) && line != "";) pasted.sdp += line + "\n";
  return pasted;
}

boost::asio::awaitable<void> talk(beeline::PeerConnection& peer, bool answers) {
  beeline::DataChannel channel;
  if (answers) peer.set_remote_description(paste(beeline::SdpType::kOffer)).value();
  if (!answers) channel = peer.create_data_channel("chat").value();
  peer.set_local_description().value();
  co_await peer.gathered();
  std::cout << peer.local_description()->sdp << std::endl;
  if (answers)
    channel = co_await peer.accept_data_channel();
  else
    peer.set_remote_description(paste(beeline::SdpType::kAnswer)).value();
  co_await channel.opened();
  co_await channel.send("hello from C++");
  const auto message = co_await channel.receive();
  std::cout << "heard: " << message.text() << '\n';
  channel.close();
  co_await channel.closed();
  peer.close();
}

int main(int argc, char**) {
  boost::asio::io_context io;
  beeline::PeerConnection peer(io, {.loopback = true});
  co_spawn(io, talk(peer, argc > 1), boost::asio::detached);
  io.run();
}
