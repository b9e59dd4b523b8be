// From fragments to messages: those of DATA follow each other by TSN (RFC 9260 §6.9), those of
// I-DATA carry a number within their message (RFC 8260 §2.1). What is in order costs one copy.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "beeline/sctp/message.h"
#include "beeline/sctp/spare_buffers.h"
#include "beeline/sctp/wire/chunk.h"

namespace beeline::sctp {

// A message that is complete; `number` is its SSN or MID as on the wire.
struct Assembled {
  Message message;
  std::uint32_t number = 0;
};

// What became of one fragment.
struct AddedFragment {
  std::optional<Assembled> complete;
  bool violates = false;    // it cannot belong where it says
  std::size_t dropped = 0;  // bytes of a message given up, which this one shows
};

// Fragments of DATA chunks. A TSN is given to add() once.
class TsnFragments {
 public:
  TsnFragments(SpareBuffers& spares, std::size_t max_message)
      : spares_(spares), max_message_(max_message) {}

  AddedFragment add(LongTsn tsn, const DataChunk& data);
  // Forgets what cannot become complete any more; returns its bytes.
  std::size_t forward(LongTsn to);
  // What waits: beginnings, and fragments without one.
  std::size_t pieces() const { return runs_.size() + loose_.size(); }

 private:
  struct Loose {
    DataChunk data;  // without its payload
    std::vector<std::uint8_t> bytes;
  };

  // Beginnings of messages, complete up to before the TSN they wait for.
  using Runs = std::map<LongTsn, Assembled>;

  static bool continues(const Assembled& run, const DataChunk& data);
  Runs::node_type begin_run(LongTsn tsn, const DataChunk& data);
  AddedFragment extend(Runs::node_type run);
  // `run` is complete; what it took to keep it serves the next.
  AddedFragment end_run(Runs::node_type run);

  SpareBuffers& spares_;
  std::size_t max_message_;
  Runs runs_;
  Runs::node_type spare_run_;
  std::map<LongTsn, Loose> loose_;
};

// Fragments of I-DATA chunks.
class MidFragments {
 public:
  MidFragments(SpareBuffers& spares, std::size_t max_message)
      : spares_(spares), max_message_(max_message) {}

  AddedFragment add(const DataChunk& data);
  // The other side gave up the messages of `stream` to `message`; returns the bytes of theirs.
  std::size_t skip(StreamId stream, bool unordered, std::uint32_t message);
  // Forgets what is incomplete of streams that begin anew (none: of all); returns its bytes.
  std::size_t reset(std::span<const StreamId> streams);
  // What waits: messages, and fragments before their turn.
  std::size_t pieces() const { return partials_.size() + loose_; }

 private:
  using Key = std::tuple<StreamId, bool, std::uint32_t>;  // stream, unordered, MID
  struct Partial {
    Message so_far{};
    std::uint32_t next = 0;                                                       // fragment
    std::map<std::uint32_t, std::pair<bool, std::vector<std::uint8_t>>> loose{};  // is it the end
    std::size_t bytes = 0;                                                        // all of them
  };

  using Partials = std::map<Key, Partial>;

  Partials::iterator begin_partial(const Key& key, const DataChunk& data);
  std::size_t drop(const Key& first, const Key& last);

  SpareBuffers& spares_;
  std::size_t max_message_;
  Partials partials_;
  Partials::node_type spare_partial_;
  std::size_t loose_ = 0;  // in all partials
};

}  // namespace beeline::sctp
