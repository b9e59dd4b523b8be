// The link to one member of a room: a peer connection, perfect negotiation over relayed items, and
// what is done when a path breaks (docs/protocol/signaling.md, section 9; web/sdk's peer_link is
// the browser's). A core that lives as long as its peer connection: to start anew is a new Link.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apps/beeline/room/offer_turn.h"
#include "beeline/base/fifo.h"
#include "beeline/base/timer_table.h"
#include "beeline/peer/peer_connection.h"
#include "beeline/signaling/client_message.h"

namespace beeline::cli {

// Both sides open these, with the same numbers.
struct AgreedChannel {
  std::string label;
  sctp::StreamId number;
};

struct LinkSettings {
  std::string self;  // member ids
  std::string peer;
  bool offers = false;  // at once; otherwise it waits for the other's offer, for 8 s
  // Of the link before this one, where there was one.
  bool reset_unanswered = false;
  unsigned attempts = 0;
  peer::TransportSettings transport;
  std::vector<AgreedChannel> channels;  // ordered and reliable
};

// --- events ---
// To be relayed to the member.
struct SayItems {
  std::vector<signaling::Item> items;
};
// Fresh ICE servers, please: set_servers() follows, or 3 s of patience.
struct WantServers {};
// This link is over; another begins in its place. `ours`: the member has to be told `reset`.
struct StartAnew {
  bool ours = false;
};
using LinkEvent = std::variant<HostRequest, SayItems, WantServers, StartAnew, ice::PathChanged,
                               peer::ConnectionChanged, sctp::ChannelEvent>;

class Link {
 public:
  using Input = HostInput;
  using Transmit = HostTransmit;
  using Event = LinkEvent;

  static constexpr Duration kOfferPatience = std::chrono::seconds(8);
  static constexpr Duration kAnswerPatience = std::chrono::seconds(6);
  static constexpr Duration kBatch = std::chrono::milliseconds(20);
  static constexpr Duration kServersPatience = std::chrono::seconds(3);
  static constexpr Duration kConnectPatience = std::chrono::seconds(15);

  // `packets` and `log` are borrowed.
  Link(LinkSettings settings, const Random& random, PacketPool& packets, Log& log);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void handle_input(Input input, Instant now) { peer_.handle_input(std::move(input), now); }
  void handle_timeout(Instant now);
  void flush(Instant now);
  std::optional<Transmit> poll_transmit() { return peer_.poll_transmit(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<Instant> next_timeout() const;

  // Once, first of all.
  void start(Instant now);
  // What the member relayed, in order.
  void receive(const std::vector<signaling::Item>& items, Instant now);
  void set_servers(std::vector<ice::Server> servers, Instant now);
  // Whether what is said now reaches the member; while it does not, nothing is tried.
  void set_reachable(bool reachable) { reachable_ = reachable; }
  // Signaling came back: what was on the way may be lost.
  void resumed(Instant now);
  // The member came back to a server that was restarted: its relay died with it.
  void restored(Instant now);
  void close(Instant now);

  // By the number agreed on. False where it is not open.
  bool send(sctp::StreamId channel, bool text, std::vector<std::uint8_t> bytes, Instant now);
  std::optional<sctp::StreamId> number_of(sctp::ChannelId channel) const;
  sctp::ChannelId channel(sctp::StreamId number) const;

  bool polite() const { return polite_; }
  bool reset_unanswered() const { return reset_unanswered_; }
  unsigned attempts() const { return attempts_; }
  peer::PeerConnection& peer() { return peer_; }
  const peer::PeerConnection& peer() const { return peer_; }

 private:
  enum class Timer : std::uint8_t { kOffer, kAnswer, kBatch, kServers, kRecovery, kCount };

  void take(peer::PeerEvent event, Instant now);
  void take(const signaling::DescriptionItem& item, Instant now);
  void take(const signaling::CandidateItem& item, Instant now);
  void take(const signaling::CandidatesEndItem& item, Instant now);
  void take(const signaling::ResetItem& item, Instant now);
  void take(const signaling::AskItem& item, Instant now);
  void take(const signaling::GoItem& item, Instant now);
  void on(const peer::ConnectionChanged& changed, Instant now);
  void begin(Instant now);
  void offer(Instant now);
  void make(OfferTurn::Move move, Instant now);
  void say_description(peer::DescriptionType type, Instant now);
  void say(signaling::Item item);
  void flush_batch();
  void repeat_offer(Instant now);
  void recover(Instant now);
  void restart(Instant now);
  void restart_now(Instant now);
  void reset();
  void await_recovery(Duration delay, Instant now);
  bool quiet() const { return peer_.signaling_state() == peer::SignalingState::kStable; }

  LinkSettings settings_;
  bool polite_;
  peer::PeerConnection peer_;
  OfferTurn turn_;
  TimerTable<Timer> timers_;
  std::vector<std::pair<sctp::StreamId, sctp::ChannelId>> channels_;
  std::vector<signaling::Item> batch_;
  bool begun_ = false;        // an offer of ours may be made
  bool wanted_ = false;       // and is to be, as soon as it may
  bool established_ = false;  // a session was agreed on
  bool reachable_ = true;
  bool over_ = false;
  bool reset_unanswered_;
  unsigned attempts_;
  Fifo<LinkEvent> events_;
};

}  // namespace beeline::cli
