// The loops of the library on the executors of an application: one for each executor, shared by its
// connections, there while one of them is. Also what ends connections that outlive their executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "beeline/net/event_loop.h"

namespace beeline::api {

class Session;

// A service of the application's io_context. Thread-safe, as strands of one io_context share it.
class SharedLoops final : public boost::asio::execution_context::service {
 public:
  using key_type = SharedLoops;
  static boost::asio::execution_context::id id;

  explicit SharedLoops(boost::asio::execution_context& context) : service(context) {}
  static SharedLoops& of(const boost::asio::any_io_executor& executor);

  std::shared_ptr<net::EventLoop> loop_for(const boost::asio::any_io_executor& executor);
  void enter(Session& session);
  void leave(Session& session);

 private:
  // The io_context is being destroyed.
  void shutdown() override;

  std::mutex mutex_;
  std::vector<std::weak_ptr<net::EventLoop>> loops_;
  std::set<Session*> sessions_;
};

}  // namespace beeline::api
