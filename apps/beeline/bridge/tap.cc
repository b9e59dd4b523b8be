#include "apps/beeline/bridge/tap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace beeline::cli {
namespace {

constexpr const char* kOwnNetwork = "/proc/self/ns/net";

// Inside another network namespace, until it is destroyed.
class Visit {
 public:
  // What went wrong as errno; 0 where nothing did.
  explicit Visit(const std::string& network) : home_(::open(kOwnNetwork, O_RDONLY | O_CLOEXEC)) {
    if (network.empty()) return;
    const std::string path = network.contains('/') ? network : "/run/netns/" + network;
    const net::FileDescriptor there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    away_ = there.get() >= 0 && ::setns(there.get(), CLONE_NEWNET) == 0;
    if (!away_) error_ = errno;
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    if (away_) ::setns(home_.get(), CLONE_NEWNET);
  }
  int error() const { return error_; }

 private:
  net::FileDescriptor home_;
  bool away_ = false;
  int error_ = 0;
};

std::string failure(const TapPlace& place, std::string_view what, int error) {
  return fmt::format("{}: {}: {}{}", place.to_string(), what, std::strerror(error),
                     error == EPERM || error == EACCES ? "\ntry: as root" : "");
}

bool set_up(ifreq& request) {
  const net::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

}  // namespace

std::optional<TapPlace> TapPlace::parse(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  TapPlace place{std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
  const bool printable =
      std::ranges::all_of(place.device, [](char c) { return c > ' ' && c < 0x7F && c != '%'; });
  if (place.device.empty() || place.device.size() >= IFNAMSIZ || !printable) return std::nullopt;
  return place;
}

std::expected<net::FileDescriptor, std::string> open_tap(const TapPlace& place) {
  const Visit visit(place.network);
  if (visit.error() != 0)
    return std::unexpected(failure(place, "no such network namespace", visit.error()));
  net::FileDescriptor device(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (device.get() < 0) return std::unexpected(failure(place, "/dev/net/tun", errno));
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  std::ranges::copy(place.device, request.ifr_name);
  if (::ioctl(device.get(), TUNSETIFF, &request) != 0)
    return std::unexpected(failure(place, "no TAP device of that name", errno));
  if (!set_up(request)) return std::unexpected(failure(place, "cannot be set up", errno));
  return device;
}

}  // namespace beeline::cli
