// A TCP connection on the loop, in the clear or inside TLS, told apart by its first byte; and the
// listener that accepts them.
#pragma once

#include <expected>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "beeline/base/address.h"
#include "beeline/net/event_loop.h"
#include "beeline/net/send_queue.h"
#include "beeline/net/socket_address.h"
#include "beeline/net/tls.h"

namespace beeline::net {

// What a string holds, for whoever takes bytes that may be overwritten.
inline MutableBytes as_mutable_bytes(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

// Shared because it outlives its owner while what was sent goes out; whoever uses it calls detach()
// before it goes away itself.
class TcpStream final : public std::enable_shared_from_this<TcpStream>,
                        private ReadySockets::Reader {
 public:
  struct Callbacks {
    // Plain text; the view dies with the call, and what it shows may be overwritten.
    std::function<void(MutableBytes)> received;
    std::function<void()> closed;  // once, by the other side or an error; nothing comes after
  };

  // `tls`: null where only clear text is spoken.
  TcpStream(EventLoop& loop, FileDescriptor socket, std::shared_ptr<TlsServer> tls);
  ~TcpStream() override;

  void start(Callbacks callbacks);
  // Gives a started stream to another owner; may be called once, also from inside a callback.
  void take_over(Callbacks callbacks);
  // Forget the callbacks and let go of the connection once what was sent is out (at most 5 s).
  void detach();

  // Goes out at the end of the loop's round, together with what else was sent until then.
  void send(std::string_view bytes) { send({bytes}); }
  // `more` comes after the parts, and is not copied where that would cost more.
  void send(std::initializer_list<std::string_view> parts, const SharedText& more = {});
  // Between these nothing is received, what comes waits at its sender, and the other side's end
  // goes unnoticed.
  void pause();
  void resume();
  std::size_t unsent_bytes() const { return queue_ ? queue_->size() : 0; }

  bool encrypted() const { return session_ != nullptr; }
  const TransportAddress& remote() const { return remote_; }
  const TransportAddress& local() const { return local_; }

 private:
  void ready(ReadySockets::Readiness what) override;
  void round_done() override;
  void read();
  void take(MutableBytes bytes);
  SendQueue& queue();
  void forget_queue();
  void write_soon();
  void write_some();
  void end();
  void shut();

  EventLoop& loop_;
  FileDescriptor socket_;
  std::uint64_t ready_id_ = 0;  // once this is started
  std::shared_ptr<TlsServer> tls_;
  std::unique_ptr<TlsSession> session_;
  std::unique_ptr<Alarm> linger_;  // there once this is detached
  std::unique_ptr<Callbacks> callbacks_;
  std::unique_ptr<Callbacks> former_callbacks_;  // one of them may be running
  TransportAddress remote_;
  TransportAddress local_;
  std::unique_ptr<SendQueue> queue_;  // there while something is to be sent
  bool first_byte_seen_ = false;
  bool detached_ = false;
  bool open_ = true;
  bool readable_ = false;    // there may be something to read
  bool ended_ = false;       // what there is to read ends with the stream
  bool full_ = false;        // the socket takes no more until it says so
  bool write_owed_ = false;  // at the end of the round
  bool paused_ = false;
};

class TcpListener final : private ReadySockets::Reader {
 public:
  using Accepted = std::function<void(FileDescriptor)>;
  // Binds and listens at once; IPv6 listeners take no IPv4.
  static std::expected<std::unique_ptr<TcpListener>, std::error_code> listen(
      EventLoop& loop, const TransportAddress& local, Accepted accepted);
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  ~TcpListener() override;

  const TransportAddress& local() const { return local_; }

 private:
  TcpListener(EventLoop& loop, FileDescriptor socket, Accepted accepted);
  void ready(ReadySockets::Readiness what) override;
  void round_done() override {}
  void wait();

  EventLoop& loop_;
  FileDescriptor socket_;
  Alarm retry_;
  TransportAddress local_;
  Accepted accepted_;
  std::uint64_t ready_id_ = 0;
};

}  // namespace beeline::net
