// Keeps what hosts have set for their rooms (signaling::RoomStateChanged) in one small file per
// room, so that it outlives the process. A disk that cannot be written is told and tried again; it
// stops nothing else.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "beeline/base/log.h"
#include "beeline/base/rate.h"
#include "beeline/net/event_loop.h"
#include "beeline/server/data_directory.h"

namespace beeline::server {

struct StoredRoom {
  std::string room;
  std::string state;
};

class RoomStore {
 public:
  struct Limits {
    // Each write waits for the disk, and everything else waits with it.
    Rate writes{32, std::chrono::milliseconds(50)};
    std::chrono::seconds retry{30};
    std::size_t rooms = 10'000;
    std::size_t file_bytes = 64 * 1024;
  };

  // `log` is borrowed. `directory` is this store's alone.
  RoomStore(net::EventLoop& loop, DataDirectory directory, Limits limits, Log& log);
  ~RoomStore();
  RoomStore(const RoomStore&) = delete;
  RoomStore& operator=(const RoomStore&) = delete;

  // Hears of each room that cannot be saved.
  void set_not_saved(std::function<void(const std::string& room)> tell) { not_saved_ = tell; }

  // What earlier processes left. A file that is no room's is logged and left alone.
  std::vector<StoredRoom> load() const;
  // At once where the rate of writes allows, else soon. No state: the file goes.
  void save(const std::string& room, std::optional<std::string> state);
  // Writes what is still waiting, at the end.
  void save_all();

  std::size_t waiting() const { return waiting_.size(); }
  std::uint64_t failures() const { return failures_; }

 private:
  using Waiting = std::map<std::string, std::optional<std::string>>;

  static std::string file_of(std::string_view room);
  void write_some();
  bool write(const std::string& room, const std::optional<std::string>& state);

  net::EventLoop& loop_;
  DataDirectory directory_;
  Limits limits_;
  Log& log_;
  std::function<void(const std::string&)> not_saved_ = [](const std::string&) {};
  Waiting waiting_;  // by room
  Instant writes_used_;
  bool failing_ = false;
  std::uint64_t failures_ = 0;
  net::Alarm alarm_;
};

}  // namespace beeline::server
