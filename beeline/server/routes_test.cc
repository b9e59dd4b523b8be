#include "beeline/server/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::server {
namespace {

using net::HttpRequest;
using net::HttpResponse;
using testing::HasSubstr;

class RoutesTest : public testing::Test {
 protected:
  static HttpRequest get(std::string target, bool encrypted = true,
                         std::string host = "meet.example:8443") {
    HttpRequest request;
    request.method = "GET";
    request.target = std::move(target);
    request.encrypted = encrypted;
    request.headers = {{"Host", std::move(host)}};
    return request;
  }
  HttpResponse answer(const HttpRequest& request) const {
    return std::get<HttpResponse>(routes_.answer(request));
  }
  // The status of a refusal, or what the signaling is asked for, as a status of its own.
  unsigned status(const HttpRequest& request) const {
    const auto routed = routes_.answer(request);
    if (const auto* response = std::get_if<HttpResponse>(&routed)) return response->status;
    return std::get<SignalingRequest>(routed) == SignalingRequest::kWebSocket ? 101U : 200U;
  }
  static HttpRequest websocket(std::string target, bool encrypted = true) {
    HttpRequest request = get(std::move(target), encrypted);
    request.headers.insert(request.headers.end(),
                           {{"Upgrade", "websocket"}, {"Connection", "keep-alive, Upgrade"}});
    return request;
  }
  static HttpRequest post(std::string target, std::string type = "application/json") {
    HttpRequest request = get(std::move(target));
    request.method = "POST";
    request.headers.emplace_back("Content-Type", std::move(type));
    return request;
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }

  Routes routes_{{{"/index.html", "d1", as_bytes("<app>")},
                  {"/trust.html", "d2", as_bytes("<trust>")},
                  {"/assets/app-1234.js", "d3", as_bytes("code")}},
                 {"AUTHORITY", {"https://app.example"}}};
};

TEST_F(RoutesTest, serves_the_app_with_a_policy_that_lets_nothing_else_in) {
  const HttpResponse response = answer(get("/"));
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, "<app>");
  EXPECT_EQ(header(response, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(header(response, "Content-Security-Policy"), HasSubstr("default-src 'self'"));
  EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
}

TEST_F(RoutesTest, files_with_a_hash_in_their_name_are_kept_for_good_and_others_are_asked_about) {
  EXPECT_THAT(header(answer(get("/assets/app-1234.js?x=1")), "Cache-Control"),
              HasSubstr("immutable"));
  HttpRequest again = get("/");
  again.headers.emplace_back("If-None-Match", "\"d1\"");
  EXPECT_EQ(answer(again).status, 304U);
  EXPECT_TRUE(answer(again).body.empty());
}

TEST_F(RoutesTest, clear_text_is_for_this_machine_and_for_the_way_to_tls) {
  EXPECT_EQ(answer(get("/", false, "localhost:8443")).status, 200U);
  EXPECT_EQ(answer(get("/", false, "127.0.0.1:8443")).status, 200U);
  EXPECT_EQ(answer(get("/", false, "[::1]:8443")).status, 200U);
  const HttpResponse moved = answer(get("/x?y", false));
  EXPECT_EQ(moved.status, 307U);
  EXPECT_EQ(header(moved, "Location"), "https://meet.example:8443/x?y");
  EXPECT_EQ(answer(get("/trust", false)).body, "<trust>");
  EXPECT_EQ(answer(get("/beeline-authority.crt", false)).body, "AUTHORITY");
}

TEST_F(RoutesTest, what_is_not_there_is_said) {
  EXPECT_EQ(answer(get("/../etc/passwd")).status, 404U);
  EXPECT_EQ(answer(get("")).status, 404U);
  HttpRequest post = get("/");
  post.method = "POST";
  EXPECT_EQ(answer(post).status, 405U);
  EXPECT_EQ(answer(get("/api/signal")).status, 426U);
}

// W2: a page of another origin that uses its visitor's way to the server.
TEST_F(RoutesTest, only_our_own_pages_and_programs_open_a_websocket) {
  const auto status = [&](const char* origin, bool encrypted = true) {
    HttpRequest request = websocket("/api/signal", encrypted);
    if (origin != nullptr) request.headers.emplace_back("Origin", origin);
    return RoutesTest::status(request);
  };
  EXPECT_EQ(status(nullptr), 101U) << "a program, not a browser";
  EXPECT_EQ(status("https://meet.example:8443"), 101U);
  EXPECT_EQ(status("https://app.example"), 101U) << "allowed by configuration";
  for (const char* other :
       {"null", "https://evil.example", "http://meet.example:8443", "https://meet.example",
        "https://meet.example:8444", "https://sub.meet.example:8443",
        "https://meet.example:8443.evil.example", "https://xn--mt-1ia.example:8443",
        "https://app.example.evil"})
    EXPECT_EQ(status(other), 403U) << other;
  EXPECT_EQ(status("https://meet.example:8443", false), 403U) << "the scheme is part of the origin";
  EXPECT_EQ(RoutesTest::status(websocket("/elsewhere")), 404U);
}

TEST_F(RoutesTest, only_our_own_pages_and_programs_post_messages) {
  for (const char* path : {"/api/signal", "/api/signal/messages"}) {
    EXPECT_EQ(status(post(path)), 200U);
    EXPECT_EQ(status(post(path, "application/json; charset=utf-8")), 200U);
    for (const char* form : {"text/plain", "application/x-www-form-urlencoded", ""})
      EXPECT_EQ(status(post(path, form)), 415U) << "what a page may send without asking";
    HttpRequest foreign = post(path);
    foreign.headers.emplace_back("Origin", "https://evil.example");
    EXPECT_EQ(status(foreign), 403U);
    EXPECT_TRUE(routes_.cors_headers(foreign).empty());
  }
}

TEST_F(RoutesTest, a_browser_that_asks_first_is_told_what_an_allowed_origin_may_do) {
  HttpRequest ask = get("/api/signal/messages");
  ask.method = "OPTIONS";
  ask.headers.emplace_back("Origin", "https://app.example");
  const HttpResponse response = answer(ask);
  EXPECT_EQ(response.status, 204U);
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "POST");
  EXPECT_THAT(header(response, "Access-Control-Allow-Headers"), HasSubstr("beeline-session"));
  EXPECT_EQ(header(response, "Vary"), "Origin");
  EXPECT_EQ(header(response, "Access-Control-Allow-Credentials"), "");
  ask.headers.back().second = "https://evil.example";
  EXPECT_EQ(answer(ask).status, 403U);
  EXPECT_EQ(header(answer(ask), "Access-Control-Allow-Origin"), "");
}

// W5: what GET and HEAD reach changes nothing, whatever they carry.
TEST_F(RoutesTest, no_get_changes_anything) {
  for (const char* method : {"GET", "HEAD"})
    for (const char* path : {"/", "/api/signal", "/api/signal/messages", "/api/health", "/trust"}) {
      HttpRequest request = post(path);
      request.method = method;
      request.body = R"([{"type":"leave"}])";
      EXPECT_TRUE(std::holds_alternative<HttpResponse>(routes_.answer(request))) << path;
    }
  EXPECT_EQ(status(get("/api/signal/messages")), 404U);
}

}  // namespace
}  // namespace beeline::server
