#include "apps/beeline/lab/candidate_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace beeline::cli {
namespace {

constexpr std::size_t kMaxLine = 1000;  // a name of 255 characters and much else fits
constexpr std::size_t kMaxFoundation = 32;
constexpr std::size_t kMaxName = 255;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

template <typename Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) result.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return result;
}

std::optional<ice::CandidateType> type_of(std::string_view text) {
  using enum ice::CandidateType;
  for (const auto type : {kHost, kServerReflexive, kPeerReflexive, kRelayed})
    if (text == ice::to_string(type)) return type;
  return std::nullopt;
}

std::optional<ice::CandidateTransport> transport_of(std::string_view transport,
                                                    std::string_view tcp_type) {
  using enum ice::CandidateTransport;
  const std::string name = lower(transport);
  if (name == "udp") return kUdp;
  if (name != "tcp") return std::nullopt;
  if (tcp_type == "active") return kTcpActive;
  if (tcp_type == "passive") return kTcpPassive;
  return tcp_type == "so" ? std::optional(kTcpSimultaneous) : std::nullopt;
}

// An address, or a name that stands for one.
bool read_place(std::string_view text, Port port, ice::Candidate& candidate) {
  candidate.address.port = port;
  if (const auto ip = IpAddress::parse(text)) {
    candidate.address.ip = *ip;
    return true;
  }
  const bool is_name = text.size() <= kMaxName && text.find('.') != std::string_view::npos &&
                       std::ranges::all_of(text, [](char c) {
                         return c == '.' || c == '-' || (c >= '0' && c <= '9') ||
                                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                       });
  if (is_name) candidate.name = text;
  return is_name;
}

}  // namespace

std::string candidate_line(const ice::Candidate& candidate) {
  const std::string place =
      candidate.name.empty() ? candidate.address.ip.to_string() : candidate.name;
  std::string line =
      fmt::format("candidate:{} {} {} {} {} {} typ {}", candidate.foundation, candidate.component,
                  candidate.is_udp() ? "udp" : "tcp", candidate.priority, place,
                  candidate.address.port.value, ice::to_string(candidate.type));
  if (candidate.related)
    line += fmt::format(" raddr {} rport {}", candidate.related->ip.to_string(),
                        candidate.related->port.value);
  // "tcp active" is the agent's word for it
  if (!candidate.is_udp())
    line += fmt::format(" tcptype {}", ice::to_string(candidate.transport).substr(4));
  // An extension of ours, which others pass over (RFC 8839 §5.1).
  if (candidate.predicted != 0) line += fmt::format(" predicted {}", candidate.predicted);
  return line;
}

//= RFC 8839 §5.1
std::optional<ice::Candidate> parse_candidate_line(std::string_view line) {
  if (line.size() > kMaxLine) return std::nullopt;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("a=")) line.remove_prefix(2);
  if (!line.starts_with("candidate:")) return std::nullopt;
  line.remove_prefix(10);
  const auto all = words(line);
  if (all.size() < 8 || all[6] != "typ") return std::nullopt;
  ice::Candidate candidate;
  std::optional<IpAddress> related;
  std::string_view tcp_type;
  std::uint16_t related_port = 0;
  for (std::size_t i = 8; i + 1 < all.size(); i += 2) {
    if (all[i] == "raddr") related = IpAddress::parse(all[i + 1]);
    if (all[i] == "rport") related_port = number<std::uint16_t>(all[i + 1]).value_or(0);
    if (all[i] == "predicted") candidate.predicted = number<std::uint32_t>(all[i + 1]).value_or(0);
    if (all[i] == "tcptype") tcp_type = all[i + 1];
  }
  const auto component = number<std::uint8_t>(all[1]);
  const auto priority = number<std::uint32_t>(all[3]);
  const auto port = number<std::uint16_t>(all[5]);
  const auto type = type_of(all[7]);
  const auto transport = transport_of(all[2], tcp_type);
  if (all[0].size() > kMaxFoundation || !component || *component == 0 || !priority || !port ||
      !type || !transport || !read_place(all[4], Port{*port}, candidate))
    return std::nullopt;
  candidate.foundation = all[0];
  candidate.component = *component;
  candidate.priority = *priority;
  candidate.type = *type;
  candidate.transport = *transport;
  if (related) candidate.related = TransportAddress{*related, Port{related_port}};
  return candidate;
}

}  // namespace beeline::cli
