// The protocol's messages on their own: what is accepted, what is refused and with which code.
#include "beeline/signaling/message.h"

#include <gtest/gtest.h>

#include <string>

namespace beeline::signaling {
namespace {

const std::string kRoom = "abcdefghijklmnopqrstuvwxyz";

std::string hello(const std::string& more = "") {
  return R"({"type":"hello","versions":[1],"room":")" + kRoom + "\"" + more + "}";
}

std::string_view refusal(const std::string& text) {
  const auto parsed = parse_message(text);
  return parsed ? "accepted" : name_of(parsed.error().code);
}

TEST(ParseMessage, reads_a_whole_hello_and_ignores_what_it_does_not_know) {
  const auto parsed = parse_message(
      hello(R"(,"name":"  Mei 梅 ","presence":{"mic":true,"deep":{"er":[1]}},"unknown":1,"id":7,)"
            R"("resume":{"token":"t.x","last_event":5})"));
  ASSERT_TRUE(parsed);
  const auto& message = std::get<Hello>(parsed->body);
  EXPECT_EQ(message.room, kRoom);
  EXPECT_EQ(message.name, "Mei 梅");
  EXPECT_EQ(message.presence_json, R"({"mic":true,"deep":{"er":[1]}})");
  EXPECT_EQ(message.resume->token, "t.x");
  EXPECT_EQ(message.resume->last_event, 5U);
  EXPECT_EQ(parsed->about.type, "hello");
  EXPECT_EQ(parsed->about.id_json, "7");
}

TEST(ParseMessage, what_is_no_json_object_is_bad_json) {
  for (const char* bad : {"", "x", "[]", "1", "\"hello\"", "{", "{}x", "{\"type\":\"\xFF\"}", "nul",
                          "{'type':'ping'}"})
    EXPECT_EQ(refusal(bad), "bad_json") << bad;
  EXPECT_EQ(refusal(std::string(40, '[') + std::string(40, ']')), "bad_json");
  std::string deep = R"({"type":"presence","presence":)";
  for (int i = 0; i < 31; ++i) deep += R"({"a":)";
  deep += "1" + std::string(31, '}') + "}";
  EXPECT_EQ(refusal(deep), "accepted") << "32 levels are fine";
  deep.insert(deep.find("{\"a\""), "{\"a\":");
  deep += "}";
  EXPECT_EQ(refusal(deep), "bad_json") << "33 are not";
}

TEST(ParseMessage, sizes_are_bounded_from_both_sides) {
  const auto message = [](std::size_t size) {
    return R"({"type":"message","text":")" + std::string(size, 'x') + "\"}";
  };
  EXPECT_EQ(refusal(message(8192)), "accepted");
  EXPECT_EQ(refusal(message(8193)), "bad_message");
  EXPECT_EQ(refusal(message(0)), "bad_message");
  const std::string padding(kMaxMessageBytes - 15, ' ');
  EXPECT_EQ(refusal(R"({"type":"ping"})" + padding), "accepted");
  EXPECT_EQ(refusal(R"({"type":"ping"})" + padding + " "), "too_large");
  const auto name = [](std::size_t size) {
    return hello(",\"name\":\"" + std::string(size, 'x') + "\"");
  };
  EXPECT_EQ(refusal(name(64)), "accepted");
  EXPECT_EQ(refusal(name(65)), "name_invalid");
  const auto items = [](int count) {
    std::string text = R"({"type":"relay","to":"x","items":[)";
    for (int i = 0; i < count; ++i) text += i == 0 ? "{}" : ",{}";
    return text + "]}";
  };
  EXPECT_EQ(refusal(items(64)), "accepted");
  EXPECT_EQ(refusal(items(65)), "bad_message");
  EXPECT_EQ(refusal(items(0)), "bad_message");
  const auto presence = [](std::size_t size) {
    return R"({"type":"presence","presence":{"x":")" + std::string(size, 'x') + "\"}}";
  };
  EXPECT_EQ(refusal(presence(1024 - 8)), "accepted");
  EXPECT_EQ(refusal(presence(1024 - 7)), "bad_message");
}

TEST(ParseMessage, every_member_of_the_wrong_kind_is_refused) {
  for (const char* wrong : {"null", "1", "-1", "1.5", "true", "\"x\"", "[]", "[1]", "{}", "\"\""}) {
    const std::string value(wrong);
    const auto refused = [&](const std::string& text, bool good) {
      EXPECT_EQ(refusal(text) == "accepted", good) << text << " " << refusal(text);
    };
    const bool text = value.front() == '"';
    refused(R"({"type":)" + value + "}", false);
    refused(R"({"type":"hello","room":")" + kRoom + R"(","versions":)" + value + "}",
            value == "[1]");
    refused(R"({"type":"hello","versions":[1],"room":)" + value + "}", false);
    refused(hello(",\"name\":" + value), text);
    refused(hello(",\"presence\":" + value), value == "{}");
    refused(hello(",\"resume\":" + value), false);
    refused(hello(R"(,"resume":{"token":"t","last_event":)" + value + "}"), value == "1");
    refused(hello(R"(,"resume":{"last_event":1,"token":)" + value + "}"), text);
    refused(R"({"type":"relay","items":[{}],"to":)" + value + "}", text);
    refused(R"({"type":"relay","to":"x","items":)" + value + "}", false);
    refused(R"({"type":"relay","to":"x","items":[)" + value + "]}", value == "{}");
    refused(R"({"type":"presence","presence":)" + value + "}", value == "{}");
    refused(R"({"type":"rename","name":)" + value + "}", text);
    refused(R"({"type":"message","text":)" + value + "}", value == "\"x\"");
    refused(hello(",\"host_key\":" + value), text);
    refused(hello(",\"password_proof\":" + value), text);
    refused(R"({"type":"lock","locked":)" + value + "}", value == "true");
    refused(R"({"type":"set_password","proof":)" + value + "}", value == "null");
    refused(R"({"type":"remove","member":)" + value + "}", text);
    refused(R"({"type":"hand_over","to":)" + value + "}", text);
  }
  for (const char* type :
       {"relay", "presence", "rename", "message", "lock", "set_password", "remove", "hand_over"})
    EXPECT_EQ(refusal(std::string(R"({"type":")") + type + "\"}"), "bad_message") << type;
}

TEST(ParseMessage, keys_and_proofs_have_their_lengths) {
  const auto proof = [](const std::string& text) {
    return refusal(R"({"type":"set_password","proof":")" + text + "\"}");
  };
  EXPECT_EQ(proof(std::string(43, '_')), "accepted");
  EXPECT_EQ(proof(std::string(42, '_')), "bad_message");
  EXPECT_EQ(proof(std::string(44, '_')), "bad_message");
  EXPECT_EQ(proof(std::string(42, '_') + "="), "bad_message") << "base64url is not padded";
  const auto member = [](const char* name, std::size_t size) {
    return refusal(hello(",\"" + std::string(name) + "\":\"" + std::string(size, 'x') + "\""));
  };
  EXPECT_EQ(member("host_key", 64), "accepted");
  EXPECT_EQ(member("host_key", 65), "bad_message");
  EXPECT_EQ(member("password_proof", 43), "accepted");
  EXPECT_EQ(member("password_proof", 44), "bad_message");
}

TEST(ParseMessage, rooms_names_and_versions_have_codes_of_their_own) {
  EXPECT_EQ(refusal(R"({"type":"hello","versions":[1],"room":"short"})"), "room_invalid");
  EXPECT_EQ(refusal(R"({"type":"hello","versions":[1],"room":"ABCDEFGHIJKLMNOPQRSTUVWXYZ"})"),
            "room_invalid");
  EXPECT_EQ(refusal(R"({"type":"hello","versions":[1],"room":"abcdefghijklmnopqrstuvwxy1"})"),
            "room_invalid");
  EXPECT_EQ(refusal(R"({"type":"hello","versions":[2,3],"room":")" + kRoom + "\"}"),
            "version_unsupported");
  EXPECT_EQ(refusal(R"({"type":"hello","versions":[3,1],"room":")" + kRoom + "\"}"), "accepted");
  for (const char* bad : {R"(a\nb)", R"(\u0000)", R"(\u007f)", R"(\u0085)", R"(\u001b[31m)"})
    EXPECT_EQ(refusal(std::string(R"({"type":"rename","name":")") + bad + "\"}"), "name_invalid")
        << bad;
  EXPECT_EQ(refusal(R"({"type":"dance"})"), "unknown_type");
}

std::string whole(const Text& text) {
  return text.own + std::string(text.shared.view());
}

TEST(WriteMessage, an_event_is_kept_once_for_everybody_who_hears_it) {
  const RoomEvent event = message_event("m1", "hello");
  const Text first = numbered(event, 7);
  const Text second = numbered(event, 8);
  EXPECT_TRUE(first.shared.same_as(second.shared));
  EXPECT_EQ(whole(first), R"({"type":"message","event":7,"from":"m1","text":"hello"})");
  EXPECT_EQ(whole(second), R"({"type":"message","event":8,"from":"m1","text":"hello"})");
  EXPECT_EQ(first.size(), whole(first).size());
}

TEST(ParseMessage, items_are_passed_on_as_they_came) {
  const auto items = [](const std::string& text) {
    return std::get<Relay>(parse_message(text)->body).items_json;
  };
  EXPECT_EQ(items(R"({"type":"relay","to":"x","items":[{"n": 1.50, "t":"\u00e9"}]})"),
            R"([{"n": 1.50, "t":"\u00e9"}])");
  EXPECT_EQ(items("{\"type\":\"relay\",\"to\":\"x\",\"items\":[{\n}]}"), "[{}]")
      << "a line break would end an event of a stream";
}

TEST(WriteMessage, text_from_people_is_quoted) {
  const MemberView member{"m1", "\"},\"x\":\"\n", R"({"mic":true})", false};
  EXPECT_EQ(
      whole(numbered(joined_event(member), 3)),
      R"({"type":"joined","event":3,"member":{"id":"m1","name":"\"},\"x\":\"\n","presence":{"mic":true},"away":false}})");
  EXPECT_EQ(
      write_error(ErrorCode::kUnknownType, false, {"a\"b", "7"}),
      R"({"type":"error","code":"unknown_type","message":"This server does not know messages of this type.",)"
      R"("fatal":false,"about":{"type":"a\"b","id":7}})");
}

TEST(WriteMessage, a_welcome_reads_as_the_protocol_shows_it) {
  Welcome welcome{
      .you = "m2",
      .room = kRoom,
      .resumed = false,
      .members = {{"m1", "Mei", "{}", true}},
      .ice = {{{{"turn:h:3478?transport=udp"}, "1:m2", "pw"}}, std::chrono::seconds(2700)},
      .token = "m2.t",
      .epoch = "e",
      .restored = true,
      .room_state = {.locked = true, .password = false, .hosts = {"m1", "m2"}},
      .grace = std::chrono::seconds(15),
      .max_members = 16,
      .burst = 300,
      .per_second = 20,
      .last_event = 0,
      .time = {std::chrono::seconds(1'790'000'000)}};
  EXPECT_EQ(
      write_welcome(welcome),
      R"({"type":"welcome","version":1,"you":"m2","room":"abcdefghijklmnopqrstuvwxyz","resumed":false,)"
      R"("members":[{"id":"m1","name":"Mei","presence":{},"away":true}],)"
      R"("ice":{"servers":[{"urls":["turn:h:3478?transport=udp"],"username":"1:m2","credential":"pw"}],"renew_in_s":2700},)"
      R"("resume":{"token":"m2.t"},"epoch":"e","restored":true,)"
      R"("room_state":{"locked":true,"password":false,"hosts":["m1","m2"]},)"
      R"("grace_s":15,"limits":{"message_bytes":65536,"items":64,"members":16,"burst":300,"per_second":20},)"
      R"("last_event":0,"server_time_ms":1790000000000})");
}

}  // namespace
}  // namespace beeline::signaling
