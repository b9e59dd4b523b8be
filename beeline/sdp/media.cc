#include "beeline/sdp/media.h"

#include <fmt/format.h>

#include "beeline/sdp/text.h"

namespace beeline::sdp {

//= RFC 8866 §5.14
std::expected<Media, ValueError> Media::parse_line(std::string_view text) {
  Media media;
  media.kind = take_word(text);
  std::string_view count = take_word(text);
  if (media.kind.empty() || count.empty()) return std::unexpected(ValueError::kMalformed);
  const bool has_count = count.find('/') != std::string_view::npos;
  const auto port = number<std::uint16_t>(take_until(count, '/'));
  const auto port_count = has_count ? number<std::uint16_t>(count) : std::uint16_t{1};
  if (!port || !port_count || *port_count == 0) return std::unexpected(ValueError::kOutOfRange);
  media.port = Port{*port};
  media.port_count = *port_count;
  media.protocol = take_word(text);
  for (auto word = take_word(text); !word.empty(); word = take_word(text))
    media.formats.emplace_back(word);
  return media;
}

std::string Media::line_text() const {
  std::string text = fmt::format("{} {}", kind, port.value);
  if (port_count != 1) text += fmt::format("/{}", port_count);
  if (!protocol.empty()) text.append(1, ' ').append(protocol);
  for (const std::string& format : formats) text.append(1, ' ').append(format);
  return text;
}

bool Media::uses_rtp() const {
  return lower(protocol).find("rtp/") != std::string::npos;
}

//= RFC 8841 §4.2
bool Media::uses_sctp() const {
  return lower(protocol).ends_with("sctp");
}

}  // namespace beeline::sdp
