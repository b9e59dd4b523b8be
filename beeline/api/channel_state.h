// A data channel as its connection sees it: what is known of it, what waits in it, who waits for
// it. Lives as long as a handle or the connection knows it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/api/data_channel.h"
#include "beeline/api/mailbox.h"
#include "beeline/api/stats.h"
#include "beeline/sctp/data_channel/channels.h"

namespace beeline::api {

class Session;

// One for all handles of a channel at a time.
struct ChannelHold {
  explicit ChannelHold(std::shared_ptr<ChannelState> of) : state(std::move(of)) {}
  ChannelHold(const ChannelHold&) = delete;
  ChannelHold& operator=(const ChannelHold&) = delete;
  ~ChannelHold();

  const std::shared_ptr<ChannelState> state;
};

class ChannelState : public std::enable_shared_from_this<ChannelState> {
 public:
  static constexpr std::size_t kFirstHighWaterMark = 1024 * 1024;

  // `session` is borrowed until end().
  ChannelState(Session& session, sctp::ChannelId id, sctp::ChannelOptions options, bool negotiated);

  ChannelState(const ChannelState&) = delete;
  ChannelState& operator=(const ChannelState&) = delete;
  ~ChannelState();

  DataChannel handle();

  // --- from the session ---
  void on_opened();
  void on_message(sctp::ChannelMessage message);
  void on_buffered_low();
  void on_closed(const Error& why);
  // The connection is closed by us: nobody is told, whoever waits is.
  void close_silently();
  // The executor goes away: nobody is told anything.
  void forget();
  // Lets senders go on where there is room; whether some wait still.
  bool look_at_senders();

  // --- from handles ---
  Error send(bool text, std::vector<std::uint8_t> bytes);
  Error send_copy(bool text, Bytes bytes);
  void wait_to_send(Reason failed, Completion<> completion, std::shared_ptr<void> keep);
  void close();
  void let_go();  // by the last handle
  std::size_t buffered() const;
  std::optional<std::uint16_t> number() const;
  void set_low_threshold(std::size_t bytes);
  DataChannelStats stats() const;

  const sctp::ChannelOptions options;
  const bool negotiated;
  DataChannelState state = DataChannelState::kConnecting;
  std::size_t low_threshold = 0;
  std::size_t high_water_mark = kFirstHighWaterMark;
  const std::shared_ptr<Mailbox<Message>> messages;
  Gate opened;
  Gate closed;
  // Told late where they are set late.
  void set_on_open(std::function<void()> handler);
  void set_on_close(std::function<void(const Error&)> handler);
  void set_on_low(std::function<void()> handler);

 private:
  void tell_open();
  void tell_close();
  void drop_handlers();

  Session* session_;
  const sctp::ChannelId id_;
  mutable std::optional<std::uint16_t> number_;
  const std::shared_ptr<Turns> turns_;
  const std::shared_ptr<Waiters<>> senders_;
  std::weak_ptr<ChannelHold> hold_;
  bool let_go_ = false;  // nobody is there to take messages, and nobody can come
  std::shared_ptr<std::function<void()>> on_open_;
  std::shared_ptr<std::function<void()>> on_low_;
  std::shared_ptr<std::function<void(const Error&)>> on_close_;
  bool open_untold_ = false;
  std::optional<Error> close_untold_;
  std::uint64_t messages_sent_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t messages_received_ = 0;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace beeline::api
