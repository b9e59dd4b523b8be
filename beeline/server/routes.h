// What the web server answers: the app's files, health, the page and file for trusting our own
// authority. Pure: a request in, a response out.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "beeline/net/http.h"
#include "beeline/server/web_assets.h"

namespace beeline::server {

enum class SignalingRequest { kWebSocket, kHello, kMessages };

class Routes {
 public:
  struct Settings {
    std::string authority_pem;               // empty: /trust answers 404
    std::vector<std::string> allow_origins;  // besides the request's own
  };

  Routes(std::vector<WebAsset> assets, Settings settings);

  // What is answered from now on.
  void set_settings(Settings settings) { settings_ = std::move(settings); }

  // A response, or which part of the signaling this request is for.
  std::variant<net::HttpResponse, SignalingRequest> answer(const net::HttpRequest& request) const;
  // What lets an allowed page of another origin read the signaling's answer to this request.
  std::vector<std::pair<std::string, std::string>> cors_headers(
      const net::HttpRequest& request) const;

 private:
  std::variant<net::HttpResponse, SignalingRequest> websocket(
      const net::HttpRequest& request) const;
  std::variant<net::HttpResponse, SignalingRequest> post(const net::HttpRequest& request) const;
  net::HttpResponse preflight(const net::HttpRequest& request) const;
  net::HttpResponse page(const net::HttpRequest& request) const;
  bool origin_allowed(const net::HttpRequest& request) const;

  std::unordered_map<std::string_view, WebAsset> assets_;
  Settings settings_;
};

inline constexpr std::string_view kSignalPath = "/api/signal";
inline constexpr std::string_view kMessagesPath = "/api/signal/messages";

}  // namespace beeline::server
