#include "beeline/net/ready_sockets.h"

#include <sys/epoll.h>

#include <array>
#include <boost/asio/post.hpp>
#include <span>
#include <utility>

#include "beeline/base/ensure.h"

namespace beeline::net {
namespace {

constexpr std::size_t kRound = 128;  // then the loop sees to its timers

std::uint32_t wanted(ReadySockets::Trigger trigger) {
  return trigger == ReadySockets::Trigger::kLevel ? std::uint32_t{EPOLLIN}
                                                  : EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
}

ReadySockets::Readiness readiness(std::uint32_t events) {
  return {.readable = (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0,
          .writable = (events & EPOLLOUT) != 0,
          .errors = (events & EPOLLERR) != 0,
          .ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0};
}

}  // namespace

ReadySockets::ReadySockets(const boost::asio::any_io_executor& executor)
    : executor_(executor), set_(executor, ::epoll_create1(EPOLL_CLOEXEC)) {
  wait();
}

ReadySockets::~ReadySockets() {
  *alive_ = false;
  // They take their leave of this while it is still there.
  const auto kept = std::exchange(kept_, {});
}

std::uint64_t ReadySockets::add(int fd, Reader& reader, Trigger trigger) {
  if (free_places_.empty()) {
    free_places_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const std::uint32_t index = free_places_.back();
  const std::uint64_t id = std::uint64_t{places_[index].generation} << 32 | index;
  epoll_event event{};
  event.events = wanted(trigger);
  event.data.u64 = id;
  ensure(::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0, "a socket to wait for");
  free_places_.pop_back();
  places_[index].reader = &reader;
  return id;
}

void ReadySockets::remove(std::uint64_t id, int fd) {
  if (Place* place = place_of(id)) {
    *place = {nullptr, place->generation + 1};
    free_places_.push_back(static_cast<std::uint32_t>(place - places_.data()));
  }
  kept_.erase(id);
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
}

void ReadySockets::keep(std::uint64_t id, std::shared_ptr<void> owner) {
  kept_.emplace(id, std::move(owner));
}

void ReadySockets::again(std::uint64_t id) {
  unread_.push_back(id);
  wait_no_longer();
}

void ReadySockets::when_round_done(std::uint64_t id) {
  waiting_.push(id);
  wait_no_longer();
}

// Null where it was removed.
ReadySockets::Place* ReadySockets::place_of(std::uint64_t id) {
  const auto index = static_cast<std::uint32_t>(id);
  if (index >= places_.size() || places_[index].generation != id >> 32) return nullptr;
  return &places_[index];
}

ReadySockets::Reader* ReadySockets::find(std::uint64_t id) {
  const Place* place = place_of(id);
  return place == nullptr ? nullptr : place->reader;
}

void ReadySockets::wait() {
  set_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                  [this, alive = alive_](const boost::system::error_code& error) {
                    if (error || !*alive) return;
                    struct Rearm {  // also when a reader throws: the others go on
                      ReadySockets& sockets;
                      const bool& alive;
                      ~Rearm() {
                        if (alive) sockets.wait();
                      }
                    } const rearm{*this, *alive};
                    round();
                  });
}

void ReadySockets::wait_no_longer() {
  if (in_round_ || std::exchange(posted_, true)) return;
  boost::asio::post(executor_, [this, alive = alive_] {
    if (!*alive) return;
    posted_ = false;
    round();
  });
}

void ReadySockets::round() {
  in_round_ = true;
  // Also when a reader throws: an edge is told only once, so whoever was not told yet is told in
  // the next round.
  struct End {
    ReadySockets& sockets;
    ~End() {
      sockets.in_round_ = false;
      if (!sockets.ready_.empty() || !sockets.unread_.empty() || !sockets.waiting_.empty())
        sockets.wait_no_longer();
    }
  } const end{*this};
  for (const std::uint64_t id : unread_) ready_.push({id, {.readable = true}});
  unread_.clear();
  std::array<epoll_event, kRound> events;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const int count = ::epoll_wait(set_.native_handle(), events.data(), kRound, 0);
  for (const epoll_event& event :
       std::span(events).first(count > 0 ? static_cast<std::size_t>(count) : 0))
    ready_.push({event.data.u64, readiness(event.events)});
  for (std::size_t i = 0; i < ready_.size(); ++i) waiting_.push(ready_[i].id);
  while (const auto one = ready_.pop())
    if (Reader* reader = find(one->id)) reader->ready(one->what);
  // What one of them does now may concern another one.
  while (const auto id = waiting_.pop())
    if (Reader* reader = find(*id)) reader->round_done();
}

}  // namespace beeline::net
