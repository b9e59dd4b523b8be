// Two addresses with two ports each (RFC 5780 §6): a server that has them can answer from elsewhere
// than it was asked, which is how clients find out what their NAT lets in.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "beeline/stun/attributes.h"
#include "beeline/turn/allocation.h"

namespace beeline::turn {

// Where a server is asked, and answers from.
struct Place {
  ListenerId listener;
  TransportAddress address;
};

// All of one family.
struct Alternates {
  static constexpr std::size_t kOtherPort = 1;
  static constexpr std::size_t kOtherAddress = 2;

  // By the sum of what is other: first address and port, its other port, the other address with the
  // first port, both other.
  std::array<Place, 4> places;

  // Which place `client` talks to; none for any other address of the listener, and for streams.
  std::optional<std::size_t> place_of(const FiveTuple& client) const {
    for (std::size_t i = 0; i < places.size(); ++i)
      if (places[i].listener == client.listener && places[i].address == client.local) return i;
    return std::nullopt;
  }
  //= RFC 5780 §6.1
  // Where the answer to a request at `place` leaves from.
  const Place& origin(std::size_t place, stun::ChangeRequest change) const {
    return places[place ^ (change.change_port ? kOtherPort : 0) ^
                  (change.change_ip ? kOtherAddress : 0)];
  }
};

}  // namespace beeline::turn
