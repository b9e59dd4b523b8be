#include "beeline/signaling/client_message.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

namespace beeline::signaling {
namespace {

namespace json = boost::json;

constexpr const char* kWelcome =
    R"({"type":"welcome","version":1,"you":"me","room":"r","resumed":false,"restored":true,)"
    R"("members":[{"id":"a","name":"Mei","presence":{"mic":true},"away":true},{"name":"no id"}],)"
    R"("ice":{"servers":[{"urls":["stun:s"]},{"urls":"turn:t","username":"u","credential":"c"},{}],)"
    R"("renew_in_s":2700},"resume":{"token":"tok"},"grace_s":15,"last_event":7})";

template <typename T>
T parsed(std::string_view text) {
  auto message = parse_server_message(text);
  return message ? std::get<T>(std::move(*message)) : T{};
}

TEST(ServerMessage, a_welcome_with_all_it_says) {
  const auto welcome = parsed<ServerWelcome>(kWelcome);
  EXPECT_EQ(welcome.you, "me");
  EXPECT_FALSE(welcome.resumed);
  EXPECT_TRUE(welcome.restored);
  ASSERT_EQ(welcome.members.size(), 1U) << "a member without an id is none";
  EXPECT_EQ(welcome.members[0].name, "Mei");
  EXPECT_EQ(welcome.members[0].presence_json, R"({"mic":true})");
  EXPECT_TRUE(welcome.members[0].away);
  ASSERT_EQ(welcome.ice.servers.size(), 2U) << "a server without addresses is none";
  EXPECT_EQ(welcome.ice.servers[1].urls, std::vector<std::string>{"turn:t"});
  EXPECT_EQ(welcome.ice.servers[1].credential, "c");
  EXPECT_EQ(welcome.ice.renew_in, std::chrono::seconds(2700));
  EXPECT_EQ(welcome.token, "tok");
  EXPECT_EQ(welcome.grace, std::chrono::seconds(15));
  EXPECT_EQ(welcome.last_event, 7U);
}

TEST(ServerMessage, truncated_at_each_byte_it_is_none) {
  const std::string_view whole = kWelcome;
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_server_message(whole.substr(0, size))) << size;
}

TEST(ServerMessage, with_any_bit_flipped_it_is_another_or_none) {
  std::string text = kWelcome;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    std::ignore = parse_server_message(text);
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(ServerMessage, members_of_the_wrong_kind_are_as_if_they_were_absent) {
  const auto welcome = parsed<ServerWelcome>(
      R"({"type":"welcome","you":"me","members":7,"ice":[],"resume":"x","grace_s":-5,"last_event":1.5})");
  EXPECT_EQ(welcome.you, "me");
  EXPECT_TRUE(welcome.members.empty());
  EXPECT_EQ(welcome.grace.count(), 0);
  EXPECT_EQ(welcome.last_event, 0U);
  EXPECT_FALSE(parse_server_message(R"({"type":"welcome","you":5})"));
  EXPECT_LE(
      parsed<ServerWelcome>(R"({"type":"welcome","you":"m","grace_s":9000000000000000000})").grace,
      std::chrono::hours(24 * 7));
}

TEST(ServerMessage, events_keep_their_number_also_where_they_are_unknown) {
  EXPECT_EQ(parsed<ServerEvent>(R"({"type":"dance","event":4})").number, 4U);
  EXPECT_TRUE(std::holds_alternative<SaidOther>(
      parsed<ServerEvent>(R"({"type":"joined","event":5,"member":{}})").what));
  EXPECT_FALSE(parse_server_message(R"({"type":"dance"})"));
  EXPECT_EQ(
      std::get<SaidGone>(
          parsed<ServerEvent>(R"({"type":"gone","event":6,"member":"a","reason":"left"})").what)
          .reason,
      "left");
  EXPECT_TRUE(
      std::get<SaidAway>(parsed<ServerEvent>(R"({"type":"away","event":1,"member":"a"})").what)
          .away);
  EXPECT_FALSE(
      std::get<SaidAway>(parsed<ServerEvent>(R"({"type":"back","event":1,"member":"a"})").what)
          .away);
}

TEST(ServerMessage, errors_and_goodbyes) {
  const auto error =
      parsed<ServerError>(R"({"type":"error","code":"room_full","message":"Full.","fatal":true})");
  EXPECT_EQ(error.code, "room_full");
  EXPECT_TRUE(error.fatal);
  EXPECT_EQ(parsed<ServerBye>(R"({"type":"bye","reason":"removed"})").reason, "removed");
}

TEST(Items, a_round_trip_through_a_relay) {
  const std::vector<Item> items{
      DescriptionItem{"offer", "v=0\r\n"},
      CandidateItem{.candidate = "candidate:1 …", .mid = "0", .line_index = 0, .ufrag = "abcd"},
      CandidateItem{.candidate = "candidate:2", .mid = {}, .line_index = {}, .ufrag = {}},
      CandidatesEndItem{},
      ResetItem{},
      AskItem{},
      GoItem{}};
  const json::object relay = json::parse(write_relay("bob", items)).as_object();
  EXPECT_EQ(relay.at("to").as_string(), "bob");
  json::object event{
      {"type", "relay"}, {"event", 1}, {"from", "ann"}, {"items", relay.at("items")}};
  const auto heard = std::get<SaidRelay>(parsed<ServerEvent>(json::serialize(event)).what);
  EXPECT_EQ(heard.from, "ann");
  EXPECT_EQ(heard.items, items);
}

TEST(Items, unknown_kinds_are_passed_over) {
  const auto relay = std::get<SaidRelay>(
      parsed<ServerEvent>(
          R"({"type":"relay","event":1,"from":"a","items":[{"kind":"song"},7,{"kind":"go"},)"
          R"({"kind":"description"}]})")
          .what);
  EXPECT_EQ(relay.items, std::vector<Item>{GoItem{}});
}

// The server's own parser reads what we write.
TEST(ClientWords, a_hello_as_the_server_reads_it) {
  Hello hello{.version_known = true,
              .room = "abcdefghijklmnopqrstuvwxyz",
              .name = "Mei \"the bee\"",
              .presence_json = R"({"terminal":true})",
              .resume = Resume{"tok", 9},
              .host_key = {},
              .password_proof = std::string(kProofLength, 'p')};
  const auto read = parse_message(write_hello(hello));
  ASSERT_TRUE(read);
  const auto& body = std::get<Hello>(read->body);
  EXPECT_EQ(body.name, hello.name);
  EXPECT_EQ(body.presence_json, hello.presence_json);
  EXPECT_EQ(body.resume->token, "tok");
  EXPECT_EQ(body.resume->last_event, 9U);
  EXPECT_EQ(body.password_proof, hello.password_proof);
}

TEST(ClientWords, the_rest_as_the_server_reads_it) {
  EXPECT_TRUE(std::holds_alternative<Relay>(parse_message(write_relay("b", {GoItem{}}))->body));
  EXPECT_EQ(std::get<Rename>(parse_message(write_rename("Jon"))->body).name, "Jon");
  EXPECT_EQ(std::get<RoomMessage>(parse_message(write_room_message("hi"))->body).text, "hi");
  EXPECT_TRUE(std::holds_alternative<Renew>(parse_message(write_bare("renew"))->body));
  EXPECT_TRUE(std::holds_alternative<Ping>(parse_message(write_ping(3))->body));
  EXPECT_EQ(parse_message(write_ping(3))->seen, 3U);
  EXPECT_EQ(parse_message(write_relay("b", {GoItem{}}, 4))->seen, 4U);
  EXPECT_EQ(parse_message(write_relay("b", {GoItem{}}))->seen, 0U);
  EXPECT_TRUE(std::holds_alternative<Leave>(parse_message(write_bare("leave"))->body));
}

}  // namespace
}  // namespace beeline::signaling
