#include "beeline/sctp/rx/fragments.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

bool TsnFragments::continues(const Assembled& run, const DataChunk& data) {
  const Message& message = run.message;
  return !data.begin && message.stream == data.stream && message.unordered == data.unordered &&
         (data.unordered || run.number == data.message);
}

AddedFragment TsnFragments::add(LongTsn tsn, const DataChunk& data) {
  auto run = runs_.extract(tsn);
  if (data.begin) {
    // A run that waited for this TSN was given up by its sender, who need not say so.
    const std::size_t dropped = run ? run.mapped().message.bytes.size() : 0;
    AddedFragment added = extend(begin_run(tsn, data));
    added.dropped = dropped;
    return added;
  }
  if (!run) {
    loose_.emplace(tsn, Loose{data, {data.payload.begin(), data.payload.end()}});
    return {};
  }
  std::vector<std::uint8_t>& bytes = run.mapped().message.bytes;
  if (!continues(run.mapped(), data) ||
      rules::is_too_long(bytes.size() + data.payload.size(), max_message_))
    return {.complete = {}, .violates = true};
  append(bytes, data.payload);
  if (data.end) return end_run(std::move(run));
  run.key() = tsn.next();
  return extend(std::move(run));
}

TsnFragments::Runs::node_type TsnFragments::begin_run(LongTsn tsn, const DataChunk& data) {
  Runs::node_type run = std::move(spare_run_);
  if (!run) run = runs_.extract(runs_.try_emplace(tsn.next()).first);
  run.key() = tsn.next();
  run.mapped() = {{data.stream, data.protocol, data.unordered, spares_.take()}, data.message};
  append(run.mapped().message.bytes, data.payload);
  return run;
}

AddedFragment TsnFragments::end_run(Runs::node_type run) {
  AddedFragment added{.complete = std::move(run.mapped())};
  spare_run_ = std::move(run);
  return added;
}

// Takes along what arrived before its turn.
AddedFragment TsnFragments::extend(Runs::node_type run) {
  std::vector<std::uint8_t>& bytes = run.mapped().message.bytes;
  for (auto at = loose_.find(run.key()); at != loose_.end() && at->first == run.key();) {
    const Loose& loose = at->second;
    if (!continues(run.mapped(), loose.data) ||
        rules::is_too_long(bytes.size() + loose.bytes.size(), max_message_))
      return {.complete = {}, .violates = true};
    append(bytes, loose.bytes);
    const bool ends = loose.data.end;
    at = loose_.erase(at);
    if (ends) return end_run(std::move(run));
    run.key() = run.key().next();
  }
  runs_.insert(std::move(run));
  return {};
}

std::size_t TsnFragments::forward(LongTsn to) {
  std::size_t bytes = 0;
  while (!loose_.empty() && loose_.begin()->first <= to) {
    bytes += loose_.begin()->second.bytes.size();
    loose_.erase(loose_.begin());
  }
  while (!runs_.empty() && runs_.begin()->first <= to) {
    bytes += runs_.begin()->second.message.bytes.size();
    runs_.erase(runs_.begin());
  }
  return bytes;
}

AddedFragment MidFragments::add(const DataChunk& data) {
  const Key key{data.stream, data.unordered, data.message};
  auto at = partials_.find(key);
  if (at == partials_.end()) at = begin_partial(key, data);
  Partial& partial = at->second;
  partial.bytes += data.payload.size();
  if (data.fragment < partial.next || rules::is_too_long(partial.bytes, max_message_) ||
      data.begin != (data.fragment == 0))
    return {.complete = {}, .violates = true};
  if (data.begin) partial.so_far.protocol = data.protocol;
  bool ended = data.end;
  if (data.fragment != partial.next) {
    const bool added =
        partial.loose
            .try_emplace(data.fragment, data.end,
                         std::vector<std::uint8_t>(data.payload.begin(), data.payload.end()))
            .second;
    if (added) ++loose_;
    return {.complete = {}, .violates = !added};
  }
  append(partial.so_far.bytes, data.payload);
  ++partial.next;
  while (!ended && !partial.loose.empty() && partial.loose.begin()->first == partial.next) {
    append(partial.so_far.bytes, partial.loose.begin()->second.second);
    ended = partial.loose.begin()->second.first;
    partial.loose.erase(partial.loose.begin());
    --loose_;
    ++partial.next;
  }
  if (!ended) return {};
  // Beyond its end there is nothing.
  AddedFragment added;
  added.violates = !partial.loose.empty();
  added.complete = Assembled{std::move(partial.so_far), data.message};
  spare_partial_ = partials_.extract(at);
  return added;
}

MidFragments::Partials::iterator MidFragments::begin_partial(const Key& key,
                                                             const DataChunk& data) {
  if (!spare_partial_) spare_partial_ = partials_.extract(partials_.try_emplace(key).first);
  spare_partial_.key() = key;
  spare_partial_.mapped() = {
      .so_far = {data.stream, data.protocol, data.unordered, spares_.take()}};
  return partials_.insert(std::move(spare_partial_)).position;
}

std::size_t MidFragments::skip(StreamId stream, bool unordered, std::uint32_t message) {
  // Not later than `message`, in numbers that wrap.
  const std::uint32_t first = message - 0x7FFF'FFFF;
  const auto at = [&](std::uint32_t number) { return Key{stream, unordered, number}; };
  if (first <= message) return drop(at(first), at(message));
  return drop(at(0), at(message)) + drop(at(first), at(0xFFFF'FFFF));
}

std::size_t MidFragments::reset(std::span<const StreamId> streams) {
  constexpr StreamId kLast{0xFFFF};
  if (streams.empty()) return drop({StreamId{0}, false, 0}, {kLast, true, 0xFFFF'FFFF});
  std::size_t bytes = 0;
  for (const StreamId stream : streams)
    bytes += drop({stream, false, 0}, {stream, true, 0xFFFF'FFFF});
  return bytes;
}

// Both ends with what is between.
std::size_t MidFragments::drop(const Key& first, const Key& last) {
  std::size_t bytes = 0;
  auto at = partials_.lower_bound(first);
  while (at != partials_.end() && at->first <= last) {
    bytes += at->second.bytes;
    loose_ -= at->second.loose.size();
    at = partials_.erase(at);
  }
  return bytes;
}

}  // namespace beeline::sctp
