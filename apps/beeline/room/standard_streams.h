// Standard input and output on the loop, whatever they are: a terminal, a pipe, a file. Never makes
// them non-blocking, because they are shared with whoever started us.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "beeline/net/event_loop.h"

namespace beeline::cli {

class StandardInput {
 public:
  // `bytes`: what was read, the view dies with the call; empty: the end, and nothing comes after
  // it. Begins paused.
  StandardInput(net::EventLoop& loop, std::function<void(Bytes)> bytes);
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  ~StandardInput();

  void resume();
  void pause() { wanted_ = false; }

 private:
  void wait();
  void read();

  std::function<void(Bytes)> bytes_;
  boost::asio::posix::stream_descriptor input_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool wanted_ = false;
  bool waiting_ = false;
  bool ended_ = false;
};

class StandardOutput {
 public:
  struct Callbacks {
    std::function<void(std::size_t)> written;  // so many bytes are out
    std::function<void()> closed;              // nobody reads it any more
  };
  StandardOutput(net::EventLoop& loop, Callbacks callbacks);
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;
  ~StandardOutput();

  // Callbacks come from the loop, never from inside.
  void write(Bytes bytes);
  std::size_t unwritten() const { return unwritten_.size() - done_; }
  // Whoever reads it sees its end, once all is out.
  void close();

 private:
  void wait();
  void write_some();

  Callbacks callbacks_;
  boost::asio::posix::stream_descriptor output_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::string unwritten_;
  std::size_t done_ = 0;  // at its front
  bool waiting_ = false;
  bool closing_ = false;
  bool closed_ = false;
};

}  // namespace beeline::cli
