// What an application is still to be told, in order. It is told from a task of its own and never
// from inside the protocol or inside one of its own calls, so a handler may do anything: call any
// command, or destroy whatever it was told about.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace beeline::api {

class Turns : public std::enable_shared_from_this<Turns> {
 public:
  explicit Turns(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  const boost::asio::any_io_executor& executor() const { return executor_; }

  void add(std::function<void()> turn) {
    if (ended_) return;
    turns_.push_back(std::move(turn));
    post();
  }
  // Nothing is told any more, not even what is on its way.
  void end() {
    ended_ = true;
    const auto forgotten = std::exchange(turns_, {});
  }

 private:
  void post() {
    if (std::exchange(posted_, true)) return;
    boost::asio::post(executor_, [self = shared_from_this()] { self->run(); });
  }
  // As many as there are now; others have the executor before what these bring about.
  void run() {
    posted_ = false;
    struct Rest {  // also where a handler throws: what was to follow it follows
      Turns& turns;
      ~Rest() {
        if (!turns.turns_.empty()) turns.post();
      }
    } const rest{*this};
    for (std::size_t count = turns_.size(); count > 0 && !turns_.empty(); --count) {
      const auto turn = std::move(turns_.front());
      turns_.pop_front();
      turn();
    }
  }

  boost::asio::any_io_executor executor_;
  std::deque<std::function<void()>> turns_;
  bool posted_ = false;
  bool ended_ = false;
};

}  // namespace beeline::api
