#include "beeline/net/event_loop.h"

#include <boost/asio/post.hpp>
#include <chrono>

#include "beeline/base/ensure.h"

namespace beeline::net {
namespace {
using Clock = std::chrono::steady_clock;
static_assert(TextPool::kSlabBytes == HugePages::kPieceBytes);
}  // namespace

EventLoop::EventLoop()
    : own_io_(std::make_unique<boost::asio::io_context>(1)), executor_(own_io_->get_executor()) {}

EventLoop::EventLoop(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

boost::asio::io_context& EventLoop::io() {
  ensure(own_io_ != nullptr, "the loop has an io_context of its own");
  return *own_io_;
}

Instant EventLoop::now() const {
  return {std::chrono::duration_cast<Duration>(Clock::now().time_since_epoch())};
}

WallTime EventLoop::wall_time() const {
  return {std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch())};
}

void EventLoop::run(const std::function<void(const std::string&)>& on_failure) {
  for (;;) {
    try {
      io().run();
      return;
    } catch (const EnsureFailed& failure) {
      on_failure(failure.what());
    }
  }
}

EventLoop::~EventLoop() {
  *alive_ = false;
  while (!deferred_.empty()) deferred_.pop_front();
}

void EventLoop::defer(std::function<void()> task) {
  deferred_.push_back(std::move(task));
  boost::asio::post(executor_, [this, alive = alive_] {
    if (!*alive) return;
    const auto next = std::move(deferred_.front());
    deferred_.pop_front();
    next();
  });
}

Alarm::Alarm(EventLoop& loop, std::function<void()> ring)
    : ring_(std::move(ring)), timer_(loop.executor()) {}

Alarm::~Alarm() {
  *alive_ = false;
}

void Alarm::set(std::optional<Instant> at) {
  if (at == at_) return;
  at_ = at;
  if (!at) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(Clock::time_point(at->since_start));
  timer_.async_wait([this, alive = alive_, expected = *at](const boost::system::error_code& error) {
    // A wait that was replaced may already be on its way here with no error.
    if (error || !*alive || at_ != expected) return;
    at_.reset();
    ring_();
  });
}

}  // namespace beeline::net
