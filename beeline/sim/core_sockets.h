// Serves the words of base/host_io.h on a node: opens what one core asks for, sends what it sends,
// and tells it what comes. core_node.h ties it to a core.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "beeline/base/host_io.h"
#include "beeline/sim/node.h"

namespace beeline::sim {

class CoreSockets {
 public:
  using Tell = std::function<void(HostInput input)>;

  // Answers at once, from inside serve() and send(), where the answer is known at once. Destroying
  // it is the death of the core's process: everything is closed.
  CoreSockets(Node& node, Tell tell);
  CoreSockets(const CoreSockets&) = delete;
  CoreSockets& operator=(const CoreSockets&) = delete;
  ~CoreSockets();

  void serve(HostRequest request);
  void send(HostTransmit transmit);

 private:
  struct Query {
    std::string name;
    std::unique_ptr<Alarm> answer;
  };

  void on(const WatchInterfaces& request);
  void on(const BindUdp& request);
  void on(const JoinGroup& request);
  void on(const ReleaseUdp& request);
  void on(const OpenStream& request);
  void on(const ListenStreams& request);
  void on(const CloseStream& request);
  void on(const ResolveName& request);
  void on(const PublishName& request);
  void on(const WithdrawName& request);
  void on(SendDatagram transmit);
  void on(SendStream transmit);

  UdpHandlers udp_handlers(SocketId socket);
  StreamHandlers stream_handlers(StreamId stream);
  void keep(SocketId id, std::unique_ptr<UdpSocket> socket);
  void accept(StreamId listener, std::unique_ptr<Stream> stream);

  Node& node_;
  Tell tell_;
  std::optional<InterfaceWatch> watch_;
  std::map<SocketId, std::unique_ptr<UdpSocket>> sockets_;
  std::map<StreamId, std::unique_ptr<Stream>> streams_;
  std::map<StreamId, std::unique_ptr<Listener>> listeners_;
  std::map<NameQueryId, Query> queries_;
  std::set<std::string> published_;
  std::uint32_t next_accepted_ = StreamId::kAccepted;
};

}  // namespace beeline::sim
