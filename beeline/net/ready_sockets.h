// Which of many sockets have something to read or room to write. One epoll set that is itself a
// single descriptor of the loop: waiting for thousands of sockets costs nothing per packet or
// message, and what several of them received at once can be answered at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "beeline/base/fifo.h"

namespace beeline::net {

// A round: every socket that is ready is told so, then each of them, and whoever asked for it,
// hears that the round is over.
class ReadySockets {
 public:
  struct Readiness {
    bool readable = false;
    bool writable = false;  // edges only
    bool errors = false;    // also in the error queue
    bool ended = false;     // the other side sends no more, or the connection is broken
  };
  class Reader {
   public:
    virtual ~Reader() = default;
    // Read one batch; the other sockets have their turn before the next.
    virtual void ready(Readiness what) = 0;
    virtual void round_done() = 0;
  };
  // Whether a socket is told in every round that it can be read (datagrams), or only when it
  // becomes readable or writable (streams, which then need no system call to wait again).
  enum class Trigger : std::uint8_t { kLevel, kEdge };

  // `executor` calls one thing at a time.
  explicit ReadySockets(const boost::asio::any_io_executor& executor);
  ~ReadySockets();
  ReadySockets(const ReadySockets&) = delete;
  ReadySockets& operator=(const ReadySockets&) = delete;

  // The reader is borrowed until remove(), which may be called from inside its own calls. The
  // descriptor stays the caller's.
  std::uint64_t add(int fd, Reader& reader, Trigger trigger);
  void remove(std::uint64_t id, int fd);

  // Holds on to `owner`, which has the reader of `id`, until remove(), or until the loop ends.
  void keep(std::uint64_t id, std::shared_ptr<void> owner);

  // For edges: it has not read everything, so the next round tells it again.
  void again(std::uint64_t id);
  // Has its round_done() called at the end of this round, or soon where none is under way.
  void when_round_done(std::uint64_t id);

 private:
  struct Place;
  void wait();
  void wait_no_longer();
  void round();
  Place* place_of(std::uint64_t id);
  Reader* find(std::uint64_t id);

  boost::asio::any_io_executor executor_;
  boost::asio::posix::stream_descriptor set_;
  // An id is where its reader is and how many had that place before, so that ids are not used again
  // and finding one of thousands is one look at little memory.
  struct Place {
    Reader* reader = nullptr;
    std::uint32_t generation = 1;
  };
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_places_;
  std::unordered_map<std::uint64_t, std::shared_ptr<void>> kept_;
  struct Ready {
    std::uint64_t id;
    Readiness what;
  };
  Fifo<Ready> ready_;                  // to be told in this round
  std::vector<std::uint64_t> unread_;  // to be told again in the next one
  Fifo<std::uint64_t> waiting_;        // for the end of the round
  bool posted_ = false;                // a round that does not wait for epoll
  bool in_round_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace beeline::net
