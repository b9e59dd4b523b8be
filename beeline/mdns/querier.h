// Finds the address behind an ICE candidate's "<uuid>.local" (RFC 6762 §5, draft-ietf-mmusic-mdns-
// ice-candidates): a core. Hears announcements and remembers them. No services, no reverse
// look-ups.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/instant.h"
#include "beeline/mdns/group_sockets.h"
#include "beeline/mdns/message.h"

namespace beeline::mdns {

struct QuerierSettings {
  // The querier's socket ids are these and those after; nobody else of the host may use them.
  SocketId first_socket{0x4000'0000};
  // Ask for the first answer by unicast. RFC 6762 §15.1: only where no other program of the machine
  // listens on port 5353, or the answer may reach that one instead.
  bool wants_unicast = false;
  std::size_t max_cached = 256;  // names
  std::size_t max_pending = 64;
};

enum class NameFailure : std::uint8_t {
  kNoHostName,   // not one label and ".local"
  kTooMany,      // are being asked for already
  kNoInterface,  // to ask on
  kNoAnswer,
};

struct NameFound {
  std::string name;  // as in resolve()
  std::vector<IpAddress> addresses;
};
struct NameNotFound {
  std::string name;
  NameFailure reason;
};

struct QuerierCounters {
  std::uint64_t malformed = 0;
  std::uint64_t not_port_5353 = 0;  // answers from there prove nothing
};

class Querier {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = std::variant<HostRequest, NameFound, NameNotFound>;

  // `packets` is borrowed.
  Querier(QuerierSettings settings, PacketPool& packets);

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // Listens from now on: who was announced before somebody asks costs no time.
  void start(Instant now);
  // Answered by NameFound, at once where the name is remembered, or by NameNotFound.
  void resolve(std::string_view name, Instant now);
  // Nobody waits for the answer any more.
  void cancel(std::string_view name);
  // Lets go of the sockets; silent afterwards.
  void close(Instant now);

  const QuerierCounters& counters() const { return counters_; }

 private:
  struct Pending {
    std::string asked_as;
    int sends = 0;
    Instant next;       // when it is asked again or given up
    bool owed = false;  // in the next message
  };
  struct Cached {
    std::vector<IpAddress> addresses;
    Instant expires;
  };

  void on(Datagram& datagram, Instant now);
  void remember(const std::string& name, std::vector<IpAddress> addresses, bool all,
                std::chrono::seconds ttl, Instant now);
  void ask(const GroupSockets::Socket& socket, const std::vector<std::string>& names,
           bool wants_unicast);
  void found(const std::string& name);

  QuerierSettings settings_;
  PacketPool& packets_;
  GroupSockets sockets_;
  std::map<std::string, Pending> pending_;
  std::map<std::string, Cached> cache_;
  Fifo<HostTransmit> transmits_;
  Fifo<Event> events_;
  bool closed_ = false;
  QuerierCounters counters_;
};

}  // namespace beeline::mdns
