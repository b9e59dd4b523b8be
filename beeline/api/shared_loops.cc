#include "beeline/api/shared_loops.h"

#include <boost/asio/query.hpp>

#include "beeline/api/session.h"
#include "beeline/base/ensure.h"

namespace beeline::api {

boost::asio::execution_context::id SharedLoops::id;

SharedLoops& SharedLoops::of(const boost::asio::any_io_executor& executor) {
  // A bug of ours ends one connection of the application and not the application.
  static const bool kOnce = [] {
    set_ensure_policy(EnsurePolicy::kThrow);
    return true;
  }();
  std::ignore = kOnce;
  return boost::asio::use_service<SharedLoops>(
      boost::asio::query(executor, boost::asio::execution::context));
}

std::shared_ptr<net::EventLoop> SharedLoops::loop_for(
    const boost::asio::any_io_executor& executor) {
  const std::lock_guard lock(mutex_);
  std::erase_if(loops_, [](const auto& loop) { return loop.expired(); });
  for (const auto& one : loops_)
    if (auto loop = one.lock(); loop && loop->executor() == executor) return loop;
  auto loop = std::make_shared<net::EventLoop>(executor);
  loops_.push_back(loop);
  return loop;
}

void SharedLoops::enter(Session& session) {
  const std::lock_guard lock(mutex_);
  sessions_.insert(&session);
}
void SharedLoops::leave(Session& session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(&session);
}

void SharedLoops::shutdown() {
  // What they let go of may hold others of them.
  std::vector<std::shared_ptr<Session>> sessions;
  for (Session* const session : sessions_)
    if (auto alive = session->weak_from_this().lock()) sessions.push_back(std::move(alive));
  for (const auto& session : sessions) session->forget();
}

}  // namespace beeline::api
