// The real host's loop: one thread at a time, one clock, timers. Everything in net/ and server/
// lives on it; nothing here is thread-safe except stop(). Programs that are nothing else own their
// io_context through it; a library borrows the executor of the application it is part of.
#pragma once

#include <boost/asio/any_io_executor.hpp>
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
  // With an io_context of its own, for run().
  EventLoop();
  // On somebody else's, who runs it: `executor` calls one thing at a time (an io_context that one
  // thread runs, or a strand). May go away before it does; nothing is called after that.
  explicit EventLoop(boost::asio::any_io_executor executor);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Monotonic, the same clock for every core on this loop.
  Instant now() const;
  WallTime wall_time() const;

  // Only where the io_context is its own, as stop() and io(). Runs until stop(). An EnsureFailed
  // that no owner of a core caught is given to `on_failure` and the loop goes on.
  void run(const std::function<void(const std::string& what)>& on_failure);
  void stop() { io().stop(); }
  // Calls `task` from the loop, after what is running now. For objects that must not die inside
  // their own callback.
  void defer(std::function<void()> task);

  // Who hears of what the operating system refuses and the loop tries again by itself ("accept").
  using Trouble = std::function<void(std::string_view what, const std::error_code& why)>;
  void set_on_trouble(Trouble hear) { on_trouble_ = std::move(hear); }
  void report(std::string_view what, const std::error_code& why) {
    if (on_trouble_) on_trouble_(what, why);
  }

  boost::asio::io_context& io();
  const boost::asio::any_io_executor& executor() const { return executor_; }
  PacketPool& packets() { return packets_; }
  TextPool& texts() { return texts_; }
  ReadySockets& ready_sockets() { return ready_sockets_; }

 private:
  PacketPool packets_;  // before own_io_: pending operations may hold packets, and streams texts
  HugePages pages_;
  TextPool texts_{pages_};
  std::unique_ptr<boost::asio::io_context> own_io_;
  boost::asio::any_io_executor executor_;
  ReadySockets ready_sockets_{executor_};
  // Not in the io_context: what they hold takes its leave of ready_sockets_ as it dies.
  std::deque<std::function<void()>> deferred_;
  Trouble on_trouble_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
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
