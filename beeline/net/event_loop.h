// The real host's loop: one thread, one clock, timers. Everything in net/ and server/ lives on it;
// nothing here is thread-safe except stop().
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "beeline/base/instant.h"
#include "beeline/base/packet.h"
#include "beeline/base/shared_text.h"
#include "beeline/net/huge_pages.h"
#include "beeline/net/ready_sockets.h"

namespace beeline::net {

class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Monotonic, the same clock for every core on this loop.
  Instant now() const;
  WallTime wall_time() const;

  // Runs until stop(). An EnsureFailed that no owner of a core caught is given to `on_failure` and
  // the loop goes on.
  void run(const std::function<void(const std::string& what)>& on_failure);
  void stop() { io_.stop(); }
  // Calls `task` from the loop, after what is running now. For objects that must not die inside
  // their own callback.
  void defer(std::function<void()> task);

  // Who hears of what the operating system refuses and the loop tries again by itself ("accept").
  using Trouble = std::function<void(std::string_view what, const std::error_code& why)>;
  void set_on_trouble(Trouble hear) { on_trouble_ = std::move(hear); }
  void report(std::string_view what, const std::error_code& why) {
    if (on_trouble_) on_trouble_(what, why);
  }

  boost::asio::io_context& io() { return io_; }
  PacketPool& packets() { return packets_; }
  TextPool& texts() { return texts_; }
  ReadySockets& ready_sockets() { return ready_sockets_; }

 private:
  PacketPool packets_;  // before io_: pending operations may hold packets, and streams texts
  HugePages pages_;
  TextPool texts_{pages_};
  boost::asio::io_context io_{1};
  ReadySockets ready_sockets_{io_};
  // Not in io_: what they hold takes its leave of ready_sockets_ as it dies.
  std::deque<std::function<void()>> deferred_;
  Trouble on_trouble_;
};

// One deadline and what to do then. Destroying it cancels.
class Alarm {
 public:
  Alarm(EventLoop& loop, std::function<void()> ring);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm();

  // Replaces the deadline; none cancels. A deadline in the past rings at once, from the loop.
  void set(std::optional<Instant> at);

 private:
  std::function<void()> ring_;
  boost::asio::steady_timer timer_;
  std::optional<Instant> at_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeline::net
