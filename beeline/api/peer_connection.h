// A connection between two sides (W3C RTCPeerConnection) on an executor of the application. This is
// the header to include; it brings the others.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/api/configuration.h"
#include "beeline/api/data_channel.h"
#include "beeline/api/error.h"
#include "beeline/api/explanation.h"
#include "beeline/api/initiation.h"
#include "beeline/api/message.h"
#include "beeline/api/stats.h"

namespace beeline {

namespace api {
class Session;
}

// There is no thread in it: everything happens in whoever runs the executor, which calls one thing
// at a time (an io_context that one thread runs, or a strand), and every call of it and its
// channels comes from there, too.
//
// Commands do their work at once and give a Result; operations that wait take a completion token
// (without one they are to be awaited) and complete with void(error_code, …); handlers are told
// things as they come. What has happened before somebody asks for it is not lost. Handlers and
// completions are never called from inside a call, so they may do anything: call any command,
// replace themselves, or destroy the connection or channel they are about.
//
// Destroying it is close(). One that was moved from can be assigned to and destroyed. It may
// outlive its executor, and is closed from then on.
class PeerConnection {
 public:
  // Throws boost::system::system_error: kBadIceServer where a URL is none, kOldOpenssl where one
  // forged datagram could end the connection.
  explicit PeerConnection(boost::asio::any_io_executor executor, Configuration configuration = {});
  // An io_context.
  template <typename Context>
    requires requires(Context& context) {
      { context.get_executor() } -> std::convertible_to<boost::asio::any_io_executor>;
    }
  explicit PeerConnection(Context& context, Configuration configuration = {})
      : PeerConnection(context.get_executor(), std::move(configuration)) {}
  PeerConnection(PeerConnection&&) noexcept = default;
  PeerConnection& operator=(PeerConnection&& other) noexcept;
  ~PeerConnection();

  // --- offer and answer (W3C §4.4.2, RFC 9429) ---
  // Errors: kWrongState, kNothingToConnect (an offer needs a channel first), kClosed.
  [[nodiscard]] Result<SessionDescription> create_offer();
  [[nodiscard]] Result<SessionDescription> create_answer();
  // What the two above made, unchanged, or a rollback. Candidates are gathered from then on.
  // Errors: kWrongState, kModifiedDescription, kClosed.
  [[nodiscard]] Result<void> set_local_description(const SessionDescription& description);
  // The one that comes next, made on the spot.
  [[nodiscard]] Result<SessionDescription> set_local_description();
  // Of the other side; an offer while there is one of ours rolls ours back (perfect negotiation).
  // Errors: kWrongState, kUnreadableDescription, kSectionsDoNotMatch, kNoIceCredentials,
  // kNoFingerprint, kNothingToConnect, kClosed.
  [[nodiscard]] Result<void> set_remote_description(const SessionDescription& description);
  // Of the other side (RFC 8838). Errors: kUnreadableCandidate, kNoRemoteDescription, kClosed. What
  // belongs to another ICE generation is passed over.
  [[nodiscard]] Result<void> add_ice_candidate(const IceCandidate& candidate);
  // The next offer begins ICE anew (RFC 8445 §9); on_negotiation_needed asks for it. Data goes on
  // as long as the old path works.
  void restart_ice();
  // For what is gathered from now on. Error: kBadIceServer.
  [[nodiscard]] Result<void> set_ice_servers(const std::vector<IceServer>& servers);

  // As it is now, with the candidates found so far; none before there is one and after close().
  std::optional<SessionDescription> local_description() const;
  std::optional<SessionDescription> remote_description() const;
  SignalingState signaling_state() const;

  // --- channels (W3C §6) ---
  // Label: UTF-8, at most 65535 bytes. Keep the result: see DataChannel for what becomes of one
  // that nobody has. Errors: kLabelTooLong, kBadChannelInit, kChannelIdUsed, kTooManyChannels,
  // kClosed.
  [[nodiscard]] Result<DataChannel> create_data_channel(std::string label,
                                                        const DataChannelInit& init = {});
  // Those that the other side creates, open already; one by one, or all with the handler. Those
  // that nobody takes wait, and what is sent on them counts against the receive window.
  template <api::TokenFor<DataChannel> Token = boost::asio::use_awaitable_t<>>
  auto accept_data_channel(Token&& token = Token{}) {
    return api::initiate<DataChannel>(session_, &begin_accept, token);
  }
  void on_data_channel(std::function<void(DataChannel)> handler);

  // --- what happens ---
  // To be carried to the other side's add_ice_candidate(). An empty `candidate`: these were all.
  template <api::TokenFor<IceCandidate> Token = boost::asio::use_awaitable_t<>>
  auto next_ice_candidate(Token&& token = Token{}) {
    return api::initiate<IceCandidate>(session_, &begin_candidate, token);
  }
  void on_ice_candidate(std::function<void(IceCandidate)> handler);
  // Time to make an offer.
  void on_negotiation_needed(std::function<void()> handler);
  void on_signaling_state_change(std::function<void(SignalingState)> handler);
  // Not after close(): whoever calls that knows.
  void on_connection_state_change(std::function<void(ConnectionState)> handler);
  // Completes with void(error_code) when data flows, or with why it does not: see failure().
  template <api::TokenFor Token = boost::asio::use_awaitable_t<>>
  auto connected(Token&& token = Token{}) {
    return api::initiate<>(session_, &begin_connected, token);
  }
  // Completes with void(error_code) when all candidates are in local_description(), for signaling
  // that carries one text each way.
  template <api::TokenFor Token = boost::asio::use_awaitable_t<>>
  auto gathered(Token&& token = Token{}) {
    return api::initiate<>(session_, &begin_gathered, token);
  }

  // --- what is so ---
  ConnectionState connection_state() const;
  // Why it failed or was closed; kNone otherwise.
  Error failure() const;
  // Why the path is what it is, as data and in words.
  Explanation explain() const;
  // W3C getStats(). Reads counters; costs about what copying them does.
  StatsReport get_stats() const;

  // Says goodbye and lets go of everything; data that still waits is lost (close channels and wait
  // for closed() before, where that matters). No handler is called after this; operations that wait
  // complete with kClosed.
  void close();

 private:
  using Handle = std::shared_ptr<api::Session>;
  static void begin_accept(const Handle& session, api::Completion<DataChannel> completion);
  static void begin_candidate(const Handle& session, api::Completion<IceCandidate> completion);
  static void begin_connected(const Handle& session, api::Completion<> completion);
  static void begin_gathered(const Handle& session, api::Completion<> completion);

  Handle session_;
};

}  // namespace beeline
