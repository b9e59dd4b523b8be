#include "beeline/sctp/tx/send_queue.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {
void SendQueue::add(Message message, const Reliability& reliability, Instant now) {
  ensure(!message.bytes.empty(), "SCTP has no empty messages");
  const StreamId id = message.stream;
  Entry entry;
  entry.message = std::move(message);
  if (reliability.lifetime) entry.expires = now + *reliability.lifetime;
  entry.retransmissions = reliability.retransmissions;
  entry.used = true;
  const bool limited = entry.expires || entry.retransmissions;
  if (limited) ++limited_;
  const std::size_t size = entry.message.bytes.size();
  held_ += size;
  unsent_ += size;
  Stream& stream = streams_[id];
  stream.unsent += size;
  if (limited) ++stream.limited;
  stream.waiting.push(place(std::move(entry)));
  if (!stream.active && current_ != id) begin_turn(id, stream);
}

MessageId SendQueue::place(Entry entry) {
  if (free_.empty()) {
    entries_.push_back(std::move(entry));
    return {static_cast<std::uint32_t>(entries_.size() - 1)};
  }
  const MessageId id = free_.back();
  free_.pop_back();
  entries_[id.value] = std::move(entry);
  return id;
}

void SendQueue::begin_turn(StreamId id, Stream& stream) {
  stream.active = true;
  // Who was silent gets no credit for it.
  stream.served = std::max(stream.served, virtual_time_);
  turns_.push_back({stream.served, id});
  std::push_heap(turns_.begin(), turns_.end());
}

std::size_t SendQueue::unsent(StreamId stream) const {
  const auto at = streams_.find(stream);
  return at == streams_.end() ? 0 : at->second.unsent;
}

std::size_t SendQueue::unsettled_limited(StreamId stream) const {
  const auto at = streams_.find(stream);
  return at == streams_.end() ? 0 : at->second.limited;
}

std::optional<Fragment> SendQueue::next(std::size_t room, Instant now) {
  while (current_ || !turns_.empty()) {
    StreamId id;
    if (current_) {
      id = *current_;
      current_.reset();
    } else {
      std::pop_heap(turns_.begin(), turns_.end());
      id = turns_.back().stream;
      virtual_time_ = std::max(virtual_time_, turns_.back().served);
      turns_.pop_back();
    }
    Stream& stream = streams_[id];
    stream.active = false;
    auto rest = drop_expired(stream, now);
    if (rest && !stream.waiting.empty()) begin_turn(id, stream);
    if (rest) return rest;
    if (stream.waiting.empty()) continue;
    return cut(id, stream, room);
  }
  return std::nullopt;
}

//= RFC 3758 §4.1
// What was never sent needs no FORWARD TSN. What was begun does, even where all of it that left was
// acknowledged: the other side waits for the rest.
std::optional<Fragment> SendQueue::drop_expired(Stream& stream, Instant now) {
  while (!stream.waiting.empty()) {
    const MessageId id = stream.waiting.front();
    Entry& entry = entries_[id.value];
    if (rules::may_abandon(may_give_up_) && rules::is_too_old(entry.expires, now))
      entry.given_up = true;
    if (!entry.given_up) return std::nullopt;
    take_unsent(stream, entry.message.bytes.size() - entry.sent);
    stream.waiting.drop();
    entry.done_sending = true;
    if (entry.sent > 0) {
      ++entry.unsettled;
      return stand_in(id, entry, interleaved_);
    }
    release_if_done(id);
  }
  return std::nullopt;
}

Fragment SendQueue::stand_in(MessageId message, const Entry& entry, bool interleaved) {
  Fragment fragment{.message = message, .chunk = {}, .given_up = true};
  fragment.chunk.end = true;
  fragment.chunk.unordered = entry.message.unordered;
  fragment.chunk.interleaved = interleaved;
  fragment.chunk.stream = entry.message.stream;
  fragment.chunk.message = entry.number;
  fragment.chunk.fragment = entry.fragments;
  return fragment;
}

Fragment SendQueue::cut(StreamId id, Stream& stream, std::size_t room) {
  const MessageId message = stream.waiting.front();
  Entry& entry = entries_[message.value];
  const Message& whole = entry.message;
  const std::size_t size = std::min(room, whole.bytes.size() - entry.sent);
  Fragment fragment{.message = message, .chunk = {}, .given_up = false};
  DataChunk& chunk = fragment.chunk;
  chunk.begin = entry.sent == 0;
  if (chunk.begin && !whole.unordered) entry.number = stream.next_ordered++;
  if (chunk.begin && whole.unordered && interleaved_) entry.number = stream.next_unordered++;
  chunk.end = entry.sent + size == whole.bytes.size();
  chunk.unordered = whole.unordered;
  chunk.interleaved = interleaved_;
  chunk.stream = id;
  chunk.message = entry.number;
  chunk.fragment = entry.fragments++;
  chunk.protocol = whole.protocol;
  chunk.payload = Bytes(whole.bytes).subspan(entry.sent, size);
  entry.sent += size;
  ++entry.unsettled;
  take_unsent(stream, size);
  stream.served += size * 1024 / std::max<std::uint16_t>(stream.weight, 1);
  if (chunk.end) {
    entry.done_sending = true;
    stream.waiting.drop();
  }
  if (!chunk.end && !interleaved_)
    current_ = id;
  else if (!stream.waiting.empty())
    begin_turn(id, stream);
  return fragment;
}

void SendQueue::take_unsent(Stream& stream, std::size_t bytes) {
  stream.unsent -= bytes;
  unsent_ -= bytes;
}

void SendQueue::settle(MessageId message) {
  Entry& entry = entries_[message.value];
  ensure(entry.used && entry.unsettled > 0, "a fragment is settled once");
  --entry.unsettled;
  release_if_done(message);
}

bool SendQueue::is_over(MessageId message, std::uint32_t transmissions, Instant now) const {
  const Entry& entry = entries_[message.value];
  if (entry.given_up || !rules::may_abandon(may_give_up_)) return entry.given_up;
  return rules::is_too_old(entry.expires, now) ||
         rules::is_sent_too_often(transmissions, entry.retransmissions);
}

void SendQueue::give_up(MessageId message) {
  Entry& entry = entries_[message.value];
  if (entry.given_up) return;
  entry.given_up = true;
  // A message in the middle of being cut is dropped at its stream's next turn.
}

void SendQueue::release_if_done(MessageId message) {
  const Entry& entry = entries_[message.value];
  if (entry.done_sending && entry.unsettled == 0) release(message);
}

void SendQueue::release(MessageId message) {
  Entry& entry = entries_[message.value];
  held_ -= entry.message.bytes.size();
  if (entry.expires || entry.retransmissions) {
    --limited_;
    --streams_.at(entry.message.stream).limited;
  }
  spares_.give(std::move(entry.message.bytes));
  entry = Entry{};
  free_.push_back(message);
}

void SendQueue::restart_numbers(std::span<const StreamId> streams) {
  const auto restart = [](Stream& stream) { stream.next_ordered = stream.next_unordered = 0; };
  if (streams.empty())
    for (auto& [id, stream] : streams_) restart(stream);
  for (const StreamId id : streams)
    if (const auto at = streams_.find(id); at != streams_.end()) restart(at->second);
}

}  // namespace beeline::sctp
