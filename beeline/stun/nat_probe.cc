#include "beeline/stun/nat_probe.h"

#include <algorithm>

#include "beeline/base/protocol_core.h"

namespace beeline::stun {
namespace {

static_assert(ProtocolCore<NatProbe>);

using std::chrono::milliseconds;

constexpr NameQueryId kServerName{1};
constexpr StreamId kTcpStream{1};
constexpr std::size_t kMostInterfaces = 8;
constexpr auto kTcpPatience = std::chrono::seconds(4);

// Shorter than RFC 8489 §6.2.1 has it: somebody is waiting, and half of these tests are decided by
// an answer that does not come.
constexpr Transaction::Timing kFirstTiming{
    .rto = milliseconds(200), .max_sends = 5, .last_wait = 4};
constexpr Duration kShortestRto = milliseconds(150);
constexpr Duration kLongestRto = std::chrono::seconds(1);

// How long a question may take until it counts as unanswered.
Duration span_of(const Transaction::Timing& timing) {
  return timing.rto * ((1 << (timing.max_sends - 1)) - 1 + timing.last_wait);
}

// Whether a socket on `ip` could reach `server`.
bool is_usable(const IpAddress& ip, const IpAddress& server) {
  if (ip.family() != server.family()) return false;
  if (ip.is_loopback() || server.is_loopback()) return ip.is_loopback() && server.is_loopback();
  return !ip.is_unspecified() && !ip.is_multicast() && ip.is_link_local() == server.is_link_local();
}

std::optional<TransportAddress> mapped_by(const Message& message) {
  if (const auto mapped = message.find(AttributeType::kXorMappedAddress))
    return read_xor_address(mapped->value, message.transaction_id());
  if (const auto mapped = message.find(AttributeType::kMappedAddress))
    return read_address(mapped->value);
  return std::nullopt;
}

}  // namespace

NatProbe::NatProbe(NatProbeSettings settings, const Random& random, PacketPool& packets)
    : settings_(std::move(settings)), random_(random.fork("nat probe")), packets_(packets) {}

std::optional<HostTransmit> NatProbe::poll_transmit() {
  return transmits_.pop();
}
std::optional<NatProbe::Event> NatProbe::poll_event() {
  return events_.pop();
}

std::optional<Instant> NatProbe::next_timeout() const {
  std::optional<Instant> next = tcp_until_;
  for (const Question& question : questions_)
    next = earliest(next, question.transaction.next_timeout());
  if (stage_ == Stage::kLifetimes)
    for (const Silence& silence : silences_)
      if (!silence.asked) next = earliest(next, silence.due);
  return next;
}

void NatProbe::start(Instant) {
  ensure(stage_ == Stage::kIdle, "a probe starts once");
  enter(Stage::kStarting, NatStep::kLookingUp, {});
  events_.push(HostRequest(ResolveName{kServerName, settings_.server}));
  events_.push(HostRequest(WatchInterfaces{}));
}

void NatProbe::handle_input(Input input, Instant now) {
  if (stage_ == Stage::kIdle || stage_ == Stage::kDone) return;
  std::visit([&](const auto& one) { on(one, now); }, input);
}

void NatProbe::handle_timeout(Instant now) {
  for (std::size_t i = 0; i < questions_.size();) {
    const auto due = questions_[i].transaction.handle_timeout(now);
    if (due == Transaction::Due::kFailed) {
      const Question question = std::move(questions_[i]);
      questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(i));
      unanswered(question, now);
      continue;
    }
    if (due == Transaction::Due::kSendAgain) send(questions_[i]);
    ++i;
  }
  if (tcp_until_ && *tcp_until_ <= now) finish(NatOutcome::kNoAnswer);
  go_on(now);
}

void NatProbe::enter(Stage stage, NatStep step, Duration at_most) {
  stage_ = stage;
  events_.push(NatProgress{step, at_most});
}

// --- the beginning -------------------------------------------------------------------------------

void NatProbe::on(const NameResolved& resolved, Instant now) {
  if (server_addresses_) return;
  server_addresses_ = resolved.addresses;
  if (settings_.family)
    std::erase_if(*server_addresses_,
                  [&](const IpAddress& ip) { return ip.family() != *settings_.family; });
  begin_asking(now);
}

void NatProbe::on(const InterfacesChanged& changed, Instant now) {
  if (interfaces_) return;  // what comes and goes later shows in the sockets
  interfaces_ = changed.interfaces;
  begin_asking(now);
}

// From every address that could do: which one the answers will come to is the system's choice.
void NatProbe::begin_asking(Instant) {
  if (!server_addresses_ || !interfaces_) return;
  if (server_addresses_->empty()) return finish(NatOutcome::kNoSuchName);
  // NATs are of IPv4 mostly.
  const auto v4 = std::ranges::find_if(*server_addresses_, &IpAddress::is_v4);
  report_.server = {v4 != server_addresses_->end() ? *v4 : server_addresses_->front(),
                    settings_.port};
  enter(Stage::kFirst, NatStep::kAsking, span_of(kFirstTiming));
  if (report_.server.ip.is_loopback()) {
    add_socket(IpAddress::loopback(report_.server.ip.family()));
  } else {
    for (const Interface& interface : *interfaces_)
      if (is_usable(interface.address, report_.server.ip) && sockets_.size() < kMostInterfaces)
        add_socket(interface.address);
  }
  if (sockets_.empty()) finish(NatOutcome::kNoInterface);
}

void NatProbe::add_socket(const IpAddress& local) {
  sockets_.push_back({SocketId{next_socket_++}, std::nullopt, std::nullopt});
  events_.push(HostRequest(BindUdp{sockets_.back().id, {local, Port{}}}));
}

void NatProbe::on(const UdpBound& bound, Instant now) {
  const auto socket = std::ranges::find(sockets_, bound.socket, &Socket::id);
  if (socket == sockets_.end()) return;
  socket->local = bound.local;
  if (stage_ == Stage::kFirst)
    return ask(Test::kFirst, static_cast<std::size_t>(socket - sockets_.begin()), report_.server,
               now);
  if (stage_ == Stage::kBinding) go_on(now);
}

void NatProbe::on(const UdpClosed& closed, Instant now) {
  const auto socket = std::ranges::find(sockets_, closed.socket, &Socket::id);
  if (socket == sockets_.end()) return;
  if (stage_ != Stage::kFirst) return finish(NatOutcome::kNoInterface);
  const auto index = static_cast<std::size_t>(socket - sockets_.begin());
  std::erase_if(questions_, [&](const Question& question) { return question.socket == index; });
  socket->id = {};  // indices stay what they are
  const bool all_gone =
      std::ranges::all_of(sockets_, [](const Socket& one) { return one.id == SocketId{}; });
  if (all_gone) return finish(NatOutcome::kNoInterface);
  go_on(now);
}

// --- questions and answers -----------------------------------------------------------------------

Transaction::Timing NatProbe::timing(Test test) const {
  if (test == Test::kFirst) return kFirstTiming;
  const Duration rto =
      std::clamp(2 * report_.round_trip.value_or(Duration(0)), kShortestRto, kLongestRto);
  return {.rto = rto, .max_sends = 5, .last_wait = 2};
}

void NatProbe::ask(Test test, std::size_t socket, const TransportAddress& to, Instant now,
                   ChangeRequest change, std::optional<Port> response_port, std::size_t subject) {
  TransactionId id;
  random_.fill(id);
  questions_.push_back({test, socket, to, Transaction(id, timing(test), false, now), change,
                        response_port, subject});
  send(questions_.back());
}

void NatProbe::send(const Question& question) {
  Packet packet = packets_.make();
  packet.resize(Packet::kMaxPayload);
  MessageWriter writer(packet.mutable_bytes(), Class::kRequest, Method::kBinding,
                       question.transaction.id());
  if (question.change.change_ip || question.change.change_port)
    add_change_request(writer, question.change);
  if (question.response_port) add_response_port(writer, *question.response_port);
  packet.resize(writer.bytes().size());
  transmits_.push(SendDatagram{sockets_[question.socket].id, question.to, std::move(packet)});
}

void NatProbe::on(const Datagram& datagram, Instant now) {
  const auto message = Message::parse(datagram.packet.bytes());
  const auto it = message ? std::ranges::find_if(questions_,
                                                 [&](const Question& question) {
                                                   return question.transaction.id() ==
                                                          message->transaction_id();
                                                 })
                          : questions_.end();
  const bool is_answer = message && (message->message_class() == Class::kSuccess ||
                                     message->message_class() == Class::kError);
  // What was sent to ourselves comes back as the request that it is.
  if (it == questions_.end() || is_answer == (it->test == Test::kHairpin)) {
    ++strays_;
    return;
  }
  Heard heard{datagram.socket, datagram.source, 0, mapped_by(*message), std::nullopt};
  if (const auto error = message->find(AttributeType::kErrorCode)) {
    const auto code = read_error_code(error->value);
    heard.code = code ? code->code : std::uint16_t{500};
  }
  if (const auto other = message->find(AttributeType::kOtherAddress))
    heard.other = read_address(other->value);
  const bool from_elsewhere = it->test == Test::kHairpin || it->change.change_ip ||
                              it->change.change_port || it->response_port;
  const bool usable = heard.code != 0 || heard.mapped || it->test == Test::kHairpin;
  if ((!from_elsewhere && datagram.source != it->to) || !usable) {
    ++strays_;
    return;
  }
  const Question question = std::move(*it);
  questions_.erase(it);
  answered(question, heard, now);
  go_on(now);
}

void NatProbe::answered(const Question& question, const Heard& heard, Instant now) {
  const auto change = [&](const TransportAddress& expected) {
    if (heard.code != 0) return Change::kRefused;
    return heard.source == expected ? Change::kObeyed : Change::kIgnored;
  };
  switch (question.test) {
    case Test::kFirst:
      return heard.code == 0 ? settle_on(question, heard, now) : finish(NatOutcome::kNoAnswer);
    case Test::kSample:
      sockets_[question.socket].mapped = heard.mapped;
      return;
    case Test::kOtherAddress:
      from_other_address_ = heard.mapped;
      return;
    case Test::kBothOther:
      from_both_other_ = heard.mapped;
      return;
    case Test::kChangeBoth:
      change_both_ = change(*report_.other);
      return;
    case Test::kChangePort:
      change_port_ = change({report_.server.ip, report_.other->port});
      return;
    case Test::kHairpin:
      report_.hairpinning = NatFinding<bool>::of(true);
      report_.hairpin_shows_inside = heard.source == *sockets_[question.socket].local;
      return;
    case Test::kTrial:
      answers_elsewhere_ = heard.code == 0 && heard.at == sockets_[question.subject].id;
      return;
    case Test::kLifetime:
      return note_lifetime(question, *answers_elsewhere_
                                         ? heard.at == sockets_[question.subject].id
                                         : heard.mapped == sockets_[question.subject].mapped);
  }
}

void NatProbe::unanswered(const Question& question, Instant) {
  if (question.test == Test::kLifetime && *answers_elsewhere_) note_lifetime(question, false);
  if (question.test == Test::kTrial) answers_elsewhere_ = false;
}

// The address whose answer came first is the one that everything else is asked from.
void NatProbe::settle_on(const Question& question, const Heard& heard, Instant now) {
  Socket chosen = sockets_[question.socket];
  chosen.mapped = heard.mapped;
  for (const Socket& socket : sockets_)
    if (socket.id != SocketId{} && socket.id != chosen.id)
      events_.push(HostRequest(ReleaseUdp{socket.id}));
  questions_.clear();
  sockets_.assign(1, chosen);
  report_.outcome = NatOutcome::kMeasured;
  report_.local = *chosen.local;
  report_.mapped = *heard.mapped;
  report_.round_trip = question.transaction.round_trip(now);
  report_.other = heard.other;
  enter(Stage::kBinding, NatStep::kComparing, span_of(timing(Test::kSample)));
  while (sockets_.size() < kSampleSockets) add_socket(report_.local.ip);
}

// --- from stage to stage -------------------------------------------------------------------------

void NatProbe::go_on(Instant now) {
  if (stage_ == Stage::kLifetimes) ask_silent(now);
  if (!questions_.empty()) return;
  switch (stage_) {
    case Stage::kFirst: {
      const bool all_bound = std::ranges::all_of(sockets_, [](const Socket& socket) {
        return socket.local.has_value() || socket.id == SocketId{};
      });
      if (all_bound) try_tcp(now);
      return;
    }
    case Stage::kBinding: {
      const bool all_bound =
          std::ranges::all_of(sockets_, [](const Socket& one) { return one.local.has_value(); });
      if (all_bound) ask_samples(now);
      return;
    }
    case Stage::kSamples:
      return silences_.empty() ? ask_tests(now) : begin_lifetime(now);
    case Stage::kTests:
      judge();
      return settings_.lifetime ? begin_lifetime(now) : finish(NatOutcome::kMeasured);
    case Stage::kLifetimeTrial:
      return begin_lifetime(now);
    default:
      return;
  }
}

// Whether the server is not there, or UDP does not get to it.
void NatProbe::try_tcp(Instant now) {
  const auto socket =
      std::ranges::find_if(sockets_, [](const Socket& one) { return one.id != SocketId{}; });
  enter(Stage::kTcp, NatStep::kTryingTcp, kTcpPatience);
  tcp_until_ = now + kTcpPatience;
  events_.push(
      HostRequest(OpenStream{kTcpStream, StreamKind::kTcp, socket->local->ip, report_.server, ""}));
}

void NatProbe::on(const StreamOpened&, Instant) {
  if (stage_ != Stage::kTcp) return;
  finish(NatOutcome::kUdpBlocked);
}

void NatProbe::on(const StreamClosed&, Instant) {
  if (stage_ == Stage::kTcp) finish(NatOutcome::kNoAnswer);
}

void NatProbe::finish(NatOutcome outcome) {
  if (stage_ == Stage::kDone) return;
  if (stage_ == Stage::kTcp) events_.push(HostRequest(CloseStream{kTcpStream}));
  stage_ = Stage::kDone;
  tcp_until_.reset();
  questions_.clear();
  for (const Socket& socket : sockets_)
    if (socket.id != SocketId{}) events_.push(HostRequest(ReleaseUdp{socket.id}));
  report_.outcome = outcome;
  events_.push(report_);
}

}  // namespace beeline::stun
