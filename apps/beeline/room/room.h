// A room as one member of it on this machine's sockets: the connection to its server, one link to
// each of the others, what is said on the chat channel (docs/protocol/signaling.md). What the
// commands chat, ping and pipe have in common.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/beeline/room/chat_message.h"
#include "apps/beeline/room/link.h"
#include "apps/beeline/room/room_address.h"
#include "beeline/net/client_host.h"
#include "beeline/signaling/client.h"
#include "beeline/websocket/client.h"

namespace beeline::cli {

struct RoomSettings {
  RoomAddress address;
  signaling::ClientSettings membership;          // its room is that of the address
  std::string authority_pem;                     // trusted besides what the system trusts
  bool relay_only = false;                       // nobody in the room learns our addresses
  bool loopback = false;                         // 127.0.0.1 and ::1, too
  std::vector<AgreedChannel> channels;           // besides those of the chat
  std::size_t receive_window = 4 * 1024 * 1024;  // bytes, of each link
};

enum class PathKind : std::uint8_t { kLooking, kDirect, kRelayed, kBroken, kFailed };

struct MemberPath {
  PathKind kind = PathKind::kLooking;
  bool tcp = false;
  std::optional<Duration> round_trip;
  peer::FailureReason failure = peer::FailureReason::kNone;  // of kFailed
};

// Who hears what happens in a room. Nothing comes from inside a call of Room, except where it says
// so. The room may be told to do things from inside.
class RoomListener {
 public:
  virtual ~RoomListener() = default;
  virtual void on_entered() {}
  virtual void on_phase(signaling::Phase, std::string_view /*why*/) {}
  virtual void on_joined(const signaling::Roommate&) {}
  virtual void on_changed(const signaling::Roommate&) {}  // name or presence, away or back
  virtual void on_left(const signaling::Roommate&, std::string_view /*reason*/) {}
  virtual void on_path(const signaling::Roommate&) {}
  // Its channels are open: everything may be said.
  virtual void on_open(const signaling::Roommate&) {}
  virtual void on_text(const signaling::Roommate&, const std::string& /*text*/) {}
  virtual void on_acknowledged(std::string_view /*member*/, std::string_view /*id*/) {}
  virtual void on_pong(const signaling::Roommate&, std::string_view /*id*/) {}
  // Of a channel of RoomSettings::channels.
  virtual void on_channel(const signaling::Roommate&, sctp::StreamId, sctp::ChannelEvent&) {}
  // The link begins anew, or is gone with its member: what was under way on its channels is lost.
  virtual void on_link_lost(std::string_view /*member*/) {}
  // The last one.
  virtual void on_ended(std::string_view /*code*/, std::string_view /*detail*/) = 0;
};

class Room {
 public:
  // `loop` and `listener` are borrowed.
  Room(net::EventLoop& loop, RoomSettings settings, RoomListener& listener);
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room();

  void enter();
  // on_ended() follows, from inside.
  void leave();

  const std::string& you() const { return client_.you(); }
  const std::vector<signaling::Roommate>& members() const { return client_.members(); }
  MemberPath path(std::string_view member) const;

  // To everybody who is here now, as soon as each one's channel is open and again until it is
  // acknowledged. Returns the id that on_acknowledged() has then; empty where nobody is here.
  std::string say(std::string_view text);
  // Texts that somebody who is here has not acknowledged yet.
  std::size_t unacknowledged() const;
  // False where the channel is not open.
  bool ping(std::string_view member, std::string_view id);
  // For channels of RoomSettings::channels; null where there is no such member. After commands to
  // it: settle().
  Link* link(std::string_view member);
  void settle(std::string_view member);

 private:
  struct Member {
    Member(Room& of, std::string its_id) : room(of), id(std::move(its_id)) {}
    void handle_event(LinkEvent event) { room.on_link(*this, std::move(event)); }

    Room& room;
    std::string id;
    std::unique_ptr<Link> link;
    std::unique_ptr<net::ClientHost<Link, Member>> host;
    bool open = false;
    std::vector<ChatText> unacknowledged;
    std::deque<std::string> seen;  // ids of its last texts
  };
  struct Socket {
    Room& room;
    void handle_event(websocket::Client::Event event) { room.on_socket(std::move(event)); }
  };
  struct Membership {
    Room& room;
    void transmit(std::string text);
    void handle_event(signaling::ClientEvent event) {
      std::visit([this](auto& one) { room.on(one); }, event);
    }
    void drained() {}
  };

  void on_socket(websocket::Client::Event event);
  void on(const signaling::OpenLink&);
  void on(const signaling::CloseLink& close);
  void on(const signaling::PhaseChanged& changed);
  void on(const signaling::Entered& entered);
  void on(const signaling::MemberCame& came);
  void on(const signaling::MemberChanged& changed);
  void on(const signaling::MemberLeft& left);
  void on(signaling::Heard& heard);
  void on(const signaling::IceServersChanged&);
  void on(const signaling::MembershipEnded& ended);
  void on_link(Member& member, LinkEvent event);
  void on_channel(Member& member, sctp::ChannelEvent& event);
  void on_chat(Member& member, std::string_view frame);
  void make_link(Member& member, bool offers, bool reset_unanswered, unsigned attempts);
  void drop_link(Member& member);
  void set_reachable();
  bool send_chat(Member& member, std::string_view frame);
  Member* find(std::string_view id);
  const Member* find(std::string_view id) const;
  std::int64_t unix_ms() const;

  net::EventLoop& loop_;
  RoomSettings settings_;
  RoomListener& listener_;
  NullLog log_;
  Random random_;
  crypto::Identity identity_;
  std::uint64_t links_ = 0;  // so far: each has randomness of its own
  std::uint64_t texts_ = 0;
  websocket::Client socket_;
  Socket socket_owner_{*this};
  net::ClientHost<websocket::Client, Socket> socket_host_;
  signaling::Client client_;
  Membership membership_{*this};
  net::CoreHost<signaling::Client, Membership> client_host_;
  std::map<std::string, std::unique_ptr<Member>, std::less<>> members_;
  bool ended_ = false;
};

}  // namespace beeline::cli
