// What OpenSSL's DTLS 1.2 costs on loopback without anything above it. Prints one JSON line.
//   dtls_floor handshake COUNT kept|fresh   one after the other, both ends in one thread
//   dtls_floor pipe SECONDS plain|runs      datagrams of 1200 bytes from one process to another
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>

#include "bench/data/bare_dtls.h"
#include "bench/data/program.h"
#include "bench/ice/cost.h"

namespace beeline::bench {
namespace {

using Clock = std::chrono::steady_clock;

bool shake_hands(BareDtls& client, BareDtls& server) {
  bool done[2] = {false, false};
  for (int turn = 0; turn < 20 && !(done[0] && done[1]); ++turn) {
    if (!done[0] && (turn == 0 || client.receive(false))) done[0] = client.handshake();
    if (!done[1] && server.receive(false)) done[1] = server.handshake();
  }
  return done[0] && done[1];
}

// `fresh`: keys, certificates and settings are new each time, and count in "whole_cpu_ms".
int handshakes(std::size_t count, bool fresh) {
  DtlsSide sides[2] = {make_side(), make_side()};
  std::vector<Duration> took;
  double shaking = 0;
  const double used = cpu_seconds();
  for (std::size_t i = 0; i < count; ++i) {
    if (fresh)
      for (DtlsSide& side : sides) side = make_side();
    const auto began = Clock::now();
    const double before = cpu_seconds();
    const SocketPair sockets;
    BareDtls client(sides[0].get(), true, sockets[0], false);
    BareDtls server(sides[1].get(), false, sockets[1], false);
    if (!shake_hands(client, server)) throw std::runtime_error("dtls_floor: no handshake");
    shaking += cpu_seconds() - before;
    took.push_back(std::chrono::duration_cast<Duration>(Clock::now() - began));
  }
  const auto each = 1e3 / static_cast<double>(count);
  fmt::print(
      "{{\"handshakes\": {}, \"p50_ms\": {:.3f}, \"p99_ms\": {:.3f}, \"cpu_ms\": {:.3f}, "
      "\"whole_cpu_ms\": {:.3f}}}\n",
      count, quantile_ms(took, 0.5), quantile_ms(took, 0.99), shaking * each,
      (cpu_seconds() - used) * each);
  return 0;
}

// The receiver says each time that so many more bytes came, by a datagram of one byte; the sender
// is at most four of these ahead, so that nothing is lost in a socket's buffer.
constexpr std::size_t kCredit = 128 * 1024;
constexpr std::size_t kAhead = 4;

struct Ended {
  double bytes = 0, seconds = 0, cpu = 0;
};

void wait_for_credit(int socket) {
  std::uint8_t credit = 0;
  timeval patience{1, 0};
  fd_set ready;
  FD_ZERO(&ready);
  FD_SET(socket, &ready);
  if (::select(socket + 1, &ready, nullptr, nullptr, &patience) != 1 ||
      ::read(socket, &credit, 1) != 1)
    throw std::runtime_error("dtls_floor: something was lost on loopback");
}

double push(BareDtls& end, int socket, double seconds) {
  const std::array<std::uint8_t, BareDtls::kContent> content{};
  const double used = cpu_seconds();
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  std::size_t credits = kAhead, sent = 0;
  while (Clock::now() < until) {
    for (std::size_t i = 0; i < BareDtls::kMostAtOnce; ++i) end.write(content);
    end.send();
    for (sent += BareDtls::kMostAtOnce * BareDtls::kContent; sent >= kCredit; sent -= kCredit)
      if (--credits == 0) {
        wait_for_credit(socket);
        ++credits;
      }
  }
  return cpu_seconds() - used;
}

// Until nothing comes for a second.
Ended pull(BareDtls& end, int socket) {
  std::array<std::uint8_t, 2048> content;
  const double used = cpu_seconds();
  const auto began = Clock::now();
  auto last = began;
  std::size_t bytes = 0, told = 0;
  while (end.receive(true)) {
    while (const std::size_t size = end.read(content)) bytes += size;
    for (; bytes - told >= kCredit; told += kCredit) std::ignore = ::write(socket, "+", 1);
    last = Clock::now();
  }
  return {static_cast<double>(bytes), std::chrono::duration<double>(last - began).count(),
          cpu_seconds() - used};
}

// The sender is a process of its own; what it used comes back through a pipe.
int pipe(double seconds, bool runs) {
  const DtlsSide sides[2] = {make_side(), make_side()};
  const SocketPair sockets;
  BareDtls client(sides[0].get(), true, sockets[0], runs);
  BareDtls server(sides[1].get(), false, sockets[1], runs);
  if (!shake_hands(client, server)) throw std::runtime_error("dtls_floor: no handshake");
  int told[2];
  if (::pipe(told) != 0) return 1;
  const pid_t sender = ::fork();
  if (sender == 0) {
    const double cpu = push(client, sockets[0], seconds);
    ::_exit(::write(told[1], &cpu, sizeof cpu) == sizeof cpu ? 0 : 1);
  }
  const Ended ended = pull(server, sockets[1]);
  int status = 0;
  ::waitpid(sender, &status, 0);
  double pushing = 0;
  if (status != 0 || ::read(told[0], &pushing, sizeof pushing) != sizeof pushing) return 1;
  const double per_gigabyte = 1e9 / ended.bytes;
  fmt::print(
      "{{\"runs\": {}, \"mbs\": {:.1f}, \"cpu_s_gb\": {:.3f}, \"send_cpu_s_gb\": {:.3f}, "
      "\"receive_cpu_s_gb\": {:.3f}}}\n",
      runs, ended.bytes / ended.seconds / 1e6, (pushing + ended.cpu) * per_gigabyte,
      pushing * per_gigabyte, ended.cpu * per_gigabyte);
  return 0;
}

int run(const std::vector<std::string>& words) {
  const auto chosen = [&words](const char* first, const char* second) {
    return words[2] == first || words[2] == second;
  };
  if (words.size() == 3 && words[0] == "handshake" && chosen("kept", "fresh"))
    return handshakes(std::strtoul(words[1].c_str(), nullptr, 10), words[2] == "fresh");
  if (words.size() == 3 && words[0] == "pipe" && chosen("plain", "runs"))
    return pipe(std::strtod(words[1].c_str(), nullptr), words[2] == "runs");
  fmt::print(stderr, "dtls_floor handshake COUNT kept|fresh, dtls_floor pipe SECONDS plain|runs\n");
  return 2;
}

}  // namespace
}  // namespace beeline::bench

int main(int argc, char** argv) {
  return beeline::bench::program(argc, argv, beeline::bench::run);
}
