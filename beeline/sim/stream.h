// A TCP or TLS connection of a node and a listener for them, as the node's programs hold them. TLS
// is one more round trip and a look at who may be what (World::trust); the bytes stay as they are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "beeline/base/bytes.h"
#include "beeline/base/host_io.h"
#include "beeline/sim/alarm.h"

namespace beeline::sim {

class Node;
class Stream;
class TcpConnection;

struct StreamHandlers {
  std::function<void()> opened{};
  std::function<void(Bytes bytes)> heard{};
  std::function<void(bool writable)> writable{};  // as StreamWritable says
  std::function<void(StreamEnd reason)> closed{};
};

struct StreamTarget {
  StreamKind kind = StreamKind::kTcp;
  IpAddress local{};
  TransportAddress remote{};
  std::string server_name{};  // what the certificate must be for (TLS)
};

// Made by Node::connect() and given to ListenHandlers::accepted. Destroying it closes it, also from
// a handler: what was sent still arrives, nothing is heard any more.
class Stream {
 public:
  Stream(TcpConnection& connection, StreamKind kind, std::string server_name);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  const TransportAddress& local() const { return local_; }
  const TransportAddress& remote() const { return remote_; }
  StreamKind kind() const { return kind_; }
  void set_handlers(StreamHandlers handlers);

  // Nothing once closed.
  void send(Bytes bytes);
  // Breaks off: the other side hears of it at once and may miss what was on its way.
  void reset();

  // For the connection and the listener.
  void await_client();
  void connected();
  void hear(Bytes bytes);
  void set_writable(bool writable);
  void end(StreamEnd reason);
  void lose_connection() { connection_ = nullptr; }

 private:
  enum class Phase : std::uint8_t { kClientHello, kServerHello, kOpen };  // what is awaited
  void open();
  void on_server_hello(const std::string& node, std::vector<std::uint8_t> behind);
  void accept(std::vector<std::uint8_t> first_bytes);
  void break_off(StreamEnd reason);

  TcpConnection* connection_;  // null once closed
  Node& node_;
  TransportAddress local_;
  TransportAddress remote_;
  StreamKind kind_;
  std::string server_name_;
  Phase phase_ = Phase::kOpen;
  std::vector<std::uint8_t> hello_;  // of the other side, so far
  std::shared_ptr<const StreamHandlers> handlers_;
  Alarm handshake_;
};

struct ListenHandlers {
  std::function<void(std::unique_ptr<Stream> stream)> accepted{};
  std::function<void()> closed{};  // its address went away
};

enum class ListenFor : std::uint8_t {
  kTcp,       // every connection, as soon as it is there
  kTcpOrTls,  // told apart by the first byte, so accepted when that has come
};

// Made by Node::listen(). Destroying it closes it, also from a handler.
class Listener {
 public:
  Listener(Node& node, const TransportAddress& local, ListenFor what, ListenHandlers handlers);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  const TransportAddress& local() const { return local_; }

  // For the node.
  void arrive(TcpConnection& connection);
  void accept(std::unique_ptr<Stream> stream);
  void lose_address();

 private:
  Node* node_;  // null once closed
  TransportAddress local_;
  ListenFor what_;
  std::shared_ptr<const ListenHandlers> handlers_;
};

}  // namespace beeline::sim
