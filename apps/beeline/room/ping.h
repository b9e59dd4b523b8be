// beeline ping: the path to everybody in a room and the round trip on it, as seen by what is said.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/beeline/room/room.h"
#include "apps/beeline/room/words.h"

namespace beeline::cli {

struct PingSettings {
  RoomSettings room;
  const RoomWords* words = nullptr;
  bool json = false;
  std::uint64_t count = 0;  // of each member; 0: until it is ended
  Duration interval = std::chrono::seconds(1);
};

class Pinger final : public RoomListener {
 public:
  explicit Pinger(PingSettings settings);
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;

  // Returns the exit code.
  int run();

  void on_entered() override;
  void on_phase(signaling::Phase phase, std::string_view why) override;
  void on_joined(const signaling::Roommate& member) override;
  void on_left(const signaling::Roommate& member, std::string_view reason) override;
  void on_path(const signaling::Roommate& member) override;
  void on_open(const signaling::Roommate& member) override;
  void on_pong(const signaling::Roommate& member, std::string_view id) override;
  void on_ended(std::string_view code, std::string_view detail) override;

 private:
  struct Target {
    std::string name;
    std::string path;  // its code, as told last
    std::uint64_t sent = 0;
    std::uint64_t open = 0;  // the number of the one that waits for an answer; 0: none
    Instant sent_at;
    std::vector<Duration> answered;
  };
  void tick();
  void ping(const std::string& id, Target& target);
  bool is_done(const Target& target) const;
  void leave_if_done();
  void leave();
  void tell(std::string_view text, boost::json::object event);
  int sum_up();

  PingSettings settings_;
  const RoomWords& words_;
  net::EventLoop loop_;
  boost::asio::signal_set signals_;
  net::Alarm alarm_;
  Room room_;
  std::map<std::string, Target, std::less<>> targets_;
  std::vector<Target> gone_;
  bool entered_ = false;
  bool leaving_ = false;
  bool refused_ = false;
};

}  // namespace beeline::cli
