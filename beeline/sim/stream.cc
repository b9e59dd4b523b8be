#include "beeline/sim/stream.h"

#include <utility>

#include "beeline/sim/world.h"

namespace beeline::sim {
namespace {

// The hello of either side, shaped like a TLS record: 22, 3, 3, two bytes of length, a text. What a
// server reads first tells TLS from everything else.
constexpr std::uint8_t kHandshake = 22;
constexpr std::size_t kHelloHeader = 5;
constexpr Duration kHandshakeTimeout = std::chrono::seconds(10);

std::vector<std::uint8_t> make_hello(const std::string& text) {
  std::vector<std::uint8_t> hello(kHelloHeader + text.size());
  ByteWriter writer(hello);
  writer.u8(kHandshake);
  writer.u16(0x0303);
  writer.u16(static_cast<std::uint16_t>(text.size()));
  writer.append(as_bytes(text));
  return hello;
}

}  // namespace

Stream::Stream(TcpConnection& connection, StreamKind kind, std::string server_name)
    : connection_(&connection),
      node_(connection.node()),
      local_(connection.pair().local),
      remote_(connection.pair().remote),
      kind_(kind),
      server_name_(std::move(server_name)),
      handlers_(std::make_shared<const StreamHandlers>()),
      handshake_(node_, [this] { break_off(StreamEnd::kNoAnswer); }) {}

Stream::~Stream() {
  if (connection_ != nullptr) connection_->close();
}

void Stream::set_handlers(StreamHandlers handlers) {
  handlers_ = std::make_shared<const StreamHandlers>(std::move(handlers));
}

void Stream::send(Bytes bytes) {
  if (connection_ != nullptr) connection_->send(bytes);
}

void Stream::reset() {
  if (TcpConnection* const connection = std::exchange(connection_, nullptr))
    connection->break_off();
}

void Stream::connected() {
  if (kind_ == StreamKind::kTcp) return open();
  phase_ = Phase::kServerHello;
  handshake_.set(node_.world().now() + kHandshakeTimeout);
  connection_->send(make_hello(server_name_));
}

void Stream::await_client() {
  phase_ = Phase::kClientHello;
}

void Stream::open() {
  phase_ = Phase::kOpen;
  handshake_.set({});
  const auto handlers = handlers_;
  if (handlers->opened) handlers->opened();
}

void Stream::hear(Bytes bytes) {
  if (phase_ == Phase::kOpen) {
    const auto handlers = handlers_;
    if (handlers->heard) handlers->heard(bytes);
    return;
  }
  hello_.insert(hello_.end(), bytes.begin(), bytes.end());
  if (phase_ == Phase::kClientHello && hello_[0] != kHandshake) return accept(std::move(hello_));
  if (hello_.size() < kHelloHeader) return;
  ByteReader reader(hello_);
  reader.skip(3);
  const std::size_t size = reader.u16();
  if (reader.remaining() < size) return;
  const std::string text(as_text(reader.take(size)));
  const Bytes rest = reader.take_rest();
  std::vector<std::uint8_t> behind(rest.begin(), rest.end());
  if (phase_ == Phase::kServerHello) return on_server_hello(text, std::move(behind));
  // Whose certificate is shown is the node's name; whether it is good the client judges.
  kind_ = StreamKind::kTls;
  connection_->send(make_hello(node_.name()));
  accept(std::move(behind));
}

void Stream::on_server_hello(const std::string& node, std::vector<std::uint8_t> behind) {
  if (!node_.world().trusts(node, server_name_)) return break_off(StreamEnd::kNoCertificate);
  const auto handlers = handlers_;
  open();
  // The program may have destroyed the stream; then nobody hears the rest through these.
  if (!behind.empty() && handlers->heard && handlers.use_count() > 1) handlers->heard(behind);
}

void Stream::accept(std::vector<std::uint8_t> first_bytes) {
  phase_ = Phase::kOpen;
  Listener* const listener = node_.tcp().listener_for(local_);
  if (listener == nullptr) return break_off(StreamEnd::kByPeer);
  TcpConnection& connection = *connection_;
  listener->accept(connection.release());
  if (!first_bytes.empty()) connection.hear_again(first_bytes);
}

void Stream::break_off(StreamEnd reason) {
  if (TcpConnection* const connection = std::exchange(connection_, nullptr))
    connection->break_off();
  end(reason);
}

void Stream::set_writable(bool writable) {
  const auto handlers = handlers_;
  if (handlers->writable) handlers->writable(writable);
}

void Stream::end(StreamEnd reason) {
  connection_ = nullptr;
  handshake_.set({});
  const auto handlers = handlers_;
  if (handlers->closed) handlers->closed(reason);
}

Listener::Listener(Node& node, const TransportAddress& local, ListenFor what,
                   ListenHandlers handlers)
    : node_(&node),
      local_(local),
      what_(what),
      handlers_(std::make_shared<const ListenHandlers>(std::move(handlers))) {}

Listener::~Listener() {
  if (node_ != nullptr) node_->tcp().forget(*this);
}

void Listener::arrive(TcpConnection& connection) {
  auto stream = std::make_unique<Stream>(connection, StreamKind::kTcp, "");
  if (what_ == ListenFor::kTcpOrTls) stream->await_client();
  connection.adopt(std::move(stream));
  if (what_ == ListenFor::kTcp) accept(connection.release());
}

void Listener::accept(std::unique_ptr<Stream> stream) {
  const auto handlers = handlers_;
  if (handlers->accepted) handlers->accepted(std::move(stream));
}

void Listener::lose_address() {
  node_ = nullptr;
  const auto handlers = handlers_;
  if (handlers->closed) handlers->closed();
}

}  // namespace beeline::sim
