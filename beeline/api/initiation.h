// How an operation that waits meets its completion token: whatever token it is (a callback,
// use_awaitable, use_future, as_tuple, …), the library sees one type of handler. Not for
// applications.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <utility>

namespace beeline::api {

template <typename... Results>
using Completion = boost::asio::any_completion_handler<void(boost::system::error_code, Results...)>;

// What may be given to an operation that completes with void(error_code, Results…).
template <typename Token, typename... Results>
concept TokenFor =
    boost::asio::completion_token_for<Token, void(boost::system::error_code, Results...)>;

// A class with a constructor, as GCC 12 destroys aggregates and lambdas with captures twice where
// they are parameters of coroutines (docs/decisions/0002-no-coroutines-in-cores.md).
template <typename State, typename... Results>
class Initiation {
 public:
  using Begin = void (*)(const std::shared_ptr<State>& state, Completion<Results...> completion);
  Initiation(std::shared_ptr<State> state, Begin begin) : state_(std::move(state)), begin_(begin) {}

  template <typename Handler>
  void operator()(Handler&& handler) {
    begin_(state_, Completion<Results...>(std::forward<Handler>(handler)));
  }

 private:
  std::shared_ptr<State> state_;
  Begin begin_;
};

template <typename... Results, typename State, typename Token>
auto initiate(std::shared_ptr<State> state, typename Initiation<State, Results...>::Begin begin,
              Token& token) {
  return boost::asio::async_initiate<Token, void(boost::system::error_code, Results...)>(
      Initiation<State, Results...>(std::move(state), begin), token);
}

}  // namespace beeline::api
