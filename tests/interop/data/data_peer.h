// One peer connection of ours on this machine's sockets, for tests against foreign stacks: lines of
// JSON on standard input and output carry signaling, commands and news.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/json/object.hpp>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "beeline/net/client_host.h"
#include "beeline/peer/peer_connection.h"

namespace beeline::interop {

// To standard error, where asked for.
class PrintedLog final : public Log {
 public:
  explicit PrintedLog(bool on) : on_(on) {}
  bool enabled(LogLevel) const override { return on_; }
  void write(LogLevel level, std::string_view event, std::span<const LogField> fields) override;

 private:
  bool on_;
};

struct ChannelPeerSettings {
  bool log = false;
  bool loopback = true;
  bool echo = false;  // every message goes back where it came from
  sctp::Capabilities capabilities{true, true, true, true};
};

// In:  {"type":"description","description":{"type":"offer","sdp":"…"}}
//      {"type":"candidate","candidate":{"candidate":"candidate:…","usernameFragment":"…"}}
//      {"type":"offer"} {"type":"restart"} {"type":"counts"} {"type":"end"}
//      {"type":"open","label":"…","protocol":"…","ordered":true,"id":5,
//       "maxRetransmits":0,"maxPacketLifeTime":100,"priority":1024}
//      {"type":"send","channel":1,"text":"…"}  {"type":"send","channel":1,"size":1000,"first":7}
//      {"type":"close","channel":1}
//      {"type":"quiet"}: messages are counted and not told; {"type":"tally"}: how many there were
//      {"type":"flood","channel":1,"size":65536}: as fast as it goes, until {"type":"stop"}
//      {"type":"echo"} or {"type":"echo","channel":1}: messages go back where they came from
//      {"type":"pingpong","channel":1,"size":100,"count":1000}: with an end that echoes; one after
//      the other, or with "everyMs":100 at that pace, which may go on beside a flood
// Out: description and candidate, as above; state, channel, open, closed, and
//      {"type":"message","channel":1,"text":"…"} or {…,"size":1000,"first":7,"sha256":"…"}
class ChannelPeer {
 public:
  explicit ChannelPeer(const ChannelPeerSettings& settings);
  ChannelPeer(const ChannelPeer&) = delete;
  ChannelPeer& operator=(const ChannelPeer&) = delete;

  void run();

  // For the host.
  void handle_event(peer::PeerEvent event);

 private:
  void read_lines();
  void on_line(std::string_view line);
  void on_message(const boost::json::object& message);
  void on_description(const boost::json::object& description);
  void open(const boost::json::object& message);
  void send(const boost::json::object& message);
  void make_offer();
  void on_channel(sctp::ChannelEvent event);
  void tell_message(const sctp::ChannelMessage& message);
  void tell_counts();
  void tell_tally();
  void flood();
  bool echoes(sctp::ChannelId channel) const;
  void ping();
  void on_pong();
  void tell(boost::json::object message);
  void finish();

  ChannelPeerSettings settings_;
  net::EventLoop loop_;
  PrintedLog log_;
  peer::PeerConnection peer_;
  net::ClientHost<peer::PeerConnection, ChannelPeer> host_;
  boost::asio::posix::stream_descriptor input_;
  std::string read_;
  bool finished_ = false;

  bool quiet_ = false;
  std::uint64_t messages_ = 0, bytes_ = 0;
  struct Flood {
    sctp::ChannelId channel;
    std::size_t size = 0;
  };
  std::optional<Flood> flood_;
  struct PingPong {
    sctp::ChannelId channel;
    std::size_t size = 0;
    std::size_t left = 0;             // to be answered
    std::size_t unsent = 0;           // of those
    Duration every{0};                // 0: when the one before is answered
    std::deque<Instant> sent;         // and not answered
    std::vector<double> round_trips;  // microseconds
  };
  std::optional<PingPong> pings_;
  net::Alarm next_ping_{loop_, [this] {
                          ping();
                          host_.settle();
                        }};
  std::optional<sctp::ChannelId> echoed_;  // this one alone
};

}  // namespace beeline::interop
