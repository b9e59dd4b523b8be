#include "beeline/server/routes.h"

#include <fmt/format.h>

#include <algorithm>

namespace beeline::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kAuthorityPath = "/beeline-authority.crt";

std::string_view content_type(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"}};
  for (const auto& [ending, type] : kTypes)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

// The same for every answer: the app needs nothing from anywhere else, and nothing may frame it.
void harden(HttpResponse& response) {
  const auto add = [&](std::string name, std::string value) {
    response.headers.emplace_back(std::move(name), std::move(value));
  };
  add("Content-Security-Policy",
      "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; "
      "media-src 'self' blob: mediastream:; style-src 'self'; script-src 'self'; object-src "
      "'none'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Permissions-Policy",
      "camera=(self), microphone=(self), display-capture=(self), geolocation=()");
}

// "https://Host" of the request itself, as a browser writes an Origin.
std::string own_origin(const HttpRequest& request) {
  return fmt::format("{}://{}", request.encrypted ? "https" : "http", request.header("host"));
}

HttpResponse wrong_origin() {
  return HttpResponse::text(403, "This origin may not use the signaling; see --allow-origin.\n");
}

bool is_local_name(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto ip = IpAddress::parse(host);
  return ip && ip->is_loopback();
}

}  // namespace

Routes::Routes(std::vector<WebAsset> assets, Settings settings) : settings_(std::move(settings)) {
  for (const WebAsset& asset : assets) assets_.emplace(asset.path, asset);
}

std::variant<HttpResponse, SignalingRequest> Routes::answer(const HttpRequest& request) const {
  if (request.wants_websocket()) return websocket(request);
  const bool signaling = request.path() == kSignalPath || request.path() == kMessagesPath;
  if (signaling && request.method == "OPTIONS") return preflight(request);
  if (signaling && request.method == "POST") return post(request);
  HttpResponse response = page(request);
  harden(response);
  return response;
}

// A page of another origin must not use a visitor's connection (security: cross-site WebSocket
// hijacking). Programs that are not browsers send no Origin.
bool Routes::origin_allowed(const HttpRequest& request) const {
  const std::string_view origin = request.header("origin");
  return origin.empty() || origin == own_origin(request) ||
         std::ranges::find(settings_.allow_origins, origin) != settings_.allow_origins.end();
}

std::vector<std::pair<std::string, std::string>> Routes::cors_headers(
    const HttpRequest& request) const {
  const std::string_view origin = request.header("origin");
  if (origin.empty() || !origin_allowed(request)) return {};
  return {{"Access-Control-Allow-Origin", std::string(origin)},
          {"Access-Control-Expose-Headers", "Beeline-Session, Retry-After"},
          {"Vary", "Origin"}};
}

std::variant<HttpResponse, SignalingRequest> Routes::websocket(const HttpRequest& request) const {
  if (request.path() != kSignalPath)
    return HttpResponse::text(404, "There is no WebSocket here.\n");
  if (!origin_allowed(request)) return wrong_origin();
  return SignalingRequest::kWebSocket;
}

std::variant<HttpResponse, SignalingRequest> Routes::post(const HttpRequest& request) const {
  if (!origin_allowed(request)) return wrong_origin();
  // A form of another page cannot send this type, so no browser gets here without having asked
  // first.
  const std::string_view type = request.header("content-type");
  if (type.substr(0, type.find(';')) != "application/json")
    return HttpResponse::text(415, "Messages are application/json.\n");
  return request.path() == kSignalPath ? SignalingRequest::kHello : SignalingRequest::kMessages;
}

// A browser asks before a page of another origin may POST here.
HttpResponse Routes::preflight(const HttpRequest& request) const {
  if (!origin_allowed(request)) return wrong_origin();
  HttpResponse response{
      204,
      {{"Access-Control-Allow-Methods", "POST"},
       {"Access-Control-Allow-Headers", "content-type, beeline-session, beeline-sequence"},
       {"Access-Control-Max-Age", "600"}},
      ""};
  for (auto& header : cors_headers(request)) response.headers.push_back(std::move(header));
  return response;
}

HttpResponse Routes::page(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = HttpResponse::text(405, "Only GET and HEAD are answered here.\n");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  std::string_view path = request.path();
  if (path == "/api/health") return HttpResponse::text(200, "ok\n");
  if (path == kSignalPath) {
    HttpResponse response =
        HttpResponse::text(426, "This address speaks WebSocket, or takes a POST.\n");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  if (path == kAuthorityPath && !settings_.authority_pem.empty())
    return {200,
            {{"Content-Type", "application/x-x509-ca-cert"}, {"Cache-Control", "no-cache"}},
            settings_.authority_pem};
  if (path == "/trust") path = settings_.authority_pem.empty() ? "/" : "/trust.html";
  // Cameras need a secure context, so clear text is for this machine itself and for what leads to
  // TLS.
  const bool leads_to_tls = path.starts_with("/trust");
  if (!request.encrypted && !is_local_name(request.host_name()) && !leads_to_tls)
    return {307,
            {{"Location", fmt::format("https://{}{}", request.header("host"), request.target)}},
            ""};
  const auto found = assets_.find(path == "/" ? "/index.html" : path);
  if (found == assets_.end()) return HttpResponse::text(404, "There is nothing here.\n");
  const WebAsset& asset = found->second;
  const std::string tag = fmt::format("\"{}\"", asset.digest);
  // Files below /assets/ carry their hash in their name and never change.
  const bool immutable = asset.path.starts_with("/assets/");
  HttpResponse response{
      200,
      {{"Content-Type", std::string(content_type(asset.path))},
       {"ETag", tag},
       {"Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache"}},
      std::string(as_text(asset.content))};
  if (request.header("if-none-match") == tag) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

}  // namespace beeline::server
