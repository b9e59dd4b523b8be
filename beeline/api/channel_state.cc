#include "beeline/api/channel_state.h"

#include <tuple>
#include <utility>

#include "beeline/api/session.h"

namespace beeline::api {
namespace {

template <typename Handler>
std::shared_ptr<Handler> keep(Handler handler) {
  return handler ? std::make_shared<Handler>(std::move(handler)) : nullptr;
}

}  // namespace

ChannelHold::~ChannelHold() {
  state->let_go();
}

ChannelState::ChannelState(Session& session, sctp::ChannelId id, sctp::ChannelOptions of,
                           bool agreed)
    : options(std::move(of)),
      negotiated(agreed),
      messages(std::make_shared<Mailbox<Message>>(session.turns())),
      opened(session.turns()->executor()),
      closed(session.turns()->executor()),
      session_(&session),
      id_(id),
      turns_(session.turns()),
      senders_(std::make_shared<Waiters<>>(turns_->executor())) {
  // Also after the channel is gone: its window is that of the connection.
  messages->on_taken([of_session = session.weak_from_this()](const Message& message) {
    if (const auto one = of_session.lock()) one->release(message.size());
  });
}

ChannelState::~ChannelState() {
  messages->discard();
}

DataChannel ChannelState::handle() {
  auto hold = hold_.lock();
  if (!hold) hold_ = hold = std::make_shared<ChannelHold>(shared_from_this());
  return DataChannel(std::move(hold));
}

void ChannelState::on_opened() {
  if (state != DataChannelState::kConnecting) return;
  state = DataChannelState::kOpen;
  opened.settle({});
  open_untold_ = true;
  tell_open();
}

void ChannelState::set_on_open(std::function<void()> handler) {
  on_open_ = keep(std::move(handler));
  if (on_open_) tell_open();
}

void ChannelState::tell_open() {
  if (!open_untold_) return;
  turns_->add([self = shared_from_this()] {
    const auto handler = self->on_open_;  // lives while it runs, whatever it does to the channel
    if (handler && std::exchange(self->open_untold_, false)) (*handler)();
  });
}

void ChannelState::set_on_low(std::function<void()> handler) {
  on_low_ = keep(std::move(handler));
}

void ChannelState::on_message(sctp::ChannelMessage message) {
  ++messages_received_;
  bytes_received_ += message.bytes.size();
  messages->put(Message(message.text, std::move(message.bytes)));
  if (let_go_) messages->discard();
}

void ChannelState::on_buffered_low() {
  turns_->add([self = shared_from_this()] {
    if (const auto handler = self->on_low_) (*handler)();
  });
}

void ChannelState::on_closed(const Error& why) {
  std::ignore = number();  // people ask afterwards, too
  state = DataChannelState::kClosed;
  session_ = nullptr;
  if (!opened.is_settled()) opened.settle(why.code());
  senders_->complete_all(Reason::kChannelClosed);
  messages->end(Reason::kChannelClosed);
  close_untold_ = why;
  // Behind the messages that came before.
  turns_->add([self = shared_from_this()] { self->closed.settle({}); });
  tell_close();
}

void ChannelState::set_on_close(std::function<void(const Error&)> handler) {
  on_close_ = keep(std::move(handler));
  if (on_close_) tell_close();
}

void ChannelState::tell_close() {
  if (!close_untold_) return;
  turns_->add([self = shared_from_this()] {
    const auto handler = self->on_close_;
    if (!handler || !self->close_untold_) return;
    const Error why = *std::exchange(self->close_untold_, std::nullopt);
    self->drop_handlers();
    (*handler)(why);
  });
}

void ChannelState::close_silently() {
  state = DataChannelState::kClosed;
  session_ = nullptr;
  if (!opened.is_settled()) opened.settle(Reason::kClosed);
  senders_->complete_all(Reason::kChannelClosed);
  messages->close(Reason::kChannelClosed);
  closed.settle({});
  drop_handlers();
}

void ChannelState::forget() {
  state = DataChannelState::kClosed;
  session_ = nullptr;
  opened.forget();
  closed.forget();
  senders_->forget();
  messages->forget();
  drop_handlers();
}

// They may hold what holds the channel.
void ChannelState::drop_handlers() {
  on_open_.reset();
  on_low_.reset();
  on_close_.reset();
  open_untold_ = false;
  close_untold_.reset();
}

Error ChannelState::send(bool text, std::vector<std::uint8_t> bytes) {
  if (session_ == nullptr || state != DataChannelState::kOpen)
    return {Reason::kChannelNotOpen, std::string(to_string(state))};
  const std::size_t size = bytes.size();
  if (buffered() + size > DataChannel::kMostBuffered)
    return {Reason::kSendQueueFull, std::to_string(buffered()) + " bytes wait already"};
  if (const auto error = session_->send(id_, text, std::move(bytes))) return error;
  ++messages_sent_;
  bytes_sent_ += size;
  return {};
}

Error ChannelState::send_copy(bool text, Bytes bytes) {
  std::vector<std::uint8_t> copy;
  if (session_ != nullptr) copy = session_->core().channels().association().spare();
  copy.assign(bytes.begin(), bytes.end());
  return send(text, std::move(copy));
}

void ChannelState::wait_to_send(Reason failed, Completion<> completion,
                                std::shared_ptr<void> keep) {
  if (failed == Reason::kNone && session_ == nullptr) failed = Reason::kChannelClosed;
  if (failed != Reason::kNone)
    return senders_->complete(std::move(completion), std::move(keep), failed);
  if (buffered() <= high_water_mark)
    return senders_->complete(std::move(completion), std::move(keep), {});
  senders_->add(std::move(completion), std::move(keep));
  session_->watch(id_);
}

bool ChannelState::look_at_senders() {
  if (buffered() <= high_water_mark) senders_->complete_all({});
  return !senders_->empty();
}

void ChannelState::close() {
  if (session_ == nullptr || state == DataChannelState::kClosing) return;
  state = DataChannelState::kClosing;
  session_->close_channel(id_);
}

void ChannelState::let_go() {
  // Later: this may be inside anything.
  turns_->add([self = shared_from_this()] {
    if (!self->hold_.expired() || self->messages->has_handler()) return;
    self->let_go_ = true;
    self->messages->discard();
    self->close();
  });
}

std::size_t ChannelState::buffered() const {
  return session_ == nullptr ? 0 : session_->core().channels().buffered(id_);
}

std::optional<std::uint16_t> ChannelState::number() const {
  if (number_ || session_ == nullptr) return number_;
  if (const auto number = session_->core().channels().number(id_)) number_ = number->value;
  return number_;
}

void ChannelState::set_low_threshold(std::size_t bytes) {
  low_threshold = bytes;
  if (session_ != nullptr) session_->core().channels().set_low_mark(id_, bytes);
}

DataChannelStats ChannelState::stats() const {
  return {.label = options.label,
          .protocol = options.protocol,
          .data_channel_identifier = number(),
          .state = state,
          .messages_sent = messages_sent_,
          .bytes_sent = bytes_sent_,
          .messages_received = messages_received_,
          .bytes_received = bytes_received_};
}

}  // namespace beeline::api
