#include "beeline/websocket/codec.h"

#include <gtest/gtest.h>

#include "beeline/base/encoding.h"

namespace beeline::websocket {
namespace {

std::string wire(std::string_view hex) {
  const auto bytes = *from_hex(hex);
  return std::string(as_text(bytes));
}

MutableBytes as_mutable_bytes(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

std::vector<Received> read_all(Decoder& decoder, std::string_view text) {
  std::vector<Received> all;
  Bytes bytes = as_bytes(text);
  while (auto one = decoder.read(bytes)) all.push_back(std::move(*one));
  return all;
}

std::vector<Received> decode(std::string_view text, Role role = Role::kServer,
                             std::size_t limit = 65536) {
  Decoder decoder(role, {limit});
  return read_all(decoder, text);
}

std::uint16_t violation_of(const std::vector<Received>& received) {
  if (received.empty() || !std::holds_alternative<Violation>(received.back())) return 0;
  return std::get<Violation>(received.back()).code;
}

std::string masked_frame(std::uint8_t first, std::string_view payload) {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  }
  out += std::string(4, '\0');  // a mask of zeros leaves the payload readable
  return out + std::string(payload);
}

//= RFC 6455 §4.2.2 test
TEST(AcceptKey, matches_the_example_and_takes_keys_of_real_clients) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(accept_key("abcdefghijk=").size(), 28U);
}

//= RFC 6455 §5.7 test
TEST(Decoder, reads_the_examples_of_the_rfc) {
  const auto unmasked = decode(wire("810548656c6c6f"), Role::kClient);
  ASSERT_EQ(unmasked.size(), 1U);
  EXPECT_EQ(std::get<TextMessage>(unmasked[0]).text, "Hello");
  const auto masked = decode(wire("818537fa213d7f9f4d5158"));
  ASSERT_EQ(masked.size(), 1U);
  EXPECT_EQ(std::get<TextMessage>(masked[0]).text, "Hello");
  const auto fragmented = decode(wire("010348656c80026c6f"), Role::kClient);
  ASSERT_EQ(fragmented.size(), 1U);
  EXPECT_EQ(std::get<TextMessage>(fragmented[0]).text, "Hello");
  EXPECT_EQ(std::get<Ping>(decode(wire("890548656c6c6f"), Role::kClient)[0]).payload, "Hello");
  EXPECT_EQ(std::get<Pong>(decode(wire("8a8537fa213d7f9f4d5158"))[0]).payload, "Hello");
}

TEST(Decoder, control_frames_may_stand_between_fragments) {
  const auto received =
      decode(masked_frame(0x01, "Hel") + masked_frame(0x89, "p") + masked_frame(0x80, "lo"));
  ASSERT_EQ(received.size(), 2U);
  EXPECT_EQ(std::get<Ping>(received[0]).payload, "p");
  EXPECT_EQ(std::get<TextMessage>(received[1]).text, "Hello");
}

TEST(Decoder, finds_the_same_messages_wherever_the_bytes_are_cut) {
  const std::string text = masked_frame(0x01, "one") + masked_frame(0x89, "") +
                           masked_frame(0x80, "two") + masked_frame(0x82, std::string(300, 'b')) +
                           masked_frame(0x88,
                                        "\x03\xe8"
                                        "bye");
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Decoder decoder(Role::kServer, {});
    auto received = read_all(decoder, text.substr(0, cut));
    for (auto& one : read_all(decoder, text.substr(cut))) received.push_back(std::move(one));
    ASSERT_EQ(received.size(), 4U) << cut;
    EXPECT_EQ(std::get<TextMessage>(received[1]).text, "onetwo");
    EXPECT_EQ(std::get<BinaryMessage>(received[2]).bytes.size(), 300U);
    EXPECT_EQ(std::get<Close>(received[3]).code, 1000);
  }
}

TEST(Decoder, what_must_not_be_is_a_violation_with_its_code) {
  struct Case {
    const char* why;
    std::string wire;
    std::uint16_t code;
  };
  const Case cases[] = {
      {"reserved bit", masked_frame(0xC1, "x"), 1002},
      {"unknown opcode", masked_frame(0x83, "x"), 1002},
      {"unknown control opcode", masked_frame(0x8B, "x"), 1002},
      {"not masked", wire("810178"), 1002},
      {"fragmented ping", masked_frame(0x09, "x"), 1002},
      {"long ping", masked_frame(0x89, std::string(126, 'x')), 1002},
      {"continuation of nothing", masked_frame(0x80, "x"), 1002},
      {"a message inside a message", masked_frame(0x01, "x") + masked_frame(0x81, "y"), 1002},
      {"length not minimal", wire("81fe0001000000000078"), 1002},
      {"length not minimal, long form", wire("81ff00000000000000010000000078"), 1002},
      {"bad UTF-8", masked_frame(0x81, "\xC3"), 1007},
      {"bad UTF-8 over two frames", masked_frame(0x01, "\xC3") + masked_frame(0x80, "x"), 1007},
      {"close of one byte", masked_frame(0x88, "x"), 1002},
      {"close code 1005", masked_frame(0x88, "\x03\xED"), 1002},
      {"close code 999", masked_frame(0x88, "\x03\xE7"), 1002},
      {"close reason not UTF-8", masked_frame(0x88, "\x03\xE8\xFF"), 1007},
      {"huge", wire("81ffffffffffffffffff"), 0},
  };
  for (const Case& test : cases) EXPECT_EQ(violation_of(decode(test.wire)), test.code) << test.why;
  EXPECT_EQ(violation_of(decode(wire("81ffffffffffffffffff00000000"))), 1009);
  EXPECT_EQ(violation_of(decode(wire("818537fa213d7f9f4d5158"), Role::kClient)), 1002)
      << "servers do not mask";
}

TEST(Decoder, the_limit_holds_for_one_frame_and_for_many) {
  EXPECT_EQ(decode(masked_frame(0x81, std::string(100, 'x')), Role::kServer, 100).size(), 1U);
  EXPECT_EQ(violation_of(decode(masked_frame(0x81, std::string(101, 'x')), Role::kServer, 100)),
            1009);
  const std::string half = masked_frame(0x01, std::string(60, 'x'));
  EXPECT_EQ(
      violation_of(decode(half + masked_frame(0x80, std::string(41, 'x')), Role::kServer, 100)),
      1009);
  EXPECT_EQ(decode(half + masked_frame(0x80, std::string(40, 'x')), Role::kServer, 100).size(), 1U);
}

TEST(Decoder, nothing_is_read_after_a_close) {
  const auto received = decode(masked_frame(0x88, "") + masked_frame(0x81, "late"));
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(std::get<Close>(received[0]).code, CloseCode::kNoStatus);
}

TEST(Decoder, no_flipped_bit_is_more_than_a_violation) {
  const std::string text = masked_frame(0x01, "one") + masked_frame(0x89, "ping") +
                           masked_frame(0x80, "two") +
                           masked_frame(0x88,
                                        "\x03\xe8"
                                        "bye");
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_LE(decode(flipped).size(), 4U);
  }
}

// A stream read the short way wherever that is open, and otherwise by read().
std::vector<Received> read_both_ways(const std::vector<std::string>& cuts,
                                     std::size_t* short_ways) {
  Decoder decoder(Role::kServer, {400});
  std::vector<Received> all;
  for (std::string bytes : cuts) {
    MutableBytes rest = as_mutable_bytes(bytes);
    for (;;) {
      if (const auto text = decoder.read_whole_text(rest)) {
        all.push_back(TextMessage{std::string(*text)});
        ++*short_ways;
        continue;
      }
      Bytes view = rest;
      auto received = decoder.read(view);
      rest = rest.last(view.size());
      if (!received) break;
      all.push_back(std::move(*received));
    }
  }
  return all;
}

bool same(const Received& one, const Received& other) {
  if (one.index() != other.index()) return false;
  if (const auto* text = std::get_if<TextMessage>(&one))
    return text->text == std::get<TextMessage>(other).text;
  if (const auto* violation = std::get_if<Violation>(&one))
    return violation->code == std::get<Violation>(other).code;
  return true;
}

TEST(Decoder, the_short_way_reads_the_same_as_the_long_one) {
  Random random = Random::from_number(1);
  Encoder client(Role::kClient, &random);
  std::size_t short_ways = 0;
  std::size_t messages = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string wire;
    for (std::uint32_t frames = 1 + random.below(5); frames > 0; --frames) {
      std::string text(random.below(2) == 0 ? random.below(20) : random.below(420), 'x');
      if (!text.empty() && random.below(4) == 0)
        text.replace(random.below(static_cast<std::uint32_t>(text.size())), 1, "群");
      if (!text.empty() && random.below(20) == 0)
        text[random.below(static_cast<std::uint32_t>(text.size()))] = '\xA0';
      const std::size_t start = wire.size();
      random.below(8) == 0 ? client.ping(text.substr(0, 100), wire) : client.text(text, wire);
      if (random.below(20) == 0) wire[start] = static_cast<char>(random.below(256));
    }
    if (random.below(10) == 0)
      wire[random.below(static_cast<std::uint32_t>(wire.size()))] ^=
          static_cast<char>(1 << random.below(8));
    std::vector<std::string> cuts;
    for (std::size_t at = 0; at < wire.size();) {
      cuts.push_back(wire.substr(at, random.below(3) == 0 ? 1 + random.below(300) : wire.size()));
      at += cuts.back().size();
    }
    const auto expected = decode(wire, Role::kServer, 400);
    const auto received = read_both_ways(cuts, &short_ways);
    ASSERT_EQ(received.size(), expected.size()) << round;
    for (std::size_t i = 0; i < received.size(); ++i)
      ASSERT_TRUE(same(received[i], expected[i])) << round;
    messages += received.size();
  }
  EXPECT_GT(short_ways, messages / 3);
  EXPECT_LT(short_ways, messages);
}

TEST(Decoder, the_short_way_touches_nothing_where_it_is_not_open) {
  for (const std::string& text :
       {masked_frame(0x81, "\xC3"), masked_frame(0x01, "x"), masked_frame(0x89, "x"),
        masked_frame(0x82, "x"), wire("810178"), wire("81fe0001000000000078"),
        masked_frame(0x81, "whole").substr(0, 8), masked_frame(0x81, std::string(401, 'x'))}) {
    Decoder decoder(Role::kServer, {400});
    std::string bytes = text;
    MutableBytes rest = as_mutable_bytes(bytes);
    EXPECT_FALSE(decoder.read_whole_text(rest)) << to_hex(as_bytes(text));
    EXPECT_EQ(rest.size(), text.size());
    EXPECT_EQ(bytes, text);
  }
  std::string bytes = wire("818537fa213d7f9f4d5158") + masked_frame(0x81, "next");
  MutableBytes rest = as_mutable_bytes(bytes);
  Decoder decoder(Role::kServer, {});
  EXPECT_EQ(decoder.read_whole_text(rest), "Hello");
  EXPECT_EQ(decoder.read_whole_text(rest), "next");
  EXPECT_TRUE(rest.empty());
}

TEST(Encoder, what_it_writes_the_other_end_reads) {
  Random random = Random::from_number(1);
  Encoder client(Role::kClient, &random);
  Encoder server(Role::kServer);
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U}) {
    const std::string text(size, 'x');
    std::string up;
    std::string down;
    client.text(text, up);
    server.text(text, down);
    EXPECT_EQ(std::get<TextMessage>(decode(up)[0]).text, text);
    EXPECT_EQ(std::get<TextMessage>(decode(down, Role::kClient)[0]).text, text);
  }
  std::string closing;
  server.close(CloseCode::kTooLarge, "too large", closing);
  EXPECT_EQ(std::get<Close>(decode(closing, Role::kClient)[0]).code, 1009);
}

}  // namespace
}  // namespace beeline::websocket
