#include "beeline/sdp/attribute/simulcast.h"

#include "beeline/sdp/text.h"

namespace beeline::sdp {
namespace {

// None where there is nothing in it.
std::vector<Simulcast::Alternatives> parse_streams(std::string_view text) {
  std::vector<Simulcast::Alternatives> streams;
  for (const std::string_view stream : pieces(text, ';')) {
    Simulcast::Alternatives alternatives;
    for (std::string_view rid : pieces(stream, ',')) {
      while (rid.starts_with("rid=")) rid.remove_prefix(4);
      const bool is_paused = rid.starts_with('~');
      if (is_paused) rid.remove_prefix(1);
      if (!rid.empty()) alternatives.push_back({std::string(rid), is_paused});
    }
    if (!alternatives.empty()) streams.push_back(std::move(alternatives));
  }
  return streams;
}

void append_streams(std::string& out, std::string_view way,
                    const std::vector<Simulcast::Alternatives>& streams) {
  if (streams.empty()) return;
  if (!out.empty()) out.append(1, ' ');
  out.append(way);
  char separator = ' ';
  for (const Simulcast::Alternatives& alternatives : streams) {
    for (const Simulcast::Choice& choice : alternatives) {
      out.append(1, separator).append(choice.is_paused ? "~" : "").append(choice.rid);
      separator = ',';
    }
    separator = ';';
  }
}

}  // namespace

//= RFC 8853 §5.1
std::expected<Simulcast, ValueError> Simulcast::parse(std::string_view text) {
  if (text.size() > kMaxBytes) return std::unexpected(ValueError::kOutOfRange);
  Simulcast simulcast;
  for (auto way = take_word(text); !way.empty(); way = take_word(text)) {
    if (way != "send" && way != "recv") return std::unexpected(ValueError::kMalformed);
    auto& streams = way == "send" ? simulcast.send : simulcast.receive;
    if (!streams.empty()) return std::unexpected(ValueError::kMalformed);  // each way once
    streams = parse_streams(take_word(text));
    if (streams.empty()) return std::unexpected(ValueError::kMalformed);
  }
  if (simulcast.send.empty() && simulcast.receive.empty())
    return std::unexpected(ValueError::kMalformed);
  return simulcast;
}

std::string Simulcast::text() const {
  std::string out;
  append_streams(out, "send", send);
  append_streams(out, "recv", receive);
  return out;
}

}  // namespace beeline::sdp
