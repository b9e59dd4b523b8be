// turn::Client: permissions and channels (RFC 8656 §9 to §12), which are granted for a while and
// asked for again before it is over.
#include <algorithm>

#include "beeline/turn/client.h"
#include "beeline/turn/client_rules.h"

namespace beeline::turn {
namespace {

constexpr std::size_t kPeersPerRequest = 8;
constexpr std::uint16_t kFirstChannel = 0x4000;
constexpr std::size_t kChannelNumbers = 0x1000;  // RFC 8656 §12

}  // namespace

void Client::permit(const IpAddress& peer, Instant) {
  if (closing_ || state_ == State::kEnded) return;
  if (const auto it = permissions_.find(peer); it != permissions_.end()) {
    if (it->second.ready) events_.push(PermissionReady{peer});
    return;
  }
  const auto refuse = [&](ClientError why) { events_.push(PermissionFailed{peer, why, 0}); };
  if (state_ == State::kAllocated && !relays(peer.family()))
    return refuse(ClientError::kUnsupportedFamily);
  if (permissions_.size() >= settings_.max_permissions) return refuse(ClientError::kLimit);
  permissions_.try_emplace(peer);
  permissions_owed_ = true;
}

void Client::bind_channel(const TransportAddress& peer, Instant now) {
  if (closing_ || state_ == State::kEnded) return;
  if (!permissions_.contains(peer.ip)) permit(peer.ip, now);
  if (!permissions_.contains(peer.ip)) return;
  auto it = channels_.find(peer);
  if (it == channels_.end()) {
    if (channels_.size() >= std::min(settings_.max_channels, kChannelNumbers)) return;
    const auto number = static_cast<std::uint16_t>(kFirstChannel + channels_.size());
    it = channels_.try_emplace(peer, BoundChannel{{number}, {}}).first;
    peer_of_channel_.emplace(stun::ChannelNumber{number}, peer);
  }
  Grant& grant = it->second.grant;
  if (grant.asking || grant.ready) return;
  grant.owed = channels_owed_ = true;
}

// What was wished for before the server said which families it relays.
void Client::withdraw_unrelayed() {
  std::vector<IpAddress> hopeless;
  for (const auto& [peer, permission] : permissions_)
    if (!relays(peer.family())) hopeless.push_back(peer);
  for (const IpAddress& peer : hopeless) withdraw(peer, {ClientError::kUnsupportedFamily, 0, {}});
}

void Client::withdraw(const IpAddress& peer, const Failure& failure) {
  if (permissions_.erase(peer) == 0) return;
  // Without a permission a channel carries nothing.
  for (auto& [address, channel] : channels_)
    if (address.ip == peer) channel.grant = Grant{.owed = false};
  events_.push(PermissionFailed{peer, failure.reason, failure.code});
}

//= RFC 8656 §10.1
void Client::ask_for_owed_permissions(Instant now) {
  std::vector<IpAddress> together;
  for (auto& [peer, permission] : permissions_) {
    if (!permission.owed) continue;
    permission.owed = false;
    permission.asking = true;
    if (permission.alone) {
      ask(PermissionRequest{{peer}}, 0, now);
      continue;
    }
    together.push_back(peer);
    if (together.size() < kPeersPerRequest) continue;
    ask(PermissionRequest{std::move(together)}, 0, now);
    together.clear();
  }
  if (!together.empty()) ask(PermissionRequest{std::move(together)}, 0, now);
}

//= RFC 8656 §10.3
void Client::succeeded(const Request& request, const PermissionRequest& permission,
                       const stun::Message&, Instant) {
  for (const IpAddress& peer : permission.peers) {
    const auto it = permissions_.find(peer);
    if (it == permissions_.end()) continue;  // ran out before the answer came
    if (!it->second.ready) events_.push(PermissionReady{peer});
    it->second = Grant{.owed = false,
                       .ready = true,
                       .refresh_at = rules::refresh_permission_at(request.asked),
                       .expires = rules::permission_expires(request.asked)};
  }
}

void Client::failed(const PermissionRequest& permission, const Failure& failure, Instant now) {
  if (failure.reason == ClientError::kMismatch) return lose(failure);
  const bool split = permission.peers.size() > 1 && rules::may_be_one_peer(failure.code);
  for (const IpAddress& peer : permission.peers) {
    const auto it = permissions_.find(peer);
    if (it == permissions_.end()) continue;
    Grant& grant = it->second;
    grant.asking = false;
    if (split) {
      //= RFC 8656 §10.2
      // One peer that is refused takes the others of its request with it.
      grant.owed = grant.alone = permissions_owed_ = true;
    } else if (grant.ready && !rules::is_final(failure.code)) {
      grant.refresh_at = now + rules::retry_after(++grant.failures);
    } else {
      withdraw(peer, failure);
    }
  }
}

void Client::handle_due_permissions(Instant now) {
  std::vector<IpAddress> over;
  bool due = false;
  for (const auto& [peer, permission] : permissions_) {
    if (!permission.ready) continue;
    if (permission.expires <= now)
      over.push_back(peer);
    else if (!permission.asking && !permission.owed)
      due = due || permission.refresh_at <= now;
  }
  for (const IpAddress& peer : over) withdraw(peer, {ClientError::kExpired, 0, {}});
  if (!due) return;
  permissions_owed_ = true;
  for (auto& [peer, permission] : permissions_)
    if (permission.ready && !permission.asking && rules::joins_refresh(permission.refresh_at, now))
      permission.owed = true;
}

//= RFC 8656 §12.1
void Client::ask_for_owed_channels(Instant now) {
  for (auto& [peer, channel] : channels_) {
    if (!channel.grant.owed) continue;
    channel.grant.owed = false;
    channel.grant.asking = true;
    ask(ChannelRequest{peer}, 0, now);
  }
}

//= RFC 8656 §12.3
void Client::succeeded(const Request& request, const ChannelRequest& channel, const stun::Message&,
                       Instant) {
  Grant& grant = channels_.at(channel.peer).grant;
  if (!permissions_.contains(channel.peer.ip)) return;  // withdrawn before the answer came
  grant = Grant{.owed = false,
                .ready = true,
                .refresh_at = rules::refresh_channel_at(request.asked),
                .expires = rules::channel_expires(request.asked)};
}

void Client::failed(const ChannelRequest& channel, const Failure& failure, Instant now) {
  if (failure.reason == ClientError::kMismatch) return lose(failure);
  Grant& grant = channels_.at(channel.peer).grant;
  grant.asking = false;
  if (grant.ready && !rules::is_final(failure.code))
    grant.refresh_at = now + rules::retry_after(++grant.failures);
  else
    grant = Grant{.owed = false};
}

void Client::handle_due_channels(Instant now) {
  for (auto& [peer, channel] : channels_) {
    Grant& grant = channel.grant;
    if (!grant.ready) continue;
    if (grant.expires <= now) {
      grant = Grant{.owed = false};  // Send indications do as well
    } else if (!grant.asking && grant.refresh_at <= now) {
      grant.owed = channels_owed_ = true;
    }
  }
}

}  // namespace beeline::turn
