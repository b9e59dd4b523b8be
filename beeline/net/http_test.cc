#include "beeline/net/http.h"

#include <gtest/gtest.h>

namespace beeline::net {
namespace {

constexpr std::string_view kTwoRequests =
    "GET /a?b=c HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\nX-Thing: one, Two ,three\r\n\r\n"
    "POST /b HTTP/1.1\r\nhost: meet.example\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody";

TEST(HttpRequestReader, finds_the_same_requests_wherever_the_bytes_are_cut) {
  for (std::size_t cut = 0; cut <= kTwoRequests.size(); ++cut) {
    HttpRequestReader reader;
    std::vector<HttpRequest> requests;
    for (Bytes piece :
         {as_bytes(kTwoRequests.substr(0, cut)), as_bytes(kTwoRequests.substr(cut))}) {
      while (!piece.empty()) {
        const auto result = reader.read(piece);
        ASSERT_TRUE(result == HttpRequestReader::Result::kMore ||
                    result == HttpRequestReader::Result::kRequest)
            << cut;
        if (result == HttpRequestReader::Result::kRequest) requests.push_back(reader.take());
      }
    }
    ASSERT_EQ(requests.size(), 2U) << cut;
    EXPECT_EQ(requests[0].path(), "/a");
    EXPECT_EQ(requests[0].host_name(), "2001:db8::1");
    EXPECT_TRUE(requests[0].header_has_token("x-thing", "two"));
    EXPECT_FALSE(requests[0].header_has_token("x-thing", "on"));
    EXPECT_TRUE(requests[0].keep_alive);
    EXPECT_EQ(requests[1].method, "POST");
    EXPECT_EQ(requests[1].body, "body");
    EXPECT_FALSE(requests[1].keep_alive);
  }
}

TEST(HttpRequestReader, nonsense_and_excess_are_told_apart) {
  const auto read = [](const std::string& text) {
    HttpRequestReader reader;
    Bytes bytes = as_bytes(text);
    return reader.read(bytes);
  };
  EXPECT_EQ(read("\x16\x03\x01 nonsense\r\n\r\n"), HttpRequestReader::Result::kBad);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')),
            HttpRequestReader::Result::kTooLarge);
  EXPECT_EQ(read("POST / HTTP/1.1\r\nContent-Length: 131072\r\n\r\n"),
            HttpRequestReader::Result::kMore);
  EXPECT_EQ(read("POST / HTTP/1.1\r\nContent-Length: 131073\r\n\r\n"),
            HttpRequestReader::Result::kTooLarge);
}

TEST(Serialize, writes_length_and_leaves_the_body_out_for_head) {
  const HttpResponse response = HttpResponse::text(404, "gone\n");
  const std::string full = serialize(response, true, false);
  EXPECT_EQ(full,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
            "5\r\n\r\ngone\n");
  EXPECT_EQ(serialize(response, true, true), full.substr(0, full.size() - 5));
  EXPECT_NE(serialize(response, false, false).find("Connection: close"), std::string::npos);
}

//= RFC 9112 §7.1 test
TEST(Serialize, events_are_chunks_whose_length_is_right) {
  EXPECT_EQ(event_chunk("{}"), "a\r\ndata: {}\n\n\r\n");
  EXPECT_EQ(event_chunk(std::string(300, 'x')).substr(0, 5), "134\r\n");
  EXPECT_EQ(kAliveChunk, "3\r\n:\n\n\r\n") << "a comment: no event";
}

}  // namespace
}  // namespace beeline::net
