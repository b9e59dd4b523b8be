#include "beeline/net/ready_sockets.h"

#include <sys/epoll.h>

#include <array>
#include <span>

#include "beeline/base/ensure.h"

namespace beeline::net {
namespace {

constexpr std::size_t kRound = 64;  // then the loop sees to its timers and streams

}  // namespace

ReadySockets::ReadySockets(boost::asio::io_context& io) : set_(io, ::epoll_create1(EPOLL_CLOEXEC)) {
  wait();
}

std::uint64_t ReadySockets::add(int fd, Reader& reader) {
  const std::uint64_t id = next_id_++;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = id;
  ensure(::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0, "a socket to wait for");
  readers_.emplace(id, &reader);
  return id;
}

void ReadySockets::remove(std::uint64_t id, int fd) {
  readers_.erase(id);
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

ReadySockets::Reader* ReadySockets::find(std::uint64_t id) {
  const auto it = readers_.find(id);
  return it == readers_.end() ? nullptr : it->second;
}

void ReadySockets::wait() {
  set_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                  [this](const boost::system::error_code& error) {
                    if (!error) read_round();
                  });
}

void ReadySockets::read_round() {
  // Also when a reader throws: the others go on.
  struct Rearm {
    ReadySockets& sockets;
    ~Rearm() { sockets.wait(); }
  } const rearm{*this};
  std::array<epoll_event, kRound> events{};
  const int count = ::epoll_wait(set_.native_handle(), events.data(), kRound, 0);
  const std::span<const epoll_event> ready =
      std::span(events).first(count > 0 ? static_cast<std::size_t>(count) : 0);
  for (const epoll_event& event : ready)
    if (Reader* reader = find(event.data.u64)) reader->read((event.events & EPOLLERR) != 0);
  for (const epoll_event& event : ready)
    if (Reader* reader = find(event.data.u64)) reader->round_done();
}

}  // namespace beeline::net
