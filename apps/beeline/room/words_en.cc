// beeline chat, ping and pipe in English, and the choice between the languages.
#include "apps/beeline/room/words.h"

namespace beeline::cli {

const RoomWords& room_words_zh_tw();

namespace {

constexpr RoomWords kEnglish{
    .nameless = "somebody ({})",
    .entered_alone = "You are in, and nobody else is yet. The link for the others:\n  {}",
    .entered = "You are in. Here: {}",
    .joined = "{} joined",
    .left = "{} left",
    .lost = "{} has not come back",
    .away = "{} lost the connection to the server",
    .back = "{} is back",
    .renamed = "{} is called {} now",
    .separator = ", ",
    .help = "/who shows everybody and the path to each, /quit leaves",
    .nobody_heard = "not said: nobody else is here",
    .not_acknowledged = "{} lines were not acknowledged by {}",
    .too_long = "not said: a message is 16384 bytes at most",
    .looking = "looking for a path",
    .direct = "direct",
    .relayed = "relayed",
    .broken = "the path broke; looking for another",
    .failed = "no path: direct checks failed and no relay helps (beeline doctor asks the server)",
    .failed_identity = "stopped: the other side's certificate is not the one it announced",
    .over_tcp = " over TCP",
    .reconnecting = "the server is away ({}); what is connected goes on, and I keep trying",
    .again = "the server is back",
    .unreachable = "the server cannot be reached: {}",
    .why = {{"its name has no address", "nobody listens there", "it does not answer",
             "its certificate is not trusted here", "it answers {} instead of signaling",
             "the connection broke", "it closed the connection"}},
    .try_server = "try: beeline doctor, with the server's address",
    .try_certificate =
        "try: --authority FILE with the server's authority.pem (its data directory "
        "has it), if it is your own server",
    .room_locked = "the host has locked this room\ntry: ask to be let in, then the same again",
    .room_full = "the room is full\ntry: again when somebody has left",
    .server_full = "the server takes nobody else now\ntry: again later",
    .password_needed =
        "this room has a password\ntry: --password-file FILE, with what whoever "
        "invited you says",
    .password_wrong = "this is not the room's password\ntry: another --password-file",
    .too_many_tries = "too many wrong passwords from your network\ntry: again in a minute",
    .name_invalid = "the server does not take this name\ntry: --name with at most 64 letters",
    .removed = "the host has removed you from the room",
    .replaced = "this membership was taken over from another place",
    .room_closed = "the host has closed the room",
    .other_end = "the server ended it: {} {}",
    .waiting = "nobody else is here yet; waiting\n  {}",
    .no_answer = "{}: no answer",
    .counted =
        "{}: {} sent, {} answered, round trip {:.1f} / {:.1f} / {:.1f} ms (least, middle, "
        "most)",
    .counted_none = "{}: {} sent, none answered",
    .pipe_waiting = "waiting for the other end. There:\n  beeline pipe {}",
    .pipe_open = "connected to {}: {}",
    .pipe_taken =
        "this pipe has its two ends already\ntry: another room (beeline pipe --server URL "
        "makes one)",
    .pipe_gone =
        "the other end went away before everything had arrived ({} of what was sent is "
        "confirmed)",
    .pipe_anew =
        "the connection broke for good before everything had arrived ({} of what was sent "
        "is confirmed)",
    .pipe_stopped = "the other end stopped: nobody reads its output any more",
    .output_closed = "nobody reads the output any more",
    .pipe_progress = "sent {}, received {}, {}/s",
    .pipe_done = "done: sent {}, received {}",
};

}  // namespace

const RoomWords& room_words(Language language) {
  return language == Language::kTraditionalChinese ? room_words_zh_tw() : kEnglish;
}

}  // namespace beeline::cli
