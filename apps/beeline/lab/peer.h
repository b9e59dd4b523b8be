// One side of an ICE session on this machine's sockets, for labs: signaling is lines of JSON on
// standard input and output, data is numbered datagrams. No DTLS, no SDP.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/beeline/lab/chosen_interfaces.h"
#include "apps/beeline/lab/numbered_datagrams.h"
#include "beeline/net/client_host.h"

namespace beeline::cli {

struct PeerSettings {
  ice::Settings ice;
  ice::Role role = ice::Role::kControlling;
  std::vector<IpAddress> interfaces;  // empty: all
  Duration interval{};                // between two datagrams
  std::string authority_pem;
  bool json = false;  // news as JSON on standard output; else as text on standard error
};

// Lives until standard input ends, or a SIGTERM or SIGINT.
class Peer {
 public:
  explicit Peer(PeerSettings settings);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void run();

  // For the host.
  void handle_event(ice::Agent::Event event);

 private:
  void read_lines();
  void on_line(std::string_view line);
  void on_message(const boost::json::object& message);
  void talk();
  void finish();
  void tell_parameters();
  void tell_counts();
  void tell_explanation();
  // To the other side's lab peer: always JSON on standard output.
  void signal(boost::json::object message);
  // What happened here, with the time since the start.
  void news(boost::json::object message);
  double milliseconds(Instant at) const;

  PeerSettings settings_;
  net::EventLoop loop_;
  Instant began_ = loop_.now();
  NullLog log_;
  ice::Agent agent_;
  ChosenInterfaces core_;
  net::ClientHost<ChosenInterfaces, Peer> host_;
  net::Alarm talking_;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::signal_set signals_;
  std::string read_;
  NumberedDatagrams numbers_;
  bool finished_ = false;
};

}  // namespace beeline::cli
