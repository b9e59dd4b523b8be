#include "beeline/peer/candidate_text.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace beeline::peer {
namespace {

// An extension of ours, which others pass over: see ice::Candidate::predicted.
constexpr std::string_view kPredicted = "predicted";
constexpr std::size_t kMaxName = 255;

std::optional<ice::CandidateTransport> transport_of(const sdp::Candidate& candidate) {
  using enum ice::CandidateTransport;
  if (candidate.transport == "udp") return kUdp;
  if (candidate.transport != "tcp") return std::nullopt;
  for (const auto transport : {kTcpActive, kTcpPassive, kTcpSimultaneous})
    if (candidate.tcp_type == tcp_type(transport)) return transport;
  return std::nullopt;
}

std::optional<ice::CandidateType> type_of(const sdp::Candidate& candidate) {
  using enum ice::CandidateType;
  for (const auto type : {kHost, kServerReflexive, kPeerReflexive, kRelayed})
    if (candidate.type == ice::to_string(type)) return type;
  return std::nullopt;
}

bool is_name(std::string_view text) {
  return text.size() <= kMaxName && text.contains('.') && std::ranges::all_of(text, [](char c) {
           return c == '.' || c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z');
         });
}

std::uint32_t predicted_of(const sdp::Candidate& candidate) {
  const std::string_view text = candidate.extension(kPredicted);
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::string_view tcp_type(ice::CandidateTransport transport) {
  switch (transport) {
    case ice::CandidateTransport::kUdp:
      return "";
    case ice::CandidateTransport::kTcpActive:
      return "active";
    case ice::CandidateTransport::kTcpPassive:
      return "passive";
    case ice::CandidateTransport::kTcpSimultaneous:
      return "so";
  }
  return "";
}

sdp::Candidate to_sdp(const ice::Candidate& candidate) {
  sdp::Candidate text;
  text.foundation = candidate.foundation;
  text.component = candidate.component;
  text.transport = candidate.is_udp() ? "udp" : "tcp";
  text.priority = candidate.priority;
  text.address = candidate.name.empty() ? candidate.address.ip.to_string() : candidate.name;
  text.port = candidate.address.port;
  text.type = ice::to_string(candidate.type);
  text.tcp_type = tcp_type(candidate.transport);
  if (candidate.related) {
    text.related_address = candidate.related->ip.to_string();
    text.related_port = candidate.related->port;
  }
  if (candidate.predicted != 0)
    text.extensions.push_back({std::string(kPredicted), std::to_string(candidate.predicted)});
  return text;
}

std::optional<ice::Candidate> to_ice(const sdp::Candidate& text) {
  const auto type = type_of(text);
  const auto transport = transport_of(text);
  if (!type || !transport || text.component == 0 || text.component > 255) return std::nullopt;
  ice::Candidate candidate;
  candidate.type = *type;
  candidate.transport = *transport;
  candidate.foundation = text.foundation;
  candidate.component = static_cast<std::uint8_t>(text.component);
  candidate.priority = text.priority;
  candidate.predicted = predicted_of(text);
  candidate.address.port = text.port;
  if (const auto ip = IpAddress::parse(text.address))
    candidate.address.ip = *ip;
  else if (is_name(text.address))
    candidate.name = text.address;
  else
    return std::nullopt;
  if (const auto related = IpAddress::parse(text.related_address))
    candidate.related = TransportAddress{*related, text.related_port.value_or(Port{0})};
  return candidate;
}

}  // namespace beeline::peer
