// beeline pipe: standard input of each of two machines is standard output of the other.
//
//   waiting ──the other end's channel──▶ open ──both have said end and kept──▶ complete ──▶ left
//                                          └── the other is gone, nobody reads ──▶ failed
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "apps/beeline/room/pipe_message.h"
#include "apps/beeline/room/room.h"
#include "apps/beeline/room/standard_streams.h"
#include "apps/beeline/room/words.h"

namespace beeline::cli {

struct PipeSettings {
  RoomSettings room;
  const RoomWords* words = nullptr;
  bool json = false;      // news on standard error as JSON
  bool progress = false;  // standard error is a terminal
};

class Pipe final : public RoomListener {
 public:
  explicit Pipe(PipeSettings settings);
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // Returns the exit code: kDone where everything arrived, both ways.
  int run();

  void on_entered() override;
  void on_phase(signaling::Phase phase, std::string_view why) override;
  void on_joined(const signaling::Roommate& member) override;
  void on_left(const signaling::Roommate& member, std::string_view reason) override;
  void on_path(const signaling::Roommate& member) override;
  void on_channel(const signaling::Roommate& member, sctp::StreamId number,
                  sctp::ChannelEvent& event) override;
  void on_link_lost(std::string_view member) override;
  void on_ended(std::string_view code, std::string_view detail) override;

 private:
  void take_other_end(const signaling::Roommate& member);
  void send_input(Bytes bytes);
  void take(const PipeMessage& message);
  void say(const std::string& word);
  void written(std::size_t bytes);
  void say_kept();
  void advance();
  void fail(std::string_view why);
  void linger();
  void leave();
  void show_progress();
  void tell(std::string_view text, boost::json::object event);
  Link* link();

  PipeSettings settings_;
  const RoomWords& words_;
  net::EventLoop loop_;
  StandardInput input_;
  StandardOutput output_;
  boost::asio::signal_set signals_;
  net::Alarm lingering_;
  net::Alarm progress_;
  Room room_;
  std::string other_;  // the member at the other end; empty: nobody yet
  std::string other_name_;
  std::string path_;
  bool open_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t confirmed_ = 0;  // of what was sent
  std::uint64_t received_ = 0;
  std::uint64_t written_ = 0;  // of what was received
  std::uint64_t kept_told_ = 0;
  std::uint64_t moved_before_ = 0;  // for the rate
  bool input_ended_ = false;
  std::optional<std::uint64_t> theirs_;  // bytes that the other end sent in all
  bool end_kept_told_ = false;
  bool complete_ = false;
  bool failed_ = false;
  bool leaving_ = false;
  std::optional<Instant> linger_until_;
};

}  // namespace beeline::cli
