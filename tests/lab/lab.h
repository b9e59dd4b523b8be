// A small laboratory: a network namespace of this process's own, a server running in it, a TURN
// client, and ears on every interface. Everything is gone when the process is, however it ends.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/net/socket_address.h"
#include "beeline/stun/credentials.h"
#include "beeline/stun/message.h"

namespace beeline::lab {

// Moves this process into a network namespace of its own with loopback and a dummy interface "lab0"
// that carries `addresses`
// ("198.51.100.1/24") and the default routes. The error says why it cannot be had (not root).
std::optional<std::string> enter_namespace(const std::vector<std::string>& addresses);

// The server binary (environment variable BEELINE_BIN) with a known TURN secret; ends with this
// object or this process.
class ServerProcess {
 public:
  static constexpr const char* kSecret = "lab-secret";

  explicit ServerProcess(const std::vector<std::string>& flags);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  bool running() const;
  pid_t pid() const { return pid_; }
  const std::string& ready() const { return ready_; }  // its first line: JSON

 private:
  pid_t pid_ = -1;
  std::string folder_;
  std::string ready_;
};

// Debian's coturn with the same secret, as it comes but for the addresses: the yardstick for what
// ours must withstand. Ends with this object or this process.
class CoturnProcess {
 public:
  static bool installed();
  // Serves UDP on `address` and relays from there.
  explicit CoturnProcess(const TransportAddress& address);
  ~CoturnProcess();
  CoturnProcess(const CoturnProcess&) = delete;
  CoturnProcess& operator=(const CoturnProcess&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

// What a process keeps in memory.
std::size_t resident_kib(pid_t pid);

// Sends datagrams to `target` (IPv4, this namespace's lab0) as if they came in from outside, from
// any source address.
class Spoofer {
 public:
  explicit Spoofer(const TransportAddress& target);
  // One datagram from each source, in one system call.
  void send(const std::vector<TransportAddress>& sources, Bytes payload);

 private:
  TransportAddress target_;
  net::FileDescriptor socket_;
  std::array<std::uint8_t, 14> ethernet_{};
  int interface_ = 0;
};

// Every UDP datagram that leaves on any interface.
struct Heard {
  TransportAddress from;
  TransportAddress to;
  std::string payload;
};
class Ears {
 public:
  Ears();
  // What was heard since the last call; waits until nothing more comes for `quiet`.
  std::vector<Heard> listen(std::chrono::milliseconds quiet = std::chrono::milliseconds(50));

 private:
  net::FileDescriptor socket_;
};

// A TURN client on a socket of its own, blocking, with a one-second limit on each answer.
class TurnClient {
 public:
  TurnClient(const TransportAddress& server, const IpAddress& local);

  // Authenticates and allocates an address of `family`; false where that fails.
  bool allocate(IpFamily family);
  const TransportAddress& relayed() const { return relayed_; }

  // The error code of the answer, 0 for success, -1 for none.
  int refresh();
  int create_permission(const TransportAddress& peer);
  int bind_channel(std::uint16_t channel, const TransportAddress& peer);
  void send_indication(const TransportAddress& peer, std::string_view data);
  void channel_data(std::uint16_t channel, std::string_view data);
  // The size of the answer to a Binding request without attributes; 0 for none.
  std::size_t binding_answer_size();
  // The next datagram from the server within `wait`; empty where none came.
  std::string receive(std::chrono::milliseconds wait);
  void send_raw(Bytes bytes);

 private:
  template <typename Fill>
  std::string request(stun::Method method, bool authenticated, Fill fill);

  TransportAddress server_;
  net::FileDescriptor socket_;
  std::string username_;
  std::string realm_;
  std::string nonce_;
  stun::LongTermKey key_;
  TransportAddress relayed_;
  std::uint64_t next_transaction_ = 1;
};

}  // namespace beeline::lab
