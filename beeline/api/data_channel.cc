#include "beeline/api/data_channel.h"

#include "beeline/api/channel_state.h"
#include "beeline/base/ensure.h"

namespace beeline {
namespace {

api::ChannelState& state_of(const std::shared_ptr<api::ChannelHold>& hold) {
  ensure(hold != nullptr, "a handle of a channel, not an empty one");
  return *hold->state;
}

}  // namespace

void Sending::Wait::begin(const std::shared_ptr<api::ChannelHold>& hold, Reason failed,
                          api::Completion<> completion) {
  state_of(hold).wait_to_send(failed, std::move(completion), hold);
}

bool operator==(const DataChannel& a, const DataChannel& b) {
  if (!a.hold_ || !b.hold_) return a.hold_ == b.hold_;
  return a.hold_->state == b.hold_->state;
}

std::string DataChannel::label() const {
  return state_of(hold_).options.label;
}
std::string DataChannel::protocol() const {
  return state_of(hold_).options.protocol;
}
bool DataChannel::ordered() const {
  return state_of(hold_).options.ordered;
}
std::optional<std::chrono::milliseconds> DataChannel::max_packet_life_time() const {
  const auto& lifetime = state_of(hold_).options.reliability.lifetime;
  if (!lifetime) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(*lifetime);
}
std::optional<std::uint32_t> DataChannel::max_retransmits() const {
  return state_of(hold_).options.reliability.retransmissions;
}
bool DataChannel::negotiated() const {
  return state_of(hold_).negotiated;
}
std::optional<std::uint16_t> DataChannel::id() const {
  return state_of(hold_).number();
}
DataChannelState DataChannel::ready_state() const {
  return state_of(hold_).state;
}

Sending DataChannel::send(std::string_view text) const {
  return {hold_, state_of(hold_).send_copy(true, as_bytes(text))};
}
Sending DataChannel::send(std::span<const std::uint8_t> bytes) const {
  return {hold_, state_of(hold_).send_copy(false, bytes)};
}
Sending DataChannel::send(std::vector<std::uint8_t>&& bytes) const {
  return {hold_, state_of(hold_).send(false, std::move(bytes))};
}

std::size_t DataChannel::buffered_amount() const {
  return state_of(hold_).buffered();
}
void DataChannel::set_buffered_amount_low_threshold(std::size_t bytes) const {
  state_of(hold_).set_low_threshold(bytes);
}
std::size_t DataChannel::buffered_amount_low_threshold() const {
  return state_of(hold_).low_threshold;
}
void DataChannel::set_high_water_mark(std::size_t bytes) const {
  state_of(hold_).high_water_mark = bytes;
  state_of(hold_).look_at_senders();
}
std::size_t DataChannel::high_water_mark() const {
  return state_of(hold_).high_water_mark;
}

void DataChannel::on_message(std::function<void(Message)> handler) const {
  state_of(hold_).messages->set_handler(std::move(handler));
}
void DataChannel::on_open(std::function<void()> handler) const {
  state_of(hold_).set_on_open(std::move(handler));
}
void DataChannel::on_close(std::function<void(const Error&)> handler) const {
  state_of(hold_).set_on_close(std::move(handler));
}
void DataChannel::on_buffered_amount_low(std::function<void()> handler) const {
  state_of(hold_).set_on_low(std::move(handler));
}
void DataChannel::close() const {
  state_of(hold_).close();
}

void DataChannel::begin_receive(const Hold& hold, api::Completion<Message> completion) {
  state_of(hold).messages->wait(std::move(completion), hold);
}
void DataChannel::begin_opened(const Hold& hold, api::Completion<> completion) {
  state_of(hold).opened.wait(std::move(completion), hold);
}
void DataChannel::begin_closed(const Hold& hold, api::Completion<> completion) {
  state_of(hold).closed.wait(std::move(completion), hold);
}

}  // namespace beeline
