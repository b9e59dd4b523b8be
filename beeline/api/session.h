// A connection of an application: the core of peer/ on a loop that borrows the application's
// executor, and what is on its way between the two. PeerConnection is the handle of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "beeline/api/channel_state.h"
#include "beeline/api/configuration.h"
#include "beeline/api/error.h"
#include "beeline/api/fenced_core.h"
#include "beeline/api/mailbox.h"
#include "beeline/api/shared_loops.h"
#include "beeline/base/log.h"
#include "beeline/net/client_host.h"

namespace beeline::api {

// Invariant: the application is called from a turn only, so no command of it arrives while the core
// is being drained.
class Session : public std::enable_shared_from_this<Session> {
 public:
  // Throws boost::system::system_error where the configuration cannot be used.
  static std::shared_ptr<Session> make(const boost::asio::any_io_executor& executor,
                                       const Configuration& configuration);
  // For make().
  Session(const boost::asio::any_io_executor& executor, const Configuration& configuration);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // --- commands, for PeerConnection ---
  Result<SessionDescription> create(SdpType type);
  Result<void> set_local(const SessionDescription& description);
  Result<SessionDescription> set_local();
  Result<void> set_remote(const SessionDescription& description);
  Result<void> add_candidate(const IceCandidate& candidate);
  Result<DataChannel> create_channel(std::string label, const DataChannelInit& init);
  Result<void> set_servers(const std::vector<IceServer>& servers);
  void restart_ice();
  // Says goodbye. Nobody is told anything any more; whoever waits is told kClosed.
  void close();
  // The other side did: what came before can still be taken.
  void wind_up();
  // The executor is going away: nobody is told anything, not even whoever waits.
  void forget();

  // --- for channels ---
  Error send(sctp::ChannelId channel, bool text, std::vector<std::uint8_t> bytes);
  void close_channel(sctp::ChannelId channel);
  void release(std::size_t bytes);
  // After each flush it is asked to look_at_senders(), until nobody waits there.
  void watch(sctp::ChannelId channel) { watched_.insert(channel); }
  const std::shared_ptr<Turns>& turns() const { return turns_; }
  // Not after close().
  peer::PeerConnection& core() { return parts_->core.core(); }
  const peer::PeerConnection& core() const { return parts_->core.core(); }

  // --- what is so ---
  bool is_closed() const { return !parts_.has_value(); }
  Instant now() const { return parts_->loop->now(); }
  std::optional<SessionDescription> local() const;
  std::optional<SessionDescription> remote() const;
  SignalingState signaling_state() const;
  const std::map<sctp::ChannelId, std::shared_ptr<ChannelState>>& channels() const {
    return channels_;
  }

  // For the host.
  void handle_event(peer::PeerEvent event);

  Configuration configuration;  // as it is now

 private:
  const std::shared_ptr<Turns> turns_;

 public:
  ConnectionState state = ConnectionState::kNew;
  Error failure;
  std::uint64_t channels_opened = 0;
  std::uint64_t channels_closed = 0;
  const std::shared_ptr<Mailbox<IceCandidate>> candidates;
  const std::shared_ptr<Mailbox<DataChannel>> accepted;
  const std::shared_ptr<Mailbox<ConnectionState>> states;
  const std::shared_ptr<Mailbox<SignalingState>> signaling_states;
  const std::shared_ptr<Mailbox<bool>> negotiations;
  Gate connected;
  Gate gathered;

 private:
  // What is gone after close(), last to first.
  struct Parts {
    Parts(Session& session, const peer::TransportSettings& settings,
          std::shared_ptr<net::EventLoop> on);
    std::shared_ptr<net::EventLoop> loop;
    FencedCore core;
    net::ClientHost<FencedCore, Session> host;
  };

  void settle();
  void settle_soon();
  void on_flushed();
  void on_broken(std::string what);
  void on_state(ConnectionState to, Error why);
  void on_candidate(peer::IceCandidate candidate);
  void on_channel(sctp::ChannelEvent event);
  std::shared_ptr<ChannelState> channel(sctp::ChannelId id) const;
  void channel_closed(sctp::ChannelId id, const Error& why);
  void end_everything();
  std::vector<std::shared_ptr<ChannelState>> all_channels() const;

  SharedLoops& loops_;
  NullLog log_;
  std::optional<Parts> parts_;
  std::map<sctp::ChannelId, std::shared_ptr<ChannelState>> channels_;
  std::set<sctp::ChannelId> watched_;
  std::vector<std::weak_ptr<ChannelState>> gone_;  // closed, and somebody may still look into them
  std::optional<SdpType> local_type_, remote_type_;
  bool settling_soon_ = false;
};

}  // namespace beeline::api
