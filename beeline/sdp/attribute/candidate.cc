#include "beeline/sdp/attribute/candidate.h"

#include <fmt/format.h>

#include <algorithm>

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::size_t kMaxFoundation = 32;
constexpr std::uint16_t kMaxComponent = 256;
constexpr std::size_t kMaxName = 255;

// An address, a name, or an address with a zone. Which of them, whoever uses it finds out.
bool is_place(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".:-_%").find(c) != std::string_view::npos;
  });
}

void strip_prefix(std::string_view& text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
}

// The pairs of words behind the type. False where one that means something is wrong.
bool read_pairs(std::string_view text, Candidate& candidate) {
  while (true) {
    const std::string_view name = take_word(text);
    if (name.empty()) return true;
    const std::string_view value = take_word(text);
    if (name == "raddr") {
      if (!is_place(value)) return false;
      candidate.related_address = value;
    } else if (name == "rport") {
      const auto port = number<std::uint16_t>(value);
      if (!port) return false;
      candidate.related_port = Port{*port};
    } else if (name == "tcptype") {
      candidate.tcp_type = lower(value);
    } else {
      candidate.extensions.push_back({std::string(name), std::string(value)});
    }
  }
}

}  // namespace

//= RFC 8839 §5.1
std::expected<Candidate, ValueError> Candidate::parse(std::string_view text) {
  if (text.size() > kMaxCandidateBytes) return std::unexpected(ValueError::kOutOfRange);
  text = trim(text);
  strip_prefix(text, "a=");
  strip_prefix(text, "candidate:");
  Candidate candidate;
  candidate.foundation = take_word(text);
  const auto component = number<std::uint16_t>(take_word(text));
  candidate.transport = lower(take_word(text));
  const auto priority = number<std::uint32_t>(take_word(text));
  candidate.address = take_word(text);
  const auto port = number<std::uint16_t>(take_word(text));
  const bool has_type = take_word(text) == "typ";
  candidate.type = lower(take_word(text));
  if (!has_type || candidate.type.empty() || !is_place(candidate.address) ||
      candidate.foundation.find_first_of(":=") != std::string::npos)
    return std::unexpected(ValueError::kMalformed);
  if (candidate.foundation.size() > kMaxFoundation || !component || *component == 0 ||
      *component > kMaxComponent || !priority || !port)
    return std::unexpected(ValueError::kOutOfRange);
  candidate.component = *component;
  candidate.priority = *priority;
  candidate.port = Port{*port};
  if (!read_pairs(text, candidate)) return std::unexpected(ValueError::kMalformed);
  return candidate;
}

std::string Candidate::text() const {
  std::string out = fmt::format("{} {} {} {} {} {} typ {}", foundation, component, transport,
                                priority, address, port.value, type);
  if (!related_address.empty()) out += fmt::format(" raddr {}", related_address);
  if (related_port) out += fmt::format(" rport {}", related_port->value);
  //= RFC 6544 §4.5
  if (!tcp_type.empty()) out += fmt::format(" tcptype {}", tcp_type);
  for (const Extension& pair : extensions) {
    out.append(1, ' ').append(pair.name);
    if (!pair.value.empty()) out.append(1, ' ').append(pair.value);
  }
  return out;
}

std::string_view Candidate::extension(std::string_view name) const {
  const auto found = std::ranges::find(extensions, name, &Extension::name);
  return found == extensions.end() ? std::string_view() : std::string_view(found->value);
}

std::string candidate_string(const Candidate& candidate) {
  return "candidate:" + candidate.text();
}

//= RFC 8840 §8
bool is_end_of_candidates(std::string_view text) {
  text = trim(text);
  strip_prefix(text, "a=");
  return text.empty() || text == kEndOfCandidates.name;
}

}  // namespace beeline::sdp
