// An HTTP server on one port that speaks TLS and clear text (told apart by the first byte) and
// turns connections into channels: WebSockets or event streams. What the answers are is the
// caller's business.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "beeline/base/deadline_queue.h"
#include "beeline/base/rate.h"
#include "beeline/net/http.h"
#include "beeline/net/tcp_stream.h"

namespace beeline::net {

class HttpConnection;

class HttpServer {
 public:
  struct Limits {
    std::size_t connections = 20'000;
    std::size_t connections_per_source = 512;  // an IPv4 address or an IPv6 /64
    std::chrono::seconds request_time{10};     // from the first byte awaited to the last one read
    std::chrono::seconds keep_alive_time{60};
    std::size_t unsent_bytes = 1024 * 1024;  // a channel's reader slower than this is let go
    // A WebSocket is pinged, and gone where two pings in a row are unanswered; an event stream gets
    // a comment.
    std::chrono::seconds alive_every{15};
    Rate messages{300, std::chrono::milliseconds(50)};  // of a channel; more are read more slowly
  };

  struct Callbacks {
    std::function<HttpAnswer(const HttpRequest&)> request;
    std::function<void(ChannelId, const HttpRequest&)> channel_opened;
    std::function<void(ChannelId, std::string_view text)> channel_text;
    std::function<void(ChannelId)> channel_binary;
    // `clean`: the other side said goodbye (close code 1000 or 1001) first.
    std::function<void(ChannelId, bool clean)> channel_closed;
    // Takes a connection whose first byte starts a STUN message, and its first bytes (borrowed for
    // the call). May be empty: then such a connection is bad HTTP.
    std::function<void(std::shared_ptr<TcpStream>, Bytes)> stun_stream;
  };

  HttpServer(EventLoop& loop, Limits limits, Callbacks callbacks);
  ~HttpServer();

  // May be replaced while running; connections that exist keep theirs.
  void set_tls(std::shared_ptr<TlsServer> tls) { tls_ = std::move(tls); }
  void accept(FileDescriptor socket);

  // The message is `text` and then `more`, which need not be put together first.
  void channel_send(ChannelId id, std::string_view text, const SharedText& more = {});
  // Says goodbye with `code` and closes; channel_closed is not called for it any more.
  void channel_close(ChannelId id, std::uint16_t code);
  // An event stream's messages come in requests of their own; they count as the channel's. Zero
  // where it may say more now, else how long until it may.
  Duration channel_must_wait(ChannelId id) const;
  void channel_received(ChannelId id, std::size_t messages);

  std::size_t connections() const { return connections_.size(); }
  std::uint64_t refused() const { return refused_; }

 private:
  friend class HttpConnection;
  HttpConnection* find(ChannelId id) const;
  void set_deadline(ChannelId id, Instant at);
  void on_alarm();
  void release(ChannelId id);

  EventLoop& loop_;
  Limits limits_;
  Callbacks callbacks_;
  std::shared_ptr<TlsServer> tls_;
  boost::unordered_flat_map<std::uint64_t, std::unique_ptr<HttpConnection>> connections_;
  std::unordered_map<IpAddress, std::size_t> per_source_;
  // One queue for all connections: an alarm for each would be most of what an idle one costs.
  DeadlineQueue<std::uint64_t> deadlines_;
  Alarm alarm_;
  std::uint64_t next_id_ = 1;
  std::uint64_t refused_ = 0;
};

}  // namespace beeline::net
