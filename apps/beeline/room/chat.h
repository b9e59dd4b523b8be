// beeline chat: what is typed goes to everybody in a room, what they say is shown. On a terminal
// with a line to type on; otherwise lines in, lines out; with JSON one object per line.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "apps/beeline/room/room.h"
#include "apps/beeline/room/screen.h"
#include "apps/beeline/room/standard_streams.h"
#include "apps/beeline/room/words.h"

namespace beeline::cli {

struct ChatSettings {
  RoomSettings room;
  const RoomWords* words = nullptr;
  bool json = false;
  bool terminal = false;  // both ends of it are one
  bool colour = false;
  Duration patience = std::chrono::seconds(30);  // for acknowledgements, after the input has ended
};

class Chat final : public RoomListener {
 public:
  explicit Chat(ChatSettings settings);
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  // Until it is left. Returns the exit code.
  int run();

  void on_entered() override;
  void on_phase(signaling::Phase phase, std::string_view why) override;
  void on_joined(const signaling::Roommate& member) override;
  void on_changed(const signaling::Roommate& member) override;
  void on_left(const signaling::Roommate& member, std::string_view reason) override;
  void on_path(const signaling::Roommate& member) override;
  void on_text(const signaling::Roommate& member, const std::string& text) override;
  void on_acknowledged(std::string_view member, std::string_view id) override;
  void on_ended(std::string_view code, std::string_view detail) override;

 private:
  struct Known {
    std::string name;
    bool away = false;
    std::string path;  // its code, as told last
  };
  void take(Bytes bytes);
  void take_line(std::string_view line);
  void end_of_input();
  void leave_if_acknowledged();
  void leave();
  void show_everybody();
  void say(std::string_view text);
  // Shown beside what people say: to people on the terminal or standard error, as JSON.
  void notice(std::string_view text, boost::json::object event, Tone tone = Tone::kQuiet);
  void write(const boost::json::object& event);
  Known& known(const signaling::Roommate& member);

  ChatSettings settings_;
  const RoomWords& words_;
  net::EventLoop loop_;
  std::optional<Screen> screen_;
  LineEditor editor_;
  StandardInput input_;
  std::string unfinished_;  // a line whose end is not here yet
  boost::asio::signal_set signals_;
  net::Alarm patience_;
  Room room_;
  std::map<std::string, Known, std::less<>> known_;
  // Who has not acknowledged which line, and who never will.
  std::map<std::string, std::set<std::string>, std::less<>> waiting_;
  std::set<std::string> silent_;  // names
  std::size_t said_ = 0;
  std::size_t lost_ = 0;
  bool entered_ = false;
  bool input_ended_ = false;
  bool leaving_ = false;
  int exit_code_ = 0;
};

}  // namespace beeline::cli
