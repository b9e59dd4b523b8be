// Two peers in one program exchange a message each, with coroutines.
#include <boost/asio.hpp>
#include <iostream>

#include "beeline/api/peer_connection.h"

using boost::asio::awaitable;

awaitable<void> answer(beeline::PeerConnection& bob) {
  const auto channel = co_await bob.accept_data_channel();
  const auto message = co_await channel.receive();
  std::cout << "bob hears: " << message.text() << '\n';
  co_await channel.send("hello, alice");
  co_await channel.closed();  // by alice
}

awaitable<void> call(beeline::PeerConnection& alice, beeline::PeerConnection& bob) {
  const auto channel = alice.create_data_channel("chat").value();
  alice.set_local_description().value();
  co_await alice.gathered();  // all candidates are in the description: one text each way
  bob.set_remote_description(*alice.local_description()).value();
  bob.set_local_description().value();
  co_await bob.gathered();
  alice.set_remote_description(*bob.local_description()).value();
  co_await channel.opened();
  co_await channel.send("hello, bob");
  const auto message = co_await channel.receive();
  std::cout << "alice hears: " << message.text() << '\n';
  alice.close();
}

int main() {
  boost::asio::io_context io;
  beeline::PeerConnection alice(io, {.loopback = true}), bob(io, {.loopback = true});
  co_spawn(io, answer(bob), boost::asio::detached);
  co_spawn(io, call(alice, bob), boost::asio::detached);
  io.run();
}
