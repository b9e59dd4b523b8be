// HTTP/1.1 messages: a request as it was parsed, a response as it will be written. Parsing is
// Boost.Beast's, kept in http.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/bytes.h"

namespace beeline::net {

// A connection that carries text messages: a WebSocket, or an event stream whose client speaks in
// requests of their own.
struct ChannelId {
  std::uint64_t value = 0;
  auto operator<=>(const ChannelId&) const = default;
};

struct HttpRequest {
  std::string method;
  std::string target;  // as sent: path and query, not decoded
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool keep_alive = true;

  // What the connection knows, filled in by the server.
  bool encrypted = false;
  TransportAddress remote;
  TransportAddress local;
  ChannelId channel;  // what this connection is called if it becomes a channel

  // The first header of that name, in any case; empty when absent.
  std::string_view header(std::string_view name) const;
  // True where one of the comma-separated tokens of the header equals `token`, in any case.
  bool header_has_token(std::string_view name, std::string_view token) const;
  bool wants_websocket() const;
  std::string_view path() const;
  // The Host header without its port and without brackets: what the client calls this server.
  std::string host_name() const;
};

struct HttpResponse {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  static HttpResponse text(unsigned status, std::string body);
};

// The connection becomes a WebSocket (RFC 6455).
struct OpenWebSocket {};
// The connection becomes a stream of server-sent events (WHATWG HTML §9.2), with these headers too.
struct OpenEventStream {
  std::vector<std::pair<std::string, std::string>> headers;
};
using HttpAnswer = std::variant<HttpResponse, OpenWebSocket, OpenEventStream>;

// `head_only`: the answer to HEAD, with the body's length but without the body.
std::string serialize(const HttpResponse& response, bool keep_alive, bool head_only);

// An event stream in chunks (RFC 9112 §7.1): its head, a message (without line breaks), a sign of
// life, and the end.
std::string serialize(const OpenEventStream& stream);
std::string event_chunk(std::string_view message);
inline constexpr std::string_view kAliveChunk = "3\r\n:\n\n\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Takes bytes in any pieces; gives one request at a time. Header at most 16 KiB, body at most 128
// KiB: a signaling message of 64 KiB and what stands around it.
class HttpRequestReader {
 public:
  HttpRequestReader();
  ~HttpRequestReader();

  // True where nothing of a next request has come.
  bool idle() const { return idle_; }

  enum class Result { kMore, kRequest, kBad, kTooLarge };
  // Consumes from the front of `bytes` up to the end of one request and moves `bytes` past it.
  Result read(Bytes& bytes);
  // After kRequest: the request; the reader starts anew.
  HttpRequest take();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string pending_;  // header bytes that do not yet form a line
  bool idle_ = true;
};

}  // namespace beeline::net
