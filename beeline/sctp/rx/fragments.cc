#include "beeline/sctp/rx/fragments.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

bool TsnFragments::continues(const Run& run, const DataChunk& data) const {
  const Message& message = run.so_far.message;
  return !data.begin && message.stream == data.stream && message.unordered == data.unordered &&
         (data.unordered || run.so_far.number == data.message);
}

AddedFragment TsnFragments::add(LongTsn tsn, const DataChunk& data) {
  const auto waits_for = [&](LongTsn at) {
    return std::ranges::find_if(runs_, [&](const Run& run) { return run.next == at; });
  };
  if (data.begin) {
    // A run that waited for this TSN was given up by its sender, who need not say so.
    std::size_t dropped = 0;
    if (const auto stale = waits_for(tsn); stale != runs_.end()) {
      dropped = stale->so_far.message.bytes.size();
      runs_.erase(stale);
    }
    Run run{tsn.next(),
            {{data.stream, data.protocol, data.unordered, spares_.take()}, data.message}};
    append(run.so_far.message.bytes, data.payload);
    runs_.push_back(std::move(run));
    AddedFragment added = extend(runs_.size() - 1);
    added.dropped = dropped;
    return added;
  }
  const auto run = waits_for(tsn);
  if (run == runs_.end()) {
    loose_.emplace(tsn, Loose{data, {data.payload.begin(), data.payload.end()}});
    return {};
  }
  if (!continues(*run, data)) return {.complete = {}, .violates = true};
  append(run->so_far.message.bytes, data.payload);
  run->next = tsn.next();
  const auto index = static_cast<std::size_t>(run - runs_.begin());
  if (rules::is_too_long(run->so_far.message.bytes.size(), max_message_))
    return {.complete = {}, .violates = true};
  if (!data.end) return extend(index);
  AddedFragment added{.complete = std::move(run->so_far)};
  runs_.erase(run);
  return added;
}

// Takes along what arrived before its turn.
AddedFragment TsnFragments::extend(std::size_t index) {
  Run& run = runs_[index];
  for (auto at = loose_.find(run.next); at != loose_.end() && at->first == run.next;) {
    const bool fits = continues(run, at->second.data);
    const bool ends = at->second.data.end;
    if (fits) append(run.so_far.message.bytes, at->second.bytes);
    at = loose_.erase(at);
    if (!fits || rules::is_too_long(run.so_far.message.bytes.size(), max_message_))
      return {.complete = {}, .violates = true};
    run.next = run.next.next();
    if (!ends) continue;
    AddedFragment added{.complete = std::move(run.so_far)};
    runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(index));
    return added;
  }
  return {};
}

std::size_t TsnFragments::forward(LongTsn to) {
  std::size_t bytes = 0;
  while (!loose_.empty() && loose_.begin()->first <= to) {
    bytes += loose_.begin()->second.bytes.size();
    loose_.erase(loose_.begin());
  }
  std::erase_if(runs_, [&](const Run& run) {
    if (run.next > to) return false;
    bytes += run.so_far.message.bytes.size();
    return true;
  });
  return bytes;
}

AddedFragment MidFragments::add(const DataChunk& data) {
  const Key key{data.stream, data.unordered, data.message};
  const auto [at, is_new] = partials_.try_emplace(key);
  Partial& partial = at->second;
  if (is_new) partial.so_far = {data.stream, data.protocol, data.unordered, spares_.take()};
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
  partials_.erase(at);
  return added;
}

std::size_t MidFragments::skip(StreamId stream, bool unordered, std::uint32_t message) {
  std::size_t bytes = 0;
  std::erase_if(partials_, [&](const auto& entry) {
    const auto& [in, is_unordered, number] = entry.first;
    // Not later than `message`, in numbers that wrap.
    const bool skipped = in == stream && is_unordered == unordered &&
                         static_cast<std::uint32_t>(message - number) < 0x8000'0000u;
    if (skipped) {
      bytes += entry.second.bytes;
      loose_ -= entry.second.loose.size();
    }
    return skipped;
  });
  return bytes;
}

std::size_t MidFragments::reset(std::span<const StreamId> streams) {
  std::size_t bytes = 0;
  std::erase_if(partials_, [&](const auto& entry) {
    const bool gone =
        streams.empty() || std::ranges::find(streams, std::get<0>(entry.first)) != streams.end();
    if (gone) {
      bytes += entry.second.bytes;
      loose_ -= entry.second.loose.size();
    }
    return gone;
  });
  return bytes;
}

}  // namespace beeline::sctp
