#include "tests/scenarios/checkers.h"

#include <algorithm>

#include "beeline/ice/rules.h"
#include "beeline/stun/attributes.h"
#include "beeline/stun/integrity.h"

namespace beeline::scenarios {
namespace {

using std::chrono::seconds;

// The checkers have numbers of their own: a core whose numbers are wrong must not be measured with
// them.
constexpr Duration kConsent = seconds(30);
constexpr Duration kWayToRelay = seconds(3);
constexpr Duration kLook = seconds(10);
constexpr int kPerPair = 7;
constexpr Duration kPace = std::chrono::milliseconds(5);
constexpr Duration kPatience = seconds(30);
constexpr int kQuestionsPerSecond = 60;
constexpr int kPerAddress = 100;
constexpr std::size_t kMostViolations = 20;
constexpr std::size_t kMostPackets = 5'000;  // alive at once, in a whole world

bool is_data(Bytes bytes) {
  return !bytes.empty() && bytes[0] >= 0x80;
}

}  // namespace

Checkers::Checkers(Internet& internet) : internet_(internet) {
  internet.world.trace().observe([this](const sim::PacketEvent& event) { on(event); });
}

void Checkers::watch(const Caller& caller) {
  callers_[caller.node().index()] = &caller;
  learn_passwords();
}

void Checkers::expect_restart() {
  ++restarts_;
  learn_passwords();
}

void Checkers::violated(std::string rule, std::string what) {
  if (violations_.size() < kMostViolations)
    violations_.push_back({internet_.world.now(), std::move(rule), std::move(what)});
}

void Checkers::on(const sim::PacketEvent& event) {
  if (event.at < last_) violated("time_is_monotonic", "a step before the one before it");
  last_ = event.at;
  if (internet_.world.packets().live() > kMostPackets)
    violated("memory_is_bounded", std::to_string(internet_.world.packets().live()) + " packets");
  if (event.step == sim::Step::kSent) on_sent(event);
  if (event.step == sim::Step::kDelivered) on_delivered(event);
}

void Checkers::on_sent(const sim::PacketEvent& event) {
  const auto caller = callers_.find(event.where.index());
  const bool from_server = event.where.index() == internet_.server_node.index();
  if (caller == callers_.end() && !from_server) return;
  if (caller != callers_.end() && is_server(event.packet.destination)) on_question_to_server(event);
  if (event.packet.protocol != sim::Protocol::kUdp) return;
  const Flow flow{event.packet.source, event.packet.destination};
  const Bytes bytes = event.packet.payload.bytes();
  if (caller != callers_.end()) {
    check_destination(event);
    if (caller->second->closed())
      violated("silent_after_close", flow.from.to_string() + " to " + flow.to.to_string());
    if (is_server(flow.to)) return;
  } else if (!internet_.server->is_relay_port(flow.from)) {
    return;
  }
  if (is_data(bytes)) return on_data(flow, bytes, from_server);
  const auto message = stun::Message::parse(bytes);
  if (!message || message->message_class() != stun::Class::kRequest) return;
  const TransportAddress sender =
      from_server
          ? flow.from
          : TransportAddress{{}, Port{static_cast<std::uint16_t>(event.where.index().value)}};
  if (!from_server) {
    //= RFC 8445 §14.2
    const auto [last, first] = checked_.try_emplace(event.where.index(), event.at);
    if (!first && event.at - last->second < kPace)
      violated("paced", "two checks of " + event.where.name() + " within 5 ms");
    last->second = event.at;
  }
  on_check(sender, flow, *message);
}

// Requests and connections: a server has other callers, too.
void Checkers::on_question_to_server(const sim::PacketEvent& event) {
  const bool opens = event.packet.protocol == sim::Protocol::kTcp && event.packet.tcp.syn;
  const Bytes bytes = event.packet.payload ? event.packet.payload.bytes() : Bytes();
  // The first two bits of a request's type are 0, and so are those of its class.
  const bool asks = event.packet.protocol == sim::Protocol::kUdp && bytes.size() >= 20 &&
                    bytes[0] == 0 && (bytes[1] & 0x10) == 0;
  if (!opens && !asks) return;
  Questions& questions = questions_[event.where.index()];
  const std::int64_t second = event.at.since_start.count() / 1'000'000;
  if (questions.second != second) questions = {.second = second};
  if (++questions.count > kQuestionsPerSecond)
    violated("few_questions_to_the_server",
             event.where.name() + " asks " + std::to_string(questions.count) + " times a second");
}

void Checkers::learn_passwords() {
  for (const auto& [index, caller] : callers_)
    passwords_.insert(caller->agent().local_parameters().password);
}

bool Checkers::is_signed(const stun::Message& message) {
  learn_passwords();
  return std::ranges::any_of(passwords_, [&](const std::string& password) {
    return stun::check_integrity(message, as_bytes(password));
  });
}

// One question to each of whom nobody knows whether they want it (RFC 8445 §19.5.1), and few.
void Checkers::on_check(const TransportAddress& address, const Flow& flow,
                        const stun::Message& message) {
  // A link may have doubled what a relay was to send: that is no second question.
  if (!asked_.emplace(message.transaction_id(), flow).second) return;
  if (consent_.contains(flow)) return;
  Sender& sender = senders_[address];
  const int looks = looks_of(address, sender);
  // A relayed address does not say whose it is: neither when its looks begin, nor which of the two
  // sides, that restart one after the other, has done so.
  const int slack = address.ip.is_unspecified() ? 0 : 1 + std::min(restarts_, 1);
  const auto count = [&](Unanswered& counted, int limit, const char* rule) {
    if (counted.count++ == 0) counted.looks_before = looks - 1;
    if (counted.count > limit * (looks - counted.looks_before + slack))
      violated(rule, std::to_string(counted.count) + " packets from " + flow.from.to_string() +
                         " to " + flow.to.to_string());
  };
  count(sender.to_pair[flow], kPerPair, "few_packets_to_a_silent_pair");
  count(sender.to_ip[flow.to.ip], kPerAddress, "few_packets_to_a_silent_address");
}

// How often the sender may have looked around so far in this generation: what it says, but no more
// than once in 10 s. A relayed address does not say whose it is, nor when that one began anew.
int Checkers::looks_of(const TransportAddress& address, Sender& sender) {
  const auto caller = callers_.find(sim::DeviceIndex{address.port.value});
  const bool known = address.ip.is_unspecified() && caller != callers_.end();
  const int said = known ? static_cast<int>(caller->second->agent().looks()) : 1;
  // Looks may go by before there is anybody to ask: what counts is how fast they follow.
  if (known && sender.ufrag != caller->second->agent().local_parameters().ufrag)
    sender = {.ufrag = caller->second->agent().local_parameters().ufrag,
              .began = internet_.world.now(),
              .looks = said};
  // The first packet of a look may come any time after its beginning, so one look may be over.
  const int gone = static_cast<int>((internet_.world.now() - sender.began) / kLook);
  if (!known) return 2 + gone + restarts_;
  const int most = sender.looks + 1 + gone;
  if (said > most) violated("looks_are_rare", std::to_string(said) + " looks around");
  return std::min(said, most);
}

//= RFC 7675 §5
void Checkers::on_data(const Flow& flow, Bytes datagram, bool relayed) {
  const auto answered = consent_.find(flow);
  if (answered == consent_.end())
    return violated("consent_before_data",
                    flow.from.to_string() + " to " + flow.to.to_string() + ", never answered");
  // A relay sees the answer before its client does, and the client's data later: over a stream,
  // after any time.
  const Duration way = relayed ? kWayToRelay : Duration();
  const Instant read = relayed && woke_ ? std::max(*woke_, answered->second) : answered->second;
  const Instant said = Caller::said_at(datagram).value_or(internet_.world.now());
  if (said - read > kConsent + way)
    violated("consent_is_fresh", flow.from.to_string() + " to " + flow.to.to_string());
}

void Checkers::on_delivered(const sim::PacketEvent& event) {
  if (event.packet.protocol != sim::Protocol::kUdp) return;
  const Bytes bytes = event.packet.payload.bytes();
  if (strangers_.contains(event.where.index()) && is_data(bytes))
    violated("no_data_for_strangers", "data reached " + event.where.name());
  if (!callers_.contains(event.where.index()) &&
      event.where.index() != internet_.server_node.index())
    return;
  const auto message = stun::Message::parse(bytes);
  if (!message || message->message_class() != stun::Class::kSuccess) return;
  const auto asked = asked_.find(message->transaction_id());
  if (asked == asked_.end() || !is_signed(*message)) return;
  // Only from where the question went, to where it came from, is it an answer.
  if (asked->second.from == event.packet.destination && asked->second.to == event.packet.source)
    consent_[asked->second] = internet_.world.now();
}

void Checkers::check_destination(const sim::PacketEvent& event) {
  const IpAddress& to = event.packet.destination.ip;
  if (to.is_loopback() || to.is_unspecified() || to.is_multicast() || to.is_link_local() ||
      to == IpAddress::v4(0xFFFFFFFF) || event.packet.destination.port.value == 0)
    violated("no_packet_to_denied_ranges", event.packet.destination.to_string());
}

bool Checkers::is_server(const TransportAddress& address) const {
  for (const Interface& interface : internet_.server_node.interfaces())
    if (interface.address == address.ip)
      return address.port == TurnServerNode::kPort || address.port == TurnServerNode::kTlsPort;
  return sim::Nat::is_nat64(address.ip) && address.port == TurnServerNode::kPort;
}

// --- at the end ----------------------------------------------------------------------------------

bool Checkers::agree(const Caller& a, const Caller& b, bool ports) {
  const auto path_a = a.agent().path();
  const auto path_b = b.agent().path();
  const auto same = [&](const TransportAddress& seen, const TransportAddress& own) {
    const IpAddress ip = sim::Nat::is_nat64(seen.ip) ? sim::Nat::from_nat64(seen.ip) : seen.ip;
    return ip == own.ip && (!ports || seen.port == own.port);
  };
  return path_a && path_b && same(path_a->remote.address, path_b->local.address) &&
         same(path_b->remote.address, path_a->local.address);
}

void Checkers::expect_agreement(const Caller& a, const Caller& b, bool ports) {
  const auto path_a = a.agent().path();
  const auto path_b = b.agent().path();
  if (path_a.has_value() != path_b.has_value())
    return violated("both_agree", path_a ? "only the first has a path" : "only the second has one");
  if (!path_a) return;
  if (a.agent().role() == b.agent().role()) violated("both_agree", "the same role on both sides");
  if (!agree(a, b, ports))
    violated("both_agree", path_a->local.address.to_string() + " to " +
                               path_a->remote.address.to_string() + " against " +
                               path_b->local.address.to_string() + " to " +
                               path_b->remote.address.to_string());
}

void Checkers::expect_only_the_others_data(const Caller& caller, const Caller& other) {
  if (caller.last_heard() && *caller.last_heard() >= other.sent())
    violated("no_data_from_strangers", caller.node().name() + " heard what nobody said");
}

void Checkers::expect_patience(const Caller& caller) {
  if (caller.failed_at() && caller.failed_at()->since_start < kPatience)
    violated("patient", caller.node().name() + " gave up after " +
                            std::to_string(caller.failed_at()->since_start.count() / 1000) + " ms");
}

void Checkers::expect_no_secrets(const Caller& caller) {
  const std::string& password = caller.agent().local_parameters().password;
  for (const std::string& line : caller.log().lines())
    if (line.find(password) != std::string::npos || line.find("password") != std::string::npos)
      violated("no_secret_in_logs", line);
}

void Checkers::expect_no_allocations() {
  if (internet_.server->allocations() != 0)
    violated("no_allocation_outlives_its_time",
             std::to_string(internet_.server->allocations()) + " allocations");
}

}  // namespace beeline::scenarios
