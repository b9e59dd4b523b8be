#include "beeline/net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace beeline::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kMaxHeader = 16 * 1024;
constexpr std::size_t kMaxBody = 128 * 1024;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_ignoring_case(key, name)) return value;
  return {};
}

bool HttpRequest::header_has_token(std::string_view name, std::string_view token) const {
  std::string_view rest = header(name);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view part = rest.substr(0, comma);
    while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) part.remove_prefix(1);
    while (!part.empty() && (part.back() == ' ' || part.back() == '\t')) part.remove_suffix(1);
    if (same_ignoring_case(part, token)) return true;
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return false;
}

bool HttpRequest::wants_websocket() const {
  return header_has_token("upgrade", "websocket") && header_has_token("connection", "upgrade");
}

std::string_view HttpRequest::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string HttpRequest::host_name() const {
  std::string_view host = header("host");
  if (!host.empty() && host.front() == '[') return std::string(host.substr(1, host.find(']') - 1));
  return std::string(host.substr(0, host.find(':')));
}

HttpResponse HttpResponse::text(unsigned status, std::string body) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(body)};
}

namespace {
void append_headers(std::string& out,
                    const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) out += fmt::format("{}: {}\r\n", name, value);
}
}  // namespace

std::string serialize(const OpenEventStream& stream) {
  // no-transform and the last header: an intermediary that collects what passes would hold events
  // back.
  std::string out =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
      "Cache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n";
  append_headers(out, stream.headers);
  return out += "\r\n";
}

//= RFC 9112 §7.1
std::string event_chunk(std::string_view message) {
  constexpr std::size_t kAround = 8;  // "data: " and two line feeds
  return fmt::format("{:x}\r\ndata: {}\n\n\r\n", message.size() + kAround, message);
}

std::string serialize(const HttpResponse& response, bool keep_alive, bool head_only) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                std::string_view(reason.data(), reason.size()));
  append_headers(out, response.headers);
  if (response.status != 101 && response.status != 204)
    out += fmt::format("Content-Length: {}\r\n", response.body.size());
  if (!keep_alive && response.status != 101) out += "Connection: close\r\n";
  out += "\r\n";
  if (!head_only) out += response.body;
  return out;
}

struct HttpRequestReader::Parser {
  http::request_parser<http::string_body> beast;
  Parser() {
    beast.header_limit(kMaxHeader);
    beast.body_limit(kMaxBody);
    beast.eager(true);
  }
};

HttpRequestReader::HttpRequestReader() : parser_(std::make_unique<Parser>()) {}
HttpRequestReader::~HttpRequestReader() = default;

HttpRequestReader::Result HttpRequestReader::read(Bytes& bytes) {
  // Beast wants to see an incomplete header again, so what it did not use is kept in front of the
  // next bytes.
  idle_ = false;
  const std::size_t kept = pending_.size();
  pending_ += as_text(bytes);
  boost::system::error_code error;
  const std::size_t used =
      parser_->beast.put(boost::asio::buffer(pending_.data(), pending_.size()), error);
  if (error == http::error::need_more) {
    pending_.erase(0, used);
    bytes = {};
    return pending_.size() > kMaxHeader ? Result::kTooLarge : Result::kMore;
  }
  if (error == http::error::header_limit || error == http::error::body_limit ||
      error == http::error::buffer_overflow)
    return Result::kTooLarge;
  if (error) return Result::kBad;
  pending_.clear();
  bytes = bytes.subspan(std::min(bytes.size(), used > kept ? used - kept : 0));
  if (parser_->beast.is_done()) return Result::kRequest;
  return bytes.empty() ? Result::kMore : read(bytes);
}

HttpRequest HttpRequestReader::take() {
  auto message = parser_->beast.release();
  parser_ = std::make_unique<Parser>();
  idle_ = true;
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.keep_alive = message.keep_alive();
  for (const auto& field : message)
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  request.body = std::move(message.body());
  return request;
}

}  // namespace beeline::net
