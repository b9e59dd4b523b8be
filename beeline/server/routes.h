// What the web server answers: the app's files, health, the page and file for trusting our own
// authority. Pure: a request in, a response out.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "beeline/net/http.h"
#include "beeline/server/web_assets.h"

namespace beeline::server {

class Routes {
 public:
  struct Settings {
    std::string authority_pem;               // empty: /trust answers 404
    std::vector<std::string> allow_origins;  // besides the request's own
  };

  Routes(std::vector<WebAsset> assets, Settings settings);

  // A response, or none where a WebSocket request may go on.
  std::optional<net::HttpResponse> answer(const net::HttpRequest& request, bool is_websocket) const;

 private:
  std::optional<net::HttpResponse> refuse_websocket(const net::HttpRequest& request) const;
  net::HttpResponse page(const net::HttpRequest& request) const;
  bool origin_allowed(const net::HttpRequest& request) const;

  std::unordered_map<std::string_view, WebAsset> assets_;
  Settings settings_;
};

inline constexpr std::string_view kSignalPath = "/api/signal";

}  // namespace beeline::server
