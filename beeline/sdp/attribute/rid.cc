#include "beeline/sdp/attribute/rid.h"

#include <fmt/format.h>

#include <set>

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

constexpr std::size_t kMaxId = 255;
constexpr std::string_view kPayloadTypes = "pt";

}  // namespace

//= RFC 8851 §4, §10
std::expected<Rid, ValueError> Rid::parse(std::string_view text) {
  Rid rid;
  rid.id = take_word(text);
  const std::string_view way = take_word(text);
  if (rid.id.size() > kMaxId) return std::unexpected(ValueError::kOutOfRange);
  if (!is_token(rid.id, kMaxId) || (way != "send" && way != "recv"))
    return std::unexpected(ValueError::kMalformed);
  rid.way = way == "send" ? Way::kSend : Way::kRecv;
  auto parameters = parse_parameters(text);
  if (!parameters) return std::unexpected(parameters.error());
  for (Parameter& parameter : *parameters) {
    if (parameter.name != kPayloadTypes) {
      rid.restrictions.push_back(std::move(parameter));
      continue;
    }
    for (const std::string_view piece : pieces(parameter.value, ',')) {
      const auto type = parse_payload_type(piece);
      if (!type) return std::unexpected(ValueError::kOutOfRange);
      rid.payload_types.push_back(*type);
    }
  }
  return rid;
}

std::string Rid::text() const {
  std::string out = id + (way == Way::kSend ? " send" : " recv");
  char separator = ' ';
  for (const PayloadType type : payload_types) {
    out += separator == ' ' ? fmt::format(" pt={}", type.value) : fmt::format(",{}", type.value);
    separator = ';';
  }
  if (!restrictions.empty()) out.append(1, separator).append(parameters_text(restrictions));
  return out;
}

std::vector<Rid> rids(const Media& media) {
  std::vector<Rid> result = readable<Rid>(media);
  std::set<std::string> seen;
  std::erase_if(result, [&seen](const Rid& rid) { return !seen.insert(rid.id).second; });
  return result;
}

}  // namespace beeline::sdp
