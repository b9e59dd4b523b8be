#include "beeline/api/peer_connection.h"

#include <utility>

#include "beeline/api/reports.h"
#include "beeline/api/session.h"

namespace beeline {

PeerConnection::PeerConnection(boost::asio::any_io_executor executor, Configuration configuration)
    : session_(api::Session::make(executor, configuration)) {}

PeerConnection& PeerConnection::operator=(PeerConnection&& other) noexcept {
  if (this == &other) return *this;
  const Handle replaced = std::exchange(session_, std::move(other.session_));
  if (replaced) replaced->close();
  return *this;
}

PeerConnection::~PeerConnection() {
  if (session_) session_->close();
}

Result<SessionDescription> PeerConnection::create_offer() {
  return session_->create(SdpType::kOffer);
}
Result<SessionDescription> PeerConnection::create_answer() {
  return session_->create(SdpType::kAnswer);
}
Result<void> PeerConnection::set_local_description(const SessionDescription& description) {
  return session_->set_local(description);
}
Result<SessionDescription> PeerConnection::set_local_description() {
  return session_->set_local();
}
Result<void> PeerConnection::set_remote_description(const SessionDescription& description) {
  return session_->set_remote(description);
}
Result<void> PeerConnection::add_ice_candidate(const IceCandidate& candidate) {
  return session_->add_candidate(candidate);
}
void PeerConnection::restart_ice() {
  session_->restart_ice();
}
Result<void> PeerConnection::set_ice_servers(const std::vector<IceServer>& servers) {
  return session_->set_servers(servers);
}

std::optional<SessionDescription> PeerConnection::local_description() const {
  return session_->local();
}
std::optional<SessionDescription> PeerConnection::remote_description() const {
  return session_->remote();
}
SignalingState PeerConnection::signaling_state() const {
  return session_->signaling_state();
}

Result<DataChannel> PeerConnection::create_data_channel(std::string label,
                                                        const DataChannelInit& init) {
  return session_->create_channel(std::move(label), init);
}
void PeerConnection::on_data_channel(std::function<void(DataChannel)> handler) {
  session_->accepted->set_handler(std::move(handler));
}
void PeerConnection::on_ice_candidate(std::function<void(IceCandidate)> handler) {
  session_->candidates->set_handler(std::move(handler));
}
void PeerConnection::on_negotiation_needed(std::function<void()> handler) {
  if (!handler) return session_->negotiations->set_handler({});
  session_->negotiations->set_handler([handler = std::move(handler)](bool) { handler(); });
}
void PeerConnection::on_signaling_state_change(std::function<void(SignalingState)> handler) {
  session_->signaling_states->set_handler(std::move(handler));
}
void PeerConnection::on_connection_state_change(std::function<void(ConnectionState)> handler) {
  session_->states->set_handler(std::move(handler));
}

ConnectionState PeerConnection::connection_state() const {
  return session_->state;
}
Error PeerConnection::failure() const {
  return session_->failure;
}
Explanation PeerConnection::explain() const {
  return api::explain(*session_);
}
StatsReport PeerConnection::get_stats() const {
  return api::stats(*session_);
}
void PeerConnection::close() {
  session_->close();
}

void PeerConnection::begin_accept(const Handle& session, api::Completion<DataChannel> completion) {
  session->accepted->wait(std::move(completion), session);
}
void PeerConnection::begin_candidate(const Handle& session,
                                     api::Completion<IceCandidate> completion) {
  session->candidates->wait(std::move(completion), session);
}
void PeerConnection::begin_connected(const Handle& session, api::Completion<> completion) {
  session->connected.wait(std::move(completion), session);
}
void PeerConnection::begin_gathered(const Handle& session, api::Completion<> completion) {
  session->gathered.wait(std::move(completion), session);
}

}  // namespace beeline
