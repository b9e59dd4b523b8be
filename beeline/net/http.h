// HTTP/1.1 messages: a request as it was parsed, a response as it will be written. Parsing is
// Boost.Beast's, kept in http.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/base/address.h"
#include "beeline/base/bytes.h"

namespace beeline::net {

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

  // The first header of that name, in any case; empty when absent.
  std::string_view header(std::string_view name) const;
  // True where one of the comma-separated tokens of the header equals `token`, in any case.
  bool header_has_token(std::string_view name, std::string_view token) const;
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

// `head_only`: the answer to HEAD, with the body's length but without the body.
std::string serialize(const HttpResponse& response, bool keep_alive, bool head_only);

// Takes bytes in any pieces; gives one request at a time. Header at most 16 KiB, body at most 64
// KiB.
class HttpRequestReader {
 public:
  HttpRequestReader();
  ~HttpRequestReader();

  enum class Result { kMore, kRequest, kBad, kTooLarge };
  // Consumes from the front of `bytes` up to the end of one request and moves `bytes` past it.
  Result read(Bytes& bytes);
  // After kRequest: the request; the reader starts anew.
  HttpRequest take();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string pending_;  // header bytes that do not yet form a line
};

}  // namespace beeline::net
