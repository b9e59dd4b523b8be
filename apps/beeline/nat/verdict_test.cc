#include "apps/beeline/nat/verdict.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beeline::cli {
namespace {

using enum stun::NatBehavior;
using stun::NatBehavior;
using stun::NatDoubt;
using stun::NatFinding;
using stun::NatKind;
using stun::NatOutcome;
using stun::NatReport;
using testing::HasSubstr;
using testing::Not;

TransportAddress at(const char* text) {
  return *TransportAddress::parse(text);
}

NatReport measured(NatBehavior mapping, NatBehavior filtering) {
  NatReport report;
  report.outcome = NatOutcome::kMeasured;
  report.server = at("198.51.100.1:3478");
  report.local = at("192.0.2.2:51413");
  report.mapped = at("203.0.113.10:40021");
  report.round_trip = std::chrono::microseconds(24'060);
  report.mapping = NatFinding<NatBehavior>::of(mapping);
  report.filtering = NatFinding<NatBehavior>::of(filtering);
  report.hairpinning = NatFinding<bool>::of(true);
  report.ports = NatFinding<stun::NatPorts>::of(stun::NatPorts::kRandom);
  return report;
}

std::string row(const NatReport& report) {
  std::string text;
  for (const NatKind other : kOtherSides) {
    const auto direct = reaches_directly(report, other);
    text += !direct ? '?' : *direct ? 'D' : 'R';
  }
  return text;
}

TEST(NatVerdict, the_row_is_that_of_the_table) {
  EXPECT_EQ(row(measured(kEndpointIndependent, kEndpointIndependent)), "DDDDD");
  EXPECT_EQ(row(measured(kEndpointIndependent, kAddressDependent)), "DDDDD");
  EXPECT_EQ(row(measured(kEndpointIndependent, kAddressAndPortDependent)), "DDDDR");
  EXPECT_EQ(row(measured(kAddressAndPortDependent, kAddressAndPortDependent)), "DDDRR");
  EXPECT_EQ(row(measured(kAddressDependent, kEndpointIndependent)), "DDDDD");
}

TEST(NatVerdict, what_is_not_known_leaves_open_only_what_depends_on_it) {
  NatReport report = measured(kEndpointIndependent, kAddressDependent);
  report.filtering = NatFinding<NatBehavior>::unknown(NatDoubt::kChangeRefused);
  EXPECT_EQ(row(report), "DDDD?");
  report.mapping = NatFinding<NatBehavior>::unknown(NatDoubt::kOneAddress);
  EXPECT_EQ(row(report), "DDD??");
  report.outcome = NatOutcome::kUdpBlocked;
  EXPECT_EQ(row(report), "RRRRR");
  report.outcome = NatOutcome::kNoAnswer;
  EXPECT_EQ(row(report), "?????");
}

TEST(NatVerdict, without_a_nat_a_firewall_is_as_a_cone_that_filters) {
  NatReport report = measured(kEndpointIndependent, kAddressAndPortDependent);
  report.mapped = report.local;
  report.mapping = NatFinding<NatBehavior>::unknown(NatDoubt::kNoNat);
  EXPECT_EQ(row(report), "DDDDR");
}

TEST(NatVerdict, the_picture_shows_who_gets_in) {
  const auto text = [](NatBehavior filtering) {
    return nat_text(measured(kEndpointIndependent, filtering), "stun.example", english(), false);
  };
  EXPECT_THAT(text(kEndpointIndependent), HasSubstr("◀─ ● everybody else"));
  EXPECT_THAT(text(kAddressDependent), HasSubstr("◀─ ✕ everybody else"));
  EXPECT_THAT(text(kAddressDependent), HasSubstr("◀─ ● its other ports"));
  EXPECT_THAT(text(kAddressAndPortDependent), HasSubstr("◀─ ✕ its other ports"));
  EXPECT_THAT(text(kAddressAndPortDependent), HasSubstr("◀─ ● whom you called"));
  EXPECT_THAT(text(kAddressDependent),
              HasSubstr("192.0.2.2:51413 ─── 203.0.113.10:40021 ─┼◀─ ● its other ports"));
}

TEST(NatVerdict, a_server_that_was_named_by_its_address_is_named_once) {
  const NatReport report = measured(kEndpointIndependent, kAddressDependent);
  for (const char* server : {"198.51.100.1", "198.51.100.1:3478"})
    EXPECT_THAT(nat_text(report, server, english(), false),
                HasSubstr(" 198.51.100.1:3478, 24.1 ms"));
  EXPECT_THAT(nat_text(report, "stun.example", english(), false),
              HasSubstr("stun.example (198.51.100.1:3478), 24.1 ms"));
}

TEST(NatVerdict, both_languages_say_everything_there_is_to_say) {
  for (const NatWords* words : {&english(), &traditional_chinese()}) {
    for (const auto* sentences :
         {&words->kind, &words->sentence, &words->advice, &words->short_kind})
      for (const std::string_view one : sentences->all) EXPECT_FALSE(one.empty()) << words->tag;
    for (const std::string_view one : words->mapping.all) EXPECT_FALSE(one.empty());
    for (const std::string_view one : words->filtering.all) EXPECT_FALSE(one.empty());
    for (const std::string_view one : words->ports.all) EXPECT_FALSE(one.empty());
    for (const std::string_view one : words->step.all) EXPECT_FALSE(one.empty());
    for (std::size_t i = 1; i < words->doubt.all.size(); ++i)
      EXPECT_FALSE(words->doubt.all[i].empty()) << i;
    for (const NatOutcome failed :
         {NatOutcome::kNoSuchName, NatOutcome::kNoInterface, NatOutcome::kNoAnswer}) {
      EXPECT_THAT(std::string(words->outcome[failed]), HasSubstr("{}"));
      EXPECT_FALSE(words->remedy[failed].empty());
    }
  }
}

TEST(NatVerdict, the_locale_chooses_the_language) {
  EXPECT_EQ(nat_words(language_of_locale("zh_TW.UTF-8")).tag, "zh-TW");
  EXPECT_EQ(nat_words(language_of_locale("zh_HK")).tag, "zh-TW");
  EXPECT_EQ(nat_words(language_of_locale("zh_CN.UTF-8")).tag, "en");
  EXPECT_EQ(nat_words(language_of_locale("C")).tag, "en");
  EXPECT_EQ(nat_words(language_of_locale("de_DE")).tag, "en");
}

// Cells, as a terminal counts them.
std::size_t widest(std::string_view text) {
  std::size_t most = 0;
  std::size_t cells = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n')
      cells = 0;
    else if (byte < 0x80)
      ++cells;
    else if (byte >= 0xC0)
      cells += byte >= 0xE3 ? 2 : 1;
    most = std::max(most, cells);
  }
  return most;
}

TEST(NatVerdict, no_line_is_wider_than_a_terminal) {
  for (const NatWords* words : {&english(), &traditional_chinese()}) {
    for (const NatBehavior mapping : {kEndpointIndependent, kAddressAndPortDependent}) {
      for (const NatBehavior filtering :
           {kEndpointIndependent, kAddressDependent, kAddressAndPortDependent}) {
        NatReport report = measured(mapping, filtering);
        report.several_addresses = true;
        report.lifetime = NatFinding<stun::NatLifetime>::of({std::chrono::seconds(30), {}});
        EXPECT_LE(widest(nat_text(report, "stun.example.org", *words, false)), 80U)
            << nat_text(report, "stun.example.org", *words, false);
      }
    }
  }
}

TEST(NatVerdict, what_is_unknown_says_why_in_text_and_in_json) {
  NatReport report = measured(kEndpointIndependent, kAddressDependent);
  report.filtering = NatFinding<NatBehavior>::unknown(NatDoubt::kChangeRefused);
  EXPECT_FALSE(is_complete(report));
  EXPECT_THAT(nat_text(report, "s", english(), false),
              HasSubstr("refuses to answer from elsewhere"));
  const auto json = nat_json(report, "s", english());
  EXPECT_EQ(json.at("filtering").at("why_not"), "change_request_refused");
  EXPECT_TRUE(json.at("filtering").at("value").is_null());
  EXPECT_EQ(json.at("mapping").at("value"), "endpoint_independent");
  EXPECT_EQ(json.at("kind"), "unknown");
  EXPECT_EQ(json.at("direct").at("full_cone"), true);
  EXPECT_FALSE(json.at("direct").as_object().contains("symmetric"));
}

TEST(NatVerdict, colour_is_there_only_where_it_is_wanted) {
  const NatReport report = measured(kEndpointIndependent, kAddressDependent);
  EXPECT_THAT(nat_text(report, "s", english(), true), HasSubstr("\x1b["));
  EXPECT_THAT(nat_text(report, "s", english(), false), Not(HasSubstr("\x1b[")));
}

TEST(NatVerdict, a_lifetime_that_was_not_asked_for_leaves_the_report_complete) {
  NatReport report = measured(kEndpointIndependent, kAddressDependent);
  EXPECT_TRUE(is_complete(report));
  EXPECT_THAT(nat_text(report, "s", english(), false), HasSubstr("--lifetime"));
  report.lifetime = NatFinding<stun::NatLifetime>::unknown(NatDoubt::kPortsTellNothing);
  EXPECT_FALSE(is_complete(report));
}

}  // namespace
}  // namespace beeline::cli
