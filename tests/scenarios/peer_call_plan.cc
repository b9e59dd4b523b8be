#include "tests/scenarios/peer_call_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace beeline::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kTalk = seconds(10);
constexpr std::uint32_t kLeastMtu = 1280;  // of IPv6

Duration any_time(Random& random) {
  return milliseconds(random.below(10'000));
}

// Worse than a call of voices would bear.
void worsen(Random& random, sim::LinkProfile& link) {
  if (one_in(random, 4)) link.loss = sim::Chance::percent(1 + random.below(20));
  if (one_in(random, 4)) link.duplication = sim::Chance::percent(1 + random.below(20));
  if (one_in(random, 4)) {
    link.reordering = sim::Chance::percent(1 + random.below(30));
    link.reordering_delay = milliseconds(1 + random.below(100));
  }
  if (one_in(random, 3)) link.damage = {.per_million = 100 + random.below(20'000)};
  if (one_in(random, 5)) {
    link.bits_per_second = 100'000 + random.below(5'000'000);
    link.queue_bytes = 4'000 + random.below(100'000);
  }
}

sctp::Settings draw_abilities(Random& random) {
  sctp::Settings settings;
  settings.capabilities = {.partial_reliability = !one_in(random, 10),
                           .interleaving = !one_in(random, 3),
                           .re_config = true,
                           .zero_checksum = !one_in(random, 3)};
  if (one_in(random, 3)) settings.congestion = sctp::CongestionModel::kCubic;
  if (one_in(random, 4)) settings.max_window = 256 * 1024 + random.below(1024 * 1024);
  return settings;
}

std::uint32_t draw_size(Random& random) {
  switch (random.below(10)) {
    case 0:
      return 0;
    case 1:
    case 2:
      return 1 + random.below(8);
    case 3:
    case 4:
    case 5:
    case 6:
      return 1 + random.below(1'000);
    case 7:
    case 8:
      return 1'000 + random.below(10'000);
    default:
      return one_in(random, 5) ? 100'000 + random.below(162'145) : 10'000 + random.below(30'000);
  }
}

void draw_messages(Random& random, ChannelPlan& channel) {
  const std::uint32_t count = 1 + random.below(20);
  const bool at_once = one_in(random, 4);
  const Duration when = any_time(random);
  for (std::uint32_t i = 0; i < count; ++i) {
    const MessagePlan message{.at = at_once ? when : any_time(random),
                              .bytes = draw_size(random),
                              .by_answerer = one_in(random, 2),
                              .text = one_in(random, 2)};
    const auto later = std::ranges::upper_bound(channel.messages, message.at, {}, &MessagePlan::at);
    channel.messages.insert(later, message);
  }
}

ChannelPlan draw_channel(Random& random, std::size_t number) {
  ChannelPlan channel;
  channel.options.label = std::to_string(number);
  channel.options.protocol = one_in(random, 3) ? "of our own" : "";
  channel.options.ordered = !one_in(random, 3);
  channel.options.priority = static_cast<std::uint16_t>(128U << random.below(4));
  if (one_in(random, 5))
    channel.options.reliability.lifetime = milliseconds(random.below(2'000));
  else if (one_in(random, 4))
    channel.options.reliability.retransmissions = random.below(4);
  channel.by_answerer = number != 0 && one_in(random, 2);
  if (number == 0 || one_in(random, 2))
    channel.opened = {};
  else
    channel.opened = any_time(random);
  if (channel.opened == Duration{} && one_in(random, 5))
    channel.agreed = sctp::StreamId{static_cast<std::uint16_t>(500 + number)};
  draw_messages(random, channel);
  if (one_in(random, 4)) {
    channel.closed = any_time(random);
    channel.closed_by_answerer = one_in(random, 2);
  }
  return channel;
}

std::string words(const sctp::Settings& settings) {
  const sctp::Capabilities& can = settings.capabilities;
  return fmt::format(
      "{}{}{}{}", settings.congestion == sctp::CongestionModel::kCubic ? "cubic" : "rate",
      can.partial_reliability ? "" : " all-reliable", can.interleaving ? " interleaving" : "",
      can.zero_checksum ? " zero-checksum" : "");
}

std::string words(const ChannelPlan& channel) {
  const sctp::ChannelOptions& options = channel.options;
  std::string text = fmt::format("{}{}", options.label, options.ordered ? "" : " unordered");
  if (const auto& lifetime = options.reliability.lifetime)
    text += fmt::format(" for {} ms", lifetime->count() / 1000);
  if (const auto& times = options.reliability.retransmissions)
    text += fmt::format(" {} more times", *times);
  if (channel.agreed) text += " agreed";
  std::uint64_t bytes = 0;
  for (const MessagePlan& message : channel.messages) bytes += message.bytes;
  text += fmt::format(" {} messages {} bytes", channel.messages.size(), bytes);
  if (channel.closed) text += " closed";
  return text;
}

}  // namespace

bool PeerCallPlan::is_clean() const {
  const auto clean = [](const PlacePlan& place) {
    return place.link.damage.per_million == 0 && place.link.bits_per_second == 0;
  };
  return call.is_calm() && clean(call.offerer) && clean(call.answerer);
}

PeerCallPlan draw_peer_call(std::uint64_t seed) {
  Random random = Random::from_number(seed).fork("data call");
  PeerCallPlan plan;
  plan.call = draw_call(seed);
  plan.call.lies = false;
  plan.call.same_role = false;  // descriptions say who is what
  plan.call.length = kTalk;
  for (PlacePlan* place : {&plan.call.offerer, &plan.call.answerer})
    if (!plan.call.is_calm()) worsen(random, place->link);
  plan.offerers = draw_abilities(random);
  plan.answerers = draw_abilities(random);
  plan.snap = one_in(random, 2);
  plan.impostor = one_in(random, 25);
  const std::uint32_t channels = 1 + random.below(5);
  for (std::uint32_t i = 0; i < channels; ++i) plan.channels.push_back(draw_channel(random, i));
  for (PlacePlan* place : {&plan.call.offerer, &plan.call.answerer, &plan.call.elsewhere})
    if (one_in(random, 3)) place->link.mtu = kLeastMtu + random.below(1500 - kLeastMtu);
  return plan;
}

std::string PeerCallPlan::to_string() const {
  std::string text = call.to_string();
  text += fmt::format(" | {} to {}{}", words(offerers), words(answerers), snap ? " SNAP" : "");
  if (impostor) text += " | impostor";
  for (const ChannelPlan& channel : channels) text += " | channel " + words(channel);
  return text;
}

}  // namespace beeline::scenarios
