// The client's end of a WebSocket (RFC 6455 §4.1) as a core: finds the server's addresses, tries
// them one after the other, asks for the upgrade and speaks frames then. TLS, sockets and names are
// the host's. No proxies, no redirects, no cookies.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/fifo.h"
#include "beeline/base/host_io.h"
#include "beeline/base/instant.h"
#include "beeline/base/random.h"
#include "beeline/base/timer_table.h"
#include "beeline/websocket/codec.h"

namespace beeline::websocket {

struct ClientSettings {
  bool secure = true;  // wss
  std::string host;    // a name, or an address without brackets
  Port port{443};
  std::string path = "/";
  std::size_t message_bytes = 1024 * 1024;  // of one message of the server, at most
  // For an address to answer with TLS and the upgrade, before the next one is tried.
  Duration patience = std::chrono::seconds(5);
};

enum class ClientEnd : std::uint8_t {
  kNoName,         // the name has no address
  kRefused,        // nobody listens there
  kNoAnswer,       // silence
  kNoCertificate,  // not trusted, or for another name
  kNotUpgraded,    // HTTP answered, but not with a WebSocket: see `status`
  kBroken,         // the connection broke, or the server broke the protocol
  kClosed,         // by the server: see `status`
};
std::string_view to_string(ClientEnd end);  // stable: "no_certificate"

struct ClientOpened {
  IpAddress server;
};
struct ClientText {
  std::string text;  // valid UTF-8
};
// Nothing comes after it until the next open().
struct ClientClosed {
  ClientEnd end = ClientEnd::kBroken;
  int status = 0;  // HTTP status, or close code
};

//   idle ──open()──▶ resolving ──▶ connecting ──▶ upgrading ──▶ open ──▶ idle
//                                    ▲ next address ─┘
class Client {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = std::variant<HostRequest, ClientOpened, ClientText, ClientClosed>;

  // `packets` is borrowed.
  Client(ClientSettings settings, const Random& random, PacketPool& packets);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void handle_input(Input input, Instant now);
  void handle_timeout(Instant now);
  void flush(Instant) {}
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<Instant> next_timeout() const;

  // From idle; ClientOpened or ClientClosed follows.
  void open(Instant now);
  // Only while open; otherwise nothing happens.
  void send(std::string_view text);
  // Idle at once and silent. `clean`: says goodbye with code 1000; otherwise it only breaks off.
  void close(bool clean);
  bool is_open() const { return state_ == State::kOpen; }

 private:
  enum class State : std::uint8_t { kIdle, kResolving, kConnecting, kUpgrading, kOpen };

  void on(const NameResolved& resolved, Instant now);
  void on(const StreamOpened& opened, Instant now);
  void on(const StreamBytes& bytes, Instant now);
  void on(const StreamClosed& closed, Instant now);
  void try_next(ClientEnd why, int status, Instant now);
  void ask_for_upgrade();
  void on_answer(Instant now);
  void on_frames(Bytes bytes);
  void take(Received received);
  void write(std::string_view wire);
  void let_go();
  void end(ClientEnd why, int status);

  ClientSettings settings_;
  Random random_;
  PacketPool& packets_;
  State state_ = State::kIdle;
  enum class Timer : std::uint8_t { kPatience, kCount };
  TimerTable<Timer> timers_;
  std::uint32_t next_id_ = 1;  // of streams and queries
  NameQueryId query_;
  StreamId stream_;
  std::deque<IpAddress> untried_;
  IpAddress server_;
  std::string key_;
  std::string answer_;  // HTTP, until its head is whole
  std::optional<Decoder> decoder_;
  Encoder encoder_;
  Fifo<Transmit> transmits_;
  Fifo<Event> events_;
};

}  // namespace beeline::websocket
