#include "beeline/api/session.h"

#include <boost/system/system_error.hpp>
#include <utility>

#include "beeline/api/ice_servers.h"
#include "beeline/api/words.h"
#include "beeline/crypto/entropy.h"
#include "beeline/crypto/identity.h"
#include "beeline/dtls/openssl_floor.h"

namespace beeline::api {
namespace {

constexpr auto kIdentityLifetime = std::chrono::days(30);  // W3C §4.9.1: default of certificates

template <typename T>
Result<T> closed() {
  return std::unexpected(Error{Reason::kClosed, {}});
}
template <typename T>
Result<T> broken() {
  return std::unexpected(Error{Reason::kInternal, {}});
}
std::unexpected<Error> error_of(const peer::NegotiationError& error) {
  return std::unexpected(Error{reason_of(error.cause), error.detail});
}

Result<SessionDescription> made(const peer::PeerConnection::Made& made) {
  if (!made) return error_of(made.error());
  return SessionDescription{from_core(made->type), made->sdp};
}
Result<void> applied(const peer::PeerConnection::Applied& applied) {
  if (!applied) return error_of(applied.error());
  return {};
}

void require_repaired_openssl() {
  const dtls::OpensslSafety safety = dtls::openssl_is_safe();
  if (safety.verdict == dtls::OpensslVerdict::kTooOld)
    throw boost::system::system_error(make_error_code(Reason::kOldOpenssl), safety.reason);
}

peer::TransportSettings settings_of(const Configuration& configuration, net::EventLoop& loop) {
  auto servers = parse_ice_servers(configuration.ice_servers);
  if (!servers) throw boost::system::system_error(servers.error().code(), servers.error().detail);
  ice::Settings ice;
  ice.servers = *std::move(servers);
  ice.policy = configuration.ice_transport_policy == IceTransportPolicy::kRelay
                   ? ice::Policy::kRelayOnly
                   : ice::Policy::kAll;
  ice.tcp = configuration.tcp_candidates;
  ice.hide_addresses = configuration.hide_addresses;
  ice.loopback = configuration.loopback;
  sctp::Settings sctp;
  sctp.max_message = configuration.max_message_size;
  sctp.max_window = configuration.receive_window;
  return {ice, sctp, crypto::make_identity(loop.wall_time(), kIdentityLifetime)};
}

}  // namespace

Session::Parts::Parts(Session& session, const peer::TransportSettings& settings,
                      std::shared_ptr<net::EventLoop> on)
    : loop(std::move(on)),
      core(
          settings, Random(crypto::system_seed()), loop->packets(), session.log_,
          [&session] { session.on_flushed(); },
          [&session](std::string what) { session.on_broken(std::move(what)); }),
      host(*loop, core, session, {.authority_pem = session.configuration.authority_pem}) {}

std::shared_ptr<Session> Session::make(const boost::asio::any_io_executor& executor,
                                       const Configuration& configuration) {
  require_repaired_openssl();
  auto session = std::make_shared<Session>(executor, configuration);
  auto loop = session->loops_.loop_for(executor);
  const auto settings = settings_of(configuration, *loop);
  session->parts_.emplace(*session, settings, std::move(loop));
  session->loops_.enter(*session);
  return session;
}

Session::Session(const boost::asio::any_io_executor& executor, const Configuration& of)
    : configuration(of),
      turns_(std::make_shared<Turns>(executor)),
      candidates(std::make_shared<Mailbox<IceCandidate>>(turns_)),
      accepted(std::make_shared<Mailbox<DataChannel>>(turns_)),
      states(std::make_shared<Mailbox<ConnectionState>>(
          turns_, Mailbox<ConnectionState>::Untaken::kIsDropped)),
      signaling_states(std::make_shared<Mailbox<SignalingState>>(
          turns_, Mailbox<SignalingState>::Untaken::kIsDropped)),
      negotiations(std::make_shared<Mailbox<bool>>(turns_)),
      connected(executor),
      gathered(executor),
      loops_(SharedLoops::of(executor)) {}

Session::~Session() {
  close();
}

// --- commands ------------------------------------------------------------------------------------

Result<SessionDescription> Session::create(SdpType type) {
  if (is_closed()) return closed<SessionDescription>();
  auto created = parts_->core.fenced(broken<SessionDescription>(), [&](peer::PeerConnection& core) {
    return made(type == SdpType::kOffer ? core.create_offer(now()) : core.create_answer(now()));
  });
  settle();
  return created;
}

Result<void> Session::set_local(const SessionDescription& description) {
  if (is_closed()) return closed<void>();
  auto done = parts_->core.fenced(broken<void>(), [&](peer::PeerConnection& core) {
    return applied(core.set_local_description({to_core(description.type), description.sdp}, now()));
  });
  if (done) local_type_ = description.type;
  settle();
  return done;
}

Result<SessionDescription> Session::set_local() {
  if (is_closed()) return closed<SessionDescription>();
  auto done = parts_->core.fenced(broken<SessionDescription>(), [&](peer::PeerConnection& core) {
    return made(core.set_local_description(now()));
  });
  if (done) local_type_ = done->type;
  settle();
  return done;
}

Result<void> Session::set_remote(const SessionDescription& description) {
  if (is_closed()) return closed<void>();
  auto done = parts_->core.fenced(broken<void>(), [&](peer::PeerConnection& core) {
    return applied(
        core.set_remote_description({to_core(description.type), description.sdp}, now()));
  });
  if (done) remote_type_ = description.type;
  settle();
  return done;
}

Result<void> Session::add_candidate(const IceCandidate& candidate) {
  if (is_closed()) return closed<void>();
  const bool taken = parts_->core.fenced(false, [&](peer::PeerConnection& core) {
    return core.add_ice_candidate(candidate.candidate, candidate.username_fragment, now());
  });
  settle();
  if (taken) return {};
  const Reason why = core().remote_description().empty() ? Reason::kNoRemoteDescription
                                                         : Reason::kUnreadableCandidate;
  return std::unexpected(Error{why, candidate.candidate});
}

Result<DataChannel> Session::create_channel(std::string label, const DataChannelInit& init) {
  if (is_closed()) return closed<DataChannel>();
  if (init.negotiated != init.id.has_value())
    return std::unexpected(Error{Reason::kBadChannelInit, "negotiated and id belong together"});
  sctp::ChannelOptions options{.label = std::move(label),
                               .protocol = init.protocol,
                               .ordered = init.ordered,
                               .priority = static_cast<std::uint16_t>(init.priority)};
  options.reliability.lifetime = init.max_packet_life_time;
  options.reliability.retransmissions = init.max_retransmits;
  std::optional<sctp::StreamId> number;
  if (init.id) number = sctp::StreamId{*init.id};
  using Opened = std::expected<sctp::ChannelId, sctp::OpenError>;
  const auto opened = parts_->core.fenced(
      Opened(std::unexpected(sctp::OpenError::kEnded)),
      [&](peer::PeerConnection& core) { return core.create_data_channel(options, number, now()); });
  if (!opened) return std::unexpected(Error{reason_of(opened.error()), {}});
  const auto made = std::make_shared<ChannelState>(*this, *opened, options, init.negotiated);
  channels_[*opened] = made;
  settle();
  return made->handle();
}

Result<void> Session::set_servers(const std::vector<IceServer>& servers) {
  if (is_closed()) return closed<void>();
  auto parsed = parse_ice_servers(servers);
  if (!parsed) return std::unexpected(parsed.error());
  configuration.ice_servers = servers;
  parts_->core.fenced([&](auto& core) { core.set_servers(*std::move(parsed), now()); });
  settle();
  return {};
}

void Session::restart_ice() {
  if (is_closed()) return;
  parts_->core.fenced([](auto& core) { core.restart_ice(); });
  settle();
}

std::vector<std::shared_ptr<ChannelState>> Session::all_channels() const {
  std::vector<std::shared_ptr<ChannelState>> all;
  for (const auto& [id, channel] : channels_) all.push_back(channel);
  for (const auto& gone : gone_)
    if (auto channel = gone.lock()) all.push_back(std::move(channel));
  return all;
}

void Session::close() {
  turns_->end();
  const auto channels = all_channels();
  gone_.clear();
  wind_up();
  for (const auto& channel : channels) channel->close_silently();
  const boost::system::error_code why = failure ? failure.code() : Reason::kClosed;
  candidates->close(why);
  accepted->close(why);
  states->close(why);
  signaling_states->close(why);
  negotiations->close(why);
  connected.settle(why);
  if (!gathered.is_settled()) gathered.settle(why);
}

void Session::wind_up() {
  if (is_closed()) return;
  state = ConnectionState::kClosed;
  channels_.clear();
  parts_->core.fenced([&](auto& core) { core.close(now()); });
  parts_->host.settle();
  parts_.reset();
  loops_.leave(*this);
}

void Session::forget() {
  turns_->end();
  state = ConnectionState::kClosed;
  const auto channels = all_channels();
  channels_.clear();
  gone_.clear();
  parts_.reset();
  for (const auto& channel : channels) channel->forget();
  candidates->forget();
  accepted->forget();
  states->forget();
  signaling_states->forget();
  negotiations->forget();
  connected.forget();
  gathered.forget();
}

// --- for channels --------------------------------------------------------------------------------

Error Session::send(sctp::ChannelId channel, bool text, std::vector<std::uint8_t> bytes) {
  using Sent = std::expected<void, sctp::ChannelSendError>;
  const auto sent = parts_->core.fenced(Sent(std::unexpected(sctp::ChannelSendError::kNotOpen)),
                                        [&](peer::PeerConnection& core) {
                                          return core.send(channel, text, std::move(bytes), now());
                                        });
  if (!sent) return {reason_of(sent.error()), {}};
  settle_soon();
  return {};
}

void Session::close_channel(sctp::ChannelId channel) {
  parts_->core.fenced([&](auto& core) { core.channels().close(channel); });
  settle_soon();
}

void Session::release(std::size_t bytes) {
  if (is_closed()) return;
  parts_->core.fenced([&](auto& core) { core.channels().release(bytes); });
  settle_soon();
}

// --- what is so ----------------------------------------------------------------------------------

std::optional<SessionDescription> Session::local() const {
  if (is_closed() || !local_type_) return std::nullopt;
  return SessionDescription{*local_type_, parts_->core.core().local_description()};
}
std::optional<SessionDescription> Session::remote() const {
  if (is_closed() || !remote_type_) return std::nullopt;
  return SessionDescription{*remote_type_, parts_->core.core().remote_description()};
}
SignalingState Session::signaling_state() const {
  return is_closed() ? SignalingState::kClosed : from_core(parts_->core.core().signaling_state());
}

}  // namespace beeline::api
