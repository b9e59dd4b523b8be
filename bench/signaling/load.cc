// Load for a signaling server over clear-text WebSockets: many people join in pairs, stay, and
// relay messages to their partner. Speaks Beeline's protocol and that of npm's peer; says what it
// measured as one JSON object per phase and waits for a line on standard input before the next
// phase: an empty one for many messages in flight, a number for so many seconds of one at a time.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "beeline/websocket/codec.h"

namespace {

using namespace beeline;
using Clock = std::chrono::steady_clock;

// Servers allow so many connections from one address; each group gets one of its own.
constexpr std::size_t kPeoplePerAddress = 400;
constexpr std::size_t kJoiningAtOnce = 64;
constexpr std::size_t kMessagesInFlight = 256;
constexpr std::size_t kPayloadBytes = 2048;

struct Options {
  bool peer = false;  // npm's peer, else Beeline
  std::uint16_t port = 0;
  std::size_t people = 0;
  std::size_t messages = 0;
};

[[noreturn]] void fail(const std::string& what) {
  fmt::print(stderr, "load: {}: {}\n", what, std::strerror(errno));
  std::exit(1);
}

// The digits after `key`.
std::string number_at(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + key.size());
  return std::string(text.substr(0, text.find_first_not_of("0123456789")));
}

struct Person {
  int socket = -1;
  std::string id;
  std::string seen;  // the number of the last event, as clients say it with what they send
  Clock::time_point began;
  bool upgraded = false;
  bool joined = false;
  std::string head;  // of the answer to the handshake, while it is not whole
  std::string unsent;
  websocket::Decoder decoder{websocket::Role::kClient, {1024 * 1024}};
};

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        epoll_(::epoll_create1(0)),
        people_(options.people),
        payload_(kPayloadBytes, 'x') {}

  void join_all();
  const std::vector<double>& join_ms() const { return join_ms_; }
  void relay_all();
  // How long each message took, in microseconds.
  std::vector<double> relay_one_by_one(std::chrono::duration<double> time);

 private:
  void begin(std::size_t index);
  void wait();
  void on_readable(std::size_t index);
  void on_text(std::size_t index, std::string_view text);
  void send_text(Person& person, std::string_view text);
  void flush(Person& person);
  void relay_one();

  Options options_;
  int epoll_;
  std::vector<Person> people_;
  std::string payload_;
  Random mask_ = Random::from_number(1);
  websocket::Encoder encoder_{websocket::Role::kClient, &mask_};
  std::vector<double> join_ms_;
  std::size_t begun_ = 0;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
};

void Load::join_all() {
  while (join_ms_.size() < people_.size()) {
    while (begun_ < people_.size() && begun_ - join_ms_.size() < kJoiningAtOnce) begin(begun_++);
    wait();
  }
}

void Load::relay_all() {
  while (received_ < options_.messages) {
    while (sent_ < options_.messages && sent_ - received_ < kMessagesInFlight) relay_one();
    wait();
  }
}

std::vector<double> Load::relay_one_by_one(std::chrono::duration<double> time) {
  std::vector<double> took_us;
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
    const auto began = Clock::now();
    const std::size_t before = received_;
    relay_one();
    while (received_ == before) wait();
    took_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  return took_us;
}

void Load::begin(std::size_t index) {
  Person& person = people_[index];
  person.began = Clock::now();
  person.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (person.socket < 0) fail("socket");
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + 1 + static_cast<std::uint32_t>(index / kPeoplePerAddress));
  sockaddr_in to = from;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(options_.port);
  const int one = 1;
  ::setsockopt(person.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // Both sides of loopback are in the same kernel, so connecting does not wait for the server.
  if (::bind(person.socket, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) fail("bind");
  if (::connect(person.socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect");
  const std::string path =
      options_.peer ? fmt::format("/peerjs?key=peerjs&id=p{}&token=t{}&version=1.5.5", index, index)
                    : "/api/signal";
  person.unsent = fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      path, options_.port);
  flush(person);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, person.socket, &event) != 0) fail("epoll_ctl");
}

void Load::wait() {
  std::array<epoll_event, 256> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 10'000);
  if (count == 0) fail("nothing came for ten seconds");
  for (int i = 0; i < count; ++i)
    on_readable(static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64));
}

void Load::on_readable(std::size_t index) {
  Person& person = people_[index];
  static std::array<char, 65536> buffer;
  const ssize_t count = ::recv(person.socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count <= 0) fail(fmt::format("connection {} ended", index));
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  if (!person.upgraded) {
    person.head += bytes;
    const std::size_t end = person.head.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!person.head.starts_with("HTTP/1.1 101")) fail(person.head);
    person.upgraded = true;
    // Room ids are letters a-z; two people share each.
    std::string room(26, 'a');
    for (std::size_t rest = index / 2, i = 0; rest > 0; rest /= 26, ++i)
      room[i] = static_cast<char>('a' + rest % 26);
    if (!options_.peer)
      send_text(person, fmt::format(R"({{"type":"hello","versions":[1],"room":"{}"}})", room));
    bytes = bytes.substr(bytes.size() - (person.head.size() - end - 4));
    person.head = {};
  }
  Bytes rest = as_bytes(bytes);
  while (const auto received = person.decoder.read(rest))
    if (const auto* text = std::get_if<websocket::TextMessage>(&*received))
      on_text(index, text->text);
}

void Load::on_text(std::size_t index, std::string_view text) {
  Person& person = people_[index];
  if (text.starts_with(options_.peer ? R"({"type":"OFFER")" : R"({"type":"relay")")) {
    ++received_;
    if (!options_.peer) person.seen = number_at(text, R"("event":)");
    return;
  }
  if (!text.starts_with(options_.peer ? R"({"type":"OPEN")" : R"({"type":"welcome")")) {
    if (text.starts_with(R"({"type":"error")")) fail(std::string(text));
    return;
  }
  if (options_.peer) {
    person.id = fmt::format("p{}", index);
  } else {
    constexpr std::string_view kYou = R"("you":")";
    const std::size_t at = text.find(kYou) + kYou.size();
    person.id = text.substr(at, text.find('"', at) - at);
  }
  join_ms_.push_back(
      std::chrono::duration<double, std::milli>(Clock::now() - person.began).count());
}

// The next person in turn, so that nobody says more than a server takes from one connection.
void Load::relay_one() {
  const std::size_t index = sent_++ % people_.size();
  const std::string& to = people_[index ^ 1].id;
  const std::string text =
      options_.peer
          ? fmt::format(R"({{"type":"OFFER","dst":"{}","payload":{{"sdp":"{}"}}}})", to, payload_)
          : fmt::format(R"({{"type":"relay","to":"{}","items":[{{"sdp":"{}"}}],"seen":{}}})", to,
                        payload_, people_[index].seen.empty() ? "0" : people_[index].seen);
  send_text(people_[index], text);
}

void Load::send_text(Person& person, std::string_view text) {
  encoder_.text(text, person.unsent);
  flush(person);
}

// Blocks where the socket is full: there is never more in flight than fits.
void Load::flush(Person& person) {
  while (!person.unsent.empty()) {
    const ssize_t count = ::send(person.socket, person.unsent.data(), person.unsent.size(), 0);
    if (count < 0) fail("send");
    person.unsent.erase(0, static_cast<std::size_t>(count));
  }
}

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string next_phase() {
  std::cout.flush();
  std::string line;
  if (!std::getline(std::cin, line)) std::exit(0);
  return line;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    fmt::print(stderr, "usage: signaling_load beeline|peer PORT PEOPLE MESSAGES\n");
    return 2;
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  Load load({std::string_view(arguments[1]) == "peer",
             static_cast<std::uint16_t>(std::stoul(arguments[2])), std::stoul(arguments[3]),
             std::stoul(arguments[4])});
  load.join_all();
  std::cout << fmt::format(R"({{"p50_ms":{:.2f},"p99_ms":{:.2f}}})",
                           percentile(load.join_ms(), 0.5), percentile(load.join_ms(), 0.99))
            << '\n';
  for (;;) {
    const std::string phase = next_phase();
    if (phase.empty()) {
      load.relay_all();
      std::cout << R"({"relayed":true})" << '\n';
      continue;
    }
    const auto took =
        load.relay_one_by_one(std::chrono::duration<double>(std::strtod(phase.c_str(), nullptr)));
    std::cout << fmt::format(
                     R"({{"messages":{},"p50_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f}}})",
                     took.size(), percentile(took, 0.5), percentile(took, 0.99),
                     percentile(took, 0.999))
              << '\n';
  }
}
