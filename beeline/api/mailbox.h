// Things of one kind on their way to the application, which takes them with a handler or by waiting
// for each. What nobody takes yet stays; who waits goes before the handler.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "beeline/api/turns.h"
#include "beeline/api/waiters.h"

namespace beeline::api {

template <typename Letter>
class Mailbox : public std::enable_shared_from_this<Mailbox<Letter>> {
 public:
  using Handler = std::function<void(Letter)>;

  // What nobody takes when its turn comes.
  enum class Untaken : std::uint8_t { kStays, kIsDropped };

  explicit Mailbox(std::shared_ptr<Turns> turns, Untaken untaken = Untaken::kStays)
      : turns_(std::move(turns)),
        untaken_(untaken),
        waiters_(std::make_shared<Waiters<Letter>>(turns_->executor())) {}

  // Called as each letter leaves for the application.
  void on_taken(std::function<void(const Letter&)> taken) { taken_ = std::move(taken); }

  void put(Letter letter) {
    letters_.push_back(std::move(letter));
    turn();
  }
  // An empty one: none any more.
  void set_handler(Handler handler) {
    handler_ = handler ? std::make_shared<Handler>(std::move(handler)) : nullptr;
    for (std::size_t i = 0; i < letters_.size(); ++i) turn();
    if (letters_.empty()) finish_if_ended();
  }
  bool has_handler() const { return handler_ != nullptr; }
  void wait(Completion<Letter> handler, std::shared_ptr<void> keep) {
    if (ended_ && letters_.empty())
      return waiters_->complete(std::move(handler), std::move(keep), *ended_, Letter{});
    waiters_->add(std::move(handler), std::move(keep));
    turn();
  }
  // After the letters that are there, whoever waits is told `why`.
  void end(boost::system::error_code why) {
    ended_ = why;
    turn();
  }
  // At once: what was not taken is lost.
  void close(boost::system::error_code why) {
    ended_ = why;
    letters_.clear();
    handler_.reset();
    waiters_->complete_all(why);
  }
  void forget() {
    letters_.clear();
    handler_.reset();
    waiters_->forget();
  }
  // What is there counts as taken.
  void discard() {
    for (const Letter& letter : std::exchange(letters_, {}))
      if (taken_) taken_(letter);
  }

 private:
  void turn() {
    turns_->add([self = this->shared_from_this()] { self->deliver(); });
  }
  void deliver() {
    if (letters_.empty()) return finish_if_ended();
    const auto handler = handler_;  // it may be replaced while it runs
    if (waiters_->empty() && !handler) {
      if (untaken_ == Untaken::kIsDropped) letters_.pop_front();
      return;
    }
    Letter letter = std::move(letters_.front());
    letters_.pop_front();
    if (taken_) taken_(letter);
    if (waiters_->empty())
      (*handler)(std::move(letter));
    else
      waiters_->complete_first({}, std::move(letter));
    if (letters_.empty()) finish_if_ended();
  }
  // The handler may hold what holds this.
  void finish_if_ended() {
    if (!ended_) return;
    handler_.reset();
    waiters_->complete_all(*ended_);
  }

  std::shared_ptr<Turns> turns_;
  Untaken untaken_;
  std::shared_ptr<Waiters<Letter>> waiters_;
  std::function<void(const Letter&)> taken_;
  std::deque<Letter> letters_;
  std::shared_ptr<Handler> handler_;
  std::optional<boost::system::error_code> ended_;
};

// Something that is so, is not so yet, or cannot be any more.
class Gate {
 public:
  explicit Gate(const boost::asio::any_io_executor& executor)
      : waiters_(std::make_shared<Waiters<>>(executor)) {}

  // No error: it is so.
  void settle(boost::system::error_code error) {
    settled_ = error;
    waiters_->complete_all(error);
  }
  void unsettle() { settled_.reset(); }
  bool is_settled() const { return settled_.has_value(); }
  void wait(Completion<> handler, std::shared_ptr<void> keep) {
    if (settled_) return waiters_->complete(std::move(handler), std::move(keep), *settled_);
    waiters_->add(std::move(handler), std::move(keep));
  }
  void forget() { waiters_->forget(); }

 private:
  std::shared_ptr<Waiters<>> waiters_;
  std::optional<boost::system::error_code> settled_;
};

}  // namespace beeline::api
