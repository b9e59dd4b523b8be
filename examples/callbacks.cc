// Two peers in one program exchange a message each, with handlers.
#include <boost/asio.hpp>
#include <iostream>

#include "beeline/api/peer_connection.h"

int main() {
  boost::asio::io_context io;
  const beeline::Configuration here{.loopback = true};
  beeline::PeerConnection alice(io, here);
  beeline::PeerConnection bob(io, here);

  // Signaling: in one program, a function call.
  alice.on_ice_candidate([&](const auto& candidate) { bob.add_ice_candidate(candidate).value(); });
  bob.on_ice_candidate([&](const auto& candidate) { alice.add_ice_candidate(candidate).value(); });
  alice.on_negotiation_needed([&] {
    bob.set_remote_description(alice.set_local_description().value()).value();
    alice.set_remote_description(bob.set_local_description().value()).value();
  });

  bob.on_data_channel([](const beeline::DataChannel& channel) {
    channel.on_message([channel](const beeline::Message& message) {
      std::cout << "bob hears: " << message.text() << '\n';
      channel.send("hello, alice");
    });
  });
  const auto channel = alice.create_data_channel("chat").value();
  channel.on_open([channel] { channel.send("hello, bob"); });
  channel.on_message([&](const beeline::Message& message) {
    std::cout << "alice hears: " << message.text() << '\n' << alice.explain().text << '\n';
    alice.close();  // bob is told
  });
  io.run();
}
