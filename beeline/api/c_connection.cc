// The loop and the connections of beeline/beeline.h.
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>

#include "beeline/api/c_handles.h"

namespace beeline::api {
namespace {

Configuration configuration_of(const beeline_configuration& given) {
  Configuration configuration;
  for (std::size_t i = 0; i < given.ice_server_count; ++i) {
    const beeline_ice_server& server = given.ice_servers[i];
    configuration.ice_servers.push_back({.urls = {text_or_empty(server.url)},
                                         .username = text_or_empty(server.username),
                                         .credential = text_or_empty(server.credential)});
  }
  if (given.relay_only != 0) configuration.ice_transport_policy = IceTransportPolicy::kRelay;
  configuration.hide_addresses = given.hide_addresses != 0;
  configuration.tcp_candidates = given.tcp_candidates != 0;
  configuration.loopback = given.loopback != 0;
  if (given.max_message_size != 0) configuration.max_message_size = given.max_message_size;
  if (given.receive_window != 0) configuration.receive_window = given.receive_window;
  return configuration;
}

DataChannelInit init_of(const beeline_channel_init& given) {
  DataChannelInit init;
  init.ordered = given.unordered == 0;
  if (given.max_packet_life_time_ms >= 0)
    init.max_packet_life_time = std::chrono::milliseconds(given.max_packet_life_time_ms);
  if (given.max_retransmits >= 0)
    init.max_retransmits = static_cast<std::uint32_t>(given.max_retransmits);
  init.protocol = text_or_empty(given.protocol);
  init.negotiated = given.id >= 0;
  if (init.negotiated) init.id = static_cast<std::uint16_t>(given.id);
  return init;
}

template <typename T>
int reason_of(beeline_connection& connection, const Result<T>& result) {
  if (result) return BEELINE_OK;
  connection.detail = result.error().detail;
  return static_cast<int>(result.error().reason);
}

void set_events(PeerConnection& connection, const beeline_connection_events& events, void* user) {
  connection.on_ice_candidate(nullptr);
  if (events.on_ice_candidate != nullptr)
    connection.on_ice_candidate([call = events.on_ice_candidate, user](const IceCandidate& found) {
      const beeline_ice_candidate candidate{found.candidate.c_str(), found.sdp_mid.c_str(),
                                            found.sdp_m_line_index,
                                            found.username_fragment.c_str()};
      call(user, &candidate);
    });
  connection.on_negotiation_needed(nullptr);
  if (events.on_negotiation_needed != nullptr)
    connection.on_negotiation_needed([call = events.on_negotiation_needed, user] { call(user); });
  connection.on_connection_state_change(nullptr);
  if (events.on_connection_state != nullptr)
    connection.on_connection_state_change(
        [call = events.on_connection_state, user](ConnectionState state) {
          call(user, static_cast<int>(state));
        });
  connection.on_data_channel(nullptr);
  if (events.on_data_channel != nullptr)
    connection.on_data_channel([call = events.on_data_channel, user](DataChannel channel) {
      call(user, new beeline_channel{std::move(channel), {}});
    });
}

}  // namespace
}  // namespace beeline::api

using beeline::api::fenced_from_c;

extern "C" {

uint32_t beeline_abi_version(void) {
  return BEELINE_ABI;
}
const char* beeline_version(void) {
  return BEELINE_VERSION;
}
const char* beeline_reason_name(int reason) {
  return beeline::to_string(static_cast<beeline::Reason>(reason)).data();
}
const char* beeline_reason_advice(int reason) {
  return beeline::advice(static_cast<beeline::Reason>(reason)).data();
}

beeline_loop* beeline_loop_new(void) {
  return fenced_from_c<beeline_loop*>(nullptr, [] { return new beeline_loop; });
}
void beeline_loop_free(beeline_loop* loop) {
  delete loop;
}

int beeline_run_once(beeline_loop* loop, int timeout_ms) {
  return fenced_from_c(0, [&] {
    loop->io.restart();
    std::size_t done = loop->io.poll();
    if (done > 0 || timeout_ms == 0) return done > 0 ? 1 : 0;
    done = timeout_ms < 0 ? loop->io.run_one()
                          : loop->io.run_one_for(std::chrono::milliseconds(timeout_ms));
    return done + loop->io.poll() > 0 ? 1 : 0;
  });
}

void beeline_loop_wake(beeline_loop* loop) {
  fenced_from_c(0, [&] {
    boost::asio::post(loop->io, [] {});
    return 0;
  });
}

beeline_connection* beeline_connection_new(beeline_loop* loop,
                                           const beeline_configuration* configuration,
                                           int* reason) {
  int why = BEELINE_REASON_INTERNAL;
  auto* const made = fenced_from_c<beeline_connection*>(nullptr, [&]() -> beeline_connection* {
    try {
      const auto known = beeline::api::configuration_of(beeline::api::known_part(configuration));
      auto* const connection =
          new beeline_connection{beeline::PeerConnection(loop->io, known), {}, {}};
      why = BEELINE_OK;
      return connection;
    } catch (const boost::system::system_error& error) {
      if (const auto known = beeline::reason_of(error.code()); known != beeline::Reason::kNone)
        why = static_cast<int>(known);
      return nullptr;
    }
  });
  if (reason != nullptr) *reason = why;
  return made;
}

void beeline_connection_free(beeline_connection* connection) {
  delete connection;
}

void beeline_connection_set_events(beeline_connection* connection,
                                   const beeline_connection_events* events, void* user) {
  fenced_from_c(0, [&] {
    beeline::api::set_events(connection->connection, beeline::api::known_part(events), user);
    return 0;
  });
}

int beeline_connection_set_local_description(beeline_connection* connection) {
  return fenced_from_c<int>(BEELINE_REASON_INTERNAL, [&] {
    return beeline::api::reason_of(*connection, connection->connection.set_local_description());
  });
}

int beeline_connection_set_remote_description(beeline_connection* connection, const char* type,
                                              const char* sdp) {
  return fenced_from_c<int>(BEELINE_REASON_INTERNAL, [&]() -> int {
    const auto known = beeline::parse_sdp_type(beeline::api::text_or_empty(type));
    if (!known) return BEELINE_REASON_UNREADABLE_DESCRIPTION;
    return beeline::api::reason_of(*connection, connection->connection.set_remote_description(
                                                    {*known, beeline::api::text_or_empty(sdp)}));
  });
}

const char* beeline_connection_local_type(beeline_connection* connection) {
  return fenced_from_c<const char*>("", [&] {
    const auto description = connection->connection.local_description();
    connection->returned = description ? beeline::to_string(description->type) : "";
    return connection->returned.c_str();
  });
}
const char* beeline_connection_local_sdp(beeline_connection* connection) {
  return fenced_from_c<const char*>("", [&] {
    const auto description = connection->connection.local_description();
    connection->returned = description ? description->sdp : "";
    return connection->returned.c_str();
  });
}

int beeline_connection_add_ice_candidate(beeline_connection* connection,
                                         const beeline_ice_candidate* candidate) {
  return fenced_from_c<int>(BEELINE_REASON_INTERNAL, [&] {
    return beeline::api::reason_of(
        *connection,
        connection->connection.add_ice_candidate(
            {beeline::api::text_or_empty(candidate->candidate),
             beeline::api::text_or_empty(candidate->sdp_mid), candidate->sdp_m_line_index,
             beeline::api::text_or_empty(candidate->username_fragment)}));
  });
}

void beeline_connection_restart_ice(beeline_connection* connection) {
  fenced_from_c(0, [&] { return connection->connection.restart_ice(), 0; });
}
void beeline_connection_close(beeline_connection* connection) {
  fenced_from_c(0, [&] { return connection->connection.close(), 0; });
}
int beeline_connection_state(const beeline_connection* connection) {
  return static_cast<int>(connection->connection.connection_state());
}
int beeline_connection_failure(const beeline_connection* connection) {
  return fenced_from_c<int>(BEELINE_REASON_INTERNAL, [&] {
    return static_cast<int>(connection->connection.failure().reason);
  });
}

const char* beeline_connection_detail(beeline_connection* connection) {
  return fenced_from_c<const char*>("", [&] {
    const auto failure = connection->connection.failure();
    connection->returned = connection->detail.empty() ? failure.detail : connection->detail;
    return connection->returned.c_str();
  });
}
const char* beeline_connection_explain(beeline_connection* connection) {
  return fenced_from_c<const char*>("", [&] {
    connection->returned = connection->connection.explain().text;
    return connection->returned.c_str();
  });
}

beeline_channel* beeline_connection_create_data_channel(beeline_connection* connection,
                                                        const char* label,
                                                        const beeline_channel_init* init,
                                                        int* reason) {
  int why = BEELINE_REASON_INTERNAL;
  auto* const made = fenced_from_c<beeline_channel*>(nullptr, [&]() -> beeline_channel* {
    beeline::DataChannelInit known;
    if (init != nullptr) known = beeline::api::init_of(beeline::api::known_part(init));
    auto created =
        connection->connection.create_data_channel(beeline::api::text_or_empty(label), known);
    why = beeline::api::reason_of(*connection, created);
    return created ? new beeline_channel{*std::move(created), {}} : nullptr;
  });
  if (reason != nullptr) *reason = why;
  return made;
}

}  // extern "C"
