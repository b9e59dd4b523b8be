#include "beeline/sctp/data_channel/channels.h"

#include <algorithm>

#include "beeline/sctp/rules.h"

namespace beeline::sctp {
namespace {

constexpr std::size_t kLongestText = 65535;
// 65535 is no stream a channel may have (RFC 8832 §6).
constexpr std::uint16_t kBeyondNumbers = 65535;

bool is_limit_fine(const Reliability& reliability) {
  if (reliability.lifetime && reliability.retransmissions) return false;
  return !reliability.lifetime || (reliability.lifetime->count() >= 0 &&
                                   *reliability.lifetime <= std::chrono::milliseconds(0xFFFF'FFFF));
}

}  // namespace

void Channels::flush(Instant now) {
  // What the association tells may make it owe more, and what leaves may bring it news.
  association_.flush(now);
  while (auto event = association_.poll_event()) {
    std::visit([&](auto& each) { on(each, now); }, *event);
    association_.flush(now);
  }
  drain_closing();
  association_.flush(now);
  tell_low_marks();
}

void Channels::set_dtls_client(bool client) {
  if (client_) return;
  client_ = client;
  for (auto& [id, channel] : channels_)
    if (!channel.number && assign_number(channel)) by_number_[*channel.number] = id;
}

bool Channels::is_ours_to_give(StreamId number) const {
  return client_ && rules::is_ours_to_give(number, *client_);
}

// The lowest that is free.
bool Channels::assign_number(Channel& channel) {
  const std::uint16_t end = std::min(outbound_streams_, kBeyondNumbers);
  for (StreamId candidate{0}; candidate.value < end; ++candidate.value) {
    if (!is_ours_to_give(candidate)) continue;
    if (by_number_.contains(candidate) || refused_.contains(candidate)) continue;
    channel.number = candidate;
    return true;
  }
  return false;
}

std::expected<ChannelId, OpenError> Channels::open(ChannelOptions options,
                                                   std::optional<StreamId> number, Instant now) {
  if (association_.is_ended()) return std::unexpected(OpenError::kEnded);
  if (options.label.size() > kLongestText || options.protocol.size() > kLongestText)
    return std::unexpected(OpenError::kTooLong);
  if (!is_limit_fine(options.reliability)) return std::unexpected(OpenError::kBadLimit);
  if (channels_.size() >= kMostChannels) return std::unexpected(OpenError::kTooMany);
  if (number && (number->value >= kBeyondNumbers || by_number_.contains(*number)))
    return std::unexpected(OpenError::kNumberUsed);
  Channel channel;
  channel.options = std::move(options);
  channel.number = number;
  channel.negotiated = number.has_value();
  if (!number && client_ && !assign_number(channel)) return std::unexpected(OpenError::kTooMany);
  const ChannelId id{next_channel_++};
  if (channel.number) by_number_[*channel.number] = id;
  Channel& made = channels_[id] = std::move(channel);
  if (connected_) start(id, made, now);
  return id;
}

void Channels::start(ChannelId id, Channel& channel, Instant now) {
  if (!channel.number || channel.number->value >= outbound_streams_) {
    events_.push(ChannelClosed{id, true});
    return erase(id);
  }
  association_.set_weight(*channel.number, std::max<std::uint16_t>(channel.options.priority, 1));
  if (!channel.negotiated) {
    //= RFC 8832 §6
    // Ordered and reliable, whatever the channel is.
    std::ignore =
        association_.send({*channel.number, kDcep, false, write_open(channel.options)}, {}, now);
  }
  channel.acknowledged = channel.negotiated;
  channel.state = State::kOpen;
  events_.push(ChannelOpened{id});
}

std::expected<void, ChannelSendError> Channels::send(ChannelId id, bool text,
                                                     std::vector<std::uint8_t> bytes, Instant now) {
  const auto at = channels_.find(id);
  if (at == channels_.end() || at->second.state != State::kOpen)
    return std::unexpected(ChannelSendError::kNotOpen);
  Channel& channel = at->second;
  PayloadProtocolId protocol = text ? kText : kBinary;
  if (bytes.empty()) {
    protocol = text ? kEmptyText : kEmptyBinary;
    bytes.push_back(0);
  }
  const bool unordered = rules::may_overtake(channel.options.ordered, channel.acknowledged);
  const auto sent = association_.send({*channel.number, protocol, unordered, std::move(bytes)},
                                      channel.options.reliability, now);
  if (!sent)
    return std::unexpected(sent.error() == SendError::kTooLong ? ChannelSendError::kTooLong
                                                               : ChannelSendError::kNotOpen);
  if (!channel.above_mark && association_.unsent(*channel.number) > channel.low_mark) {
    channel.above_mark = true;
    above_mark_.push_back(id);
  }
  return {};
}

void Channels::close(ChannelId id) {
  const auto at = channels_.find(id);
  if (at == channels_.end()) return;
  Channel& channel = at->second;
  if (channel.state == State::kWaiting) {
    erase(id);
    events_.push(ChannelClosed{id});
    return;
  }
  if (channel.state != State::kOpen) return;
  channel.state = State::kDraining;
  draining_.push_back(id);
}

//= RFC 8831 §6.7
// A channel is closed by resetting its outgoing stream, after what waits to be sent on it.
void Channels::drain_closing() {
  std::vector<StreamId> ready;
  std::erase_if(draining_, [&](ChannelId id) {
    const auto at = channels_.find(id);
    if (at == channels_.end()) return true;
    Channel& channel = at->second;
    const StreamId number = *channel.number;
    if (!rules::may_reset_ours(association_.unsent(number), association_.unsettled_limited(number)))
      return false;
    channel.state = State::kResetting;
    ready.push_back(number);
    return true;
  });
  if (!ready.empty()) association_.reset_streams(std::move(ready));
}

void Channels::tell_low_marks() {
  std::erase_if(above_mark_, [&](ChannelId id) {
    const auto at = channels_.find(id);
    if (at == channels_.end()) return true;
    Channel& channel = at->second;
    if (association_.unsent(*channel.number) > channel.low_mark) return false;
    channel.above_mark = false;
    events_.push(ChannelBufferedLow{id});
    return true;
  });
}

std::optional<StreamId> Channels::number(ChannelId id) const {
  const auto at = channels_.find(id);
  return at == channels_.end() ? std::nullopt : at->second.number;
}

std::size_t Channels::buffered(ChannelId id) const {
  const auto of = number(id);
  return of ? association_.unsent(*of) : 0;
}

void Channels::set_low_mark(ChannelId id, std::size_t bytes) {
  if (const auto at = channels_.find(id); at != channels_.end()) at->second.low_mark = bytes;
}

Channels::Channel* Channels::at(StreamId number) {
  const auto id = by_number_.find(number);
  return id == by_number_.end() ? nullptr : &channels_.at(id->second);
}

// --- what the association tells ---

void Channels::on(Connected& event, Instant now) {
  connected_ = true;
  outbound_streams_ = event.outbound_streams;
  events_.push(event);
  std::vector<ChannelId> waiting;
  for (const auto& [id, channel] : channels_)
    if (channel.state == State::kWaiting) waiting.push_back(id);
  for (const ChannelId id : waiting) start(id, channels_.at(id), now);
}

void Channels::on(MessageReceived& event, Instant now) {
  Message& message = event.message;
  const std::size_t size = message.bytes.size();
  notice_reuse(message.stream);
  if (message.protocol == kDcep) {
    on_dcep(message, now);
    association_.release(size);
    return;
  }
  const Channel* channel = at(message.stream);
  const bool empty = message.protocol == kEmptyText || message.protocol == kEmptyBinary;
  const bool text = message.protocol == kText || message.protocol == kEmptyText;
  const bool known = empty || text || message.protocol == kBinary;
  if (channel == nullptr || channel->state == State::kWaiting || !known) {
    association_.release(size);
    return;
  }
  if (empty) {
    association_.release(size);
    message.bytes.clear();
  }
  events_.push(ChannelMessage{by_number_.at(message.stream), text, std::move(message.bytes)});
}

void Channels::on_dcep(const Message& message, Instant now) {
  auto dcep = parse_dcep(message.bytes);
  Channel* channel = at(message.stream);
  if (!dcep) {
    //= RFC 8832 §6
    // An opening that is none: the stream is reset, and the rest of the association lives.
    if (channel == nullptr) refuse(message.stream);
    return;
  }
  if (std::holds_alternative<DcepAck>(*dcep)) {
    if (channel != nullptr) channel->acknowledged = true;
    return;
  }
  if (channel != nullptr) return;  // its number is taken: what it says cannot be meant
  accept(message.stream, std::move(std::get<ChannelOptions>(*dcep)), now);
}

void Channels::accept(StreamId number, ChannelOptions options, Instant now) {
  const std::size_t texts = options.label.size() + options.protocol.size();
  if (is_ours_to_give(number) || number.value >= std::min(outbound_streams_, kBeyondNumbers) ||
      refused_.contains(number) || !rules::may_accept(channels_.size(), texts_ + texts)) {
    refuse(number);
    return;
  }
  Channel channel;
  channel.texts = texts;
  texts_ += texts;
  channel.options = std::move(options);
  channel.number = number;
  channel.state = State::kOpen;
  channel.acknowledged = true;
  const ChannelId id{next_channel_++};
  by_number_[number] = id;
  association_.set_weight(number, std::max<std::uint16_t>(channel.options.priority, 1));
  std::ignore = association_.send({number, kDcep, false, write_dcep_ack()}, {}, now);
  events_.push(ChannelAccepted{id, channel.options});
  channels_[id] = std::move(channel);
}

// Once, however often it asks before that is done.
void Channels::refuse(StreamId number) {
  if (refused_.size() < kMostChannels && refused_.insert(number).second)
    association_.reset_streams({number});
}

void Channels::on(StreamsReset& event, Instant) {
  std::vector<StreamId> numbers = event.streams;
  if (numbers.empty())
    for (const auto& [number, id] : by_number_) numbers.push_back(number);
  for (const StreamId number : numbers) {
    Channel* channel = at(number);
    if (channel == nullptr) continue;
    const ChannelId id = by_number_.at(number);
    channel->theirs_reset = true;
    if (channel->state == State::kOpen) {
      channel->state = State::kDraining;
      draining_.push_back(id);
    }
    finish_if_both_reset(id);
  }
}

void Channels::on(StreamsResetDone& event, Instant) {
  for (const StreamId number : event.streams) our_stream_was_reset(number, event.refused);
}

void Channels::our_stream_was_reset(StreamId number, bool refused) {
  refused_.erase(number);
  Channel* channel = at(number);
  if (channel == nullptr) return;
  channel->ours_reset = true;
  // Who refuses, or cannot, will not reset its own either.
  if (refused) channel->theirs_reset = true;
  finish_if_both_reset(by_number_.at(number));
}

// What comes on a stream that the other side reset belongs to another channel of that number: it
// did reset ours, then, and we were not told.
void Channels::notice_reuse(StreamId number) {
  const Channel* channel = at(number);
  if (!refused_.contains(number) && (channel == nullptr || !channel->theirs_reset)) return;
  for (const StreamId each : association_.on_reused(number)) our_stream_was_reset(each, false);
}

void Channels::finish_if_both_reset(ChannelId id) {
  const Channel& channel = channels_.at(id);
  if (!rules::is_gone(channel.ours_reset, channel.theirs_reset)) return;
  erase(id);
  events_.push(ChannelClosed{id});
}

void Channels::erase(ChannelId id) {
  const Channel& channel = channels_.at(id);
  texts_ -= channel.texts;
  if (channel.number) by_number_.erase(*channel.number);
  channels_.erase(id);
}

void Channels::on(Ended& event, Instant) {
  for (const auto& [id, channel] : channels_) events_.push(ChannelClosed{id});
  channels_.clear();
  by_number_.clear();
  texts_ = 0;
  draining_.clear();
  above_mark_.clear();
  events_.push(std::move(event));
}

}  // namespace beeline::sctp
