#include "beeline/server/room_store.h"

#include <utility>

#include "beeline/base/encoding.h"
#include "beeline/crypto/digest.h"
#include "beeline/signaling/message.h"

namespace beeline::server {
namespace {

constexpr std::string_view kEnding = ".room";

}  // namespace

RoomStore::RoomStore(net::EventLoop& loop, DataDirectory directory, Limits limits, Log& log)
    : loop_(loop),
      directory_(std::move(directory)),
      limits_(limits),
      log_(log),
      alarm_(loop, [this] { write_some(); }) {}

RoomStore::~RoomStore() {
  save_all();
}

// Whoever knows a room's id may enter the room, so a listing of this folder must not tell it.
std::string RoomStore::file_of(std::string_view room) {
  const auto digest = crypto::sha256({as_bytes("beeline room file "), as_bytes(room)});
  return to_hex(Bytes(digest).first(16)).append(kEnding);
}

// A file is the room's id, a line feed and the state.
std::vector<StoredRoom> RoomStore::load() const {
  std::vector<StoredRoom> rooms;
  for (const std::string& name : directory_.names()) {
    if (!name.ends_with(kEnding)) continue;
    const auto content = directory_.read(name);
    if (!content || content->size() > limits_.file_bytes ||
        file_of(content->substr(0, content->find('\n'))) != name) {
      log_.error("room_file_unreadable",
                 {{"file", name}, {"try", "restore it from a backup, or remove it"}});
    } else if (rooms.size() < limits_.rooms) {
      rooms.push_back(
          {content->substr(0, signaling::kRoomIdLength), content->substr(content->find('\n') + 1)});
    } else {
      log_.error("too_many_room_files", {{"read", std::to_string(rooms.size())}});
      break;
    }
  }
  return rooms;
}

void RoomStore::save(const std::string& room, std::optional<std::string> state) {
  waiting_.insert_or_assign(room, std::move(state));
  // While the disk refuses, the next try is the alarm's.
  failing_ ? not_saved_(room) : write_some();
}

void RoomStore::write_some() {
  while (!waiting_.empty()) {
    const Instant now = loop_.now();
    if (!limits_.writes.allows(writes_used_, now))
      return alarm_.set(limits_.writes.next(writes_used_));
    writes_used_ = limits_.writes.use(writes_used_, now);
    const auto first = waiting_.begin();
    if (!write(first->first, first->second)) return alarm_.set(now + limits_.retry);
    waiting_.erase(first);
  }
}

void RoomStore::save_all() {
  for (const auto& [room, state] : std::exchange(waiting_, {})) write(room, state);
}

bool RoomStore::write(const std::string& room, const std::optional<std::string>& state) {
  const std::string file = file_of(room);
  const auto done = state ? directory_.write(file, room + "\n" + *state) : directory_.remove(file);
  if (!done) {
    ++failures_;
    // Once, not for each room and each try: the disk is one thing.
    if (!std::exchange(failing_, true))
      log_.error("rooms_not_saved",
                 {{"folder", directory_.path().string()},
                  {"why", done.error().message()},
                  {"try", "make space there; locks and passwords hold until the server ends"}});
    not_saved_(room);
    return false;
  }
  if (std::exchange(failing_, false)) log_.info("rooms_saved_again");
  return true;
}

}  // namespace beeline::server
