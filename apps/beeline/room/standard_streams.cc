#include "apps/beeline/room/standard_streams.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

namespace beeline::cli {
namespace {

using boost::asio::posix::descriptor_base;

constexpr std::size_t kReadAtOnce = 65536;

bool is_ready(int fd, short what) {
  pollfd one{fd, what, 0};
  return ::poll(&one, 1, 0) == 1;
}

}  // namespace

StandardInput::StandardInput(net::EventLoop& loop, std::function<void(Bytes)> bytes)
    : bytes_(std::move(bytes)), input_(loop.io(), ::dup(STDIN_FILENO)) {}

StandardInput::~StandardInput() {
  *alive_ = false;
}

void StandardInput::resume() {
  wanted_ = true;
  wait();
}

void StandardInput::wait() {
  if (waiting_ || ended_ || !wanted_) return;
  waiting_ = true;
  input_.async_wait(descriptor_base::wait_read,
                    [this, alive = alive_](const boost::system::error_code& error) {
                      if (!*alive || error == boost::asio::error::operation_aborted) return;
                      // A file cannot be waited for: it is always ready.
                      waiting_ = false;
                      if (wanted_) read();
                    });
}

void StandardInput::read() {
  static std::array<std::uint8_t, kReadAtOnce> buffer;
  if (!is_ready(input_.native_handle(), POLLIN)) return wait();
  const ssize_t count = ::read(input_.native_handle(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return wait();
  ended_ = count <= 0;
  const auto alive = alive_;
  bytes_(Bytes(buffer).first(count > 0 ? static_cast<std::size_t>(count) : 0));
  if (*alive) wait();
}

StandardOutput::StandardOutput(net::EventLoop& loop, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), output_(loop.io(), ::dup(STDOUT_FILENO)) {}

StandardOutput::~StandardOutput() {
  *alive_ = false;
}

void StandardOutput::write(Bytes bytes) {
  if (closed_) return;
  unwritten_ += as_text(bytes);
  wait();
}

void StandardOutput::close() {
  closing_ = true;
  wait();
}

void StandardOutput::wait() {
  if (waiting_ || closed_) return;
  if (unwritten() == 0 && !closing_) return;
  waiting_ = true;
  output_.async_wait(descriptor_base::wait_write,
                     [this, alive = alive_](const boost::system::error_code& error) {
                       if (!*alive || error == boost::asio::error::operation_aborted) return;
                       waiting_ = false;
                       write_some();
                     });
}

// So much at a time as a pipe that has room takes without blocking (POSIX: writable means PIPE_BUF
// bytes).
void StandardOutput::write_some() {
  std::size_t total = 0;
  const int fd = output_.native_handle();
  while (unwritten() > 0 && is_ready(fd, POLLOUT)) {
    const std::size_t size = std::min<std::size_t>(unwritten(), PIPE_BUF);
    const ssize_t count = ::write(fd, unwritten_.data() + done_, size);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) break;
    if (count < 0) {
      closed_ = true;
      unwritten_.clear();
      done_ = 0;
      return callbacks_.closed();
    }
    done_ += static_cast<std::size_t>(count);
    total += static_cast<std::size_t>(count);
  }
  if (done_ == unwritten_.size() || done_ > kReadAtOnce * 4) {
    unwritten_.erase(0, done_);
    done_ = 0;
  }
  if (closing_ && unwritten() == 0) {
    closed_ = true;
    boost::system::error_code error;
    output_.close(error);
    ::close(STDOUT_FILENO);
  }
  const auto alive = alive_;
  if (total > 0) callbacks_.written(total);
  if (*alive) wait();
}

}  // namespace beeline::cli
