#include "apps/beeline/room/room_flags.h"

#include <fmt/format.h>

#include "beeline/base/encoding.h"
#include "beeline/crypto/entropy.h"
#include "beeline/server/data_directory.h"
#include "beeline/signaling/room_proof.h"

namespace beeline::cli {

void describe_room_flags(CommandLine& line, RoomFlags& flags) {
  line.argument("ROOM", flags.room,
                "The link that the browser shows, or with --server its 26 letters; a new room "
                "without it");
  line.option("--server", flags.server, "URL", "Where the room is, if ROOM does not say so");
  line.option("--name", flags.name, "NAME", "How the others see you (default: your login)");
  line.option("--authority", flags.authority, "FILE", "Trust this authority too (PEM)");
  line.option("--password-file", flags.password_file, "FILE", "The room's password, in a file");
  line.flag("--relay-only", flags.relay_only, "Show nobody in the room your addresses");
  line.flag("--loopback", flags.loopback, "Use 127.0.0.1 and ::1 too");
  line.option("--lang", flags.language, "en|zh-TW", "The language (default: by LANG)");
}

std::optional<std::string> read_room_flags(const RoomFlags& flags, RoomSettings& settings,
                                           const RoomWords*& words) {
  const auto language = language_of_flag(flags.language);
  if (!language)
    return fmt::format("there is no language \"{}\"\ntry: --lang en or --lang zh-TW",
                       flags.language);
  words = &room_words(*language);
  auto address =
      parse_room(flags.room, flags.server,
                 Random(crypto::system_seed()).text(signaling::kRoomIdLength, kBase32Alphabet));
  if (!address) return address.error();
  settings.address = std::move(*address);
  settings.membership.name = flags.name.empty() ? std::string(environment("USER")) : flags.name;
  settings.relay_only = flags.relay_only;
  settings.loopback = flags.loopback || settings.address.is_this_machine();
  if (!flags.authority.empty()) {
    auto pem = server::read_file(flags.authority);
    if (!pem) return fmt::format("{} cannot be read", flags.authority);
    settings.authority_pem = std::move(*pem);
  }
  if (!flags.password_file.empty()) {
    auto password = server::read_file(flags.password_file);
    if (!password) return fmt::format("{} cannot be read", flags.password_file);
    while (!password->empty() && (password->back() == '\n' || password->back() == '\r'))
      password->pop_back();
    settings.membership.password_proof =
        signaling::password_proof(settings.address.room, *password);
  }
  return std::nullopt;
}

}  // namespace beeline::cli
