#include "apps/beeline/bridge/bridge.h"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include "beeline/base/protocol_core.h"

namespace beeline::cli {
namespace {

// An Ethernet frame with a VLAN tag on a TAP device of the largest MTU.
constexpr std::size_t kLargestFrame = 65536 + 18;
// Of one device, before the other gets its turn.
constexpr int kFramesAtOnce = 64;

Instant now() {
  return {
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

net::FileDescriptor block_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&wanted, signal);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  return net::FileDescriptor(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
}

// So that a busy machine does not smear delays.
bool go_real_time() {
  sched_param parameter{};
  parameter.sched_priority = 1;
  return ::sched_setscheduler(0, SCHED_FIFO, &parameter) == 0;
}

}  // namespace

std::expected<Bridge, std::string> Bridge::open(const BridgeSettings& settings) {
  auto first = open_tap(settings.ends[0]);
  if (!first) return std::unexpected(std::move(first.error()));
  auto second = open_tap(settings.ends[1]);
  if (!second) return std::unexpected(std::move(second.error()));
  return Bridge(settings, std::move(*first), std::move(*second));
}

Bridge::Bridge(const BridgeSettings& settings, net::FileDescriptor first,
               net::FileDescriptor second)
    : devices_{std::move(first), std::move(second)},
      lanes_{FrameLane(settings.profiles[0], Random::from_number(settings.seed).fork("there")),
             FrameLane(settings.profiles[1], Random::from_number(settings.seed).fork("back"))},
      signals_(block_signals()),
      real_time_(go_real_time()) {}

// False where the device is gone.
bool Bridge::read_frames(std::size_t from, Instant at) {
  static std::array<std::uint8_t, kLargestFrame> buffer;
  for (int i = 0; i < kFramesAtOnce; ++i) {
    const ssize_t size = ::read(devices_[from].get(), buffer.data(), buffer.size());
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    lanes_[from].enter(Bytes(buffer).first(static_cast<std::size_t>(size)), at);
  }
  return true;
}

// What the other side's device cannot take is dropped, as by any cable into a busy host.
void Bridge::write_due(std::size_t lane, Instant at) {
  while (const auto frame = lanes_[lane].leave(at)) {
    [[maybe_unused]] const ssize_t written =
        ::write(devices_[1 - lane].get(), frame->data(), frame->size());
  }
}

std::optional<std::string> Bridge::run(const Tell& tell) {
  while (true) {
    std::array<pollfd, 3> entries{{{devices_[0].get(), POLLIN, 0},
                                   {devices_[1].get(), POLLIN, 0},
                                   {signals_.get(), POLLIN, 0}}};
    const auto due = earliest(lanes_[0].next_due(), lanes_[1].next_due());
    const auto wait = due ? std::max(*due - now(), Duration(0)) : Duration(0);
    const timespec limit{wait.count() / 1'000'000, wait.count() % 1'000'000 * 1000};
    if (::ppoll(entries.data(), entries.size(), due ? &limit : nullptr, nullptr) < 0 &&
        errno != EINTR)
      return fmt::format("the bridge cannot wait: {}", std::strerror(errno));
    for (std::size_t from : {0U, 1U})
      if (entries[from].revents != 0 && !read_frames(from, now())) return "a device went away";
    for (std::size_t lane : {0U, 1U}) write_due(lane, now());
    signalfd_siginfo signal{};
    if (::read(signals_.get(), &signal, sizeof signal) != sizeof signal) continue;
    if (signal.ssi_signo != SIGUSR1) return std::nullopt;
    tell(lanes_[0].counts(), lanes_[1].counts());
  }
}

}  // namespace beeline::cli
