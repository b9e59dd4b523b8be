#include "beeline/websocket/client.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "beeline/base/encoding.h"
#include "beeline/base/protocol_core.h"

namespace beeline::websocket {
namespace {

constexpr std::size_t kLongestAnswer = 16 * 1024;
constexpr std::size_t kPiece = 1200;  // bytes of a packet; the host joins them again

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Of "HTTP/1.1 101 Switching Protocols\r\n…"; 0 where it is none.
int status_of(std::string_view head) {
  if (!head.starts_with("HTTP/1.") || head.size() < 12 || head[8] != ' ') return 0;
  int status = 0;
  for (const char digit : head.substr(9, 3)) {
    if (digit < '0' || digit > '9') return 0;
    status = status * 10 + (digit - '0');
  }
  return status;
}

// The first header of that name; empty where there is none.
std::string_view header_of(std::string_view head, std::string_view name) {
  for (std::size_t start = head.find("\r\n"); start != std::string_view::npos;) {
    start += 2;
    const std::size_t end = head.find("\r\n", start);
    const std::string_view line = head.substr(start, end - start);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equal_without_case(line.substr(0, colon), name))
      return trimmed(line.substr(colon + 1));
    start = end;
  }
  return {};
}

ClientEnd end_of(StreamEnd reason) {
  switch (reason) {
    case StreamEnd::kRefused:
      return ClientEnd::kRefused;
    case StreamEnd::kNoAnswer:
    case StreamEnd::kLocal:
      return ClientEnd::kNoAnswer;
    case StreamEnd::kNoCertificate:
      return ClientEnd::kNoCertificate;
    case StreamEnd::kByPeer:
      break;
  }
  return ClientEnd::kBroken;
}

}  // namespace

std::string_view to_string(ClientEnd end) {
  constexpr std::array<std::string_view, 7> kNames = {
      "no_name", "refused", "no_answer", "no_certificate", "not_upgraded", "broken", "closed"};
  return kNames[static_cast<std::size_t>(end)];
}

Client::Client(ClientSettings settings, const Random& random, PacketPool& packets)
    : settings_(std::move(settings)),
      random_(random.fork("websocket")),
      packets_(packets),
      encoder_(Role::kClient, &random_) {}

std::optional<Client::Transmit> Client::poll_transmit() {
  return transmits_.pop();
}
std::optional<Client::Event> Client::poll_event() {
  return events_.pop();
}
std::optional<Instant> Client::next_timeout() const {
  const auto next = timers_.next();
  return next ? std::optional(next->at) : std::nullopt;
}

void Client::open(Instant now) {
  ensure(state_ == State::kIdle, "a WebSocket is opened once at a time");
  state_ = State::kResolving;
  timers_.set(Timer::kPatience, now + 2 * settings_.patience);
  query_ = {next_id_++};
  events_.push(HostRequest(ResolveName{query_, settings_.host}));
}

void Client::handle_input(Input input, Instant now) {
  if (const auto* resolved = std::get_if<NameResolved>(&input)) on(*resolved, now);
  if (const auto* opened = std::get_if<StreamOpened>(&input)) on(*opened, now);
  if (const auto* bytes = std::get_if<StreamBytes>(&input)) on(*bytes, now);
  if (const auto* closed = std::get_if<StreamClosed>(&input)) on(*closed, now);
}

void Client::handle_timeout(Instant now) {
  if (timers_.pop_due(now)) try_next(ClientEnd::kNoAnswer, 0, now);
}

void Client::on(const NameResolved& resolved, Instant now) {
  if (state_ != State::kResolving || resolved.query != query_) return;
  untried_.assign(resolved.addresses.begin(), resolved.addresses.end());
  try_next(ClientEnd::kNoName, 0, now);
}

// What the last one came to is what is told where there is no other.
void Client::try_next(ClientEnd why, int status, Instant now) {
  if (state_ == State::kConnecting || state_ == State::kUpgrading) let_go();
  if (untried_.empty()) return end(why, status);
  server_ = untried_.front();
  untried_.pop_front();
  stream_ = {next_id_++};
  state_ = State::kConnecting;
  timers_.set(Timer::kPatience, now + settings_.patience);
  events_.push(
      HostRequest(OpenStream{.stream = stream_,
                             .kind = settings_.secure ? StreamKind::kTls : StreamKind::kTcp,
                             .local = IpAddress::any(server_.family()),
                             .remote = {server_, settings_.port},
                             .server_name = settings_.host}));
}

void Client::on(const StreamOpened& opened, Instant) {
  if (state_ != State::kConnecting || opened.stream != stream_) return;
  state_ = State::kUpgrading;
  answer_.clear();
  ask_for_upgrade();
}

//= RFC 6455 §4.1
void Client::ask_for_upgrade() {
  std::array<std::uint8_t, 16> nonce{};
  random_.fill(nonce);
  key_ = to_base64(nonce);
  const bool is_v6 = settings_.host.find(':') != std::string::npos;
  const std::uint16_t usual = settings_.secure ? 443 : 80;
  std::string request = "GET " + settings_.path + " HTTP/1.1\r\nHost: ";
  request += is_v6 ? "[" + settings_.host + "]" : settings_.host;
  if (settings_.port.value != usual) request += ":" + std::to_string(settings_.port.value);
  request += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
  request += "Sec-WebSocket-Key: " + key_ + "\r\n\r\n";
  write(request);
}

void Client::on(const StreamBytes& bytes, Instant now) {
  if (bytes.stream != stream_) return;
  if (state_ == State::kOpen) return on_frames(bytes.bytes);
  if (state_ != State::kUpgrading) return;
  answer_ += as_text(bytes.bytes);
  on_answer(now);
}

void Client::on_answer(Instant now) {
  const std::size_t blank = answer_.find("\r\n\r\n");
  if (blank == std::string::npos) {
    if (answer_.size() > kLongestAnswer) try_next(ClientEnd::kNotUpgraded, 0, now);
    return;
  }
  const std::string head = answer_.substr(0, blank);
  const int status = status_of(head);
  const bool accepted = status == 101 &&
                        equal_without_case(header_of(head, "upgrade"), "websocket") &&
                        header_of(head, "sec-websocket-accept") == accept_key(key_);
  if (!accepted) return try_next(ClientEnd::kNotUpgraded, status, now);
  const std::string frames = answer_.substr(blank + 4);
  answer_.clear();
  untried_.clear();
  timers_.cancel(Timer::kPatience);
  state_ = State::kOpen;
  decoder_.emplace(Role::kClient, Decoder::Limits{settings_.message_bytes});
  events_.push(ClientOpened{server_});
  on_frames(as_bytes(frames));
}

void Client::on_frames(Bytes bytes) {
  while (state_ == State::kOpen) {
    auto received = decoder_->read(bytes);
    if (!received) return;
    take(std::move(*received));
  }
}

void Client::take(Received received) {
  std::string wire;
  if (auto* text = std::get_if<TextMessage>(&received)) {
    events_.push(ClientText{std::move(text->text)});
  } else if (const auto* ping = std::get_if<Ping>(&received)) {
    encoder_.pong(ping->payload, wire);
    write(wire);
  } else if (const auto* close = std::get_if<Close>(&received)) {
    //= RFC 6455 §5.5.1
    encoder_.close(close->code, {}, wire);
    write(wire);
    end(ClientEnd::kClosed, close->code);
  } else if (const auto* violation = std::get_if<Violation>(&received)) {
    encoder_.close(violation->code, {}, wire);
    write(wire);
    end(ClientEnd::kBroken, violation->code);
  }
}

void Client::on(const StreamClosed& closed, Instant now) {
  if (closed.stream != stream_ || state_ == State::kIdle || state_ == State::kResolving) return;
  stream_ = {};
  if (state_ == State::kOpen) return end(ClientEnd::kBroken, 0);
  try_next(end_of(closed.reason), 0, now);
}

void Client::send(std::string_view text) {
  if (state_ != State::kOpen) return;
  std::string wire;
  encoder_.text(text, wire);
  write(wire);
}

void Client::close(bool clean) {
  if (state_ == State::kOpen && clean) {
    std::string wire;
    encoder_.close(CloseCode::kNormal, {}, wire);
    write(wire);
  }
  let_go();
  state_ = State::kIdle;
  // What the owner has not taken out yet is of a connection that it gave up; requests stay.
  for (std::size_t left = events_.size(); left > 0; --left) {
    Event event = *events_.pop();
    if (std::holds_alternative<HostRequest>(event)) events_.push(std::move(event));
  }
}

void Client::write(std::string_view wire) {
  for (; !wire.empty(); wire.remove_prefix(std::min(kPiece, wire.size())))
    transmits_.push(SendStream{stream_, packets_.make(as_bytes(wire.substr(0, kPiece)))});
}

void Client::let_go() {
  timers_.cancel(Timer::kPatience);
  decoder_.reset();
  if (stream_.value != 0) events_.push(HostRequest(CloseStream{stream_}));
  stream_ = {};
}

void Client::end(ClientEnd why, int status) {
  let_go();
  state_ = State::kIdle;
  untried_.clear();
  events_.push(ClientClosed{why, status});
}

}  // namespace beeline::websocket
