#include "beeline/server/signaling_host.h"

namespace beeline::server {

SignalingHost::SignalingHost(net::EventLoop& loop, signaling::Settings settings,
                             const Random& random, signaling::IceServers& ice, RoomStore& rooms,
                             Log& log, std::function<void(std::string_view)> member_gone)
    : loop_(loop),
      rooms_(rooms),
      member_gone_(std::move(member_gone)),
      core_(settings, random, ice, log),
      host_(loop, core_, *this) {
  rooms_.set_not_saved([this](const std::string& room) {
    host_.input(signaling::RoomStateNotSaved{room});
    host_.settle();
  });
}

void SignalingHost::load_rooms() {
  for (StoredRoom& stored : rooms_.load())
    host_.input(signaling::RoomStateLoaded{std::move(stored.room), std::move(stored.state)});
  host_.settle();
}

void SignalingHost::opened(net::WebSocketId id, const net::HttpRequest& request) {
  host_.input(
      signaling::Connected{connection_of(id), request.host_name(), request.remote.ip.to_string()});
  host_.settle();
}

void SignalingHost::text(net::WebSocketId id, std::string_view text) {
  host_.input(signaling::TextReceived{connection_of(id), text});
  host_.settle();
}

void SignalingHost::binary(net::WebSocketId id) {
  host_.input(signaling::BinaryReceived{connection_of(id)});
  host_.settle();
}

void SignalingHost::closed(net::WebSocketId id, bool clean) {
  host_.input(signaling::ConnectionClosed{connection_of(id), clean});
  host_.settle();
}

void SignalingHost::shutdown() {
  core_.shutdown(loop_.now());
  host_.settle();
  rooms_.save_all();
}

void SignalingHost::transmit(signaling::OutgoingText text) {
  http_->websocket_send(net::WebSocketId{text.connection.value}, text.text);
}

void SignalingHost::handle_event(signaling::Server::Event event) {
  if (const auto* close = std::get_if<signaling::CloseConnection>(&event))
    http_->websocket_close(net::WebSocketId{close->connection.value}, close->code);
  else if (const auto* gone = std::get_if<signaling::MemberGone>(&event))
    member_gone_(gone->member);
  else if (auto* changed = std::get_if<signaling::RoomStateChanged>(&event))
    rooms_.save(changed->room, std::move(changed->state));
}

}  // namespace beeline::server
