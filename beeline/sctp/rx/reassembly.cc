#include "beeline/sctp/rx/reassembly.h"

#include "beeline/sctp/rules.h"

namespace beeline::sctp {

bool Reassembly::add(LongTsn tsn, const DataChunk& data) {
  held_ += data.payload.size();
  if (data.begin && data.end) {
    if (rules::is_too_long(data.payload.size(), max_message_)) return false;
    Message message{data.stream, data.protocol, data.unordered, spares_.take()};
    message.bytes.assign(data.payload.begin(), data.payload.end());
    return order({std::move(message), data.message}, data.interleaved);
  }
  if (data.interleaved && was_given_up(data)) {
    held_ -= data.payload.size();
    return true;
  }
  AddedFragment added = data.interleaved ? by_mid_.add(data) : by_tsn_.add(tsn, data);
  held_ -= added.dropped;
  if (added.violates) return false;
  return !added.complete || order(std::move(*added.complete), data.interleaved);
}

// Other messages may stand between the fragments of one, and some of those come after it was said
// that it is given up.
bool Reassembly::was_given_up(const DataChunk& data) const {
  const auto at = streams_.find(data.stream);
  if (at == streams_.end()) return false;
  const std::uint64_t from = data.unordered ? at->second.unordered : at->second.next;
  return rules::turn(lengthen<std::uint32_t>(data.message, from), from) == rules::Turn::kPast;
}

bool Reassembly::order(Assembled assembled, bool interleaved) {
  if (assembled.message.unordered) {
    deliver(std::move(assembled.message));
    return true;
  }
  Stream& stream = streams_[assembled.message.stream];
  const std::uint64_t number =
      interleaved
          ? lengthen<std::uint32_t>(assembled.number, stream.next)
          : lengthen<std::uint16_t>(static_cast<std::uint16_t>(assembled.number), stream.next);
  const rules::Turn turn = rules::turn(number, stream.next);
  if (turn == rules::Turn::kPast) return false;
  if (turn == rules::Turn::kLater) {
    const bool added = stream.waiting.try_emplace(number, std::move(assembled.message)).second;
    if (added) ++waiting_;
    return added;
  }
  ++stream.next;
  deliver(std::move(assembled.message));
  deliver_in_order(stream);
  return true;
}

void Reassembly::deliver_in_order(Stream& stream) {
  while (!stream.waiting.empty() && stream.waiting.begin()->first == stream.next) {
    deliver(std::move(stream.waiting.begin()->second));
    stream.waiting.erase(stream.waiting.begin());
    --waiting_;
    ++stream.next;
  }
}

std::optional<Message> Reassembly::next() {
  std::optional<Message> message = ready_.pop();
  if (message) held_ -= message->bytes.size();
  return message;
}

void Reassembly::forward(LongTsn to, const ForwardTsnChunk& chunk) {
  if (!chunk.interleaved()) held_ -= by_tsn_.forward(to);
  for (std::size_t i = 0; i < chunk.skips(); ++i) {
    const auto skipped = chunk.skip(i);
    if (chunk.interleaved())
      held_ -= by_mid_.skip(skipped.stream, skipped.unordered, skipped.message);
    if (skipped.unordered) {
      std::uint64_t& from = streams_[skipped.stream].unordered;
      from = std::max(from, lengthen<std::uint32_t>(skipped.message, from) + 1);
      continue;
    }
    const std::uint64_t next = streams_[skipped.stream].next;
    const std::uint64_t last =
        chunk.interleaved()
            ? lengthen<std::uint32_t>(skipped.message, next)
            : lengthen<std::uint16_t>(static_cast<std::uint16_t>(skipped.message), next);
    skip(skipped.stream, last + 1);
  }
}

//= RFC 3758 §3.6
// What is complete is delivered, though what came before it never will be.
void Reassembly::skip(StreamId id, std::uint64_t to) {
  Stream& stream = streams_[id];
  if (to <= stream.next) return;
  while (!stream.waiting.empty() && stream.waiting.begin()->first < to) {
    deliver(std::move(stream.waiting.begin()->second));
    stream.waiting.erase(stream.waiting.begin());
    --waiting_;
  }
  stream.next = to;
  deliver_in_order(stream);
}

void Reassembly::reset(std::span<const StreamId> streams) {
  held_ -= by_mid_.reset(streams);
  const auto forget = [&](Stream& stream) {
    waiting_ -= stream.waiting.size();
    for (const auto& [number, message] : stream.waiting) held_ -= message.bytes.size();
  };
  if (streams.empty()) {
    for (auto& [id, stream] : streams_) forget(stream);
    streams_.clear();
  }
  for (const StreamId id : streams)
    if (const auto at = streams_.find(id); at != streams_.end()) {
      forget(at->second);
      streams_.erase(at);
    }
}

}  // namespace beeline::sctp
