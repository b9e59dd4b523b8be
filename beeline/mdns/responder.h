// Answers for "<uuid>.local" names that stand for addresses of this machine (RFC 6762 §6, §8.3,
// draft-ietf-mmusic-mdns-ice-candidates): a core. Who publishes a name has made it up at random, so
// nothing is probed. Nobody learns an address on an interface that does not have it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/instant.h"
#include "beeline/base/rate.h"
#include "beeline/mdns/group_sockets.h"
#include "beeline/mdns/message.h"

namespace beeline::mdns {

struct ResponderSettings {
  // The responder's socket ids are these and those after; nobody else of the host may use them.
  SocketId first_socket{0x5000'0000};
  std::size_t max_names = 64;
};

struct ResponderCounters {
  std::uint64_t malformed = 0;
  std::uint64_t too_fast = 0;  // questions that were not answered because of too many before
};

class Responder {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = HostRequest;

  // `packets` is borrowed.
  Responder(ResponderSettings settings, PacketPool& packets);

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // From now on `name` stands for `address`, and is announced on the interface that has it. False
  // where it is no host name, stands for another address already, or there are too many.
  bool publish(std::string_view name, const IpAddress& address, Instant now);
  // Says goodbye. Does nothing for names that are not published.
  void withdraw(std::string_view name, Instant now);
  // Withdraws all and lets go of the sockets; silent afterwards.
  void close(Instant now);

  const ResponderCounters& counters() const { return counters_; }

 private:
  // A name on one socket.
  struct Spoken {
    Instant last;                 // when the group heard it last
    std::optional<Instant> owed;  // when the group is to hear it again
    int announcements = 0;        // still to come, a second apart
    Instant unicast_used;         // of kUnicastRate
  };
  struct Published {
    IpAddress address;
    std::map<SocketId, Spoken> spoken;
  };
  struct Asker {
    TransportAddress address;
    std::uint16_t id = 0;
    bool legacy = false;  // asks from another port than 5353, and understands less
  };

  void on(Datagram& datagram, Instant now);
  bool may_speak(const Published& published, const GroupSockets::Socket& socket) const;
  void announce(Published& published, const GroupSockets::Socket& socket, Instant now);
  void answer_group(Spoken& spoken, Instant now);
  void answer_one(const std::string& name, const Published& published,
                  const GroupSockets::Socket& socket, const Question& question, const Asker& asker);
  void say(const std::vector<std::pair<std::string, IpAddress>>& records,
           const GroupSockets::Socket& socket, std::chrono::seconds ttl);

  ResponderSettings settings_;
  PacketPool& packets_;
  GroupSockets sockets_;
  std::map<std::string, Published> names_;
  Fifo<HostTransmit> transmits_;
  bool closed_ = false;
  ResponderCounters counters_;
};

}  // namespace beeline::mdns
