// Who waits for one kind of thing, in order, each with a completion handler that is called exactly
// once, on its own executor, never from inside the call that began it.
#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include "beeline/api/initiation.h"

namespace beeline::api {

template <typename... Results>
class Waiters : public std::enable_shared_from_this<Waiters<Results...>> {
 public:
  // `executor`: for handlers that name none.
  explicit Waiters(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  bool empty() const { return waiting_.empty(); }

  // `keep` lives until the handler was called.
  void add(Completion<Results...> handler, std::shared_ptr<void> keep) {
    const std::uint64_t id = next_++;
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
      slot.assign([self = this->weak_from_this(), id](boost::asio::cancellation_type) {
        if (const auto waiters = self.lock()) waiters->cancel(id);
      });
    // Whoever runs that executor has something to wait for.
    auto work =
        boost::asio::prefer(executor_of(handler), boost::asio::execution::outstanding_work.tracked);
    waiting_.push_back({id, std::move(handler), std::move(work), std::move(keep)});
  }
  void complete_first(boost::system::error_code error, Results... results) {
    Waiting one = std::move(waiting_.front());
    waiting_.pop_front();
    finish(std::move(one), error, std::move(results)...);
  }
  void complete_all(boost::system::error_code error) {
    for (std::size_t count = waiting_.size(); count > 0 && !waiting_.empty(); --count)
      complete_first(error, Results{}...);
  }
  // Nobody is called: their executor is going away.
  void forget() { const auto forgotten = std::exchange(waiting_, {}); }

  // For an operation that is over as it begins.
  void complete(Completion<Results...> handler, std::shared_ptr<void> keep,
                boost::system::error_code error, Results... results) {
    auto work = executor_of(handler);
    finish({0, std::move(handler), std::move(work), std::move(keep)}, error, std::move(results)...);
  }

 private:
  struct Waiting {
    std::uint64_t id;
    Completion<Results...> handler;
    boost::asio::any_completion_executor work;
    std::shared_ptr<void> keep;
  };

  boost::asio::any_completion_executor executor_of(const Completion<Results...>& handler) const {
    return boost::asio::get_associated_executor(
        handler, boost::asio::any_completion_executor(std::nothrow, executor_));
  }
  void cancel(std::uint64_t id) {
    for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
      if (at->id != id) continue;
      Waiting one = std::move(*at);
      waiting_.erase(at);
      return finish(std::move(one), boost::asio::error::operation_aborted, Results{}...);
    }
  }
  // By way of our own executor, as the handler's may call at once.
  void finish(Waiting one, boost::system::error_code error, Results... results) {
    boost::asio::post(
        executor_, [one = std::move(one), error, ... results = std::move(results)]() mutable {
          const boost::asio::any_completion_executor executor = one.work;
          boost::asio::dispatch(
              executor, [one = std::move(one), error, ... results = std::move(results)]() mutable {
                std::move(one.handler)(error, std::move(results)...);
              });
        });
  }

  boost::asio::any_io_executor executor_;
  std::deque<Waiting> waiting_;
  std::uint64_t next_ = 1;
};

}  // namespace beeline::api
