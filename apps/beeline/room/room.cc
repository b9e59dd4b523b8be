#include "apps/beeline/room/room.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "beeline/base/encoding.h"
#include "beeline/crypto/entropy.h"
#include "beeline/dtls/openssl_floor.h"

namespace beeline::cli {
namespace {

constexpr std::size_t kTextsRemembered = 256;
constexpr std::size_t kIdLetters = 16;

websocket::ClientSettings socket_settings(const RoomAddress& address) {
  return {.secure = address.secure,
          .host = address.host,
          .port = address.port,
          .path = address.folder + "api/signal"};
}

signaling::ClientSettings membership_settings(const RoomSettings& settings) {
  signaling::ClientSettings membership = settings.membership;
  membership.room = settings.address.room;
  return membership;
}

// The code, and the HTTP status where there is one; the words are words.h's.
signaling::LinkDown why_down(const websocket::ClientClosed& closed) {
  std::string why(to_string(closed.end));
  const bool not_upgraded = closed.end == websocket::ClientEnd::kNotUpgraded;
  if (not_upgraded) why += fmt::format(" {}", closed.status);
  // 503: the server is stopping, and its successor comes.
  return {why, closed.end == websocket::ClientEnd::kNoCertificate ||
                   (not_upgraded && closed.status != 503)};
}

// What a room is for is calls, and a call would end with the first forged datagram.
net::EventLoop& with_repaired_openssl(net::EventLoop& loop) {
  const dtls::OpensslSafety safety = dtls::openssl_is_safe();
  if (safety.verdict == dtls::OpensslVerdict::kTooOld) throw std::runtime_error(safety.reason);
  return loop;
}

}  // namespace

Room::Room(net::EventLoop& loop, RoomSettings settings, RoomListener& listener)
    : loop_(with_repaired_openssl(loop)),
      settings_(std::move(settings)),
      listener_(listener),
      random_(crypto::system_seed()),
      identity_(crypto::make_identity(loop.wall_time(), std::chrono::days(30))),
      socket_(socket_settings(settings_.address), random_, loop.packets()),
      socket_host_(loop, socket_, socket_owner_, {.authority_pem = settings_.authority_pem}),
      client_(membership_settings(settings_), random_),
      client_host_(loop, client_, membership_) {}

Room::~Room() = default;

void Room::enter() {
  client_.open(loop_.now());
  client_host_.settle();
}

void Room::leave() {
  client_.leave();
  client_host_.settle();
}

Room::Member* Room::find(std::string_view id) {
  const auto at = members_.find(id);
  return at == members_.end() ? nullptr : at->second.get();
}
const Room::Member* Room::find(std::string_view id) const {
  const auto at = members_.find(id);
  return at == members_.end() ? nullptr : at->second.get();
}

// --- the server ----------------------------------------------------------------------------------

void Room::Membership::transmit(std::string text) {
  room.socket_.send(text);
  room.socket_host_.settle();
}

void Room::on_socket(websocket::Client::Event event) {
  if (std::holds_alternative<websocket::ClientOpened>(event))
    client_.handle_input(signaling::LinkUp{}, loop_.now());
  if (const auto* text = std::get_if<websocket::ClientText>(&event))
    client_.handle_input(signaling::LinkText{text->text}, loop_.now());
  if (const auto* closed = std::get_if<websocket::ClientClosed>(&event))
    client_.handle_input(why_down(*closed), loop_.now());
  client_host_.settle();
}

void Room::on(const signaling::OpenLink&) {
  socket_.open(loop_.now());
  socket_host_.settle();
}
void Room::on(const signaling::CloseLink& close) {
  socket_.close(close.clean);
  socket_host_.settle();
}

void Room::on(const signaling::PhaseChanged& changed) {
  set_reachable();
  listener_.on_phase(changed.phase, changed.why);
}

void Room::on(const signaling::Entered& entered) {
  if (entered.how == signaling::Entered::How::kAnew)
    for (const auto& [id, member] : members_) drop_link(*member);
  else
    for (const auto& [id, member] : members_) {
      if (!member->link) continue;
      member->link->resumed(loop_.now());
      member->host->settle();
    }
  listener_.on_entered();
}

void Room::on(const signaling::MemberCame& came) {
  const signaling::Roommate* roommate = client_.member(came.id);
  if (roommate == nullptr) return;  // and gone again, in the same breath
  auto& member = members_[came.id];
  const bool known = member != nullptr;
  if (!known) member = std::make_unique<Member>(*this, came.id);
  if (known)
    listener_.on_changed(*roommate);
  else
    listener_.on_joined(*roommate);
  if (ended_) return;
  if (member->link) {
    // An id that we know belongs to the same membership, given back by a server that was restarted:
    // the link goes on.
    member->link->restored(loop_.now());
    member->host->settle();
  } else {
    make_link(*member, came.we_offer, false, 0);
  }
}

void Room::on(const signaling::MemberChanged& changed) {
  set_reachable();
  if (const auto* roommate = client_.member(changed.id)) listener_.on_changed(*roommate);
}

void Room::on(const signaling::MemberLeft& left) {
  const auto at = members_.find(left.member.id);
  if (at == members_.end()) return;
  const std::shared_ptr<Member> member = std::move(at->second);
  members_.erase(at);
  drop_link(*member);
  loop_.defer([member] {});  // its own event may be what is calling
  listener_.on_left(left.member, left.reason);
}

void Room::on(signaling::Heard& heard) {
  Member* member = find(heard.from);
  if (member == nullptr) return;
  if (const auto* text = std::get_if<std::string>(&heard.what)) {
    if (const auto* roommate = client_.member(heard.from)) listener_.on_text(*roommate, *text);
    return;
  }
  if (!member->link) return;
  member->link->receive(std::get<std::vector<signaling::Item>>(heard.what), loop_.now());
  member->host->settle();
}

void Room::on(const signaling::IceServersChanged&) {
  for (const auto& [id, member] : members_) {
    if (!member->link) continue;
    member->link->set_servers(ice_servers(client_.ice()), loop_.now());
    member->host->settle();
  }
}

void Room::on(const signaling::MembershipEnded& ended) {
  if (std::exchange(ended_, true)) return;
  for (const auto& [id, member] : members_) drop_link(*member);
  listener_.on_ended(ended.code, ended.detail);
}

void Room::set_reachable() {
  for (const auto& [id, member] : members_) {
    const auto* roommate = client_.member(id);
    if (member->link)
      member->link->set_reachable(client_.phase() == signaling::Phase::kOpen &&
                                  roommate != nullptr && !roommate->away);
  }
}

// --- links ---------------------------------------------------------------------------------------

void Room::make_link(Member& member, bool offers, bool reset_unanswered, unsigned attempts) {
  LinkSettings link{.self = client_.you(),
                    .peer = member.id,
                    .offers = offers,
                    .reset_unanswered = reset_unanswered,
                    .attempts = attempts,
                    .transport = {.ice = {}, .sctp = {}, .identity = identity_},
                    .channels = settings_.channels};
  link.transport.ice.servers = ice_servers(client_.ice());
  link.transport.ice.policy = settings_.relay_only ? ice::Policy::kRelayOnly : ice::Policy::kAll;
  link.transport.ice.loopback = settings_.loopback;
  link.transport.sctp.max_window = settings_.receive_window;
  link.channels.push_back({"beeline.chat", kChatChannel});
  link.channels.push_back({"beeline.files", kFileChannel});
  member.link = std::make_unique<Link>(
      std::move(link), random_.fork(fmt::format("link {}", ++links_)), loop_.packets(), log_);
  member.host = std::make_unique<net::ClientHost<Link, Member>>(
      loop_, *member.link, member, net::ClientIoSettings{.authority_pem = settings_.authority_pem});
  set_reachable();
  member.link->start(loop_.now());
  member.host->settle();
}

void Room::drop_link(Member& member) {
  if (!member.link) return;
  member.link->close(loop_.now());
  member.host->settle();
  member.open = false;
  // Its own event may be what is calling.
  loop_.defer([link = std::shared_ptr<Link>(std::move(member.link)),
               host = std::shared_ptr<net::ClientHost<Link, Member>>(std::move(member.host))] {});
  listener_.on_link_lost(member.id);
}

void Room::on_link(Member& member, LinkEvent event) {
  const signaling::Roommate* roommate = client_.member(member.id);
  if (roommate == nullptr || !member.link) return;
  if (auto* say = std::get_if<SayItems>(&event)) {
    client_.relay(member.id, std::move(say->items));
    client_host_.settle();
  } else if (std::holds_alternative<WantServers>(event)) {
    client_.renew();
    client_host_.settle();
  } else if (const auto* anew = std::get_if<StartAnew>(&event)) {
    const unsigned attempts = member.link->attempts();
    drop_link(member);
    if (anew->ours) client_.relay(member.id, {signaling::ResetItem{}});
    make_link(member, anew->ours, anew->ours, attempts);
    client_host_.settle();
    listener_.on_path(*roommate);
  } else if (auto* channel = std::get_if<sctp::ChannelEvent>(&event)) {
    on_channel(member, *channel);
  } else if (!std::holds_alternative<HostRequest>(event)) {
    // A goodbye: the server says next that it has left, or the link begins anew.
    if (member.link->peer().connection_state() != peer::ConnectionState::kClosed)
      listener_.on_path(*roommate);
  }
}

MemberPath Room::path(std::string_view id) const {
  const Member* member = find(id);
  MemberPath path;
  if (member == nullptr || !member->link) return path;
  const peer::Transport& transport = member->link->peer().transport();
  path.failure = transport.failure();
  if (const auto chosen = transport.agent().path()) {
    path.tcp = !chosen->local.is_udp();
    path.round_trip = chosen->round_trip;
    path.kind = chosen->relayed ? PathKind::kRelayed : PathKind::kDirect;
  }
  switch (transport.state()) {
    case peer::ConnectionState::kConnected:
      return path;
    case peer::ConnectionState::kFailed:
      path.kind = PathKind::kFailed;
      return path;
    case peer::ConnectionState::kDisconnected:
    case peer::ConnectionState::kClosed:
      path.kind = PathKind::kBroken;
      return path;
    case peer::ConnectionState::kNew:
    case peer::ConnectionState::kConnecting:
      break;
  }
  path.kind = PathKind::kLooking;
  return path;
}

Link* Room::link(std::string_view id) {
  Member* member = find(id);
  return member == nullptr ? nullptr : member->link.get();
}

void Room::settle(std::string_view id) {
  Member* member = find(id);
  if (member != nullptr && member->host) member->host->settle();
}

// --- what is said --------------------------------------------------------------------------------

void Room::on_channel(Member& member, sctp::ChannelEvent& event) {
  const signaling::Roommate& roommate = *client_.member(member.id);
  const auto of = std::visit(
      [](const auto& one) {
        if constexpr (requires { one.channel; })
          return std::optional(one.channel);
        else
          return std::optional<sctp::ChannelId>();
      },
      event);
  if (!of) return;  // of the association
  const auto number = member.link->number_of(*of);
  if (!number) return;
  if (std::holds_alternative<sctp::ChannelOpened>(event) && *number == kChatChannel) {
    member.open = true;
    for (const ChatText& text : member.unacknowledged) send_chat(member, write_chat(text));
    return listener_.on_open(roommate);
  }
  const bool own = *number == kChatChannel || *number == kFileChannel;
  if (!own) return listener_.on_channel(roommate, *number, event);
  auto* message = std::get_if<sctp::ChannelMessage>(&event);
  if (message == nullptr) return;
  member.link->peer().channels().release(message->bytes.size());
  const std::string_view frame = as_text(message->bytes);
  if (!message->text) return;
  if (*number == kChatChannel) return on_chat(member, frame);
  if (const auto refusal = refuse_file(frame))
    std::ignore =
        member.link->send(kFileChannel, true, {refusal->begin(), refusal->end()}, loop_.now());
}

void Room::on_chat(Member& member, std::string_view frame) {
  const signaling::Roommate& roommate = *client_.member(member.id);
  const auto message = parse_chat(frame);
  if (!message) return;
  if (const auto* text = std::get_if<ChatText>(&*message)) {
    send_chat(member, write_chat(ChatAck{text->id}));
    if (std::ranges::find(member.seen, text->id) != member.seen.end()) return;
    member.seen.push_back(text->id);
    if (member.seen.size() > kTextsRemembered) member.seen.pop_front();
    listener_.on_text(roommate, text->text);
  } else if (const auto* ack = std::get_if<ChatAck>(&*message)) {
    if (std::erase_if(member.unacknowledged,
                      [&](const ChatText& one) { return one.id == ack->id; }) > 0)
      listener_.on_acknowledged(member.id, ack->id);
  } else if (const auto* ping = std::get_if<ChatPing>(&*message)) {
    send_chat(member, write_chat(ChatPong{ping->id}));
  } else if (const auto* pong = std::get_if<ChatPong>(&*message)) {
    listener_.on_pong(roommate, pong->id);
  } else {
    send_chat(member, write_no_history());
  }
}

bool Room::send_chat(Member& member, std::string_view frame) {
  if (!member.link || !member.open) return false;
  const bool sent =
      member.link->send(kChatChannel, true, {frame.begin(), frame.end()}, loop_.now());
  member.host->settle();
  return sent;
}

std::string Room::say(std::string_view text) {
  const ChatText message{
      random_.fork(fmt::format("text {}", ++texts_)).text(kIdLetters, kBase32Alphabet),
      std::string(text), unix_ms()};
  if (members_.empty()) return {};
  for (const auto& [id, member] : members_) {
    member->unacknowledged.push_back(message);
    send_chat(*member, write_chat(message));
  }
  return message.id;
}

std::size_t Room::unacknowledged() const {
  std::size_t count = 0;
  for (const auto& [id, member] : members_) count += member->unacknowledged.size();
  return count;
}

bool Room::ping(std::string_view id, std::string_view ping) {
  Member* member = find(id);
  return member != nullptr && send_chat(*member, write_chat(ChatPing{std::string(ping)}));
}

std::int64_t Room::unix_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace beeline::cli
