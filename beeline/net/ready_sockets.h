// Which of many datagram sockets have something to read. One epoll set that is itself a single
// descriptor of the loop: waiting for a thousand relay sockets costs nothing per packet, and what
// several of them received at once can be answered at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <unordered_map>

namespace beeline::net {

class ReadySockets {
 public:
  class Reader {
   public:
    virtual ~Reader() = default;
    // There is something to read; `errors`: also in the error queue. Read one batch: while there is
    // more, this is called again after the other sockets had their turn.
    virtual void read(bool errors) = 0;
    // Every socket that was ready has been read.
    virtual void round_done() = 0;
  };

  explicit ReadySockets(boost::asio::io_context& io);
  ReadySockets(const ReadySockets&) = delete;
  ReadySockets& operator=(const ReadySockets&) = delete;

  // The reader is borrowed until remove(), which may be called from inside its own calls. The
  // descriptor stays the caller's.
  std::uint64_t add(int fd, Reader& reader);
  void remove(std::uint64_t id, int fd);

 private:
  void wait();
  void read_round();
  Reader* find(std::uint64_t id);

  boost::asio::posix::stream_descriptor set_;
  std::unordered_map<std::uint64_t, Reader*> readers_;
  std::uint64_t next_id_ = 1;
};

}  // namespace beeline::net
