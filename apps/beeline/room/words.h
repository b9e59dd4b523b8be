// Everything that beeline chat, ping and pipe say to people, in one language; each language is
// written for itself. {} are places for names and numbers.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "apps/beeline/language.h"
#include "apps/beeline/room/room.h"

namespace beeline::cli {

struct RoomWords {
  std::string_view nameless;  // {}: the first letters of its id
  // --- chat ---
  std::string_view entered_alone, entered;  // {}: the link; {}: names
  std::string_view joined, left, lost, away, back, renamed;
  std::string_view separator;
  std::string_view help;
  std::string_view nobody_heard;      // of a line that was said to nobody
  std::string_view not_acknowledged;  // {}: how many lines, {}: names
  std::string_view too_long;
  // --- paths ---
  std::string_view looking, direct, relayed, broken, failed, failed_identity;
  std::string_view over_tcp;
  // --- the server ---
  std::string_view reconnecting, again;  // {}: why
  std::string_view unreachable;          // {}: why
  std::array<std::string_view, 7> why;   // by websocket::ClientEnd; {}: HTTP status
  std::string_view try_server, try_certificate;
  std::string_view room_locked, room_full, server_full, password_needed, password_wrong,
      too_many_tries, name_invalid, removed, replaced, room_closed, other_end;
  // --- ping ---
  std::string_view waiting;       // for somebody to come
  std::string_view no_answer;     // {}: name
  std::string_view counted;       // {}: name, sent, answered, least, middle, most
  std::string_view counted_none;  // {}: name, sent
  // --- pipe ---
  std::string_view pipe_waiting;  // {}: command for the other end
  std::string_view pipe_open;     // {}: name, path
  std::string_view pipe_taken;
  std::string_view pipe_gone, pipe_anew, pipe_stopped, output_closed;
  std::string_view pipe_progress;  // {}: sent, received, rate
  std::string_view pipe_done;      // {}: sent, received
};

const RoomWords& room_words(Language language);

std::string display_name(const signaling::Roommate& member, const RoomWords& words);
// "● direct 12 ms".
std::string path_text(const MemberPath& path, const RoomWords& words);
// "direct", for programs.
std::string_view path_code(PathKind kind);
// Why there is no connection to the server; `code` as in on_phase().
std::string why_text(std::string_view code, const RoomWords& words);
// Why a membership ended, and what to try; `code` as in on_ended().
std::string end_text(std::string_view code, std::string_view detail, const RoomWords& words);

// Without what could steer a terminal: control characters (C0, DEL, C1) and marks that change the
// direction of writing. Line ends stay.
std::string printable(std::string_view text);
// With the line ends replaced, too.
std::string printable_line(std::string_view text);

}  // namespace beeline::cli
