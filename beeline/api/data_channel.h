// A data channel (W3C RTCDataChannel, RFC 8831). Everything is told and completed on the executor
// of its connection, or on that of the handler where it names one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/api/configuration.h"
#include "beeline/api/error.h"
#include "beeline/api/initiation.h"
#include "beeline/api/message.h"

namespace beeline {

namespace api {
class ChannelState;
struct ChannelHold;
}  // namespace api

// W3C RTCPriorityType (RFC 8831 §6.4): shares of what the connection can send.
enum class Priority : std::uint16_t { kVeryLow = 128, kLow = 256, kMedium = 512, kHigh = 1024 };

// W3C RTCDataChannelInit. One of the two limits at most; without either a message is sent until it
// arrives.
struct DataChannelInit {
  bool ordered = true;
  std::optional<std::chrono::milliseconds> max_packet_life_time{};
  std::optional<std::uint32_t> max_retransmits{};
  std::string protocol{};  // at most 65535 bytes
  // Both sides create the channel with the same id and nothing is said about it.
  bool negotiated = false;
  std::optional<std::uint16_t> id{};  // only where negotiated; 0 to 65534
  Priority priority = Priority::kLow;
};

// What send() gives: whether the message was taken, and something to wait for.
class Sending {
 public:
  // The message will be sent, as far as the limits of the channel allow.
  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  // kChannelNotOpen, kMessageTooLong or kSendQueueFull.
  const Error& error() const { return error_; }

  // Waits until no more than high_water_mark() bytes wait to be sent. Completes with
  // void(error_code): as error() says, or with kChannelClosed. In a coroutine:
  //   co_await channel.send(chunk);
  template <api::TokenFor Token>
  auto operator()(Token&& token) const {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        Wait(hold_, error_.reason), token);
  }

 private:
  friend class api::ChannelState;
  class Wait {
   public:
    Wait(std::shared_ptr<api::ChannelHold> hold, Reason failed)
        : hold_(std::move(hold)), failed_(failed) {}
    template <typename Handler>
    void operator()(Handler&& handler) {
      begin(hold_, failed_, api::Completion<>(std::forward<Handler>(handler)));
    }

   private:
    static void begin(const std::shared_ptr<api::ChannelHold>& hold, Reason failed,
                      api::Completion<> completion);
    std::shared_ptr<api::ChannelHold> hold_;
    Reason failed_;
  };
  friend class DataChannel;
  Sending(std::shared_ptr<api::ChannelHold> hold, Error error)
      : hold_(std::move(hold)), error_(std::move(error)) {}

  std::shared_ptr<api::ChannelHold> hold_;
  Error error_;
};

// Copies name the same channel. When the last of them goes, the channel stays as it is while it has
// an on_message handler, and is closed where nobody could take its messages any more (as W3C keeps
// a channel with listeners alive).
//
//   connecting ──▶ open ──close(), or the other side──▶ closing ──▶ closed
class DataChannel {
 public:
  DataChannel() = default;  // none: only assignment and operator bool
  explicit operator bool() const { return hold_ != nullptr; }
  friend bool operator==(const DataChannel& a, const DataChannel& b);

  std::string label() const;
  std::string protocol() const;
  bool ordered() const;
  std::optional<std::chrono::milliseconds> max_packet_life_time() const;
  std::optional<std::uint32_t> max_retransmits() const;
  bool negotiated() const;
  // The number of its streams (RFC 8832 §6); none before the roles in DTLS are known.
  std::optional<std::uint16_t> id() const;
  DataChannelState ready_state() const;

  // --- sending ---
  // Taken at once or not at all; never waits by itself. What it gives may be ignored, looked at,
  // awaited, or given a completion token:
  //   channel.send("hello");
  //   if (const auto sent = channel.send(chunk); !sent) … sent.error().message();
  //   co_await channel.send(chunk);                     // goes on below the high-water mark
  //   channel.send(chunk)([](auto error) { … });        // the same with a callback
  // At most kMostBuffered bytes wait.
  Sending send(std::string_view text) const;
  Sending send(std::span<const std::uint8_t> bytes) const;
  Sending send(std::vector<std::uint8_t>&& bytes) const;  // without a copy
  static constexpr std::size_t kMostBuffered = 16 * 1024 * 1024;

  // Bytes that wait to be sent; what is under way is not counted.
  std::size_t buffered_amount() const;
  // on_buffered_amount_low is told when buffered_amount() falls to this, bytes. 0 at first.
  void set_buffered_amount_low_threshold(std::size_t bytes) const;
  std::size_t buffered_amount_low_threshold() const;
  // Up to how much an awaited send() completes at once, bytes. 1 MiB at first.
  void set_high_water_mark(std::size_t bytes) const;
  std::size_t high_water_mark() const;

  // --- receiving ---
  // The next message; completes with void(error_code, Message). Fails with kChannelClosed after the
  // last one. While nobody takes messages the receive window closes and the other side has to wait,
  // with all channels of the connection: they share one window (RFC 9260 §6.2).
  template <api::TokenFor<Message> Token = boost::asio::use_awaitable_t<>>
  auto receive(Token&& token = Token{}) const {
    return api::initiate<Message>(hold_, &begin_receive, token);
  }
  // Or all of them, as they come. An empty handler: none. Those that came before are told, too.
  void on_message(std::function<void(Message)> handler) const;

  // --- its life ---
  void on_open(std::function<void()> handler) const;
  // Once, with kChannelClosed, kChannelRefused or the reason for which the connection ended. Not
  // after PeerConnection::close().
  void on_close(std::function<void(const Error&)> handler) const;
  void on_buffered_amount_low(std::function<void()> handler) const;
  // Completes with void(error_code) when messages may be sent.
  template <api::TokenFor Token = boost::asio::use_awaitable_t<>>
  auto opened(Token&& token = Token{}) const {
    return api::initiate<>(hold_, &begin_opened, token);
  }
  // Completes with void(error_code), without an error, when the channel is gone: after close(),
  // everything that was sent has been delivered then.
  template <api::TokenFor Token = boost::asio::use_awaitable_t<>>
  auto closed(Token&& token = Token{}) const {
    return api::initiate<>(hold_, &begin_closed, token);
  }
  // What was sent is delivered still (RFC 8831 §6.7).
  void close() const;

 private:
  friend class api::ChannelState;
  explicit DataChannel(std::shared_ptr<api::ChannelHold> hold) : hold_(std::move(hold)) {}
  using Hold = std::shared_ptr<api::ChannelHold>;
  static void begin_receive(const Hold& hold, api::Completion<Message> completion);
  static void begin_opened(const Hold& hold, api::Completion<> completion);
  static void begin_closed(const Hold& hold, api::Completion<> completion);

  Hold hold_;
};

}  // namespace beeline
