// The real host of client cores: serves whatever speaks the words of base/host_io.h with sockets,
// streams, names and interfaces of this machine. ClientIo does it; ClientHost ties one core to it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "beeline/base/host_io.h"
#include "beeline/net/client_stream.h"
#include "beeline/net/core_host.h"
#include "beeline/net/event_loop.h"
#include "beeline/net/interface_watch.h"
#include "beeline/net/local_names.h"
#include "beeline/net/tcp_stream.h"
#include "beeline/net/udp_socket.h"

namespace beeline::net {

struct ClientIoSettings {
  // Trusted besides what the system trusts (PEM); may be empty.
  std::string authority_pem;
  Duration stream_patience = std::chrono::seconds(10);  // for TCP, and TLS with it, to open
};

struct ClientIoCounters {
  std::uint64_t unsent = 0;  // packets for sockets and streams that are not there
};

class ClientIo {
 public:
  struct Callbacks {
    // May be called from inside request().
    std::function<void(HostInput)> input;
    // After one or more inputs that came from the loop, not for those from inside request().
    std::function<void()> settle;
  };
  ClientIo(EventLoop& loop, ClientIoSettings settings, Callbacks callbacks);
  ClientIo(const ClientIo&) = delete;
  ClientIo& operator=(const ClientIo&) = delete;
  ~ClientIo();

  void request(HostRequest request);
  void transmit(HostTransmit transmit);
  // Sends the datagrams that were handed in.
  void flush();

  const ClientIoCounters& counters() const { return counters_; }

 private:
  struct UdpEntry {
    std::unique_ptr<UdpSocket> socket;
    IpAddress source;  // what it sends from
    bool unsent = false;
  };
  using BindResult = std::expected<std::unique_ptr<UdpSocket>, std::error_code>;

  void on(WatchInterfaces);
  void on(const BindUdp& bind);
  void on(const JoinGroup& join);
  void on(const ReleaseUdp& release);
  void on(const OpenStream& open);
  void on(const ListenStreams& listen);
  void on(const CloseStream& close);
  void on(const ResolveName& resolve);
  void on(const PublishName& publish);
  void on(const WithdrawName& withdraw);
  void on(SendDatagram send);
  void on(SendStream send);

  UdpSocket::Callbacks udp_callbacks(SocketId id);
  void keep(SocketId id, const IpAddress& source, BindResult result);
  void release(SocketId id);
  ClientStream::Callbacks stream_callbacks(StreamId id);
  void accepted(StreamId listener, FileDescriptor socket);
  std::shared_ptr<TlsClient> tls();
  LocalNames& local_names();
  void interfaces_changed(const std::vector<Interface>& interfaces);
  // For what comes from the loop: an input, and the end of the batch.
  void tell(HostInput input);

  EventLoop& loop_;
  ClientIoSettings settings_;
  Callbacks callbacks_;
  std::shared_ptr<TlsClient> tls_;  // once somebody needs it: it holds every authority there is
  std::unique_ptr<InterfaceWatch> watch_;
  boost::asio::ip::tcp::resolver resolver_;
  std::unique_ptr<LocalNames> local_names_;  // once somebody needs them
  std::map<SocketId, UdpEntry> sockets_;
  std::map<StreamId, std::shared_ptr<ClientStream>> streams_;
  std::map<StreamId, IpAddress> stream_sources_;  // by which address each one leaves
  std::map<StreamId, std::unique_ptr<TcpListener>> listeners_;
  std::uint32_t next_accepted_ = StreamId::kAccepted;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  ClientIoCounters counters_;
};

// `Core`: Input is HostInput, Transmit is HostTransmit, Event is HostRequest or a variant that has
// it. `Owner` takes the other events: handle_event(Core::Event). Core and Owner are borrowed.
template <ProtocolCore Core, typename Owner>
class ClientHost {
 public:
  ClientHost(EventLoop& loop, Core& core, Owner& owner, ClientIoSettings settings = {})
      : owner_(owner),
        host_(loop, core, *this),
        io_(loop, std::move(settings),
            {[this](HostInput input) { host_.input(std::move(input)); }, [this] { settle(); }}) {}

  // To be called after commands of the core.
  void settle() { host_.settle(); }
  const ClientIo& io() const { return io_; }

  // For drain().
  void transmit(HostTransmit transmit) { io_.transmit(std::move(transmit)); }
  void handle_event(typename Core::Event event) {
    if constexpr (std::is_same_v<typename Core::Event, HostRequest>) {
      io_.request(std::move(event));
    } else if (auto* request = std::get_if<HostRequest>(&event)) {
      io_.request(std::move(*request));
    } else {
      owner_.handle_event(std::move(event));
    }
  }
  void drained() { io_.flush(); }

 private:
  Owner& owner_;
  CoreHost<Core, ClientHost> host_;
  ClientIo io_;
};

}  // namespace beeline::net
