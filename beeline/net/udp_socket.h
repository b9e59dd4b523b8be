// A UDP socket on the loop: reads in batches, writes in batches (runs of one size to one
// destination as one, segmented by the kernel or the card), knows on which local address a datagram
// arrived and can answer from it, and hears of ICMP errors.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/packet.h"
#include "beeline/net/event_loop.h"
#include "beeline/net/socket_address.h"

namespace beeline::net {

struct ReceivedDatagram {
  TransportAddress local;  // where it was sent to
  TransportAddress remote;
  Packet packet;
};

// An ICMP or ICMPv6 error about something this socket sent.
struct IcmpError {
  TransportAddress remote;  // whom the lost datagram was for
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t next_hop_mtu = 0;  // 0: not said
};

class UdpSocket final : private ReadySockets::Reader {
 public:
  struct Callbacks {
    std::function<void(ReceivedDatagram)> received;
    // After the last `received` of one round, in which other sockets were read as well.
    std::function<void()> batch_done;
    std::function<void(const IcmpError&)> icmp;
  };

  // Binds at once. Port 0 lets the kernel choose. An unspecified address receives on every address
  // of its family (IPv6 sockets never take IPv4).
  static std::expected<std::unique_ptr<UdpSocket>, std::error_code> bind(
      EventLoop& loop, const TransportAddress& local, Callbacks callbacks);
  // Hears what is sent to `group` on the interface that has the address `interface`, and what is
  // sent to that port of this machine; sends to the group through it. Shares the port with others.
  // local() is unspecified. In udp_group.cc.
  static std::expected<std::unique_ptr<UdpSocket>, std::error_code> join_group(
      EventLoop& loop, const TransportAddress& group, const IpAddress& interface,
      Callbacks callbacks);
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket() override;

  const TransportAddress& local() const { return local_; }

  // Once much comes at a time, the kernel may hand over runs of one size from one sender as one
  // (UDP_GRO), which costs a copy of each and saves most of what receiving costs. For sockets on
  // which much may come from few. Not before that: for the first such socket of a machine and after
  // the last, the kernel rewrites its own code, which takes milliseconds.
  void receive_runs() { may_receive_runs_ = true; }
  bool receives_runs() const { return receives_runs_; }

  // Queues a datagram; flush() sends what is queued. `from` is the source to use on an
  // unspecified-bound socket. What the kernel cannot take at once is dropped and counted: this is
  // UDP.
  void send(const TransportAddress& to, const IpAddress& from, Packet packet);
  void flush();
  bool has_unsent() const { return !outgoing_.empty(); }

  std::uint64_t send_failures() const { return send_failures_; }
  std::uint64_t truncated() const { return truncated_; }

 private:
  struct Outgoing {
    TransportAddress to;
    IpAddress from;
    Packet packet;
  };

  UdpSocket(EventLoop& loop, int fd, const TransportAddress& local, Callbacks callbacks);
  void ready(ReadySockets::Readiness what) override;
  void round_done() override;
  void read_batch();
  void begin_runs();
  void read_runs();
  bool take_run(const TransportAddress& remote, Bytes run, std::size_t segment);
  void read_errors();
  void send_batch(std::size_t first, std::size_t count);
  std::size_t run_length(std::size_t first, std::size_t end) const;
  void set_fragmenting(Fragmenting fragmenting);

  EventLoop& loop_;
  FileDescriptor fd_;
  std::uint64_t ready_id_;
  TransportAddress local_;
  Callbacks callbacks_;
  std::vector<Outgoing> outgoing_;
  std::size_t batch_;                            // how many datagrams the next read makes room for
  Fragmenting fragmenting_ = Fragmenting::kAny;  // as the kernel was told last
  // Bytes: the kernel cuts what we send into so large datagrams, until it says that it cannot.
  std::size_t largest_segment_ = Packet::kMaxPayload;
  bool may_receive_runs_ = false;  // see receive_runs()
  bool receives_runs_ = false;
  std::uint64_t send_failures_ = 0;
  std::uint64_t truncated_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeline::net
