// One broadcast domain: a home's LAN, a carrier's access network, or the internet. Knows who owns
// which address here, where its routers lead, and nothing of links' delays.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "beeline/sim/ip_packet.h"
#include "beeline/sim/literals.h"

namespace beeline::sim {

class Link;
class Router;
class World;

class Segment {
 public:
  // `prefixes`: what is on this segment and nowhere else, and where addresses are taken from. None
  // for the internet, where every address is somebody's or nobody's.
  Segment(World& world, std::string name, std::vector<Prefix> prefixes);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const std::string& name() const { return name_; }
  const std::vector<Prefix>& prefixes() const { return prefixes_; }

  // The next free address of each prefix, counted from 1 (the router's, if it came first).
  std::vector<IpAddress> take_addresses();
  bool is_free(const IpAddress& ip) const { return !owners_.contains(ip); }

  // Splits `links` from the rest of the segment; heal() joins all again.
  void partition(const std::vector<Link*>& links);
  void heal();

  // What a question for `name` on this segment by `asking` is answered with (RFC 6762).
  std::vector<IpAddress> ask_all(const Link& asking, const std::string& name) const;

  // The router to everywhere else; the first one attached with its inside, unless set. Null: none.
  Router* gateway() const { return gateway_; }
  void set_gateway(Router* router) { gateway_ = router; }

  // For links and routers.
  void attach(Link& link) { links_.push_back(&link); }
  void attach_downstream(Router& router) { downstream_.push_back(&router); }
  void add(const IpAddress& ip, Link& owner);
  void forget(const IpAddress& ip);
  // Takes a packet from `from` to whoever it is for: the owner of its address, all others for a
  // multicast group, the router that leads there.
  void carry(Link& from, IpPacket packet);
  // Whether `other` is this segment or one that its routers have inside, however deep.
  bool has_below(const Segment& other) const;
  // Whether `ip` can be reached by going into this segment: here or behind its routers.
  bool leads_to(const IpAddress& ip) const;

 private:
  void carry_to_all(Link& from, IpPacket packet);
  Link* next_hop(const Link& from, const IpAddress& destination) const;
  bool is_here(const IpAddress& ip) const;

  World& world_;
  std::string name_;
  std::vector<Prefix> prefixes_;
  std::vector<std::uint32_t> taken_;  // per prefix
  std::vector<Link*> links_;          // in the order they were attached
  std::vector<Router*> downstream_;   // those with their outside here
  Router* gateway_ = nullptr;
  std::unordered_map<IpAddress, Link*> owners_;  // never iterated: its order is the compiler's
};

}  // namespace beeline::sim
