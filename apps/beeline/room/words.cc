#include "apps/beeline/room/words.h"

#include <fmt/format.h>

namespace beeline::cli {
namespace {

std::string_view mark(PathKind kind) {
  switch (kind) {
    case PathKind::kLooking:
    case PathKind::kBroken:
      return "○";
    case PathKind::kDirect:
      return "●";
    case PathKind::kRelayed:
      return "◐";
    case PathKind::kFailed:
      return "✕";
  }
  return " ";
}

std::string filled(std::string_view pattern, std::string_view one) {
  return fmt::format(fmt::runtime(pattern), one);
}

// How many bytes of `text` are a character that could steer a terminal; 0: it is none.
std::size_t steering(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return 2;
  if (byte(0) != 0xE2) return 0;
  const bool embedding = byte(1) == 0x80 && ((byte(2) >= 0xAA && byte(2) <= 0xAE) ||
                                             byte(2) == 0x8E || byte(2) == 0x8F);
  const bool isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return embedding || isolate ? 3 : 0;
}

std::string without_steering(std::string_view text, bool keep_line_ends) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t count = steering(text);
    if (count == 0 || (keep_line_ends && text[0] == '\n'))
      clean += text[0];
    else if (text[0] == '\n' || text[0] == '\t')
      clean += ' ';
    text.remove_prefix(std::max<std::size_t>(count, 1));
  }
  return clean;
}

}  // namespace

std::string printable(std::string_view text) {
  return without_steering(text, true);
}
std::string printable_line(std::string_view text) {
  return without_steering(text, false);
}

std::string display_name(const signaling::Roommate& member, const RoomWords& words) {
  std::string name = printable_line(member.name);
  return name.empty() ? filled(words.nameless, printable_line(member.id).substr(0, 4)) : name;
}

std::string_view path_code(PathKind kind) {
  switch (kind) {
    case PathKind::kLooking:
      return "looking";
    case PathKind::kDirect:
      return "direct";
    case PathKind::kRelayed:
      return "relayed";
    case PathKind::kBroken:
      return "broken";
    case PathKind::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string path_text(const MemberPath& path, const RoomWords& words) {
  const bool is_impostor = path.failure == peer::FailureReason::kFingerprintMismatch;
  std::string_view word;
  switch (path.kind) {
    case PathKind::kLooking:
      word = words.looking;
      break;
    case PathKind::kDirect:
      word = words.direct;
      break;
    case PathKind::kRelayed:
      word = words.relayed;
      break;
    case PathKind::kBroken:
      word = words.broken;
      break;
    case PathKind::kFailed:
      word = is_impostor ? words.failed_identity : words.failed;
      break;
  }
  std::string text = fmt::format("{} {}", mark(path.kind), word);
  const bool works = path.kind == PathKind::kDirect || path.kind == PathKind::kRelayed;
  if (works && path.tcp) text += words.over_tcp;
  if (!works || !path.round_trip) return text;
  const double milliseconds = static_cast<double>(path.round_trip->count()) / 1000;
  return text + fmt::format(" {:.{}f} ms", milliseconds, milliseconds < 9.95 ? 1 : 0);
}

std::string why_text(std::string_view code, const RoomWords& words) {
  const std::size_t space = std::min(code.find(' '), code.size());
  for (std::size_t end = 0; end < words.why.size(); ++end)
    if (to_string(static_cast<websocket::ClientEnd>(end)) == code.substr(0, space))
      return filled(words.why[end], code.substr(std::min(space + 1, code.size())));
  return filled(words.why[static_cast<std::size_t>(websocket::ClientEnd::kNoAnswer)], {});
}

std::string end_text(std::string_view code, std::string_view detail, const RoomWords& words) {
  if (code == "server_unreachable") {
    const bool certificate = detail == to_string(websocket::ClientEnd::kNoCertificate);
    return fmt::format("{}\n{}", filled(words.unreachable, why_text(detail, words)),
                       certificate ? words.try_certificate : words.try_server);
  }
  if (code == "room_locked") return std::string(words.room_locked);
  if (code == "room_full") return std::string(words.room_full);
  if (code == "server_full") return std::string(words.server_full);
  if (code == "password_needed") return std::string(words.password_needed);
  if (code == "password_wrong") return std::string(words.password_wrong);
  if (code == "too_many_tries") return std::string(words.too_many_tries);
  if (code == "name_invalid") return std::string(words.name_invalid);
  if (code == "removed") return std::string(words.removed);
  if (code == "replaced") return std::string(words.replaced);
  if (code == "room_closed") return std::string(words.room_closed);
  return fmt::format(fmt::runtime(words.other_end), code, printable_line(detail));
}

}  // namespace beeline::cli
